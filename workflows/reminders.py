"""Reminders 提醒: a rung of a ladder leaves a line for each recipient; a person gets them as one digest a working day.

``recipients`` of a rung are alternatives joined by ``|``: ``holder`` (whoever can act on the step now; the default),
``starter``, or a candidate expression such as ``post:督查室主任@unit``.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from workflows.application import Application
from workflows.candidates import parse_owner, resolve_owner
from workflows.clock import SHANGHAI
from workflows.engine.values import to_json
from workflows.outbox import queue_mail
from workflows.store import Store, approvals, people
from workflows.store import reminders as rows
from workflows.store.bulk import insert_rows
from workflows.store.recusals import recused_ids
from workflows.tables import Approval, Case, Classification, Deadline, Notice, PersonStatus, Reminder, Role, Task, Timer
from workflows.transaction import read, run

HOLDER, STARTER = "holder", "starter"
_logger = logging.getLogger(__name__)


def remind(store: Store, case: Case, deadline: Deadline, timer: Timer, rung: Mapping[str, Any]) -> None:
    """Leave a line for each recipient of a rung; it waits for their next digest."""
    tasks = rows.open_tasks(store, case.id, deadline.activity_id)
    task = tasks[0] if deadline.activity_id is not None and tasks else None
    found = _recipients(store, case, tasks, str(rung.get("recipients") or HOLDER))
    add_reminders(store, timer, found, kind=str(rung["action"]), task_id=task.id if task else None)


def add_reminders(
    store: Store, timer: Timer, person_ids: Collection[str], *, kind: str, task_id: str | None = None
) -> None:
    """Leave a line for the next digest of each of these people; one timer leaves each at most one."""
    known = rows.reminded_by(store, timer.id, person_ids) if person_ids else ()
    line = {
        "timer_id": timer.id,
        "case_id": timer.case_id,
        "task_id": task_id,
        "kind": kind,
        "created_at": store.now,
    }
    insert_rows(store, Reminder, [{"person_id": each, **line} for each in person_ids if each not in known])


def send_due_digests(application: Application) -> int:
    """Send today's digests once its hour has come, each person's in a transaction of its own; none on a free day."""
    hour = application.settings.digest_hour
    day = read(application, _digest_day, hour)
    if day is None:
        return 0
    sent = 0
    for person_id in read(application, _people_waiting, day):
        try:
            sent += run(application, send_digest, person_id, day)
        except Exception:
            _logger.exception("a digest could not be sent", extra={"action": "digest_fault", "person": person_id})
    return sent


def _digest_day(store: Store, hour: int) -> date | None:
    local = store.now.astimezone(SHANGHAI)
    workday = store.application.law.calendar(store).is_workday(local.date()).workday
    return local.date() if workday and local.hour >= hour else None


def _people_waiting(store: Store, day: date) -> Sequence[str]:
    return sorted({*rows.people_waiting(store, day), *(person_id for person_id, _ in _requests(store))})


def _requests(store: Store) -> list[tuple[str, Approval]]:
    """Return the requests for a second person that wait, each with everybody who may decide it."""
    waiting = approvals.all_waiting(store)
    able = people.granted(store, Role.FLOWADMIN) if waiting else []
    return [(person.id, request) for request in waiting for person in able if person.id != request.asked_by]


def send_digests(store: Store, day: date) -> int:
    """Send everybody their digest of ``day``, in one transaction. Returns how many were sent."""
    return _send(store, _people_waiting(store, day), day)


def send_digest(store: Store, person_id: str, day: date) -> bool:
    """Send a person's digest of a working day: a notice, and a mail where one can leave. Never a second one that day.

    Lines about work that is done meanwhile are dropped; escalations that stand open at their ladder's end and requests
    for a second person come again every day. Returns whether there was anything to send.
    """
    return _send(store, [person_id], day) == 1


def _send(store: Store, person_ids: Sequence[str], day: date) -> int:
    """Send some people their digests, all read and written together; return how many had anything to be told."""
    key = f"digest:{day.isoformat()}"
    served = rows.have_digest(store, key, person_ids)
    recipients = [person for person in people.people(store, person_ids) if person.id not in served]
    posts = {person.id: people.actor_of(store, person.id).post_ids for person in recipients}
    lines: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for line in [*rows.take_waiting(store, list(posts), day), *rows.standing_lines(store, posts)]:
        if not (line.recuses and line.person_id in recused_ids(store, store.need(Case, line.case_id))):  # a party
            lines[line.person_id].setdefault(line.deadline_id or line.case_id, _told(line, day, store.now))
    for person_id, request in _requests(store):
        lines[person_id][request.id] = _asked(request)
    digests = []
    for person in recipients:
        if person.id not in lines or person.status == PersonStatus.LEFT:
            continue
        content = {"day": day.isoformat(), "lines": list(lines[person.id].values())}
        digests.append({"person_id": person.id, "content": to_json(content)})
        mailed = {**content, "lines": [_for_mail(line) for line in lines[person.id].values()]}
        queue_mail(store, person, "digest", mailed, key=f"{key}:{person.id}")
    common = {"key": key, "kind": "digest", "case_id": None, "created_at": store.now, "read_at": None}
    insert_rows(store, Notice, [{**digest, **common} for digest in digests])
    return len(digests)


def _recipients(store: Store, case: Case, tasks: Sequence[Task], text: str) -> list[str]:
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
    return list(dict.fromkeys([*people.holder_ids(store, post_ids), *person_ids]))


def _told(line: rows.Line, day: date, now: datetime) -> dict[str, Any]:
    """Return a line as a digest tells it; several rungs about the same limit are one line, the latest."""
    return {
        "case": line.case_id,
        "title": f"{line.title} {line.task_name or ''}".strip(),
        "confidential": line.classification == Classification.CONFIDENTIAL,
        "due": last_day(line.due_at).isoformat() if line.due_at else "",
        "state": _state(line.due_at, day, now),
        "provisional": line.provisional,
        "task": line.task_id,
        "kind": line.kind,
    }


def _asked(request: Approval) -> dict[str, Any]:
    plain = {"case": None, "task": None, "confidential": False, "due": "", "provisional": False, "state": "standing"}
    title = request.content.get("title", request.subject)
    return {**plain, "kind": "approval", "act": request.act, "subject": request.subject, "title": title}


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
