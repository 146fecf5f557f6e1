"""Rows of a list: numbered, versioned, and hashed together. A row is never rewritten, a change is a new version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from workflows.engine.values import to_json
from workflows.errors import RejectedError
from workflows.ledger.hashing import DOCUMENT, canonical, digest
from workflows.store import Store, checklists, people
from workflows.store.bulk import insert_rows
from workflows.tables import Checklist, ChecklistRow, Person, Unit, new_id

COLUMNS = ("no", "kind", "duty", "measure", "due_on", "holder_post", "holder", "evidence")
_LONGEST = 200


def number_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with a number each: the one that stands there, else the next free one, so that years compare."""
    taken = {str(row["no"]) for row in rows if row.get("no")}
    free = (str(number) for number in range(1, len(rows) + len(taken) + 2) if str(number) not in taken)
    return [{**row, "no": str(row["no"]) if row.get("no") else next(free)} for row in rows]


def plain_row(row: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """Return what a row says, as it is hashed and compared; ``unit`` is the code of the unit of its holder's post."""
    due_on = row["due_on"]
    told = {name: row.get(name) for name in COLUMNS}
    return told | {"due_on": due_on.isoformat() if isinstance(due_on, date) else due_on, "unit": unit}


def row_digest(row: Mapping[str, Any]) -> str:
    """Hash one row as ``plain_row`` gives it."""
    return digest(DOCUMENT, canonical(to_json(dict(row))))


def list_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Hash a whole list, in its order: what signatures and publication are bound to."""
    return digest(DOCUMENT, canonical({"rows": [to_json(dict(row)) for row in rows]}))


def write_version(store: Store, checklist: Checklist, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write the rows that differ from those in force as versions of the list's present version; return their numbers.

    Each row carries ``owner``, ``unit_code`` and what ``COLUMNS`` name. What is gone ends, what is the same stays.
    """
    known = {row.no: row for row in checklists.rows_of(store, checklist.id)}
    new, changed = [], []
    for sort, row in enumerate(rows):
        mark = row_digest(plain_row(row, row["unit_code"]))
        before = known.pop(row["no"], None)
        if before is not None and (before.digest, before.sort, before.owner) == (mark, sort, row["owner"]):
            continue
        if before is not None:
            before.valid_to = store.now
        if before is None or before.digest != mark:
            changed.append(row["no"])
        new.append(_row(store, checklist, row, sort, mark))
    for gone in known.values():
        gone.valid_to = store.now
        changed.append(gone.no)
    store.session.flush()  # the old versions end before the new ones begin
    insert_rows(store, ChecklistRow, new)
    return changed


def _row(store: Store, checklist: Checklist, row: Mapping[str, Any], sort: int, mark: str) -> dict[str, Any]:
    holder = people.need_person(store, row["holder"]).id if row.get("holder") else None
    return {
        "id": new_id(),
        "checklist_id": checklist.id,
        "no": row["no"],
        "key": row["key"],
        "version": checklist.version,
        "sort": sort,
        "kind": row["kind"],
        "duty": row["duty"],
        "measure": row["measure"],
        "due_on": row["due_on"],
        "holder_post": row["holder_post"],
        "holder_id": holder,
        "unit_id": people.need_unit(store, row["unit_code"]).id,
        "owner": row["owner"],
        "evidence": row["evidence"],
        "digest": mark,
        "valid_from": store.now,
        "valid_to": None,
    }


def row_key(unit: Unit, year: int, no: str) -> str:
    """Return the business key of the case that performs a row: unit, year and number."""
    key = f"{unit.code}/{year}/{no}"
    if len(key) > _LONGEST:
        raise RejectedError("Expected a shorter unit code or row number.", code="row-key-too-long")
    return key


def rows_as_typed(store: Store, checklist: Checklist, *, year: int) -> list[dict[str, Any]]:
    """Return the rows of a list as a form takes them, with their limits moved to the same day of ``year``.

    A person who no longer holds the post of a row is left out of it: the drafter names the successor.
    """
    typed = []
    for row in checklists.rows_of(store, checklist.id):
        holder = store.get(Person, row.holder_id) if row.holder_id else None
        post = people.find_post(store, row.unit_id, row.holder_post)
        sits = {person.id for person in people.newest_holders(store, post.id)} if post else set()
        typed.append(
            {
                "no": row.no,
                "kind": row.kind,
                "duty": row.duty,
                "measure": row.measure,
                "due_on": _same_day(row.due_on, year).isoformat(),
                "holder_post": row.holder_post,
                "holder": holder.code if holder is not None and holder.id in sits else None,
                "evidence": row.evidence,
            }
        )
    return typed


def _same_day(day: date, year: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=year, day=28) if is_leap_day else day.replace(year=year)
