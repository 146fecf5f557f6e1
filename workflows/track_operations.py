"""Service operations of twin investigations: see ``workflows.operations`` for what an operation is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.access import system_actor
from workflows.errors import WorkflowError
from workflows.running import bundle_of
from workflows.shared_facts import enter_listed, main_case_of
from workflows.store import Store
from workflows.store import tracks as stored
from workflows.tables import Case
from workflows.tracks import open_track, report_conclusion, take_up_fact

Inputs = Mapping[str, Any]
_LONGEST_KEY = 200


def _register_fact(store: Store, case: Case, inputs: Inputs) -> Any:
    """Claim the fact named ``key``; returns whether this case is the first about it (一事一案), and which has it."""
    key = str(inputs.get("key") or "").strip()
    if not 0 < len(key) <= _LONGEST_KEY:
        message = f"Expected key to be a text of at most {_LONGEST_KEY} characters, but it is {key[:50]!r}."
        raise WorkflowError(message, code="operation-failed", name="key")
    return take_up_fact(store, case, bundle_of(store, case).key, key)


def _enter_facts(store: Store, case: Case, inputs: Inputs) -> Any:
    """Put the rows ``facts`` (title, statement, source) that ``step`` listed into the fact base; returns how many."""
    step = str(inputs.get("step") or "")
    return enter_listed(store, case, _rows(inputs, "facts"), step=step, actor=system_actor("job"))


def _read_facts(store: Store, case: Case, inputs: Inputs) -> Any:
    """Return a row for each shared fact as of now, keeping what ``findings`` says of it already."""
    before = {int(row["no"]): row for row in _rows(inputs, "findings") if isinstance(row, Mapping) and row.get("no")}
    latest = {row.number: row for row in stored.versions(store, main_case_of(store, case.id))}
    return [
        {
            "no": number,
            "title": fact.title,
            "finding": before.get(number, {}).get("finding"),
            "basis": before.get(number, {}).get("basis"),
        }
        for number, fact in latest.items()
    ]


def _open_track(store: Store, case: Case, inputs: Inputs) -> Any:
    """Write down which of the two investigations this case is; returns its kind."""
    return open_track(store, case, str(inputs.get("kind"))).kind


def _conclude_track(store: Store, case: Case, inputs: Inputs) -> Any:
    """Report the conclusion of a track; the step after it waits until the twin has one too."""
    report_conclusion(
        store,
        case,
        opinion=str(inputs.get("opinion") or ""),
        findings=_rows(inputs, "findings"),
        persons=_rows(inputs, "persons"),
        liable=int(inputs.get("liable") or 0),
    )
    return True


def _who_completed(store: Store, case: Case, inputs: Inputs) -> Any:
    """Return the codes of those who completed the step ``element``, as many as attempted it."""
    return stored.codes_of_workers(store, case.id, str(inputs.get("element")))


def _rows(inputs: Inputs, name: str) -> list[Any]:
    rows = inputs.get(name)
    if rows is not None and not isinstance(rows, list):
        message = f"Expected {name} to be a list, but it is {rows!r}."
        raise WorkflowError(message, code="operation-failed", name=name)
    return rows or []


TRACK_OPERATIONS = {
    "register_fact": _register_fact,
    "enter_facts": _enter_facts,
    "read_facts": _read_facts,
    "open_track": _open_track,
    "conclude_track": _conclude_track,
    "who_completed": _who_completed,
}
