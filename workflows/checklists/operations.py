"""What the diagram of the five lists asks the house to do, each in the transaction of its job on its own case.

Which posts sign, where a row's holder stands and who supervises are inputs: the law is in the diagram, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from workflows import ledger
from workflows.access import system_actor
from workflows.candidates import Owner, parse_owner, resolve_owner
from workflows.case_deadlines import calendar_of
from workflows.checklists.objections import answer_objections, collect_objections
from workflows.checklists.problems import close_problem, link_problem, open_problems
from workflows.checklists.rows import list_digest, number_rows, plain_row, row_key, write_version
from workflows.clock import SHANGHAI
from workflows.deadlines.count import start_of_day
from workflows.errors import WorkflowError
from workflows.ledger.hashing import ALGORITHM
from workflows.store import Store, checklists, people
from workflows.tables import Case, Checklist, ChecklistStatus, Post, PublicityScope, Unit

Inputs = Mapping[str, Any]


class ChecklistError(WorkflowError):
    """A list cannot be drawn up, signed or published like this."""

    code = "checklist-failed"


def open_checklist(store: Store, case: Case, inputs: Inputs) -> Any:
    """Found the list of the case's unit for ``year``; returns its id, its team by ``posts``, and last year's list.

    ``inspector`` is the unit that checks how the list is lived up to.
    """
    year = _whole(inputs, "year")
    known = checklists.living(store, case.unit_id, year)
    if known is not None and known.case_id != case.id:
        message = f"Expected no list of {year} for this unit, but case {known.case_id} draws one up."
        raise ChecklistError(message, code="checklist-exists", year=year)
    before = checklists.newest_before(store, case.unit_id, year)
    found = checklists.of_case(store, case.id) or store.add(
        Checklist(
            unit_id=case.unit_id,
            year=year,
            inspector_id=people.need_unit(store, str(inputs.get("inspector"))).id,
            case_id=case.id,
            status=ChecklistStatus.DRAFTING,
            created_at=store.now,
        )
    )
    seats = _seats(store, case, _expressions(inputs))
    return {
        "id": found.id,
        "previous": before.year if before else None,
        "team": [{"post": post, "person": person, "name": name} for _, post, person, name in seats],
    }


def record_checklist(store: Store, case: Case, inputs: Inputs) -> Any:
    """Write a draft as the list's next version; returns its rows with number, key, owner and whether it is held.

    ``owners`` maps a kind of list to the reference at which its holders stand.
    """
    checklist = _checklist(store, inputs)
    unit = store.need(Unit, case.unit_id)
    checklist.version += 1
    checklist.status = ChecklistStatus.DRAFTING
    checklist.scope = checklist.publicised_at = checklist.publicity_until = None
    owners = inputs.get("owners") or {}
    rows = [_owned(store, case, unit, checklist, row, owners) for row in number_rows(inputs["rows"])]
    changed = write_version(store, checklist, rows)
    checklist.algorithm = ALGORITHM
    checklist.digest = list_digest(plain_row(row, row["unit_code"]) for row in rows)
    content = {
        "checklist": checklist.id,
        "version": checklist.version,
        "rows": len(rows),
        "changed": sorted(changed),
        "digest": checklist.digest,
    }
    ledger.record(store, f"case:{case.id}", "checklist-drawn-up", content, actor=system_actor("job"))
    return rows


def _owned(
    store: Store, case: Case, unit: Unit, checklist: Checklist, row: Inputs, owners: Mapping[str, Any]
) -> dict[str, Any]:
    reference = str(owners.get(row["kind"]) or "unit")
    seat = f"seat:{row['holder_post']}/{row['holder']}" if row.get("holder") else f"post:{row['holder_post']}"
    text = f"{seat}@{reference}"
    found = _resolve(store, case, parse_owner(text))
    at = found.posts[0][1] if found.posts else None
    if found.seats:
        at = store.need(Post, next(iter(found.seats.values()))).unit_id
    return {
        **row,
        "key": row_key(unit, checklist.year, row["no"]),
        "owner": text,
        "held": bool(found.able),
        "unit_code": store.need(Unit, at).code if at else unit.code,
    }


def prepare_signing(store: Store, case: Case, inputs: Inputs) -> Any:
    """Give each holder of the ``posts`` a seat and fix what is signed; returns the seats with version and digest."""
    checklist = _checklist(store, inputs)
    seats = _seats(store, case, _expressions(inputs))
    if not seats:
        message = "Expected somebody to sign, but the posts that do are vacant."
        raise ChecklistError(message, code="nobody-signs")
    checklist.status = ChecklistStatus.SIGNING
    checklist.seats = [{"seat": seat, "person": person} for seat, _, person, _ in seats]
    return {
        "seats": [seat for seat, *_ in seats],
        "version": checklist.version,
        "digest": checklist.digest,
    }


def open_publicity(store: Store, case: Case, inputs: Inputs) -> Any:
    """Publicise a signed list in ``scope`` for ``workdays``: until the end of the last of them."""
    checklist = _checklist(store, inputs)
    days = _whole(inputs, "workdays")
    calendar = calendar_of(store, case)
    last = calendar.step_workdays(store.now.astimezone(SHANGHAI).date(), days)
    checklist.status = ChecklistStatus.PUBLICITY
    checklist.scope, checklist.place = PublicityScope(inputs["scope"]), str(inputs.get("place") or "")
    checklist.publicised_at = store.now
    checklist.publicity_until = start_of_day(last + timedelta(days=1))
    content = {
        "checklist": checklist.id,
        "version": checklist.version,
        "digest": checklist.digest,
        "scope": checklist.scope,
        "until": last.isoformat(),
    }
    ledger.record(store, f"case:{case.id}", "checklist-publicised", content, actor=system_actor("job"))
    return {"until": checklist.publicity_until, "last_day": last}


def publish_checklist(store: Store, case: Case, inputs: Inputs) -> Any:
    """Bring a list into force; what was in force of the same unit is archived by that."""
    checklist = _checklist(store, inputs)
    for older in checklists.in_force(store, checklist.unit_id):
        if older.id != checklist.id:
            older.status, older.archived_at = ChecklistStatus.ARCHIVED, store.now
            _tell(store, case, "checklist-archived", older)
    checklist.status, checklist.in_force_at = ChecklistStatus.IN_FORCE, store.now
    _tell(store, case, "checklist-in-force", checklist)
    return store.now.astimezone(SHANGHAI).date()


def _tell(store: Store, case: Case, kind: str, checklist: Checklist) -> None:
    content = {"checklist": checklist.id, "year": checklist.year, "digest": checklist.digest}
    ledger.record(store, f"case:{case.id}", kind, content, actor=system_actor("job"))


def _seats(store: Store, case: Case, expressions: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Return seat, post, person and name of everybody who holds one of some posts now; each person sits once."""
    found = {person: (seat, post, person, name) for seat, post, person, name in _all_seats(store, case, expressions)}
    return list(reversed(found.values()))


