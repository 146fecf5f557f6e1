"""Ad-hoc sub-processes, and scopes without start or end events (BPMN 2.0.2 §10.3.5, §10.5.2, §13.3.5)."""

from __future__ import annotations

from tests.engine.scene import Play, codes, compiled, definitions, flows, node, process, subprocess, tasks
from workflows.engine.types import Closing, Outcome


def ad_hoc(inside: str, condition: str = "", **attributes: str) -> str:
    inner = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return node("adHocSubProcess", "sp", inside + inner, **attributes)


def script(text: str, node_id: str) -> str:
    return node("scriptTask", node_id, f"<bpmn:script>{text}</bpmn:script>")


FLOWS = "s > sp\n sp > N\n N > e"


def test_its_activities_are_open_together_and_again_until_the_condition_holds():
    play = Play(ad_hoc(tasks("A", "B"), "done") + tasks("N"), FLOWS, done=False)
    assert play.waiting == ["A", "B"]

    play.complete("A")
    play.complete("A")
    assert play.waiting == ["A", "B"]
    play.complete("B", done=True)

    assert play.waiting == ["N"]
    assert play.closed[-2:] == [("A", Closing.CANCELLED), ("sp", Closing.COMPLETED)]


def test_what_remains_may_be_left_to_its_end():
    drawn = ad_hoc(tasks("A", "B"), "done", cancelRemainingInstances="false")
    play = Play(drawn + tasks("N"), FLOWS, done=False)
    play.complete("A", done=True)
    assert play.waiting == ["B"]

    play.complete("B")

    assert play.waiting == ["N"]


def test_in_sequence_one_activity_is_open_at_a_time():
    play = Play(ad_hoc(tasks("A", "B"), "done", ordering="Sequential") + tasks("N"), FLOWS, done=False)
    for element in "ABA":
        assert play.waiting == [element]
        play.complete(element)
    assert play.waiting == ["B"]

    play.complete("B", done=True)

    assert play.waiting == ["N"]


def test_without_a_condition_each_activity_is_done_once_and_it_is_said():
    for attributes in ({}, {"ordering": "Sequential"}):
        drawn = ad_hoc(tasks("A", "B"), **attributes) + tasks("N")
        found = compiled(definitions(process(drawn, FLOWS))).findings
        assert [finding.code for finding in found] == ["ad-hoc-without-condition"]

        play = Play(drawn, FLOWS)
        play.complete("A")
        play.complete("B")

        assert play.waiting == ["N"]


def test_flows_inside_open_what_follows():
    play = Play(ad_hoc(tasks("A", "B") + flows("A > B"), "done") + tasks("N"), FLOWS, done=False)
    assert play.waiting == ["A"]

    play.complete("A")
    assert play.waiting == ["A", "B"]
    play.complete("B", done=True)

    assert play.waiting == ["N"]


def test_automatic_activities_are_repeated_until_the_condition_holds():
    inside = script("n = n + 1", "A") + script("m = m + 1", "B")
    play = Play(ad_hoc(inside, "n + m > 4") + tasks("N"), FLOWS, n=0, m=0)

    assert play.waiting == ["N"]
    assert play.variables["n"] + play.variables["m"] == 5


def test_a_condition_that_cannot_be_decided_is_an_incident():
    play = Play(ad_hoc(tasks("A"), "done") + tasks("N"), FLOWS)
    play.complete("A")
    assert list(play.incidents.values()) == ["unknown-name"]

    play.set(done=True)
    play.retry("sp")

    assert play.waiting == ["N"]


def test_start_and_end_events_must_not_stand_inside():
    drawn = ad_hoc(tasks("A") + node("startEvent", "s2") + node("endEvent", "e2"), "true")

    found = codes(definitions(process(drawn, "s > sp\n sp > e")))

    assert ("ad-hoc-with-start-or-end", "s2") in found
    assert ("ad-hoc-with-start-or-end", "e2") in found


def test_a_process_and_a_sub_process_begin_where_no_flow_leads_in():
    play = Play(subprocess("sp", tasks("A", "B") + node("endEvent", "e2"), "A > e2\n B > e2"), "s > sp\n sp > e")
    assert play.waiting == ["A", "B"]

    play = Play(tasks("A", "B") + '<!-- id="s" -->', "A > B\n B > e")
    play.complete("A")
    play.complete("B")

    assert play.outcome == Outcome("completed")
    drawn = process(tasks("A") + '<!-- id="s" -->', "A > e")
    assert [found.code for found in compiled(definitions(drawn)).findings] == ["start-event-missing"]
