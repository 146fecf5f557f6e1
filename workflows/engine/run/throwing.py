"""Errors and escalations travel outwards from scope to scope until a border event catches them (BPMN 2.0.2 §10.5.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.engine.types import ActivityKey, EscalationThrown, IncidentRaised, Outcome

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


def throw_error(holder: Token, code: str | None, source: ActivityKey) -> None:
    """Throw an error that ends ``holder``, or the nearest activity around it whose border catches the code.

    Uncaught, it ends the case: BPMN leaves that open (§10.5.3), the design says outcome ``error`` and an incident.
    """
    catcher = _catcher(holder, "error", code)
    if catcher is not None:
        catcher.task_spec.happen(catcher)
        return
    case = holder.workflow
    case.end(Outcome("error", code))
    named = f"error {code}" if code else "an error without a code"
    message = f"Nothing around {source.element_id} catches {named}; the case has ended with it."
    case.effects.incidents[source] = IncidentRaised(source, "error-uncaught", message)


def throw_escalation(holder: Token, code: str | None, source: ActivityKey) -> None:
    """Throw an escalation to the nearest activity that catches it; uncaught, it leaves the case and nothing stops."""
    catcher = _catcher(holder, "escalation", code)
    if catcher is not None:
        catcher.task_spec.happen(catcher)
        return
    holder.workflow.effects.escalations.append(EscalationThrown(source, code))


def _catcher(holder: Token, trigger: str, code: str | None) -> Token | None:
    for scope in holder.scopes():
        children: list[Token] = scope.children
        fitting = [
            child for child in children if child.task_spec.is_boundary and child.task_spec.catches(trigger, code)
        ]
        exact = [border for border in fitting if border.task_spec.code is not None]
        if fitting:
            return (exact or fitting)[0]
    return None
