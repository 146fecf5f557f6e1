"""Finds out what undoes what: handlers on borders, compensation event sub-processes, and scopes worth remembering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workflows.engine.check.graph import handlers_of, host_of
from workflows.engine.model import Node as Drawn
from workflows.engine.specs.activities import SubProcess
from workflows.engine.specs.compensation import Carrier, CompensateThrowEvent, UndoScope
from workflows.engine.specs.event_subprocess import EventSubProcess
from workflows.engine.specs.loops import StandardLoop
from workflows.engine.specs.multi_instance import MultiInstanceInside
from workflows.engine.specs.node import Node
from workflows.engine.specs.throws import MultipleThrowEvent

if TYPE_CHECKING:
    from SpiffWorkflow.specs import WorkflowSpec

UNDONE = "#undo"


def connect_compensation(
    net: WorkflowSpec,
    drawn: Sequence[Drawn],
    specs: Mapping[str, Node],
    associations: Sequence[tuple[str, str]],
) -> None:
    """Tell every spec how it is undone; what has nothing that could be undone is not remembered."""
    by_id = {node.id: node for node in drawn}
    for border in drawn:
        if border.tag == "boundaryEvent" and is_compensation(border):
            for handler in handlers_of(border, associations, by_id):
                host = specs[host_of(border)]
                host.undone_by, host.undo_border, host.is_undoable = specs[handler.id], border.id, True
    for node in reversed(drawn):  # what is inside comes after what is around it
        _connect_scope(net, node, drawn, specs)
        spec = specs[node.id]
        if isinstance(spec, MultipleThrowEvent):
            for part in spec.parts:
                _give_carrier(net, part)
        _give_carrier(net, spec)


def _connect_scope(net: WorkflowSpec, node: Drawn, drawn: Sequence[Drawn], specs: Mapping[str, Node]) -> None:
    spec = specs[node.id]
    body = spec.body if isinstance(spec, MultiInstanceInside | StandardLoop) else spec
    if not isinstance(body, SubProcess):
        body.is_undoable = spec.is_undoable
        return
    inside = [each for each in drawn if each.scope == node.id]
    handlers = [specs[each.id] for each in inside if each.flag("triggeredByEvent") and _starts_by_it(each, drawn)]
    holds = bool(handlers) or any(specs[each.id].is_undoable for each in inside)
    if not holds:
        body.is_undoable = spec.is_undoable
        return
    undo = UndoScope(net, node.id + UNDONE, body.element)
    undo.original = spec
    undo.handler = handlers[0] if handlers and isinstance(handlers[0], EventSubProcess) else None
    body.undo_scope, body.is_undoable, spec.is_undoable = undo, True, True


def _starts_by_it(handler: Drawn, drawn: Sequence[Drawn]) -> bool:
    return any(each.scope == handler.id and each.tag == "startEvent" and is_compensation(each) for each in drawn)


def _give_carrier(net: WorkflowSpec, spec: Node) -> None:
    if isinstance(spec, CompensateThrowEvent) and not spec.waits:
        spec.carrier = Carrier(net, spec.name + UNDONE, spec.element)


def is_compensation(node: Drawn) -> bool:
    """Tell whether an event is one of compensation."""
    return any(event.kind == "compensate" for event in node.events)
