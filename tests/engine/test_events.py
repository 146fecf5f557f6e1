"""Start, intermediate and end events: messages, timers, terminate (BPMN 2.0.2 §10.5, §13.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.engine.scene import (
    MESSAGE,
    NOW,
    TERMINATE,
    Play,
    codes,
    compiled,
    definitions,
    node,
    process,
    subprocess,
    tasks,
    timer,
)
from workflows.engine import next_start, start
from workflows.engine.errors import (
    CaseEndedError,
    MessageNotExpectedError,
    StaleTimerError,
    StartNotPossibleError,
)
from workflows.engine.types import Closing, Context, DueDate, Fire, Outcome, Start


def test_a_none_start_runs_at_once_with_the_given_variables():
    play = Play(tasks("A"), "s > A\n A > e", x=1)

    assert play.waiting == ["A"]
    assert play.variables == {"x": 1}
    assert [event.element_id for event in play.last.history] == ["s", "s", "f_s_A", "A"]


def test_only_the_chosen_start_event_begins():
    drawn = node("startEvent", "s") + node("startEvent", "s1", MESSAGE) + tasks("A", "B")
    arrows = "s > A\n s1 > B\n A > e\n B > e"

    assert Play(drawn, arrows).waiting == ["A"]
    assert Play(drawn, arrows, start_event="s1").waiting == ["B"]


def test_a_process_without_a_none_start_cannot_be_started_by_hand():
    play_process = Play(node("startEvent", "s", MESSAGE) + tasks("A"), "s > A\n A > e", start_event="s").process

    with pytest.raises(StartNotPossibleError):
        start(play_process, Start(), Context(now=NOW))
    assert play_process.start_events[0].message == "msg"


def test_a_timer_start_tells_its_next_dates():
    drawn = node("startEvent", "s", timer("R/2026-03-01T00:00:00Z/P1D", "timeCycle")) + tasks("A")
    found = Play(drawn, "s > A\n A > e", start_event="s").process

    assert next_start(found, "s", NOW, Context(now=NOW)) == datetime(2026, 3, 3, tzinfo=UTC)
    later = NOW + timedelta(days=5)
    assert next_start(found, "s", later, Context(now=NOW)) == datetime(2026, 3, 8, tzinfo=UTC)


def test_a_date_without_a_zone_is_meant_as_people_here_read_it():
    play = Play(node("intermediateCatchEvent", "c", timer("2026-03-02T10:00:00", "timeDate")), "s > c\n c > e")

    assert play.timers[play.key("c")].due_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDuration", "PT90M", NOW + timedelta(minutes=90)),
        ("timeDuration", '"PT90M"', NOW + timedelta(minutes=90)),
        ("timeDuration", "P1M", datetime(2026, 4, 2, 1, 0, tzinfo=UTC)),
        ("timeDuration", 'duration("PT90M")', NOW + timedelta(minutes=90)),
        ("timeDuration", "d", NOW + timedelta(hours=5)),
        ("timeDate", "2026-05-01T00:00:00Z", datetime(2026, 5, 1, tzinfo=UTC)),
        ("timeDate", "2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
        ("timeCycle", "R3/PT1H", NOW + timedelta(hours=1)),
    ],
)
def test_a_catching_timer_is_set_for_its_date(kind, text, due):
    drawn = node("intermediateCatchEvent", "c", timer(text, kind)) + tasks("A")
    play = Play(drawn, "s > c\n c > A\n A > e", d=timedelta(hours=5))
    assert play.timers[play.key("c")].due_at == due

    play.fire("c")

    assert play.waiting == ["A"]
    assert not play.timers


def test_a_deadline_rule_is_asked_of_the_application():
    definition = '<bpmn:timerEventDefinition zc:deadline="report.submit"/>'
    answered = DueDate(NOW + timedelta(days=9), "report.submit", provisional=True)
    asked = []

    def deadline(rule):
        asked.append(rule)
        return answered

    play = Play(node("intermediateCatchEvent", "c", definition), "s > c\n c > e", functions={"deadline": deadline})

    found = play.timers[play.key("c")]
    assert (found.due_at, found.rule, found.provisional) == (answered.at, "report.submit", True)
    assert asked == ["report.submit"]


def test_a_timer_whose_expression_fails_is_an_incident_until_it_can_be_computed():
    play = Play(node("intermediateCatchEvent", "c", timer("d")) + tasks("A"), "s > c\n c > A\n A > e", d="soon")
    assert list(play.incidents.values()) == ["timer-value-invalid"]
    assert not play.timers

    play.set(d="PT1H")
    play.retry("c")

    assert play.timers[play.key("c")].due_at == NOW + timedelta(hours=1)
    play.fire("c")
    assert play.waiting == ["A"]


def test_firing_a_timer_twice_or_with_another_occurrence_is_refused():
    play = Play(node("intermediateCatchEvent", "c", timer("PT1H")) + tasks("A"), "s > c\n c > A\n A > e")
    key = play.key("c")
    with pytest.raises(StaleTimerError):
        play.do(Fire(key, 2))
    play.fire("c")

    with pytest.raises(StaleTimerError):
        play.do(Fire(key, 1))
    assert play.waiting == ["A"]


def test_a_message_has_one_receiver_the_one_that_has_waited_longest():
    catches = node("intermediateCatchEvent", "c1", MESSAGE) + node("intermediateCatchEvent", "c2", MESSAGE)
    play = Play(
        node("parallelGateway", "p") + catches + tasks("A", "B"),
        "s > p\n p > c1\n p > c2\n c1 > A\n c2 > B\n A > e\n B > e",
    )

    play.deliver(answer=7)
    assert play.waiting == ["A"]
    assert play.variables["answer"] == 7
    play.deliver()

    assert play.waiting == ["A", "B"]


def test_a_message_that_nobody_waits_for_is_refused():
    play = Play(tasks("A"), "s > A\n A > e")

    with pytest.raises(MessageNotExpectedError):
        play.deliver("msg")


def test_thrown_messages_carry_only_what_is_mapped():
    mapping = '<bpmn:extensionElements><zc:in target="sum" expression="x + 1"/></bpmn:extensionElements>'
    drawn = node("intermediateThrowEvent", "t", mapping + MESSAGE) + node("endEvent", "e", MESSAGE)

    play = Play(drawn, "s > t\n t > e", x=1, y=2)

    assert play.thrown == [("msg", {"sum": 2}), ("msg", {})]
    assert play.outcome == Outcome("completed")


def test_terminate_ends_the_case_and_closes_what_is_open():
    drawn = node("parallelGateway", "p") + node("endEvent", "t", TERMINATE) + tasks("A", "B")
    play = Play(drawn, "s > p\n p > A\n p > B\n A > t\n B > e")

    play.complete("A")

    assert play.outcome == Outcome("terminated")
    assert ("B", Closing.CANCELLED) in play.closed
    assert "e" not in play.done


def test_terminate_wins_over_siblings_that_are_ready_with_it():
    drawn = node("parallelGateway", "p") + node("endEvent", "t", TERMINATE) + tasks("A", "B")

    play = Play(drawn, "s > p\n p > A\n p > t\n p > B\n A > e\n B > e")

    assert play.outcome == Outcome("terminated")
    assert not play.last.tasks_opened


def test_terminate_inside_a_sub_process_ends_only_that():
    inner = (
        node("startEvent", "s2")
        + node("parallelGateway", "p")
        + node("endEvent", "t", TERMINATE)
        + node("endEvent", "e2")
        + tasks("A", "B")
    )
    drawn = subprocess("sp", inner, "s2 > p\n p > A\n p > B\n A > t\n B > e2") + tasks("N")
    play = Play(drawn, "s > sp\n sp > N\n N > e")

    play.complete("A")

    assert play.waiting == ["N"]
    assert "B" not in play.done


def test_a_case_that_has_ended_takes_no_command():
    play = Play(tasks("A"), "s > A\n A > e")
    play.complete("A")

    with pytest.raises(CaseEndedError):
        play.set(x=1)


def test_an_event_definition_at_the_top_of_the_file_is_followed():
    reference = node("intermediateCatchEvent", "c", "<bpmn:eventDefinitionRef>Shared</bpmn:eventDefinitionRef>")
    shared = '<bpmn:messageEventDefinition id="Shared" messageRef="Msg"/>'
    content = definitions(shared, process(reference, "s > c\n c > e"))
    assert codes(content) == []

    unknown = process(reference.replace("Shared", "Nothing"), "s > c\n c > e")

    assert codes(definitions(unknown)) == [("event-definition-unknown", "c")]


@pytest.mark.parametrize(
    ("tag", "kind", "code"),
    [
        ("intermediateThrowEvent", "timer", "event-not-allowed-here"),
        ("intermediateThrowEvent", "error", "event-not-allowed-here"),
        ("intermediateThrowEvent", "terminate", "event-not-allowed-here"),
        ("intermediateThrowEvent", "signal", "signal-missing"),
        ("intermediateThrowEvent", "link", "link-name-missing"),
        ("intermediateCatchEvent", "signal", "signal-missing"),
        ("intermediateCatchEvent", "conditional", "event-condition-missing"),
        ("intermediateCatchEvent", "link", "link-name-missing"),
        ("intermediateCatchEvent", "error", "event-not-allowed-here"),
        ("intermediateCatchEvent", "escalation", "event-not-allowed-here"),
        ("endEvent", "timer", "event-not-allowed-here"),
        ("endEvent", "conditional", "event-not-allowed-here"),
        ("endEvent", "signal", "signal-missing"),
        ("endEvent", "cancel", "cancel-outside-transaction"),
    ],
)
def test_an_event_that_cannot_stand_there_or_is_not_run_is_named(tag, kind, code):
    drawn = process(node(tag, "x", f"<bpmn:{kind}EventDefinition/>"), "s > x\n x > e" if tag != "endEvent" else "s > x")

    assert (code, "x") in codes(definitions(drawn))


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("", "event-definition-missing"),
        ('<bpmn:messageEventDefinition messageRef="No"/>', "message-unknown"),
        ('<bpmn:messageEventDefinition messageRef="Err"/>', "message-unknown"),
        ("<bpmn:timerEventDefinition/>", "timer-missing"),
        (timer(""), "timer-missing"),
        (timer("P1X"), "timer-invalid"),
        (timer("R0/PT1H", "timeCycle"), "timer-invalid"),
        (timer("R-1/PT1H", "timeCycle"), "timer-invalid"),
        (timer("2026-13-01T00:00:00Z", "timeDate"), "timer-invalid"),
        (timer("PT1H", "timeDate"), "timer-invalid"),
        (timer("a +"), "timer-invalid"),
        (MESSAGE + timer("P1X"), "timer-invalid"),
    ],
)
def test_a_catching_event_must_say_what_it_waits_for(inner, code):
    drawn = process(node("intermediateCatchEvent", "c", inner), "s > c\n c > e")

    assert codes(definitions(drawn)) == [(code, "c")]


def test_a_timer_start_with_a_duration_counts_from_when_it_is_put_in_force():
    """§10.5.2 leaves a duration without a beginning; the day of the version is the only one that there is."""
    drawn = process(node("startEvent", "s", timer("PT1H")) + tasks("A"), "s > A\n A > e")
    found = compiled(definitions(drawn))

    assert [(each.code, each.severity) for each in found.findings] == [("start-timer-duration", "warning")]
    due = next_start(found.processes["P"], "s", NOW - timedelta(days=1), Context(now=NOW))
    assert due == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("R3/2026-03-01T01:00:00Z/P1D", NOW),
        ("R3/2026-03-01T00:00:00Z/P1D", datetime(2026, 3, 3, tzinfo=UTC)),
        ("R/2020-01-31T00:00:00Z/P1M", datetime(2026, 3, 31, tzinfo=UTC)),
        ("R/1970-01-01T00:00:00Z/PT0.5S", NOW),
        ("R2/2026-04-01T00:00:00Z/2026-04-03T00:00:00Z", datetime(2026, 4, 1, tzinfo=UTC)),
        ("R5/PT1H/2026-03-02T02:30:00Z", NOW + timedelta(hours=1)),
    ],
)
def test_a_cycle_with_a_start_begins_with_its_first_date_that_has_not_passed(text, due):
    play = Play(node("intermediateCatchEvent", "c", timer(text, "timeCycle")), "s > c\n c > e")

    found = play.timers[play.key("c")]

    assert (found.occurrence, found.due_at) == (1, due)


@pytest.mark.parametrize("text", ["R2/2020-01-01T00:00:00Z/P1D", "R5/PT1H/2026-03-02T01:30:00Z"])
def test_a_cycle_that_is_over_is_an_incident(text):
    play = Play(node("intermediateCatchEvent", "c", timer(text, "timeCycle")), "s > c\n c > e")

    assert list(play.incidents.values()) == ["timer-never-fires"]


@pytest.mark.parametrize(
    ("kind", "value", "due"),
    [
        ("timeDate", date(2026, 3, 9), datetime(2026, 3, 8, 16, tzinfo=UTC)),
        ("timeCycle", timedelta(hours=2), NOW + timedelta(hours=2)),
        ("timeCycle", "R2/PT3H", NOW + timedelta(hours=3)),
        ("timeDuration", DueDate(NOW + timedelta(days=1), "r"), NOW + timedelta(days=1)),
    ],
)
def test_an_expression_may_answer_dates_durations_and_texts(kind, value, due):
    drawn = node("intermediateCatchEvent", "c", timer("when", kind))

    assert next(iter(Play(drawn, "s > c\n c > e", when=value).timers.values())).due_at == due


@pytest.mark.parametrize("value", [None, 5, True, "tomorrow", []])
def test_an_expression_that_answers_no_time_is_an_incident(value):
    play = Play(node("intermediateCatchEvent", "c", timer("when")), "s > c\n c > e", when=value)

    assert list(play.incidents.values()) == ["timer-value-invalid"]
