"""Recusal 回避: whoever is a party to a matter is kept out of its cases. Who that is, the diagram says.

``zc:recuse`` on a process is an expression that gives the codes of people (a list, one text, or null for nobody). It
is worked out after each step. Who it names neither sees nor takes anything of the case, of the cases it calls, of the
case that called it and of escalations about them; the same holds for who stands in for them. On a step it names who
may not take that step, though they may see it. What cannot be worked out is an incident.

Rows in ``recusal`` bind at once (``queries/access.py`` reads them); open tasks of the other cases of the family are
looked through in the turn of each, by its inbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.engine.errors import EngineError
from workflows.engine.expressions import ExpressionError
from workflows.engine.types import Context
from workflows.errors import NotAllowedError
from workflows.opening import find_candidates_again
from workflows.parties import people_named
from workflows.snapshots import snapshot_of
from workflows.store import Store, people
from workflows.store import cases as stored_cases
from workflows.store import recusals as stored
from workflows.store import tasks as stored_tasks
from workflows.store.bulk import insert_rows
from workflows.store.incidents import open_incident
from workflows.tables import Activity, Case, Person, Recusal, Task, TaskStatus, new_id

FAULT = "recusal-not-worked-out"


def look_for_parties(store: Store, case: Case, expression: str, context: Context, *, actor: Actor) -> None:
    """Write down whom the diagram names as parties now; those who are new lose what they hold in the family."""
    from workflows.running import process_of  # noqa: PLC0415 - every command ends by looking for parties

    variables = snapshot_of(store, case, process_of(store, case)).variables
    try:
        codes = people_named(expression, variables, context)
    except (ExpressionError, EngineError) as fault:
        _tell_fault(store, case, str(fault))
        return
    known = {row.person_id: row for row in stored.named_by(store, case.id)}
    named = _people(store, case, codes)
    added = [person for person in named if person.id not in known or known[person.id].until_at is not None]
    wanted = {person.id for person in named}
    ended = [row for row in known.values() if row.until_at is None and row.person_id not in wanted]
    if not added and not ended:
        return
    for row in ended:
        row.until_at = store.now
    for person in added:
        _close_to(store, case, person.id, known.get(person.id))
    store.session.flush()  # who is free to act is asked below
    content = {
        "added": sorted(person.code for person in added),
        "ended": sorted(store.need(Person, row.person_id).code for row in ended),
    }
    ledger.record(store, f"case:{case.id}", "parties-changed", content, actor=actor)
    take_from_parties(store, case, actor=actor)
    for target in stored.running_family(store, case):
        key = f"recuse:{case.id}:{case.row_version}:{target}"
        stored_cases.send_to_case(store, target, "recuse", {"from": case.id}, key=key, source_case_id=case.id)


def _people(store: Store, case: Case, codes: frozenset[str]) -> list[Person]:
    found = []
    for code in sorted(codes):
        person = people.find_person(store, code)
        if person is None:
            _tell_fault(store, case, f"Expected {code} to be a person.")
        else:
            found.append(person)
    return found


def _close_to(store: Store, case: Case, person_id: str, row: Recusal | None) -> None:
    if row is not None:
        row.since_at, row.until_at = store.now, None
        return
    recusal = Recusal(
        id=new_id(),
        root_case_id=stored.root_of(case),
        case_id=case.id,
        task_id=None,
        person_id=person_id,
        since_at=store.now,
        until_at=None,
    )
    store.add_later(recusal)


def _tell_fault(store: Store, case: Case, message: str) -> None:
    """Open an incident about a recusal that cannot be worked out, unless one stands."""
    if not any(each.code == FAULT and each.message == message for each in stored_cases.open_incidents(store, case.id)):
        open_incident(store, case, element_id="", code=FAULT, message=message)


def inherit_parties(store: Store, source: Case, case: Case) -> None:
    """Keep the parties of ``source`` out of a case that is about it."""
    rows = [
        {"root_case_id": stored.root_of(case), "case_id": case.id, "person_id": person_id, "since_at": store.now}
        for person_id in sorted(stored.recused_ids(store, source))
    ]
    insert_rows(store, Recusal, [{**row, "task_id": None, "until_at": None} for row in rows])


def take_new_parties(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    """Act on parties that another case of the family named (consumed from the inbox)."""
    source = store.need(Case, payload["from"])
    if stored.root_of(source) != stored.root_of(case):  # an escalation about it: its rows are its own
        known = stored.recused_ids(store, case)
        for person_id in sorted(stored.recused_ids(store, source) - known):
            _close_to(store, case, person_id, None)
        store.session.flush()  # as above
    take_from_parties(store, case, actor=actor)


def take_from_parties(store: Store, case: Case, *, actor: Actor) -> None:
    """Give tasks that a party holds or could take back to their posts; where nobody else is left, open an incident."""
    if not case.recuses:
        return
    for task in stored_tasks.open_tasks(store, case.id):
        kept_out = stored.recused_ids(store, case, task.id)
        if _concerns(store, task, kept_out):
            _take_back(store, case, task, kept_out, actor=actor)


def _concerns(store: Store, task: Task, kept_out: frozenset[str]) -> bool:
    if task.assignee_id is not None:
        return task.assignee_id in kept_out
    rows = stored_tasks.candidates_of(store, task.id)
    able = {row.person_id for row in rows if row.person_id}
    able |= {person.id for person in people.holders(store, [row.post_id for row in rows if row.post_id])}
    return bool(able & kept_out)


def _take_back(store: Store, case: Case, task: Task, kept_out: frozenset[str], *, actor: Actor) -> None:
    if task.assignee_id in kept_out:
        task.status = TaskStatus.OPEN
        task.assignee_id = task.assignee_post_id = task.claimed_at = None
        task.row_version += 1
        ledger.record(store, f"case:{case.id}", "task-taken-from-party", {"task": task.id}, actor=actor)
    find_candidates_again(store, case, store.need(Activity, task.activity_id))
    case.row_version += 1


def require_no_party(store: Store, case: Case, task: Task, actor: Actor) -> None:
    """Raise ``NotAllowedError`` (``recused``) when the actor may not take this step."""
    if case.recuses and actor.person_id in stored.recused_ids(store, case, task.id):
        message = f"Expected {actor.code} to be no party to what task {task.id} decides."
        raise NotAllowedError(message, code="recused", id=task.id)
