"""What an event waits for: one trigger for each of its definitions (BPMN 2.0.2 §10.5.5, Table 10.93)."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine.expressions import Expression
from workflows.engine.run.timers import Timer
from workflows.engine.specs.correlating import Correlation

MESSAGE = "message"
SIGNAL = "signal"
TIMER = "timer"
CONDITIONAL = "conditional"
ERROR = "error"
ESCALATION = "escalation"
CANCEL = "cancel"
COMPENSATE = "compensate"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event definition, compiled. ``code`` is that of an error or escalation, None catches any."""

    kind: str
    name: str = ""  # of the message or signal
    timer: Timer | None = None
    condition: Expression | None = None
    code: str | None = None
    correlation: Correlation | None = None  # of a message
    code_variable: str = ""  # takes the code of what is caught
    message_variable: str = ""  # takes the words that came with it

    @property
    def is_named(self) -> bool:
        """Tell whether it comes from outside by its name, so that the case must be subscribed to it."""
        return self.kind in (MESSAGE, SIGNAL)

    @property
    def is_thrown(self) -> bool:
        """Tell whether it only comes from inside the case, thrown outwards from scope to scope (§10.5.7)."""
        return self.kind in (ERROR, ESCALATION, CANCEL, COMPENSATE)

    def given(self, code: str | None, message: str | None = None) -> dict[str, str | None]:
        """Give the variables that hold what was caught."""
        named = ((self.code_variable, code), (self.message_variable, message))
        return {variable: value for variable, value in named if variable}

    def catches(self, kind: str, code: str | None) -> bool:
        """Tell whether an error, escalation or cancel with this code is caught here."""
        return self.kind == kind and self.code in (None, code)
