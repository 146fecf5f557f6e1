"""Reminders 提醒: a rung of a ladder leaves a line for each recipient; a person gets them as one digest a working day.

``recipients`` of a rung are alternatives joined by ``|``: ``holder`` (whoever can act on the step now; the default),
``starter``, or a candidate expression such as ``post:督查室主任@unit``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from workflows.application import Application
from workflows.candidates import parse_owner, resolve_owner
from workflows.clock import SHANGHAI
from workflows.notices import notify
from workflows.outbox import queue_mail
from workflows.store import Store, people
from workflows.store import reminders as rows
from workflows.store.recusals import recused_ids
from workflows.tables import Case, Classification, Deadline, Person, PersonStatus, Reminder, Task, Timer
from workflows.transaction import read, run

HOLDER, STARTER = "holder", "starter"
_logger = logging.getLogger(__name__)


def remind(store: Store, case: Case, deadline: Deadline, timer: Timer, rung: Mapping[str, Any]) -> None:
    """Leave a line for each recipient of a rung; it waits for their next digest."""
    tasks = rows.open_tasks(store, case.id, deadline.activity_id)
    task = tasks[0] if deadline.activity_id is not None and tasks else None
    for person_id in _recipients(store, case, tasks, str(rung.get("recipients") or HOLDER)):
        add_reminder(store, timer, person_id, kind=str(rung["action"]), task_id=task.id if task else None)


def add_reminder(store: Store, timer: Timer, person_id: str, *, kind: str, task_id: str | None = None) -> None:
    """Leave a line for a person's next digest; one timer leaves at most one."""
    if not rows.has_reminder(store, timer.id, person_id):
        store.add(
            Reminder(
                timer_id=timer.id,
                person_id=person_id,
                case_id=timer.case_id,
                task_id=task_id,
                kind=kind,
                created_at=store.now,
            )
        )


def send_due_digests(application: Application) -> int:
    """Send today's digests once its hour has come, each person's in a transaction of its own; none on a free day."""
    hour = application.settings.digest_hour
    day = read(application, _digest_day, hour)
    if day is None:
        return 0
    sent = 0
    for person_id in read(application, rows.people_waiting, day):
        try:
            sent += run(application, send_digest, person_id, day)
        except Exception:
            _logger.exception("a digest could not be sent", extra={"action": "digest_fault", "person": person_id})
    return sent


def _digest_day(store: Store, hour: int) -> date | None:
    local = store.now.astimezone(SHANGHAI)
    workday = store.application.law.calendar(store).is_workday(local.date()).workday
    return local.date() if workday and local.hour >= hour else None


def send_digests(store: Store, day: date) -> int:
    """Send everybody their digest of ``day``, in one transaction. Returns how many were sent."""
    return sum(send_digest(store, person_id, day) for person_id in rows.people_waiting(store, day))


def send_digest(store: Store, person_id: str, day: date) -> bool:
    """Send a person's digest of a working day: a notice, and a mail where one can leave. Never a second one that day.

    Lines about work that is done meanwhile are dropped; escalations that stand open at their ladder's end come again
    every day. Returns whether there was anything to send.
    """
    key = f"digest:{day.isoformat()}"
    person = store.need(Person, person_id)
    if rows.has_digest(store, key, person_id):
        return False
    waiting = rows.waiting(store, person_id)
    for reminder in waiting:
        reminder.digest_day = day
    lines = [*_reminded(store, waiting, day), *_standing(store, person, day)]
    if not lines or person.status == PersonStatus.LEFT:
        return False
    content = {"day": day.isoformat(), "lines": lines}
    notify(store, person_id, "digest", content, key=key)
    queue_mail(
        store, person, "digest", {**content, "lines": [_for_mail(line) for line in lines]}, key=f"{key}:{person_id}"
    )
    return True


def _recipients(store: Store, case: Case, tasks: Sequence[Task], text: str) -> Iterable[str]:
    found: dict[str, None] = {}
    kept_out = recused_ids(store, case)
    expressions = []
    for part in (piece.strip() for piece in text.split("|")):
        if part == HOLDER:
            for task in tasks:
                found.update(dict.fromkeys(people_on(store, task)))
        elif part == STARTER:
            found.update({case.started_by: None} if case.started_by else {})
        else:
            expressions.append(part)
    if expressions:
        owner = parse_owner(" | ".join(expressions))
        unit_id = tasks[0].unit_id if len(tasks) == 1 else case.unit_id
        able = resolve_owner(
            store, owner, unit_id=unit_id, variables={}, classification=case.classification, recused=kept_out
        ).able
        if not able:
            _logger.warning("a reminder has no recipient", extra={"action": "reminder_lost", "case": case.id})
        found.update(dict.fromkeys(able))
    return [person_id for person_id in found if person_id not in kept_out]


def people_on(store: Store, task: Task) -> list[str]:
    """Return who can act on a task now: the assignee, else today's holders of its candidate posts and people named."""
    if task.assignee_id is not None:
        return [task.assignee_id]
    post_ids, person_ids = rows.candidates(store, task.id)
    holders = [person.id for person in people.holders(store, post_ids)] if post_ids else []
    return list(dict.fromkeys([*holders, *person_ids]))


def _reminded(store: Store, waiting: Sequence[Reminder], day: date) -> Iterable[dict[str, Any]]:
    """Yield a line for each thing that still waits; several rungs about the same one are one line."""
    seen = set()
    for reminder in waiting:
        case, deadline, task = rows.subject(store, reminder)
        over = case.ended_at is not None or (task is not None and task.done_at is not None)
        over = over or reminder.person_id in recused_ids(store, case)  # a party since the line was written
        if over or deadline is None or deadline.id in seen:
            continue
        seen.add(deadline.id)
        yield _line(case, task.name if task else "", deadline.due_at, day, store.now) | {
            "provisional": deadline.provisional,
            "task": task.id if task else None,
            "kind": reminder.kind,
        }


def _standing(store: Store, person: Person, day: date) -> Iterable[dict[str, Any]]:
    """Yield a line for each escalation that the person has to decide and nobody stands above to pass it to."""
    posts = [post.post_id for post in people.held_posts(store, person.id)]
    for escalation in rows.standing_escalations(store, person.id, posts):
        case = store.need(Case, escalation.case_id)
        if person.id in recused_ids(store, case):
            continue
        yield _line(case, "", escalation.decide_by, day, store.now) | {
            "provisional": escalation.provisional,
            "task": None,
            "kind": "standing",
        }


def _line(case: Case, step: str, due_at: datetime | None, day: date, now: datetime) -> dict[str, Any]:
    return {
        "case": case.id,
        "title": f"{case.title} {step}".strip(),
        "confidential": case.classification == Classification.CONFIDENTIAL,
        "due": last_day(due_at).isoformat() if due_at else "",
        "state": _state(due_at, day, now),
    }


def _state(due_at: datetime | None, day: date, now: datetime) -> str:
    if due_at is None:
        return "standing"
    if now >= due_at:
        return "overdue"
    return "due" if last_day(due_at) <= day else "near"


def last_day(due_at: datetime) -> date:
    """Return the day that people read as the limit: ``due_at`` at midnight is the end of the day before."""
    local = due_at.astimezone(SHANGHAI)
    at_midnight = local.hour == local.minute == local.second == local.microsecond == 0
    return date.fromordinal(local.toordinal() - 1) if at_midnight else local.date()


def _for_mail(line: Mapping[str, Any]) -> dict[str, Any]:
    """Hide a confidential case's title: a mail travels in the clear and says only that something waits."""
    return {**line, "title": ""} if line["confidential"] else dict(line)
