"""Cases 办件: start, suspend, resume, cancel, and deliver messages to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import engine, ledger
from workflows.access import Actor
from workflows.copies import copy_by_diagram
from workflows.creating import new_case
from workflows.ending import end_case
from workflows.engine.types import Cancel, Deliver, Outcome, Start
from workflows.engine.values import from_json
from workflows.errors import NotAllowedError, NotFoundError, StaleVersionError, WrongStateError
from workflows.queries.access import sees_case
from workflows.running import bundle_of, carry_out, limits_of_start, process_of
from workflows.steps import begin
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store.definitions import resolve_definition
from workflows.tables import (
    Case,
    CaseStatus,
    DefinitionStatus,
    Occurrence,
    Role,
    Unit,
)
from workflows.titles import case_title


def start_case(
    store: Store,
    *,
    definition: str,
    unit_id: str,
    actor: Actor,
    title: str | None = None,
    variables: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    occurrence: Occurrence | None = None,
) -> Case:
    """Start a case of ``definition`` (``key`` or ``key:version``) for a unit and run its first automatic steps.

    Raises ``NotAllowedError`` unless the actor holds a post at the unit or supervises it, and ``WrongStateError``
    for a version that is neither active nor on trial.
    """
    version = resolve_definition(store, definition)
    unit = store.need(Unit, unit_id)
    require_starter(actor, unit)
    if version.status not in {DefinitionStatus.ACTIVE, DefinitionStatus.TRIAL}:
        message = f"Expected {version.key}:{version.version} to be active, but it is {version.status}."
        raise WrongStateError(message, code="definition-not-active", status=version.status)
    region_id = store.application.law.region_for_unit(store, unit)
    case = new_case(store, version, version.key, unit.id, region_id, actor=actor)
    case.title = title or ""
    case.business_key = business_key
    case.occurrence_id = occurrence.id if occurrence else None
    store.add(case)
    _begin(store, case, Start(dict(variables or {})), actor=actor)
    return case


def require_starter(actor: Actor, unit: Unit) -> None:
    """Raise ``NotAllowedError`` unless the actor holds a post at the unit, supervises or administers it."""
    if actor.is_system or any(post.unit_id == unit.id for post in actor.posts):
        return
    if not actor.has_role(Role.SUPERVISOR, Role.FLOWADMIN, unit_path=unit.path):
        message = f"Expected {actor.code} to hold a post at {unit.code} or to supervise it."
        raise NotAllowedError(message, code="not-of-this-unit", unit=unit.code)


def _begin(store: Store, case: Case, command: Start, *, actor: Actor) -> None:
    variables = command.variables
    bundle = bundle_of(store, case)
    process = bundle.processes[case.process_key]
    if not case.title:
        case.title = case_title(store, case, variables, bundle=bundle)
    content = {"definition": f"{bundle.key}:{bundle.version}", "unit": case.unit_id, "variables": sorted(variables)}
    ledger.record(store, f"case:{case.id}", "case-started", content, actor=actor)
    begin(store, case, process, bundle=bundle, limits=limits_of_start(variables))
    copy_by_diagram(store, case, process.copy, actor=actor, variables=variables)
    carry_out(store, case, command, actor=actor)


def begin_created(store: Store, case: Case, payload: Mapping[str, Any], *, actor: Actor) -> None:
    """Begin a case that another case created (consumed from its inbox)."""
    if not case.state:
        caught = tuple((code, bool(ends)) for code, ends in payload.get("caught", ()))
        command = Start(from_json(payload["variables"]), payload.get("start_event"), payload.get("trigger"), caught)
        _begin(store, case, command, actor=actor)


def _managed(store: Store, case_id: str, actor: Actor, expected_version: int | None) -> Case:
    """Lock a case that the actor may govern, or raise: whoever supervises or administers its unit."""
    case = stored.lock_case(store, case_id)
    if not sees_case(store, case, actor=actor):
        message = f"Expected case {case_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    actor.require_role(Role.SUPERVISOR, Role.FLOWADMIN, unit_path=store.need(Unit, case.unit_id).path)
    require_version(case.row_version, expected_version)
    return case


def require_version(row_version: int, expected: int | None) -> None:
    """Raise ``StaleVersionError`` when the caller read an older version."""
    if expected is not None and expected != row_version:
        message = f"Expected version {expected}, but it is {row_version} by now."
        raise StaleVersionError(message, version=row_version)


def suspend_case(store: Store, case_id: str, reason: str, *, actor: Actor, expected_version: int | None = None) -> Case:
    """Hold a case and its children: nobody works on them and no timer fires until resumed. No clock stops by this."""
    case = _managed(store, case_id, actor, expected_version)
    _require_status(case, CaseStatus.ACTIVE)
    hold(store, case)
    _record_reason(store, case, "case-suspended", reason, actor=actor)
    return case


def resume_case(store: Store, case_id: str, *, actor: Actor, expected_version: int | None = None) -> Case:
    """Let a suspended case run again: what fell due meanwhile fires in the order of its dates."""
    case = _managed(store, case_id, actor, expected_version)
    _require_status(case, CaseStatus.SUSPENDED)
    let_go(store, case)
    ledger.record(store, f"case:{case.id}", "case-resumed", {}, actor=actor)
    return case


def hold(store: Store, case: Case) -> None:
    """Suspend a locked case; its children are told by their inboxes."""
    case.status = CaseStatus.SUSPENDED
    case.row_version += 1
    _tell_children(store, case, "suspend")


def let_go(store: Store, case: Case) -> None:
    """Let a locked case run again, and those of its children that were suspended with it."""
    case.status = CaseStatus.ACTIVE
    case.row_version += 1
    _tell_children(store, case, "resume")
    store.wake_after_commit(case.id)


def _tell_children(store: Store, case: Case, kind: str) -> None:
    for child in stored.running_children(store, case.id):
        key = f"{kind}:{child.id}:{case.row_version}"
        stored.send_to_case(store, child.id, kind, {"reason": "parent"}, key=key, source_case_id=case.id)


def cancel_case(store: Store, case_id: str, reason: str, *, actor: Actor, expected_version: int | None = None) -> Case:
    """End a case before its end: everything open closes as cancelled, children are told by their inboxes."""
    case = _managed(store, case_id, actor, expected_version)
    if case.status not in {CaseStatus.ACTIVE, CaseStatus.SUSPENDED}:
        _require_status(case, CaseStatus.ACTIVE)
    _record_reason(store, case, "case-cancelled", reason, actor=actor)
    end_early(store, case, reason, actor=actor)
    return case


def end_early(store: Store, case: Case, reason: str, *, actor: Actor) -> None:
    """Cancel a locked case that has not ended, suspended or not; one that never began has nothing to close."""
    case.status = CaseStatus.ACTIVE
    if case.state:
        carry_out(store, case, Cancel(reason), actor=actor)
        return
    end_case(store, case, Outcome("cancelled"), {}, actor=actor)
    case.row_version += 1


def deliver_message(
    store: Store,
    case_id: str,
    name: str,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    correlation: str | None = None,
    expected_version: int | None = None,
) -> Case:
    """Deliver a message to a case that waits for it, or raise ``WrongStateError`` (code ``message-not-expected``)."""
    case = _managed(store, case_id, actor, expected_version)
    waiting = {item.name for item in stored.subscriptions_of_case(store, case.id) if item.kind == "message"}
    if name not in waiting:
        message = f"Expected case {case.id} to wait for message {name}, but it does not."
        raise WrongStateError(message, code="message-not-expected", name=name)
    carry_out(store, case, Deliver("message", name, payload, correlation), actor=actor)
    ledger.record(store, f"case:{case.id}", "message-delivered", {"name": name}, actor=actor)
    return case


def _require_status(case: Case, status: CaseStatus) -> None:
    if case.status != status:
        message = f"Expected case {case.id} to be {status}, but it is {case.status}."
        raise WrongStateError(message, code=f"case-{case.status}", id=case.id, status=case.status)


def _record_reason(store: Store, case: Case, kind: str, reason: str, *, actor: Actor) -> None:
    sealed = ledger.seal(store, reason, kind)
    ledger.record(store, f"case:{case.id}", kind, {"reason": ledger.reference(sealed)}, actor=actor)


def variables_of(store: Store, case: Case) -> Mapping[str, Any]:
    """Return the case's top-level variables as plain data."""
    return engine.inspect(process_of(store, case), case.state).variables if case.state else {}
