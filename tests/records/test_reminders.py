from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.records.smtp_server import smtp_server
from workflows import outbox, reminders
from workflows.application import Application
from workflows.reminders import last_day
from workflows.store import Store
from workflows.store import notices as rows
from workflows.store import reminders as waiting
from workflows.tables import Case, Deadline, Escalation, Notice, Person, Task, TaskCandidate, Timer
from workflows.transaction import read, run

MONDAY = date(2026, 3, 2)


@pytest.fixture
def mailing(application: Application) -> Iterator[Application]:
    with smtp_server() as post:
        application.settings = replace(application.settings, mail_host="127.0.0.1", mail_port=post.port)
        application.post = post  # type: ignore[attr-defined]
        yield application


def remind(application: Application, office, *, timer: int = 0, person=None, recipients: str | None = None) -> None:
    def use_case(store: Store) -> None:
        row = store.need(Timer, office.timers[timer].id)
        if person is not None:
            reminders.add_reminders(store, row, [person.id], kind="remind", task_id=office.task.id)
            return
        rung = {"action": "remind", "recipients": recipients}
        reminders.remind(store, store.need(Case, office.case.id), store.need(Deadline, office.deadline.id), row, rung)

    run(application, use_case)


def notices_of(application: Application, person) -> list[Notice]:
    return list(read(application, rows.latest, person.id))


def test_several_lines_become_one_digest_a_day(application, office):
    for timer in range(3):
        remind(application, office, timer=timer, person=office.clerk)

    assert run(application, reminders.send_digests, MONDAY) == 1

    (notice,) = notices_of(application, office.clerk)
    (line,) = notice.content["lines"]
    assert notice.kind == "digest"
    assert line["title"] == "述职报告 起草"
    assert (line["due"], line["state"], line["task"]) == ("2026-03-04", "near", office.task.id)


def test_a_second_digest_on_the_same_day_waits_for_the_next(application, office, clock):
    remind(application, office, timer=0, person=office.clerk)
    run(application, reminders.send_digests, MONDAY)
    remind(application, office, timer=1, person=office.clerk)

    assert run(application, reminders.send_digests, MONDAY) == 0
    clock.move_to(clock.now() + timedelta(days=1))
    assert run(application, reminders.send_digests, date(2026, 3, 3)) == 1
    assert len(notices_of(application, office.clerk)) == 2


def test_a_timer_that_fires_twice_leaves_one_line(application, office):
    for _ in range(2):
        remind(application, office, person=office.clerk)

    with application.database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM reminder")).scalar() == 1


def test_work_that_is_done_meanwhile_is_not_reminded_of(application, office):
    remind(application, office, person=office.clerk)

    def finish(store: Store) -> None:
        task = store.need(Task, office.task.id)
        task.status, task.done_at = "completed", store.now

    run(application, finish)

    assert run(application, reminders.send_digests, MONDAY) == 0
    assert notices_of(application, office.clerk) == []
    assert read(application, waiting.people_waiting, MONDAY) == []


@pytest.mark.parametrize(
    ("day", "state"), [(2, "near"), (3, "near"), (4, "due"), (5, "overdue"), (6, "overdue")]
)  # fmt: skip
def test_a_line_tells_how_near_the_limit_is_on_the_day_of_the_digest(application, office, clock, day, state):
    remind(application, office, person=office.clerk)
    clock.move_to(datetime(2026, 3, day, 1, 0, tzinfo=UTC))

    run(application, reminders.send_digests, date(2026, 3, day))

    (notice,) = notices_of(application, office.clerk)
    assert [line["state"] for line in notice.content["lines"]] == [state]


def test_the_rung_reaches_whoever_can_take_the_step(application, office):
    remind(application, office)

    assert read(application, waiting.people_waiting, MONDAY) == [office.clerk.id]


def test_once_claimed_only_the_assignee_is_reminded(application, office):
    def claim(store: Store) -> None:
        task = store.need(Task, office.task.id)
        task.status, task.assignee_id = "claimed", office.other.id

    run(application, claim)
    remind(application, office)

    assert read(application, waiting.people_waiting, MONDAY) == [office.other.id]


def test_a_rung_may_name_the_starter_and_people_by_expression(application, office):
    def start(store: Store) -> None:
        store.need(Case, office.case.id).started_by = office.other.id

    run(application, start)
    remind(application, office, recipients="starter | person:p1")

    assert sorted(read(application, waiting.people_waiting, MONDAY)) == sorted([office.clerk.id, office.other.id])


