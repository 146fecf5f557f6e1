"""Carry out one engine command on one locked case: the path every door takes.

lock (by the caller) → compiled law and context → engine → apply. A fault of the caller comes out as a
``WorkflowError``; a fault of the process is in the step as an incident and is committed with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import engine
from workflows.access import Actor
from workflows.engine.errors import ElementNotWaitingError, EngineError, NotExpectedError
from workflows.engine.types import ActivityKey, Command, Start, Step
from workflows.errors import WorkflowError, WrongStateError
from workflows.forms import Form
from workflows.law import CompiledBundle
from workflows.recusal import look_for_parties
from workflows.snapshots import snapshot_of
from workflows.steps import apply_step
from workflows.store import Store
from workflows.store.migrations import moves_of_case
from workflows.surroundings import LIMITS
from workflows.tables import Case, CaseStatus, Unit
from workflows.titles import follow_subject, subject_names


def bundle_of(store: Store, case: Case) -> CompiledBundle:
    """Return the compiled law that a case is pinned to."""
    return store.application.law.bundle(store, case.definition_id)


def process_of(store: Store, case: Case) -> engine.Process:
    """Return the compiled process that a case runs."""
    return bundle_of(store, case).processes[case.process_key]


def forms_of(store: Store, case: Case) -> Mapping[str, Form]:
    """Return the forms of a case: those of its version, and of versions that it ran before what is not in it."""
    before = [store.application.law.bundle(store, each.from_definition_id) for _, each in moves_of_case(store, case.id)]
    return {key: form for bundle in (*before, bundle_of(store, case)) for key, form in bundle.forms.items()}


def variables_at(store: Store, case: Case, key: ActivityKey) -> Mapping[str, Any]:
    """Return what an open activity sees: the case's variables and, over them, those of the scopes around it."""
    if not case.state:
        return {}
    snapshot = snapshot_of(store, case, process_of(store, case))
    inner = next((waiting.inner for waiting in snapshot.waiting if waiting.activity == key), {})
    return {**snapshot.variables, **inner}


def carry_out(store: Store, case: Case, command: Command | engine.Reset, *, actor: Actor) -> Step:
    """Run one command on a locked, running case and write everything it caused.

    Raises ``WrongStateError`` when the case is not running or nothing waits there any more.
    """
    require_running(case)
    law = store.application.law
    bundle = bundle_of(store, case)
    process = bundle.processes[case.process_key]
    context = law.context(
        store,
        case,
        bundle=bundle,
        region=law.region(store, case.region_version_id),
        unit=store.need(Unit, case.unit_id),
        limits=limits_of_start(command.variables) if isinstance(command, Start) else None,
    )
    before = case.state
    try:
        if isinstance(command, Start):
            step = engine.start(process, command, context)
        else:
            step = engine.advance(process, case.state, command, context)
    except NotExpectedError as fault:
        code = "not-waiting" if isinstance(fault, ElementNotWaitingError) else fault.code
        message = f"Expected {case.id} to wait for this, but it does not: {fault}"
        raise WrongStateError(message, code=code, id=case.id) from fault
    except EngineError as fault:
        raise WorkflowError(str(fault), code=fault.code) from fault
    apply_step(store, case, step, process=process, bundle=bundle, actor=actor)
    if subject_names(process.title) & step.variables.keys():
        known = command.variables if isinstance(command, Start) else engine.inspect(process, before).variables
        after = snapshot_of(store, case, process).variables
        follow_subject(store, case, known, after, bundle=bundle, actor=actor)
    if process.recuse and case.status == CaseStatus.ACTIVE:
        look_for_parties(store, case, process.recuse, context, actor=actor)
    return step


def limits_of_start(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the limits that are given to a case with its first variables."""
    limits = variables.get(LIMITS)
    return limits if isinstance(limits, Mapping) else {}


def require_running(case: Case) -> None:
    """Raise ``WrongStateError`` unless the case is active."""
    if case.status != CaseStatus.ACTIVE:
        message = f"Expected case {case.id} to be active, but it is {case.status}."
        raise WrongStateError(message, code=f"case-{case.status}", id=case.id, status=case.status)
