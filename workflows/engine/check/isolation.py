"""Which multi-instance sub-processes become cases of their own: those that need nothing of the case while they run.

A body is isolated when it walks a collection, reads only its item, its counter, what ``zc:in`` captured at the start,
names that it writes itself and the roots of the context, writes only its output item, exchanges no message or signal
(it would be between the case and itself), holds nothing that may have to be compensated later, throws no escalation
that would end it (the case would hear of it too late), and no other multi-instance body lies around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from workflows.engine.check.graph import host_of
from workflows.engine.model import EventDefinition, Loop, Node, Sketch, Text
from workflows.engine.reasons import Reason
from workflows.engine.scripts import Script, compile_script
from workflows.engine.texts import TextFault, compile_text, compile_timer

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision

FormFields = Callable[[str], Collection[str] | None]
# The key of such a process is `<process>#<element>`; this is what an application stores of it.
_LONGEST_KEY = 120
_UNIT_OF_VARIABLE = re.compile(r"unit\(\s*(\w+)\s*\)")
COUNTERS = frozenset(
    {"numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances", "numberOfTerminatedInstances"}
    | {"nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfTerminatedInstances"}
)
_OF_DIALECTS = ("initial", "before", "local", "after")
_THROWING = ("intermediateThrowEvent", "endEvent")
ROOTS = frozenset({"case", "unit", "region", "parameters", "initiator", "today", "now"})


def is_multiple_body(node: Node) -> bool:
    """Tell whether this is a multi-instance embedded sub-process."""
    return node.tag == "subProcess" and node.loop is not None and node.loop.kind == "multi"


class Isolation:
    """Judges the multi-instance bodies of one process; ``fields`` tells what a form writes."""

    def __init__(self, sketch: Sketch, decisions: Mapping[str, Decision], fields: FormFields | None = None) -> None:
        self.sketch = sketch
        self.decisions = decisions
        self.fields = fields
        self.nodes = {node.id: node for node in sketch.nodes}
        self.contents: dict[str, list[Node]] = {}
        self.conditions: dict[str, list[Text]] = {}
        for node in sketch.nodes:
            self.contents.setdefault(node.scope, []).append(node)
        for arrow in sketch.arrows:
            if arrow.condition is not None:
                self.conditions.setdefault(arrow.source, []).append(arrow.condition)

    def bodies(self) -> tuple[str, ...]:
        """List the ids of the isolated sub-processes, outermost only."""
        bodies = [node for node in self.sketch.nodes if is_multiple_body(node)]
        return tuple(node.id for node in bodies if not self.why_not(node))

    def why_not(self, body: Node) -> Reason | None:
        """Say what keeps a body inside its case; None when it is isolated."""
        loop = body.loop
        if loop is None or loop.collection is None:
            return Reason("body-without-collection", "it does not walk a collection (zc:collection)")
        if any(is_multiple_body(node) for node in self._around(body)):
            return Reason("body-inside-another", "it lies inside another multi-instance sub-process")
        if len(self.sketch.id) + 1 + len(body.id) > _LONGEST_KEY:
            return Reason("body-id-too-long", "its id and that of the process are too long for a process of its own")
        inside = self._inside(body.id)
        return (
            self._why_not_data(body, loop, inside)
            or self._event_inside(body, inside)
            or self._why_not_reads(body, loop, inside)
        )

    def _why_not_data(self, body: Node, loop: Loop, inside: list[Node]) -> Reason | None:
        """Say what leaves the body otherwise than as its item."""
        passing = [node.id for node in inside if any(item.target == "*" for item in node.transfers)]
        passing += [body.id] if any(item.direction in _OF_DIALECTS for item in body.transfers) else []
        if passing:
            return Reason("body-passes-everything", f"{passing[0]} passes all variables", {"name": passing[0]})
        moving = [node.id for node in inside if node.data is not None]
        if moving:
            return Reason("body-moves-data", f"{moving[0]} has data associations", {"name": moving[0]})
        written = {name for node in inside for name in written_by(node)}
        forms = [node.id for node in inside if node.zc.get("form")]
        # zc:output keeps whatever an instance writes, an outputDataItem only itself
        kept = bool(loop.output) and (not loop.own_item or (not forms and written <= {loop.own_item}))
        if (written or forms) and not kept:
            writer = (forms or sorted(written))[0]
            message = f"{writer} writes variables and there is no output list (zc:output)"
            return Reason("body-writes", message, {"name": writer})
        return None

    def _why_not_reads(self, body: Node, loop: Loop, inside: list[Node]) -> Reason | None:
        """Say which variable of the case is read inside."""
        written = {name for node in inside for name in written_by(node)}
        written |= {name for node in inside for name in self._fields_of(node)}
        allowed = ROOTS | written | {loop.item, "loopCounter"} | {item.target for item in body.transfers}
        foreign = {name for text in self._texts(inside) for name in _names(text)} - allowed
        foreign |= {name for node in inside for name in self._names_beside_texts(node)} - allowed
        scripts = [script for node in inside if (script := _script_of(node)) is not None]
        # what a script writes may be the case's: `n = n + 1` reads what was there before
        own = allowed - {name for script in scripts for name in script.written}
        foreign |= {name for script in scripts for name in script.reads} - own
        if not foreign:
            return None
        return Reason("body-reads-case", f"it reads {min(foreign)} of the case", {"name": min(foreign)})

    def _event_inside(self, body: Node, inside: list[Node]) -> Reason | None:
        """Say which event inside is not the body's own affair."""
        waiting = [node.id for node in inside if _talks(node)]
        if waiting:
            message = f"{waiting[0]} exchanges messages or signals"
            return Reason("body-exchanges-messages", message, {"name": waiting[0]})
        undoing = [node.id for node in inside if _compensates(node)]
        if undoing:
            return Reason("body-compensates", f"{undoing[0]} may have to be undone", {"name": undoing[0]})
        raising = [node.id for node in inside if node.tag in _THROWING and _is_escalation(node)]
        if raising and self._is_ended_by_escalation(body):
            message = f"{raising[0]} throws an escalation that ends it"
            return Reason("body-ended-by-escalation", message, {"name": raising[0]})
        return None

    def _is_ended_by_escalation(self, body: Node) -> bool:
        """Tell whether an interrupting event around it waits for an escalation: on a border, or in a handler."""
        hosts = {body.id, *(node.id for node in self._around(body))}
        scopes = {body.scope, *(node.scope for node in self._around(body))}
        borders = [node for node in self.sketch.nodes if node.tag == "boundaryEvent" and host_of(node) in hosts]
        starts = [node for node in self.sketch.nodes if node.tag == "startEvent" and node.scope in self.nodes]
        handlers = [node for node in starts if self.nodes[node.scope].scope in scopes]
        return any(_is_escalation(node) and node.flag("cancelActivity", default=True) for node in borders) or any(
            _is_escalation(node) and node.flag("isInterrupting", default=True) for node in handlers
        )

    def _around(self, node: Node) -> Iterator[Node]:
        while node.scope in self.nodes:
            node = self.nodes[node.scope]
            yield node

    def _inside(self, scope: str) -> list[Node]:
        found = list(self.contents.get(scope, ()))
        for node in found:  # grows while we walk
            found.extend(self.contents.get(node.id, ()))
        return found

    def _fields_of(self, node: Node) -> Collection[str]:
        form = node.zc.get("form", "")
        return (self.fields(form) or ()) if self.fields is not None and form else ()

    def _texts(self, inside: list[Node]) -> Iterator[Text]:
        for node in inside:
            yield from self.conditions.get(node.id, ())
            if node.computed is not None:
                yield node.computed
            if node.child_unit is not None:
                yield node.child_unit
            for item in node.transfers:
                yield from item.texts()
                if item.source and item.direction != "out":
                    yield Text(item.source)

    def _names_beside_texts(self, node: Node) -> Iterator[str]:
        """List what timers, decisions and inner loops read, and what an owner names (``unit(variable)``)."""
        for event in node.events:
            if event.kind == "timer":
                yield from _names_of_timer(event)
            if event.condition is not None:
                yield from _names(event.condition)
        yield from _UNIT_OF_VARIABLE.findall(node.zc.get("owner", ""))
        decision = self.decisions.get(node.zc.get("decision", "")) if node.tag == "businessRuleTask" else None
        if decision is not None:
            yield from decision.names
        if node.loop is not None:
            texts = (
                node.loop.condition,
                node.loop.cardinality,
                node.loop.collection,
                node.loop.completion,
                node.loop.output_item,
            )
            own = {node.loop.item, node.loop.own_item, node.loop.output, "loopCounter"}
            for text in texts:
                yield from (_names(text) if text is not None else frozenset()) - own - COUNTERS


