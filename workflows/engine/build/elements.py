"""What the application may know of each element, taken from the neutral model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.engine.model import Arrow, Node, Sketch
from workflows.engine.process import Element, Flow
from workflows.engine.read.parts import local_id
from workflows.engine.types import ActivityKind

_KINDS = {
    "task": ActivityKind.MANUAL_TASK,
    "manualTask": ActivityKind.MANUAL_TASK,
    "userTask": ActivityKind.USER_TASK,
    "serviceTask": ActivityKind.SERVICE_TASK,
    "scriptTask": ActivityKind.SERVICE_TASK,
    "sendTask": ActivityKind.SERVICE_TASK,
    "businessRuleTask": ActivityKind.BUSINESS_RULE_TASK,
    "subProcess": ActivityKind.SUB_PROCESS,
    "adHocSubProcess": ActivityKind.SUB_PROCESS,
    "transaction": ActivityKind.SUB_PROCESS,
    "callActivity": ActivityKind.CALL_ACTIVITY,
}


def kind_of(node: Node) -> ActivityKind:
    """Name the kind of a node, without its multiplicity."""
    if node.tag.endswith("Gateway"):
        return ActivityKind.GATEWAY
    return _KINDS.get(node.tag, ActivityKind.EVENT)


def elements_of(sketch: Sketch, nodes: Iterable[Node], arrows: Iterable[Arrow]) -> dict[str, Element]:
    """Describe the nodes of a process or of one sub-process."""
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for arrow in arrows:
        outgoing.setdefault(arrow.source, []).append(arrow.id)
        incoming.setdefault(arrow.target, []).append(arrow.id)
    return {
        node.id: _element(sketch, node, tuple(incoming.get(node.id, ())), tuple(outgoing.get(node.id, ())))
        for node in nodes
    }


def _element(sketch: Sketch, node: Node, incoming: tuple[str, ...], outgoing: tuple[str, ...]) -> Element:
    zc = node.zc
    return Element(
        id=node.id,
        name=node.name,
        type=node.tag,
        kind=kind_of(node),
        scope=node.scope,
        incoming=incoming,
        outgoing=outgoing,
        owner=zc.get("owner", ""),
        form=zc.get("form", ""),
        deadline=zc.get("deadline", ""),
        clause=zc.get("clause", ""),
        documentation=node.documentation,
        lane=sketch.lanes.get(node.id, ""),
        attached_to=local_id(node.attributes.get("attachedToRef")),
        events=node.events,
        is_multi_instance=node.loop is not None,
        item=node.loop.item if node.loop is not None else "",
        attributes={**prefixed(node.attributes, zc), **{f"people:{key}": text for key, text in node.people.items()}},
    )


def prefixed(standard: Mapping[str, str], owned: Mapping[str, str]) -> dict[str, str]:
    """Lay our own attributes (written ``zc:name``) beside those of BPMN."""
    return {**standard, **{f"zc:{name}": value for name, value in owned.items()}}


def flows_of(nodes: Iterable[Node], arrows: Iterable[Arrow]) -> dict[str, Flow]:
    """Describe the sequence flows."""
    defaults = {node.id: local_id(node.attributes.get("default")) for node in nodes}
    return {
        arrow.id: Flow(
            id=arrow.id,
            source=arrow.source,
            target=arrow.target,
            name=arrow.name,
            condition=arrow.condition.body if arrow.condition is not None else "",
            is_default=arrow.given and defaults.get(arrow.source) == arrow.id,
            clause=arrow.clause,
            scope=arrow.scope,
            is_given=arrow.given,
            documentation=arrow.documentation,
        )
        for arrow in arrows
    }
