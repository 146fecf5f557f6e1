"""A compiled process: what the application may read of it, and the net that the run moves tokens through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from SpiffWorkflow.specs import WorkflowSpec

from workflows.engine.expressions import Expression
from workflows.engine.model import EventDefinition
from workflows.engine.run.timers import Timer
from workflows.engine.types import ActivityKind, Finding, Severity

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision
    from workflows.engine.specs.activities import WholeProcess
    from workflows.engine.specs.correlating import Correlation
    from workflows.engine.specs.node import Node


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node as the diagram describes it. ``type`` is its tag in BPMN, ``scope`` the sub-process around it."""

    id: str
    name: str
    type: str
    kind: ActivityKind
    scope: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    owner: str = ""
    form: str = ""
    deadline: str = ""
    clause: str = ""
    documentation: str = ""
    lane: str = ""
    attached_to: str = ""
    events: tuple[EventDefinition, ...] = ()
    is_multi_instance: bool = False
    item: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def recuse(self) -> str:
        """The FEEL expression of who may not take the step (``zc:recuse``)."""
        return self.attributes.get("zc:recuse", "")

    @property
    def copy(self) -> str:
        """The candidate expression of who gets a copy with the end of the step (``zc:copy``)."""
        return self.attributes.get("zc:copy", "")

    @property
    def signs(self) -> bool:
        """Tell whether completing it takes a signature (``zc:sign``)."""
        return self.attributes.get("zc:sign") == "true"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``is_given`` is False when the file gives it no id and one was made up."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    is_default: bool = False
    clause: str = ""
    scope: str = ""
    is_given: bool = True
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class StartPoint:
    """One trigger of a start event of the process: none, message, timer, signal or conditional."""

    id: str
    kind: str
    name: str = ""
    message: str = ""
    timer: Timer | None = None
    signal: str = ""
    condition: Expression | None = None
    trigger: int = 0  # its place among the triggers of the start event


@dataclass(frozen=True, slots=True)
class Process:
    """One process that can run. ``key`` is its id, ``<id>#<element>`` for an isolated multi-instance body."""

    key: str
    name: str
    file: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    start_events: tuple[StartPoint, ...]
    documentation: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    net: WorkflowSpec = field(default=None, repr=False, compare=False)
    whole: WholeProcess = field(default=None, repr=False, compare=False)  # type: ignore[assignment]
    without_start: tuple[Node, ...] = field(default=(), repr=False, compare=False)
    correlations: Mapping[str, Correlation] = field(default_factory=dict, compare=False)  # by the name of a message
    together: Mapping[str, tuple[Node, ...]] = field(default_factory=dict, repr=False, compare=False)

    def element(self, element_id: str) -> Element:
        """Return the element with this id, or raise ``KeyError``."""
        return self.elements[element_id]

    def start_event(self, element_id: str | None = None) -> StartPoint | None:
        """Return this start event, or the none start event; None when there is no such."""
        for start in self.start_events:
            if start.id == element_id or (element_id is None and start.kind == "none"):
                return start
        return None

    @property
    def title(self) -> str:
        """The FEEL expression of a case's title (``zc:title``)."""
        return self.attributes.get("zc:title", "")

    @property
    def clause(self) -> str:
        return self.attributes.get("zc:clause", "")

    @property
    def deadline(self) -> str:
        """The rule of the limit for the whole case (``zc:deadline``)."""
        return self.attributes.get("zc:deadline", "")

    @property
    def classification(self) -> str:
        return self.attributes.get("zc:classification", "")

    @property
    def recuse(self) -> str:
        """The FEEL expression of who is a party to its cases and kept out of them (``zc:recuse``)."""
        return self.attributes.get("zc:recuse", "")

    @property
    def copy(self) -> str:
        """The candidate expression of who gets a copy as a case begins (``zc:copy``)."""
        return self.attributes.get("zc:copy", "")

    @property
    def keeps_out(self) -> bool:
        """Tell whether the process or a step of it keeps parties out."""
        return bool(self.recuse) or any(element.recuse for element in self.elements.values())


@dataclass(frozen=True, slots=True)
class Compilation:
    """What became of an upload: processes and decisions when it was accepted, and every finding."""

    processes: Mapping[str, Process]
    decisions: Mapping[str, Decision]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == Severity.ERROR)

    @property
    def is_accepted(self) -> bool:
        return not self.errors
