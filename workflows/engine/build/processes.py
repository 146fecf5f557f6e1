"""Builds the processes of a file: one net each, and one more for each isolated multi-instance body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from SpiffWorkflow.specs import WorkflowSpec

from workflows.engine.build.blocks import assign_blocks
from workflows.engine.build.compensation import connect_compensation, is_compensation
from workflows.engine.build.correlating import compile_correlations
from workflows.engine.build.elements import elements_of, flows_of, prefixed
from workflows.engine.build.nodes import Maker
from workflows.engine.limits import Limits
from workflows.engine.model import Arrow, Document, Sketch
from workflows.engine.model import Node as Drawn
from workflows.engine.process import Element, Process, StartPoint
from workflows.engine.specs.activities import SubProcess, WholeProcess
from workflows.engine.specs.event_subprocess import EventSubProcess, Listener
from workflows.engine.specs.events import ArmedActivity, BoundaryEvent
from workflows.engine.specs.gateways import Join
from workflows.engine.specs.loops import StandardLoop
from workflows.engine.specs.multi_instance import MultiInstanceInside
from workflows.engine.specs.node import Arc, Node
from workflows.engine.specs.throws import LinkCatchEvent, LinkThrowEvent
from workflows.engine.texts import compile_text
from workflows.engine.types import ActivityKind

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision

WHOLE = "#"
LISTENER = "#listener"


def build_processes(
    document: Document,
    sketch: Sketch,
    decisions: Mapping[str, Decision],
    limits: Limits,
    isolated: Sequence[str] = (),
) -> dict[str, Process]:
    """Build the process and its isolated bodies, by key."""
    built = {sketch.id: _Builder(document, sketch, decisions, limits, isolated, "").build()}
    for body in isolated:
        process = _Builder(document, sketch, decisions, limits, isolated, body).build()
        built[process.key] = process
    return built


class _Builder:
    """Builds the net of one scope: the whole process, or the body of one isolated sub-process."""

    def __init__(
        self,
        document: Document,
        sketch: Sketch,
        decisions: Mapping[str, Decision],
        limits: Limits,
        isolated: Sequence[str],
        top: str,
    ) -> None:
        self.document = document
        self.sketch = sketch
        self.isolated = isolated
        self.top = top
        self.key = f"{sketch.id}#{top}" if top else sketch.id
        self.net = WorkflowSpec(self.key)
        self.maker = Maker(self.net, document, decisions, limits, sketch.id, sketch.items)
        self.parents = {node.id: node.scope for node in sketch.nodes}
        self.drawn = [node for node in sketch.nodes if self._is_here(node.scope, stop=set(isolated))]
        self.arrows = [arrow for arrow in sketch.arrows if self._is_here(arrow.scope, stop=set(isolated))]
        self.specs: dict[str, Node] = {}

    def build(self) -> Process:
        """Make all specs, connect them, and describe the result."""
        shown = [node for node in self.sketch.nodes if self._is_here(node.scope, stop=set())]
        arrows = [arrow for arrow in self.sketch.arrows if self._is_here(arrow.scope, stop=set())]
        elements = elements_of(self.sketch, shown, arrows)
        whole = WholeProcess(self.net, WHOLE, Element("", self.sketch.name, "process", ActivityKind.SUB_PROCESS))
        for node in self.drawn:
            spec = self.maker.make(node, elements[node.id], isolated=node.id in self.isolated)
            self.specs[node.id] = spec
        self._connect()
        self._link()
        self._attach_borders()
        self._open_scopes(whole)
        connect_compensation(self.net, self.drawn, self.specs, self.sketch.associations)
        assign_blocks(self.net.task_specs.values())
        return Process(
            key=self.key,
            name=self._name(),
            file=self.document.file,
            elements=elements,
            flows=flows_of(shown, arrows),
            start_events=tuple(self._start_points()),
            documentation=self.sketch.documentation,
            attributes=prefixed(self.sketch.attributes, self.sketch.zc),
            net=self.net,
            whole=whole,
            without_start=whole.starts,
            together=self._together(),
            correlations=compile_correlations(self.document, self.sketch.id),
        )

    def _is_here(self, scope: str, *, stop: set[str]) -> bool:
        """Tell whether a scope lies in the one that is built, and not in an isolated body inside it."""
        while scope != self.top:
            if scope == "" or scope in stop:
                return False
            scope = self.parents[scope]
        return True

    def _name(self) -> str:
        if not self.top:
            return self.sketch.name
        return next(node.name for node in self.sketch.nodes if node.id == self.top)

    # ------------------------------------------------------------------ connecting

    def _connect(self) -> None:
        outgoing: dict[str, list[Arrow]] = {}
        incoming: dict[str, list[str]] = {}
        for arrow in self.arrows:
            outgoing.setdefault(arrow.source, []).append(arrow)
            incoming.setdefault(arrow.target, []).append(arrow.id)
        for node in self.drawn:
            spec = self.specs[node.id]
            default = node.attributes.get("default", "").strip().rpartition(":")[2]
            arrows = outgoing.get(node.id, [])
            spec.leads_to(tuple(self._arc(arrow, default or assumed_default(node, arrows)) for arrow in arrows))
            if isinstance(spec, Join):
                spec.incoming = tuple(incoming.get(node.id, ()))

    def _arc(self, arrow: Arrow, default: str) -> Arc:
        is_default = arrow.id == default
        condition = compile_text(arrow.condition) if arrow.condition is not None and not is_default else None
        return Arc(arrow.id, self.specs[arrow.target], condition, is_default)

    def _attach_borders(self) -> None:
        for node in self.drawn:
            spec = self.specs[node.id]
            if isinstance(spec, BoundaryEvent):
                host = self.specs[spec.element.attached_to]
                if isinstance(host, ArmedActivity):
                    host.borders = (*host.borders, spec)

    def _open_scopes(self, whole: WholeProcess) -> None:
        for node in self.drawn:
            spec = self.specs[node.id]
            body = spec.body if isinstance(spec, MultiInstanceInside | StandardLoop) else spec
            if isinstance(body, SubProcess):
                body.starts = self._starts_of(node)
                body.listeners = self._listeners_in(node.id)
        whole.starts = self._starts_of(None)
        whole.listeners = self._listeners_in(self.top)

    def _listeners_in(self, scope: str) -> tuple[Listener, ...]:
        """Make what waits for the event sub-processes of a scope."""
        made = []
        for handler in self.drawn:
            if handler.scope == scope and handler.flag("triggeredByEvent"):
                start = next(node for node in self.drawn if node.scope == handler.id and node.tag == "startEvent")
                if is_compensation(start):
                    continue  # it begins when its scope, completed, is undone
                listener = self.maker.events.listener(start, start.id + LISTENER, self.specs[start.id].element)
                spec = self.specs[handler.id]
                assert isinstance(spec, EventSubProcess)  # noqa: S101 - the maker made it so
                listener.handler = spec
                made.append(listener)
        return tuple(made)

    def _link(self) -> None:
        """Connect the links of each level by their names (§10.5.4)."""
        for node in self.drawn:
            spec = self.specs[node.id]
            if isinstance(spec, LinkThrowEvent):
                name = node.events[0].name
                spec.lead_to(
                    next(
                        self.specs[other.id]
                        for other in self.drawn
                        if other.scope == node.scope
                        and isinstance(self.specs[other.id], LinkCatchEvent)
                        and other.events[0].name == name
                    )
                )

    def _starts_of(self, holder: Drawn | None) -> tuple[Node, ...]:
        """Find where tokens begin: the none start event, else every node without incoming flow (§13.2)."""
        scope = self.top if holder is None else holder.id
        inside = [node for node in self.drawn if node.scope == scope]
        starts = [node for node in inside if node.tag == "startEvent"]
        if holder is not None and holder.flag("triggeredByEvent"):
            return tuple(self.specs[node.id] for node in starts)
        if starts:
            return tuple(self.specs[node.id] for node in starts if not node.events)
        targets = {arrow.target for arrow in self.arrows}
        return tuple(self.specs[node.id] for node in inside if node.id not in targets and node.may_begin)

    def _start_points(self) -> list[StartPoint]:
        starts = [node for node in self.drawn if node.tag == "startEvent" and node.scope == self.top]
        starts += [node for events in self._opening().values() for node in events]
        return [point for node in starts for point in self.maker.events.start_points(node)]

    def _opening(self) -> dict[str, list[Drawn]]:
        """List what opens a case beside start events: by instantiating gateway, or a receive task by itself."""
        drawn = {node.id: node for node in self.drawn if node.scope == self.top}
        targets = {arrow.target for arrow in self.arrows}
        opening: dict[str, list[Drawn]] = {}
        for node in drawn.values():
            if not node.flag("instantiate") or node.id in targets:
                continue
            if node.tag == "receiveTask":
                opening[node.id] = [node]
            elif node.tag == "eventBasedGateway":
                opening[node.id] = [drawn[arrow.target] for arrow in self.arrows if arrow.source == node.id]
        return opening

    def _together(self) -> dict[str, tuple[Node, ...]]:
        """Say of each event behind a parallel instantiating gateway which others the case then waits for."""
        found: dict[str, tuple[Node, ...]] = {}
        for key, events in self._opening().items():
            gateway = next(node for node in self.drawn if node.id == key)
            if gateway.attributes.get("eventGatewayType", "") == "Parallel":
                for event in events:
                    found[event.id] = tuple(self.specs[other.id] for other in events if other is not event)
        return found


def assumed_default(node: Drawn, arrows: Sequence[Arrow]) -> str:
    """Name the only flow without condition of an exclusive gateway that has no default flow."""
    bare = [arrow.id for arrow in arrows if arrow.condition is None]
    return bare[0] if node.tag == "exclusiveGateway" and len(arrows) > 1 and len(bare) == 1 else ""