def test_digests_leave_on_working_days_only_and_not_before_their_hour(application, office, clock):
    """Tomb-Sweeping Day 2026 is Sunday 5 April, free until Monday 6 April; 9 May is a Saturday worked (调休)."""
    remind(application, office, person=office.clerk)
    sent = {}
    for moment in ["2026-04-04 10:00", "2026-04-06 10:00", "2026-04-07 07:59", "2026-04-07 08:00"]:
        clock.move_to(datetime.fromisoformat(f"{moment}+08:00"))
        sent[moment] = reminders.send_due_digests(application)

    assert sent == {
        "2026-04-04 10:00": 0,
        "2026-04-06 10:00": 0,
        "2026-04-07 07:59": 0,
        "2026-04-07 08:00": 1,
    }
    remind(application, office, timer=1, person=office.clerk)
    clock.move_to(datetime.fromisoformat("2026-05-09 09:00+08:00"))
    assert reminders.send_due_digests(application) == 1


def test_the_mail_says_the_same_in_the_readers_language(mailing, office):
    def foreign(store: Store) -> None:
        person = store.need(Person, office.other.id)
        person.locale, person.email = "en", "p2@example.test"

    run(mailing, foreign)
    for person in (office.clerk, office.other):
        remind(mailing, office, person=person)

    run(mailing, reminders.send_digests, MONDAY)
    assert outbox.deliver_due(mailing) == 2

    mails = {mail["To"]: mail for mail in mailing.post.mails}
    chinese, english = mails["p1@example.test"], mails["p2@example.test"]
    assert chinese["Subject"] == "责成：2026-03-02 有 1 项提醒"
    assert "【即将到期】述职报告 起草，期限 2026-03-04" in chinese.get_content()
    assert english["Subject"] == "Zecheng: 1 reminder(s) for 2026-03-02"
    assert "due soon" in english.get_content()


def test_a_mail_about_a_confidential_case_names_nothing(mailing, office):
    def classify(store: Store) -> None:
        store.need(Case, office.case.id).classification = "confidential"

    run(mailing, classify)
    remind(mailing, office, person=office.clerk)
    run(mailing, reminders.send_digests, MONDAY)
    outbox.deliver_due(mailing)

    (mail,) = mailing.post.mails
    assert "述职" not in mail.get_content()
    assert "涉密事项" in mail.get_content()
    with mailing.database.connect() as connection:
        assert "述职" not in str(connection.execute(text("SELECT content FROM outbox")).scalar_one())


def test_who_has_left_gets_no_digest(application, office):
    remind(application, office, person=office.clerk)
    run(application, lambda store: setattr(store.need(Person, office.clerk.id), "status", "left"))

    assert run(application, reminders.send_digests, MONDAY) == 0


@pytest.mark.parametrize("status", ["proposed", "passed_up"])
def test_an_escalation_that_stands_at_the_ladders_end_is_in_every_digest_of_its_decider(application, office, status):
    def stand(store: Store) -> None:
        store.add(
            Escalation(
                case_id=office.case.id, kind="overdue", status=status, source_case_id=office.case.id,
                source_activity_id=office.activity.id,
                source_deadline_id=office.deadline.id, unit_id=office.unit.id, rule="r", facts={},
                at_ladder_end=True, decider_post_id=office.post.id, decide_by=store.now, created_at=store.now,
            )
        )  # fmt: skip

    run(application, stand)

    for day in (MONDAY, date(2026, 3, 3)):
        assert run(application, reminders.send_digests, day) == 1
    lines = [notice.content["lines"] for notice in notices_of(application, office.clerk)]
    assert [[line["kind"] for line in each] for each in lines] == [["standing"], ["standing"]]


def test_who_must_decide_by_name_is_told_every_day_too(application, office):
    """All posts may be parties to a matter: then the decision names people."""

    def stand(store: Store) -> None:
        store.add(
            Escalation(
                case_id=office.case.id, kind="overdue", status="passed_up", source_case_id=office.case.id,
                source_activity_id=office.activity.id, decision_activity_id=office.activity.id,
                source_deadline_id=office.deadline.id, unit_id=office.unit.id, rule="r", facts={},
                at_ladder_end=True, decide_by=store.now, created_at=store.now,
            )
        )  # fmt: skip
        store.add(TaskCandidate(task_id=office.task.id, person_id=office.clerk.id))

    run(application, stand)

    assert run(application, reminders.send_digests, MONDAY) == 1
    assert [notice.content["lines"][0]["kind"] for notice in notices_of(application, office.clerk)] == ["standing"]


@pytest.mark.parametrize(
    ("due_at", "day"),
    [
        ("2026-03-05T00:00:00+08:00", date(2026, 3, 4)),
        ("2026-03-04T16:00:00+00:00", date(2026, 3, 4)),
        ("2026-03-05T00:00:00.000001+08:00", date(2026, 3, 5)),
        ("2026-03-05T09:30:00+08:00", date(2026, 3, 5)),
        ("2026-01-01T00:00:00+08:00", date(2025, 12, 31)),
    ],
)
def test_the_day_that_people_read_is_the_last_one_of_the_limit(due_at, day):
    assert last_day(datetime.fromisoformat(due_at)) == day
