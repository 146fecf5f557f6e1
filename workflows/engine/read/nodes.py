"""Reads one flow node with its event definitions, loop characteristics and transfers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from workflows.engine.data import PLACEHOLDER
from workflows.engine.model import ZC, EventDefinition, Foreign, Loop, Node, Text, Told, Transfer
from workflows.engine.read.data import PORT_PARTS, read_items, read_ports
from workflows.engine.read.parts import (
    attributes_of,
    bpmn_children,
    documentation_of,
    expression_of,
    foreign_of,
    local_id,
    owned_attributes,
    owned_extensions,
    text_of,
)
from workflows.engine.read.paths import Paths
from workflows.engine.read.tags import NODES, SCOPES
from workflows.engine.xml import local_name

_SUFFIX = "EventDefinition"
_LOOPS = {"standardLoopCharacteristics": "standard", "multiInstanceLoopCharacteristics": "multi"}
_LOOP_PARTS = frozenset(
    {"loopCardinality", "completionCondition", "loopCondition", "documentation", "extensionElements"}
    | {"loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"}
    | {"noneBehaviorEventRef", "oneBehaviorEventRef", "complexBehaviorDefinition"}  # judged by ``behavior``
)
_REFERENCES = ("messageRef", "errorRef", "escalationRef", "signalRef")
_TIMES = ("timeDate", "timeDuration", "timeCycle")
_READ = frozenset(
    {"documentation", "extensionElements", "incoming", "outgoing", "eventDefinitionRef", "property", *_LOOPS}
)
_MEANT_FOR = {"triggeredByEvent": SCOPES, "instantiate": ("receiveTask", "eventBasedGateway")}
_TEXTS = frozenset({"script", "completionCondition", "activationCondition"})
_INSIDE_A_SCOPE = frozenset(
    {"sequenceFlow", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation"}
    | {"association", "group"}
)


def _properties(element: etree._Element) -> Iterator[str]:
    for item in read_items(element):
        if item.tag in ("property", "dataObject") and item.name != PLACEHOLDER:
            yield item.variable


class NodeReader:
    """Knows the event definitions at the top of the file, which events may refer to."""

    def __init__(self, shared: Mapping[str, etree._Element]) -> None:
        self.shared = shared

    def read(self, element: etree._Element, scope: str, paths: Paths) -> Node:
        """Read one flow node; what is inside a sub-process is read by the caller."""
        tag = local_name(element)
        events, loop, foreign = [], None, list(foreign_of(element))
        own = [("element", local_name(child)) for child in owned_extensions(element)]
        parts: list[str] = []
        texts: dict[str, Text] = {}
        for child in bpmn_children(element):
            name = local_name(child)
            if name.endswith(_SUFFIX):
                events.append(event_definition(child))
                own += [("event", attribute) for attribute in owned_attributes(child)]
                foreign.extend(_foreign_inside(child))
            elif name == "eventDefinitionRef":
                events.append(self._referred(text_of(child)))
            elif name in _LOOPS:
                loop = replace(_loop(child), told=tuple(self._told(child)))
                own += [("loop", attribute) for attribute in owned_attributes(child)]
                foreign.extend(_foreign_inside(child))
            elif name in _TEXTS:
                texts[name] = _text(child, element)
                foreign.extend(_foreign_inside(child))
            elif name in PORT_PARTS:
                foreign.extend(_foreign_inside(child))
            elif name not in _READ and not (tag in SCOPES and _is_inside_a_scope(name)):
                parts.append(name)
                foreign.extend(_foreign_inside(child))
        if tag == "receiveTask":
            events = [EventDefinition("message", local_id(element.get("messageRef")))]
        anchor = (element.get("id") or "").strip()
        return Node(
            id=anchor,
            tag=tag,
            name=(element.get("name") or "").strip(),
            scope=scope,
            anchor=anchor or scope,
            path=paths.of(element),
            attributes=_attributes(element, tag),
            zc=owned_attributes(element),
            events=tuple(events),
            loop=loop,
            transfers=tuple(_transfers(element)),
            documentation=documentation_of(element),
            parts=tuple(parts),
            properties=tuple(_properties(element)),
            foreign=tuple(foreign),
            own=tuple(own),
            texts=texts,
            data=read_ports(element),
        )

    def _told(self, element: etree._Element) -> Iterator[Told]:
        for name, when in (("noneBehaviorEventRef", "each"), ("oneBehaviorEventRef", "first")):
            if element.get(name):
                yield Told(when, self._referred(str(element.get(name))))
        for child in bpmn_children(element):
            if local_name(child) == "complexBehaviorDefinition":
                parts = {local_name(part): part for part in bpmn_children(child)}
                inside = list(bpmn_children(parts["event"])) if "event" in parts else []
                condition = expression_of(parts["condition"]) if "condition" in parts else None
                thrown = [event_definition(item) for item in inside if local_name(item).endswith(_SUFFIX)]
                yield Told("condition", thrown[0] if thrown else EventDefinition("", known=False), condition)

    def _referred(self, reference: str) -> EventDefinition:
        element = self.shared.get(local_id(reference))
        if element is None:
            return EventDefinition("", ref=reference, known=False)
        return event_definition(element)


def _attributes(element: etree._Element, tag: str) -> dict[str, str]:
    """Read the attributes, without those that mean nothing at this kind of element."""
    given = attributes_of(element)
    return {name: value for name, value in given.items() if name not in _MEANT_FOR or tag in _MEANT_FOR[name]}


def _text(element: etree._Element, holder: etree._Element) -> Text:
    if local_name(element) != "script":
        return expression_of(element)
    language = holder.get("scriptFormat") or holder.get("scriptLanguage") or ""
    return Text("".join(str(piece) for piece in element.itertext()), language.strip())


def event_definition(element: etree._Element) -> EventDefinition:
    """Read one event definition."""
    children = {local_name(child): child for child in bpmn_children(element)}
    times = [child for child in bpmn_children(element) if local_name(child) in _TIMES]
    deadline = element.get(f"{{{ZC}}}deadline") or ""
    condition = children.get("condition")
    ref = next((element.get(name) for name in _REFERENCES if element.get(name)), "")
    return EventDefinition(
        kind=local_name(element).removesuffix(_SUFFIX),
        ref=local_id(ref),
        timer_kind=local_name(times[0]) if times else "deadline" if deadline else "",
        timer=expression_of(times[0]) if times else None,
        timers=len(times) + bool(deadline),
        deadline=deadline,
        condition=expression_of(condition) if condition is not None else None,
        name=(element.get("name") or "").strip(),
        activity=local_id(element.get("activityRef")),
        waits=(element.get("waitForCompletion") or "true").strip() not in ("false", "0"),
    )


def _loop(element: etree._Element) -> Loop:
    owned = owned_attributes(element)
    children = {local_name(child): child for child in bpmn_children(element)}
    cardinality, completion = children.get("loopCardinality"), children.get("completionCondition")
    return Loop(
        kind=_LOOPS[local_name(element)],
        sequential=(element.get("isSequential") or "").strip() in ("true", "1"),
        cardinality=expression_of(cardinality) if cardinality is not None else None,
        completion=expression_of(completion) if completion is not None and text_of(completion) else None,
        collection=_own_text(owned, "collection"),
        item=owned.get("item", "").strip() or _item_name(children.get("inputDataItem")),
        input_ref=local_id(text_of(children["loopDataInputRef"])) if "loopDataInputRef" in children else "",
        output_ref=local_id(text_of(children["loopDataOutputRef"])) if "loopDataOutputRef" in children else "",
        own_item=_item_name(children.get("outputDataItem")),
        condition=expression_of(children["loopCondition"]) if "loopCondition" in children else None,
        test_before=(element.get("testBefore") or "").strip() in ("true", "1"),
        maximum=(element.get("loopMaximum") or "").strip(),
        output=owned.get("output", "").strip(),
        output_item=_own_text(owned, "outputItem"),
        behavior=(element.get("behavior") or "All").strip(),
        parts=tuple(name for name in children if name not in _LOOP_PARTS),
        attributes=attributes_of(element),
    )


def _item_name(element: etree._Element | None) -> str:
    return "" if element is None else (element.get("name") or element.get("id") or "").strip()


def _own_text(owned: Mapping[str, str], name: str) -> Text | None:
    text = owned.get(name, "").strip()
    return Text(text) if text else None


def _transfers(element: etree._Element) -> list[Transfer]:
    found = []
    for child in owned_extensions(element):
        direction = local_name(child)
        if direction not in ("in", "out", "input"):
            continue
        expression = (child.get("expression") or "").strip()
        target = child.get("target") or child.get("name") or ""
        found.append(
            Transfer(
                direction, target.strip(), (child.get("source") or "").strip(), Text(expression) if expression else None
            )
        )
    return found


def _is_inside_a_scope(name: str) -> bool:
    return name in NODES or name in _INSIDE_A_SCOPE


def _foreign_inside(element: etree._Element) -> list[Foreign]:
    found: list[Foreign] = []
    pending = [element]
    for inner in pending:  # grows while we walk
        found.extend(foreign_of(inner, local_name(inner)))
        pending.extend(child for child in bpmn_children(inner) if local_name(child) != "extensionElements")
    return found
