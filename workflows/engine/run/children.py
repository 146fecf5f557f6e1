"""What a child case begins with: its values, whom it belongs to (``zc:unit``), and which escalations end it.

An escalation that an interrupting event around the call catches ends the called activity at once (BPMN 2.0.2 §10.5.6,
§13.5.4). The case that called is told by its inbox, later; so the child knows from its beginning what will end it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.expressions import Expression
from workflows.engine.run.faults import Fault
from workflows.engine.run.transfers import Transfers
from workflows.engine.run.variables import evaluate
from workflows.engine.types import Caught

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

CAUGHT = "caught"  # memo of the whole case
UNIT = "zc:unit"  # travels beside the values until the child is started; no name of a variable, for it holds a colon


def values_for_child(
    token: Token, into: Transfers, unit: Expression | None, nearest: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read what a child case gets, and under ``UNIT`` the code of the unit that it belongs to; or raise ``Fault``."""
    values = into.values(token, nearest)
    if unit is None:
        return values
    code = evaluate(token, unit, nearest)
    known = token.workflow.context.knows_unit
    if not isinstance(code, str) or not code or (known is not None and not known(code)):
        raise Fault("unit-unknown", f"Expected {unit.text} to be the code of a unit, but it is {code!r:.80}.")
    return {**values, UNIT: code}


def caught_around(token: Token) -> Caught:
    """List the escalations that are caught around a call, nearest first, those above this case last."""
    found: list[tuple[str | None, bool]] = []
    for scope in token.scopes():
        here = [
            (child.task_spec.is_boundary, trigger.code is None, trigger.code, child.task_spec.interrupting)
            for child in scope.children
            if child.task_spec.is_beside
            for trigger in child.task_spec.triggers
            if trigger.kind == "escalation"
        ]
        found += [(code, interrupts) for _, _, code, interrupts in sorted(here, key=lambda each: each[:2])]
    above = [(code, interrupts) for code, interrupts in token.workflow.root.memo.get(CAUGHT, ())]
    return (*found, *above)


def is_ended_by(caught: Caught, code: str | None) -> bool:
    """Tell whether the nearest that catches this escalation ends the case that threw it."""
    return next((interrupts for wanted, interrupts in caught if wanted in (None, code)), False)
