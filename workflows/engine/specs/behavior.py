"""Events that a multi-instance activity throws while its instances complete (BPMN 2.0.2 §10.3.8, Table 10.30)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflows.engine.run.throwing import broadcast, throw_escalation
from workflows.engine.specs.triggers import ESCALATION, SIGNAL, Trigger
from workflows.engine.types import MessageThrown

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token

EACH, FIRST = "each", "first"


@dataclass(frozen=True, slots=True)
class Telling:
    """What is thrown: with each instance that completes, with the first, or whenever a condition holds."""

    when: str
    trigger: Trigger
    condition: Expression | None = None

    def tell(self, token: Token) -> None:
        """Throw it at the activity as a whole: events on its border may catch it."""
        trigger, case = self.trigger, token.workflow
        if trigger.kind == ESCALATION:
            throw_escalation(token, trigger.code, token.key)
            return
        case.effects.thrown.append(MessageThrown(token.key, trigger.kind, trigger.name, {}))
        if trigger.kind == SIGNAL:
            broadcast(case, trigger.name, {})