def _all_seats(store: Store, case: Case, expressions: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    for text in reversed(expressions):  # of several seats of a person the first named counts
        owner = parse_owner(text)
        for alternative in owner.alternatives:
            found = _resolve(store, case, Owner(text, (alternative,)))
            for post_id, _ in found.posts:
                for person in reversed(people.newest_holders(store, post_id)):
                    seat = f"seat:{alternative.value}/{person.code}@{alternative.reference}"
                    yield seat, alternative.value, person.code, person.name


def _resolve(store: Store, case: Case, owner: Owner) -> Any:
    return resolve_owner(store, owner, unit_id=case.unit_id, variables={}, classification=case.classification)


def _expressions(inputs: Inputs) -> list[str]:
    found = inputs.get("posts")
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        message = f"Expected posts to be a list of candidate expressions, but it is {found!r}."
        raise ChecklistError(message)
    return found


def _checklist(store: Store, inputs: Inputs) -> Checklist:
    return store.need(Checklist, inputs.get("checklist"))


def _whole(inputs: Inputs, name: str) -> int:
    value = inputs.get(name)
    if value is None or isinstance(value, bool | str | date) or value != int(value):
        message = f"Expected {name} to be a whole number, but it is {value!r}."
        raise ChecklistError(message, name=name)
    return int(value)


CHECKLIST_OPERATIONS: Mapping[str, Callable[[Store, Case, Inputs], Any]] = {
    "open_checklist": open_checklist,
    "record_checklist": record_checklist,
    "prepare_signing": prepare_signing,
    "open_publicity": open_publicity,
    "collect_objections": collect_objections,
    "answer_objections": answer_objections,
    "publish_checklist": publish_checklist,
    "open_problems": open_problems,
    "link_problem": link_problem,
    "close_problem": close_problem,
}
