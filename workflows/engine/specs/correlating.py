"""Correlation: which of several waiting cases a message is for (BPMN 2.0.2 §8.4.2).

A value is the canonical text of a list of plain data, so that equal data are equal texts, in a state and in a table.
A waiting event has a value of its own, or that of the conversation: what the first message of the key said that the
case has sent or received. A message carries what the key reads from its payload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workflows.engine.expressions import Expression, ExpressionError
from workflows.engine.run.faults import Fault
from workflows.engine.run.variables import evaluate
from workflows.engine.values import dumps

if TYPE_CHECKING:
    from workflows.engine.run.case import Case
    from workflows.engine.run.token import Token
    from workflows.engine.types import Context

KEYS = "correlations"
LONGEST = 200


def correlation_text(values: Sequence[Any]) -> str:
    """Write the values of a key as one text: equal exactly when the data are equal, whatever digits a number has."""
    text = dumps([_plain(value) for value in values])
    return text if len(text) <= LONGEST else f"sha256:{sha256(text.encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Correlation:
    """How messages of one name find a case. ``key`` is the standard's, empty where a dialect says the value itself.

    ``own`` is what a waiting case computes (none: the conversation says it), ``carried`` what is read from a payload.
    """

    key: str = ""
    own: tuple[Expression, ...] = ()
    carried: tuple[Expression, ...] = ()

    def computed(self, token: Token, payload: Mapping[str, Any] | None = None) -> str | None:
        """Compute the value of its own that ``token`` waits for, None when it has none; raise ``Fault`` on null."""
        values = [evaluate(token, expression, payload) for expression in self.own]
        if None in values:
            nothing = self.own[values.index(None)].text
            raise Fault("correlation-null", f"Expected {nothing} to say which messages are meant, but it is null.")
        return correlation_text(values) if values else None

    def of_conversation(self, case: Case) -> str | None:
        """Return what the first message of the key has said; None before that."""
        said: Mapping[str, str] = case.root.memo.get(KEYS, {})
        return said.get(self.key)

    def read(self, payload: Mapping[str, Any], context: Context) -> str | None:
        """Read the value that a message carries; None when it has not everything that the key asks for."""
        try:
            values = [each.evaluate(payload, now=context.now, functions=context.functions) for each in self.carried]
        except ExpressionError:
            return None
        return correlation_text(values) if values and None not in values else None

    def sent(self, token: Token, payload: Mapping[str, Any]) -> str | None:
        """Return the value of a message that ``token`` sends; the first of its key begins the conversation."""
        if not self.carried:
            return self.computed(token, payload)
        value = self.read(payload, token.workflow.context)
        self.begin(token.workflow, value)
        return value

    def begin(self, case: Case, value: str | None) -> None:
        """Note what a first message has said: everything in the case that waits by the same key follows it."""
        if not self.key or self.own or value is None or self.of_conversation(case) is not None:
            return
        case.root.memo.setdefault(KEYS, {})[self.key] = value
        for token in case.tasks.values():
            for kind, name in token.task_spec.awaits(token):
                if token.task_spec.expects(token, kind, name) == value:
                    case.effects.renew(token.key, kind, name, value)