def _compensates(node: Node) -> bool:
    return node.flag("isForCompensation") or any(event.kind in ("compensate", "cancel") for event in node.events)


def _talks(node: Node) -> bool:
    return node.tag in ("sendTask", "receiveTask") or any(event.kind in ("message", "signal") for event in node.events)


def _is_escalation(node: Node) -> bool:
    return any(event.kind == "escalation" for event in node.events)


def written_by(node: Node) -> Iterator[str]:
    """List the variables that a node writes when it is done, forms aside."""
    if node.zc.get("result"):
        yield node.zc["result"]
    script = _script_of(node)
    if script is not None:
        yield from script.written
    for item in node.transfers:
        if item.direction in ("out", *_OF_DIALECTS):
            yield item.target
    if node.loop is not None and node.loop.output:
        yield node.loop.output
    for event in node.events:
        yield from (name for name in (event.code_variable, event.message_variable) if name)


def _script_of(node: Node) -> Script | None:
    if node.tag != "scriptTask" or "script" not in node.texts:
        return None
    try:
        return compile_script(node.texts["script"], node.zc.get("result", ""))
    except TextFault:
        return None


def _names_of_timer(event: EventDefinition) -> frozenset[str]:
    try:
        timer = compile_timer(event)
    except TextFault:
        return frozenset()
    return timer.expression.names if timer.expression is not None else frozenset()


def _names(text: Text) -> frozenset[str]:
    try:
        return compile_text(text).names
    except TextFault:
        return frozenset()
