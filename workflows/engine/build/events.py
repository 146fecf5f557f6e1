"""Makes the specs of events: what they wait for, what they throw, where they go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflows.engine.build.correlating import compile_correlation
from workflows.engine.build.mappings import thrown_data
from workflows.engine.model import Document, EventDefinition
from workflows.engine.model import Node as Drawn
from workflows.engine.process import Element, StartPoint
from workflows.engine.specs import events, throws
from workflows.engine.specs.catching import CatchEvent
from workflows.engine.specs.compensation import CancelEndEvent, CompensateThrowEvent, CompensationBorder
from workflows.engine.specs.correlating import Correlation
from workflows.engine.specs.event_subprocess import Listener
from workflows.engine.specs.node import Node
from workflows.engine.specs.triggers import CONDITIONAL, ERROR, ESCALATION, MESSAGE, SIGNAL, TIMER, Trigger
from workflows.engine.texts import compile_text, compile_timer

if TYPE_CHECKING:
    from SpiffWorkflow.specs import WorkflowSpec

PART = "#part"
# what ends the scope comes after everything that is only told
_LAST = ("error", "cancel", "terminate")


@dataclass(frozen=True, slots=True)
class EventMaker:
    """What is needed to make events: the net and the file's messages, signals, errors and escalations."""

    net: WorkflowSpec
    document: Document
    process_id: str = ""

    # ------------------------------------------------------------------ waiting

    def triggers(self, drawn: Drawn) -> tuple[Trigger, ...]:
        """Compile what an event waits for."""
        return tuple(self.trigger(definition) for definition in drawn.events)

    def trigger(self, definition: EventDefinition) -> Trigger:
        """Compile one definition."""
        kind = definition.kind
        if kind == TIMER:
            return Trigger(kind, timer=compile_timer(definition))
        if kind == CONDITIONAL and definition.condition is not None:
            return Trigger(kind, condition=compile_text(definition.condition))
        if kind in (ERROR, ESCALATION):
            return Trigger(
                kind,
                code=self._code(definition),
                code_variable=definition.code_variable,
                message_variable=definition.message_variable,
            )
        if kind == MESSAGE:
            return Trigger(kind, name=self.name_of(definition.ref), correlation=self.correlation_of(definition.ref))
        return Trigger(kind, name=self.name_of(definition.ref) if kind == SIGNAL else "")

    def catcher(self, drawn: Drawn, name: str, element: Element) -> Node:
        """Make an intermediate catching event."""
        if drawn.events[0].kind == "link":
            return throws.LinkCatchEvent(self.net, name, element)
        return self._waiting(CatchEvent(self.net, name, element), drawn)

    def border(self, drawn: Drawn, name: str, element: Element) -> Node:
        """Make a boundary event."""
        if drawn.events[0].kind == "compensate":
            return CompensationBorder(self.net, name, element)
        spec = events.BoundaryEvent(self.net, name, element)
        spec.interrupting = drawn.flag("cancelActivity", default=True)
        return self._waiting(spec, drawn)

    def listener(self, drawn: Drawn, name: str, element: Element) -> Listener:
        """Make what waits for the start event of an event sub-process."""
        spec = Listener(self.net, name, element)
        spec.interrupting = drawn.flag("isInterrupting", default=True)
        self._waiting(spec, drawn)
        return spec

    def start(self, drawn: Drawn, name: str, element: Element) -> Node:
        """Make a start event: one that needs several triggers waits inside the case for those that are missing."""
        if len(drawn.events) > 1 and drawn.flag("parallelMultiple") and not drawn.scope:
            return self._waiting(events.ParallelStartEvent(self.net, name, element), drawn)
        return events.StartEvent(self.net, name, element)

    def _waiting(self, spec: CatchEvent, drawn: Drawn) -> CatchEvent:
        spec.triggers = self.triggers(drawn)
        spec.parallel = len(spec.triggers) > 1 and drawn.flag("parallelMultiple")
        return spec

    def start_points(self, drawn: Drawn) -> list[StartPoint]:
        """Describe a start event of the process: once for each of its triggers."""
        if not drawn.events:
            return [StartPoint(drawn.id, "none", drawn.name)]
        return [
            StartPoint(
                drawn.id,
                trigger.kind,
                drawn.name,
                message=trigger.name if trigger.kind == MESSAGE else "",
                timer=trigger.timer,
                signal=trigger.name if trigger.kind == SIGNAL else "",
                condition=trigger.condition,
                trigger=index,
            )
            for index, trigger in enumerate(self.triggers(drawn))
        ]

    # ------------------------------------------------------------------ throwing

    def thrower(self, drawn: Drawn, name: str, element: Element) -> Node:
        """Make an end event or an intermediate throwing one."""
        if not drawn.events:
            kind = throws.EndEvent if drawn.tag == "endEvent" else throws.NoneThrowEvent
            return kind(self.net, name, element)
        if drawn.events[0].kind == "link":
            return throws.LinkThrowEvent(self.net, name, element)
        if len(drawn.events) == 1:
            return self._throw(drawn, drawn.events[0], name, element)
        spec = throws.MultipleThrowEvent(self.net, name, element)
        ordered = sorted(drawn.events, key=lambda definition: definition.kind in _LAST)
        spec.parts = tuple(
            self._throw(drawn, definition, f"{name}{PART}{number}", element)
            for number, definition in enumerate(ordered)
        )
        return spec

    def _throw(self, drawn: Drawn, definition: EventDefinition, name: str, element: Element) -> throws.ThrowEvent:
        match definition.kind:
            case "terminate":
                return throws.TerminateEndEvent(self.net, name, element)
            case "error":
                error = throws.ErrorEndEvent(self.net, name, element)
                error.code = self._code(definition)
                return error
            case "escalation":
                escalation = throws.EscalationThrowEvent(self.net, name, element)
                escalation.code = self._code(definition)
                return escalation
            case "compensate":
                compensation = CompensateThrowEvent(self.net, name, element)
                compensation.activity, compensation.waits = definition.activity, definition.waits
                return compensation
            case "cancel":
                return CancelEndEvent(self.net, name, element)
            case "signal":
                signal = throws.SignalThrowEvent(self.net, name, element)
                signal.signal = self.name_of(definition.ref)
                signal.inputs_given = thrown_data(drawn)
                return signal
        message = throws.MessageThrowEvent(self.net, name, element)
        message.message, message.correlation = self.name_of(definition.ref), self.correlation_of(definition.ref)
        message.inputs_given = thrown_data(drawn)
        return message

    def name_of(self, reference: str) -> str:
        """Name the message or signal that is referred to."""
        root = self.document.roots.get(reference)
        return root.name if root is not None else ""

    def correlation_of(self, reference: str) -> Correlation | None:
        """Compile how a message that is referred to finds its case."""
        return compile_correlation(self.document, self.process_id, reference)

    def _code(self, definition: EventDefinition) -> str | None:
        root = self.document.roots.get(definition.ref)
        return (root.code or None) if root is not None else None
