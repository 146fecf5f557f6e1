"""Reads data: items of a scope, what a node takes in and gives out, and what a loop walks over (BPMN 2.0.2 §10.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from workflows.engine.data import PLACEHOLDER, Association, Item, Ports, variable_of
from workflows.engine.model import VARIABLE, Loop, Node, Text
from workflows.engine.read.parts import bpmn_children, expression_of, local_id, text_of
from workflows.engine.xml import local_name, namespace

_ITEMS = {
    "dataObject": "",
    "dataObjectReference": "dataObjectRef",
    "dataStore": "",
    "dataStoreReference": "dataStoreRef",
    "property": "",
}
_WITH_VALUES = frozenset({"http://activiti.org/bpmn", "http://flowable.org/bpmn"})
PORT_PARTS = frozenset(
    {"ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet"}
    | {"dataInputAssociation", "dataOutputAssociation"}
)


def read_items(container: etree._Element) -> Iterator[Item]:
    """Read the data items that stand directly in a process, a sub-process or the file."""
    for child in bpmn_children(container):
        tag = local_name(child)
        if tag in _ITEMS:
            name = (child.get("name") or "").strip()
            yield Item((child.get("id") or "").strip(), name, tag, local_id(child.get(_ITEMS[tag] or "-")))


def read_initial_values(process: etree._Element) -> Iterator[tuple[str, str, str]]:
    """Read what Activiti and Flowable let the data objects of a process begin with: (variable, text, type)."""
    for child in bpmn_children(process):
        if local_name(child) != "dataObject":
            continue
        for value in child.iter():
            name = (child.get("name") or child.get("id") or "").strip()
            if local_name(value) == "value" and namespace(value) in _WITH_VALUES and name:
                yield name, text_of(value), local_id(child.get("itemSubjectRef"))


def read_ports(element: etree._Element) -> Ports | None:
    """Read the data inputs, outputs and associations of an activity or event; None when nothing is moved."""
    specification = next((item for item in bpmn_children(element) if local_name(item) == "ioSpecification"), element)
    inputs, outputs = _named(specification, "dataInput"), _named(specification, "dataOutput")
    properties = {key: name for key, name in _named(element, "property").items() if name != PLACEHOLDER}
    into = tuple(each for each in _associations(element, "dataInputAssociation") if each.moves)
    out = tuple(each for each in _associations(element, "dataOutputAssociation") if each.moves)
    if not (inputs or outputs or into or out):
        return None
    return Ports({**properties, **inputs}, outputs, tuple(_sets(specification)), into, out)


def _named(element: etree._Element, tag: str) -> dict[str, str]:
    found = {}
    for child in bpmn_children(element):
        key = (child.get("id") or "").strip()
        if local_name(child) == tag and key:
            found[key] = (child.get("name") or "").strip() or key
    return found


def _sets(specification: etree._Element) -> Iterator[tuple[str, ...]]:
    for child in bpmn_children(specification):
        if local_name(child) == "inputSet":
            named = [(local_name(item), local_id(text_of(item))) for item in bpmn_children(child)]
            spared = {ref for name, ref in named if name in ("optionalInputRefs", "whileExecutingInputRefs")}
            yield tuple(ref for name, ref in named if name == "dataInputRefs" and ref not in spared)


def _associations(element: etree._Element, tag: str) -> Iterator[Association]:
    for child in bpmn_children(element):
        if local_name(child) != tag:
            continue
        parts = [(local_name(item), item) for item in bpmn_children(child)]
        transformation = next((item for name, item in parts if name == "transformation"), None)
        target = next((local_id(text_of(item)) for name, item in parts if name == "targetRef"), "")
        yield Association(
            sources=tuple(local_id(text_of(item)) for name, item in parts if name == "sourceRef"),
            target=target,
            transformation=expression_of(transformation) if transformation is not None else None,
            assignments=tuple(_assignment(item) for name, item in parts if name == "assignment"),
        )


def _assignment(element: etree._Element) -> tuple[Text, Text]:
    parts = {local_name(item): expression_of(item) for item in bpmn_children(element)}
    return parts.get("from", Text("")), parts.get("to", Text(""))


def resolve_loops(nodes: Sequence[Node], items: Mapping[str, Item]) -> tuple[Node, ...]:
    """Say by variables what ``loopDataInputRef`` and ``loopDataOutputRef`` refer to (§10.3.8)."""
    return tuple(
        replace(node, loop=_resolved(node, node.loop, items)) if node.loop is not None else node for node in nodes
    )


def _resolved(node: Node, loop: Loop, items: Mapping[str, Item]) -> Loop:
    ports = node.data or Ports()
    if loop.input_ref:
        name = ports.name_of(loop.input_ref) or variable_of(loop.input_ref, items)
        loop = replace(loop, collection=Text(name, VARIABLE))
    if loop.output_ref:
        name = ports.name_of(loop.output_ref) or variable_of(loop.output_ref, items)
        item = loop.own_item or name
        loop = replace(loop, output=name, output_item=Text(item, VARIABLE), own_item=item)
    return loop
