"""What a child case begins with: the values that are mapped into it, and whom it belongs to (``zc:unit``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.expressions import Expression
from workflows.engine.run.faults import Fault
from workflows.engine.run.transfers import Transfers
from workflows.engine.run.variables import evaluate

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

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
