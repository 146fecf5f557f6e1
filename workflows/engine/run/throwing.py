"""What is thrown inside a case: outwards from scope to scope, or to everybody (BPMN 2.0.2 §10.5.7).

Errors and escalations stop at the first scope that catches them: one of its event sub-processes, else its border.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.run.children import CAUGHT, is_ended_by
from workflows.engine.types import ActivityKey, Deliver, EscalationThrown, IncidentRaised, Outcome

if TYPE_CHECKING:
    from workflows.engine.run.case import Case
    from workflows.engine.run.token import Token


def throw_error(holder: Token, code: str | None, source: ActivityKey) -> None:
    """Throw an error that ends ``holder``, or the nearest activity around it that catches the code.

    Uncaught, it ends the case: BPMN leaves that open (§10.5.3), the design says outcome ``error`` and an incident.
    """
    if _caught(holder, "error", code):
        return
    case = holder.workflow
    case.end(Outcome("error", code))
    named = f"error {code}" if code else "an error without a code"
    message = f"Nothing around {source.element_id} catches {named}; the case has ended with it."
    case.effects.incidents[source] = IncidentRaised(source, "error-uncaught", message)


def throw_escalation(holder: Token, code: str | None, source: ActivityKey) -> None:
    """Throw an escalation to the nearest activity that catches it; uncaught, it leaves the case.

    Then nothing stops, unless an interrupting event around the call of this case catches it: that ends the case.
    """
    if _caught(holder, "escalation", code):
        return
    case = holder.workflow
    case.effects.escalations.append(EscalationThrown(source, code))
    if is_ended_by(case.root.memo.get(CAUGHT, ()), code):
        case.end(Outcome("cancelled"))


def broadcast(case: Case, signal: str, payload: Mapping[str, Any]) -> bool:
    """Let a signal reach everything in the case that waits for it now; False when nothing does."""
    command = Deliver("signal", signal, payload)
    waiting = [token for token in case.tasks.values() if token.task_spec.accepts(token, command)]
    for token in waiting:
        if token.is_alive and token.task_spec.accepts(token, command):
            token.task_spec.receive(token, command)
    return bool(waiting)


def _caught(holder: Token, kind: str, code: str | None) -> bool:
    for scope in holder.scopes():
        found = catcher_at(scope, kind, code)
        if found is not None:
            token, index = found
            token.task_spec.occur(token, index, token.task_spec.triggers[index].given(code))
            return True
    return False


def catcher_at(scope: Token, kind: str, code: str | None) -> tuple[Token, int] | None:
    """Find what catches this at one scope: its own handlers before its border, the exact code before any code."""
    found = []
    for child in scope.children:
        if not child.task_spec.is_beside:
            continue
        for index, trigger in enumerate(child.task_spec.triggers):
            if trigger.catches(kind, code):
                found.append((child.task_spec.is_boundary, trigger.code is None, child, index))
    found.sort(key=lambda entry: entry[:2])
    return (found[0][2], found[0][3]) if found else None
