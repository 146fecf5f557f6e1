"""Problems 问题清单: each opens a case that opens a rectification and waits; only its message closes the problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows import ledger
from workflows.access import Actor, system_actor
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.linked_cases import open_linked
from workflows.queries.checklist_access import may_read_checklist
from workflows.store import Store, checklists, people
from workflows.store import cases as stored_cases
from workflows.tables import Case, Checklist, ChecklistStatus, Problem, Role, Unit

PROCESS = "checklist_problem"
SEVERITIES = ("normal", "serious")
_LONGEST_FACT, _LONGEST_BASIS = 2_000, 200


@dataclass(frozen=True, slots=True)
class Found:
    """A problem as somebody writes it down. ``traced``: the leaders' responsibility is investigated too (倒查)."""

    fact: str
    basis: str
    severity: str = "normal"
    traced: bool = False
    row_no: str | None = None


def report_problem(store: Store, checklist_id: str, found: Found, *, actor: Actor) -> Problem:
    """Enter a problem in the list of problems outside a regular check, and open its rectification.

    For whoever holds a post of the unit that checks the list or supervises its unit. Raises ``WrongStateError``
    before the list is in force.
    """
    checklist = require_reporter(store, checklist_id, actor=actor)
    case = stored_cases.lock_case(store, checklist.case_id)
    supervising = store.need(Unit, checklist.inspector_id)
    store.session.refresh(checklist)  # read again under the lock
    if checklist.status not in {ChecklistStatus.IN_FORCE, ChecklistStatus.ARCHIVED}:
        message = f"Expected list {checklist_id} to be in force, but it is {checklist.status}."
        raise WrongStateError(message, code="checklist-not-in-force", id=checklist_id)
    faults = _faults(store, checklist, found)
    if faults:
        raise RejectedError("Expected other fields.", code="invalid-form", faults=faults)
    return _open(store, case, checklist, found, supervising, actor=actor)


def require_reporter(store: Store, checklist_id: str, *, actor: Actor) -> Checklist:
    """Return a list that the actor may report problems of, or raise ``NotFoundError`` or ``NotAllowedError``."""
    checklist = store.get(Checklist, checklist_id)
    if checklist is None or not may_read_checklist(store, checklist, actor=actor):
        message = f"Expected list {checklist_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="checklist-not-found", id=checklist_id)
    unit = store.need(Unit, checklist.unit_id)
    is_inspector = any(post.unit_id == checklist.inspector_id for post in actor.posts)
    if not is_inspector and not actor.has_role(Role.SUPERVISOR, unit_path=unit.path):
        message = f"Expected {actor.code} to inspect or to supervise {unit.code}."
        raise NotAllowedError(message, code="missing-role", roles=[Role.SUPERVISOR])
    return checklist


def _faults(store: Store, checklist: Checklist, found: Found) -> list[FieldFault]:
    texts = (("fact", found.fact, _LONGEST_FACT), ("basis", found.basis, _LONGEST_BASIS))
    faults = [_text_fault(name, text, most) for name, text, most in texts if not text.strip() or len(text) > most]
    if found.severity not in SEVERITIES:
        params = (("options", list(SEVERITIES)),)
        faults.append(FieldFault("/severity", "field-not-an-option", "Expected a known severity.", params))
    if found.row_no is not None and found.row_no not in {row.no for row in checklists.rows_of(store, checklist.id)}:
        faults.append(FieldFault("/row", "row-unknown", "Expected the number of a row of this list."))
    return faults


def _text_fault(name: str, text: str, most: int) -> FieldFault:
    code = "too-long" if text.strip() else "field-required"
    return FieldFault(f"/{name}", code, f"Expected 1 to {most} characters.", (("maximum", most),))


def open_problems(store: Store, case: Case, inputs: Mapping[str, Any]) -> Any:
    """Enter what a check found (operation of the diagram); returns the numbers of the problems.

    One that stands in the list in the same words and is not closed yet is that one: a check of a diagram that does not
    empty its form brings the rows of the check before again.
    """
    checklist = store.need(Checklist, inputs["checklist"])
    supervising = people.need_unit(store, inputs["supervising_unit"])
    known = {(row.fact, row.basis, row.row_no): row.number for row in checklists.open_problems(store, checklist)}
    numbers = []
    for told in inputs.get("problems") or ():
        found = Found(
            told["fact"], told["basis"], told["severity"], told["trace_needed"] == "yes", told.get("row") or None
        )
        words = found.fact.strip(), found.basis.strip(), found.row_no
        if words not in known:
            known[words] = _open(store, case, checklist, found, supervising, actor=system_actor("job")).number
        numbers.append(known[words])
    return numbers


def _open(store: Store, case: Case, checklist: Checklist, found: Found, supervising: Unit, *, actor: Actor) -> Problem:
    unit = store.need(Unit, checklist.unit_id)
    number = f"{unit.code}/{checklist.year}/{checklists.count_problems(store, unit.id, checklist.year) + 1:03}"
    opened = open_linked(
        store,
        case,
        definition=PROCESS,
        unit_id=unit.id,
        variables={
            "problem_no": number,
            "fact": found.fact,
            "basis": found.basis,
            "severity": found.severity,
            "trace_needed": "yes" if found.traced else "no",
            "supervising_unit": supervising.code,
        },
    )
    problem = store.add(
        Problem(
            checklist_id=checklist.id,
            unit_id=unit.id,
            year=checklist.year,
            number=number,
            row_no=found.row_no,
            fact=found.fact.strip(),
            basis=found.basis.strip(),
            severity=found.severity,
            traced=found.traced,
            supervising_unit_id=supervising.id,
            case_id=opened.id,
            found_at=store.now,
            found_by=actor.person_id,
        )
    )
    content = {"problem": problem.id, "number": number, "severity": found.severity, "traced": found.traced}
    ledger.record(store, f"case:{case.id}", "problem-found", content, actor=actor)
    return problem


def link_problem(store: Store, case: Case, inputs: Mapping[str, Any]) -> Any:
    """Note which rectification (and accountability) case a problem has opened (operation of the diagram)."""
    problem = _problem_of(store, case)
    problem.rectification_case_id = store.need(Case, inputs["rectification"]).id
    if inputs.get("accountability"):
        problem.accountability_case_id = store.need(Case, inputs["accountability"]).id
    return problem.number


def close_problem(store: Store, case: Case, inputs: Mapping[str, Any]) -> Any:
    """Strike a problem off (销号), because its rectification has told of its end (operation of the diagram)."""
    problem = _problem_of(store, case)
    if inputs.get("rectification") != problem.rectification_case_id:
        message = f"Expected the rectification of problem {problem.number}, but another one has ended."
        raise WrongStateError(message, code="other-rectification")
    problem.closed_at = store.now
    content = {"problem": problem.id, "number": problem.number, "rectification": problem.rectification_case_id}
    ledger.record(store, f"case:{case.id}", "problem-closed", content, actor=system_actor("job"))
    return problem.number


def _problem_of(store: Store, case: Case) -> Problem:
    problem = checklists.problem_of_case(store, case.id)
    if problem is None:
        message = f"Expected case {case.id} to be about a problem, but it is not."
        raise NotFoundError(message, code="problem-entry-not-found", id=case.id)
    return problem
