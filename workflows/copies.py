"""Copies 抄送: somebody may read a case without a duty in it. Sent by the diagram (``zc:copy``) or by who works on it.

``zc:copy`` is a candidate expression like ``zc:owner``. On a process it is followed as a case begins, on a step as the
step is handed in, with the values that were handed in. It gives the right to read, within clearance and recusal, and
a line in 抄送我的; nothing waits for it. Whom it does not find is told in the ledger, for no work hangs on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows import ledger, notices
from workflows.access import Actor
from workflows.candidates import OwnerSyntaxError, parse_owner, resolve_owner
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError
from workflows.queries.access import is_cleared, reads_case, sees_case, works_on_any
from workflows.store import Store, people
from workflows.store import cases as stored_cases
from workflows.store import copies as stored
from workflows.store.recusals import recused_ids
from workflows.tables import Case, CaseCopy, Person, PersonStatus, Role, Task, Unit, new_id

MOST_COPIES = 50


def copy_by_diagram(
    store: Store,
    case: Case,
    expression: str,
    *,
    actor: Actor,
    variables: Mapping[str, Any],
    item: object = None,
    task: Task | None = None,
) -> None:
    """Send the copies that a diagram names; what finds nobody is written down, never raised."""
    if not expression:
        return
    try:
        found = resolve_owner(
            store,
            parse_owner(expression),
            unit_id=case.unit_id,
            variables=variables,
            item=item,
            classification=case.classification,
            recused=recused_ids(store, case),
        )
    except OwnerSyntaxError as fault:
        _tell_lost(store, case, task, [str(fault)], actor=actor)
        return
    if found.gaps:
        _tell_lost(store, case, task, [f"{gap.code} {gap.alternative}" for gap in found.gaps], actor=actor)
    _send(store, case, people.people(store, found.able), task=task, sender=None, actor=actor)


def _tell_lost(store: Store, case: Case, task: Task | None, reasons: Sequence[str], *, actor: Actor) -> None:
    content = {"task": task.id if task else None, "reasons": list(reasons)}
    ledger.record(store, f"case:{case.id}", "copy-not-sent", content, actor=actor)


def copy_case(store: Store, case_id: str, codes: Sequence[str], *, actor: Actor) -> int:
    """Send a case to people by code, and return to how many who had no such copy yet.

    Raises ``NotAllowedError`` unless the actor works on the case, has started or supervises it: whoever only got a copy
    hands none on. Raises ``RejectedError`` with a fault for each person who may not read it.
    """
    case = stored_cases.lock_case(store, case_id)
    require_sender(store, case, actor=actor)
    chosen = readers(store, case, codes)
    return _send(store, case, chosen, task=None, sender=actor, actor=actor)


def copy_with_step(store: Store, case: Case, task: Task, codes: Sequence[str], *, actor: Actor) -> None:
    """Send the copies that the assignee adds to a step, in the transaction that hands it in."""
    if codes:
        _send(store, case, readers(store, case, codes, "/copies"), task=task, sender=actor, actor=actor)


def require_sender(store: Store, case: Case, *, actor: Actor) -> None:
    """Raise unless the actor may send copies of a case."""
    if not reads_case(store, case, actor=actor):
        message = f"Expected case {case.id} to be open to {actor.code}, but it is not."
        raise NotFoundError(message, code="case-not-found", id=case.id)
    is_starter = actor.person_id is not None and case.started_by == actor.person_id
    supervises = actor.has_role(Role.SUPERVISOR, unit_path=store.need(Unit, case.unit_id).path)
    if not is_starter and not supervises and not works_on_any(store, [case.id], actor=actor):
        message = f"Expected {actor.code} to have work in case {case.id}."
        raise NotAllowedError(message, code="not-participant", id=case.id)


def readers(store: Store, case: Case, codes: Sequence[str], pointer: str = "/people") -> list[Person]:
    """Return the people with these codes, or raise ``RejectedError`` with a fault for each who may not read it."""
    faults: list[FieldFault] = []
    if len(codes) > MOST_COPIES:
        params = (("limit", MOST_COPIES),)
        faults.append(FieldFault(pointer, "field-too-many", f"Expected at most {MOST_COPIES} people.", params))
    found = []
    kept_out = recused_ids(store, case)
    cleared = people.cleared_for(case.classification)
    for place, code in enumerate(dict.fromkeys(codes)):
        person = people.find_person(store, code) if people.is_storable(code) else None
        if person is None or person.status != PersonStatus.ACTIVE:
            wrong = "no-such-person"
        elif person.clearance not in cleared:
            wrong = "reader-not-cleared"
        elif person.id in kept_out:
            wrong = "reader-recused"
        else:
            found.append(person)
            continue
        message = f"Expected {code} to be somebody who may read case {case.id}."
        faults.append(FieldFault(f"{pointer}/{place}", wrong, message, (("person", person.name if person else code),)))
    if faults:
        raise RejectedError(f"Expected {len(faults)} reader(s) to be other.", code="invalid-request", faults=faults)
    return found


def check_readers(store: Store, case_id: str, codes: Sequence[str], *, actor: Actor) -> None:
    """Raise ``RejectedError`` for each of these people who may not read a case that the actor works on."""
    case = store.need(Case, case_id)
    require_sender(store, case, actor=actor)
    readers(store, case, codes, "/copies")


def _send(
    store: Store, case: Case, chosen: Sequence[Person], *, task: Task | None, sender: Actor | None, actor: Actor
) -> int:
    known = stored.copied_people(store, case.id, task.id if task else None)
    added = [person for person in chosen if person.id not in known]
    for person in added:
        copy = CaseCopy(
            id=new_id(),
            case_id=case.id,
            task_id=task.id if task else None,
            person_id=person.id,
            sent_by=sender.person_id if sender else None,
            created_at=store.now,
        )
        store.add_later(copy)
        told = {"title": case.title, "name": task.name if task else "", "by": sender.name if sender else ""}
        if person.id != actor.person_id:
            notices.notify(store, person.id, "case-copied", told, key=f"copy:{copy.id}", case_id=case.id)
    if added:
        content = {
            "task": task.id if task else None,
            "to": sorted(person.code for person in added),
            "by_diagram": sender is None,
        }
        ledger.record(store, f"case:{case.id}", "case-copied", content, actor=actor)
    return len(added)


def mark_copy_read(store: Store, copy_id: str, *, actor: Actor) -> CaseCopy:
    """已阅: note that the actor has read a copy that was sent to them. A second time changes nothing.

    Raises ``NotFoundError`` for copies of others, and for cases that are closed to the actor by now.
    """
    copy = store.get(CaseCopy, copy_id)
    case = stored_cases.lock_case(store, copy.case_id) if copy is not None and _is_mine(copy, actor) else None
    if copy is None or case is None or not (is_cleared(store, case, actor) and sees_case(store, case, actor=actor)):
        message = f"Expected copy {copy_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="copy-not-found", id=copy_id)
    if copy.read_at is None:
        copy.read_at = store.now
        content = {"task": copy.task_id, "by": actor.code}
        ledger.record(store, f"case:{case.id}", "copy-read", content, actor=actor)
    return copy


def _is_mine(copy: CaseCopy, actor: Actor) -> bool:
    return actor.person_id is not None and copy.person_id == actor.person_id
