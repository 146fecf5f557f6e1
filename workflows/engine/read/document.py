"""Walks one file: root elements, processes, the flow elements of each scope, lanes."""

from __future__ import annotations

import itertools
import re
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import cast

from lxml import etree

from workflows.engine.data import Item
from workflows.engine.model import BPMN, ZC, Arrow, Document, MessageFlow, Node, Root, Sketch
from workflows.engine.read.correlations import read_correlations
from workflows.engine.read.data import read_initial_values, read_items, resolve_loops
from workflows.engine.read.global_tasks import GLOBAL_TASKS
from workflows.engine.read.nodes import NodeReader
from workflows.engine.read.parts import (
    attributes_of,
    bpmn_children,
    documentation_of,
    expression_of,
    foreign_of,
    local_id,
    owned_attributes,
    text_of,
)
from workflows.engine.read.paths import Paths
from workflows.engine.read.tags import DECORATION, EVENT_ROOTS, NODES, SCOPES
from workflows.engine.xml import local_name, namespace

_UNFIT = re.compile(r"[^\w-]+")
_LONGEST_STEM = 60


def read_document(root: etree._Element, file: str) -> Document:
    """Read the whole file; nothing is judged here."""
    definitions = {item.get("id") or "": item for item in root if local_name(item).endswith("EventDefinition")}
    reader = NodeReader(definitions)
    paths = Paths(root)
    whole = _Whole(file, paths, _all_ids(root), {item.id: item for item in read_items(root)})
    processes = [item for item in bpmn_children(root) if local_name(item) == "process"]
    sketches = tuple(_Scope(reader, whole).read_process(item) for item in processes)
    roots = [_root(item, paths) for item in bpmn_children(root)]
    return Document(
        file=file,
        id=root.get("id") or "",
        sketches=sketches,
        roots={item.id: item for item in roots if item is not None and item.id},
        others=_others(root),
        duplicates=_duplicates(root),
        namespaces=_namespaces(root),
        message_flows=tuple(_message_flows(root)),
        correlations=read_correlations(root),
        tasks={task.id: task for item in _globals(root) if (task := reader.read(item, "", paths)).id},
        shared=_shared(root),
    )


def _globals(root: etree._Element) -> Iterator[etree._Element]:
    return (item for item in bpmn_children(root) if local_name(item) in GLOBAL_TASKS)


def _message_flows(root: etree._Element) -> Iterator[MessageFlow]:
    for element in _elements(root):
        if local_name(element) == "messageFlow":
            source, target = local_id(element.get("sourceRef")), local_id(element.get("targetRef"))
            given = (element.get("id") or "").strip() or f"{source}->{target}"
            yield MessageFlow(given, source, target, local_id(element.get("messageRef")))


def _root(element: etree._Element, paths: Paths) -> Root | None:
    tag = local_name(element)
    if tag not in EVENT_ROOTS:
        return None
    code = element.get("errorCode") or element.get("escalationCode") or ""
    path = paths.of(element)
    name = (element.get("name") or "").strip()
    return Root(tag, element.get("id") or "", name, code.strip(), path, foreign_of(element))


def _others(root: etree._Element) -> dict[str, str]:
    return {
        item.get("id") or "": local_name(item)
        for item in bpmn_children(root)
        if local_name(item) not in (*EVENT_ROOTS, "process") and item.get("id")
    }


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter():
        if namespace(element) == BPMN:
            yield element


def _given_ids(root: etree._Element) -> dict[str, list[tuple[str, str]]]:
    """List for each id the elements that have it: the path of the process around them, empty outside, and the tag."""
    paths, given = Paths(root), dict[str, list[tuple[str, str]]]()
    for top in root:
        around = paths.of(top) if namespace(top) == BPMN and local_name(top) == "process" else ""
        for element in _elements(top):
            if element.get("id"):
                given.setdefault(str(element.get("id")), []).append((around, local_name(element)))
    return given


def _duplicates(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """List ids that cannot be told apart: in one process, or of an element that all processes may refer to."""
    repeated = []
    for element_id, places in _given_ids(root).items():
        processes = [around for around, _ in places]
        if len(set(processes)) < len(processes) or (len(places) > 1 and "" in processes):
            repeated.append((element_id, places[1][1]))
    return tuple(repeated)


def _shared(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """List ids that two processes of the file have, each for an element of its own."""
    found = []
    for element_id, places in _given_ids(root).items():
        processes = [around for around, _ in places]
        if len(places) > 1 and len(set(processes)) == len(processes) and "" not in processes:
            found.append((element_id, places[1][1]))
    return tuple(found)


def anchor_of(element: etree._Element) -> str:
    """Find an id to name in a finding: the element's own, that of what is around it, else of what is inside."""
    around: etree._Element | None = element
    while around is not None:
        if around.get("id"):
            return str(around.get("id"))
        around = around.getparent()
    return next((str(inner.get("id")) for inner in element.iter() if inner.get("id")), "")


def _namespaces(root: etree._Element) -> tuple[str, ...]:
    used: dict[str, None] = {}
    for element in root.iter():
        used[namespace(element)] = None
        for name in element.attrib:
            if str(name).startswith("{"):
                used[str(name)[1:].partition("}")[0]] = None
    return tuple(uri for uri in used if uri)


@dataclass(frozen=True, slots=True)
class _Whole:
    """What all processes of a file share, worked out once."""

    file: str
    paths: Paths
    ids: frozenset[str]
    items: dict[str, Item]
    made_up: set[str] = field(default_factory=set)  # ids of processes that have none

    def name_process(self) -> str:
        """Name a process without id, which the standard allows (table 8.5), after its file; always the same."""
        stem = _UNFIT.sub("_", PurePosixPath(self.file).name.split(".")[0])[:_LONGEST_STEM].strip("_")
        base = stem if stem[:1].isalpha() else f"process_{stem}".strip("_")
        names = (base if number == 1 else f"{base}_{number}" for number in itertools.count(1))
        found = next(name for name in names if name not in self.ids and name not in self.made_up)
        self.made_up.add(found)
        return found


def _all_ids(root: etree._Element) -> frozenset[str]:
    return frozenset(str(element.get("id")) for element in root.iter() if element.get("id"))


class _Scope:
    """Collects the nodes and flows of one process, sub-processes included, without recursion on the caller's stack."""

    def __init__(self, reader: NodeReader, whole: _Whole) -> None:
        self.reader = reader
        self.whole = whole
        self.paths = whole.paths
        self.file = whole.file
        self.nodes: list[Node] = []
        self.arrows: list[Arrow] = []
        self.parts: list[tuple[str, str]] = []
        self.lanes: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.ids = whole.ids
        self.items: ChainMap[str, Item] = ChainMap({}, whole.items)
        self.associations: list[tuple[str, str]] = []

    def read_process(self, element: etree._Element) -> Sketch:
        """Read one process with everything inside."""
        given = (element.get("id") or "").strip()
        self._walk(element, "")
        scopes = {node.id: node.scope for node in self.nodes}
        return Sketch(
            id=given or self.whole.name_process(),
            anchor=anchor_of(element),
            given=bool(given),
            line=cast("int | None", element.sourceline) or 0,
            file=self.file,
            name=element.get("name") or "",
            path=self.paths.of(element),
            executable=(element.get("isExecutable") or "").strip(),
            nodes=resolve_loops(self.nodes, self.items),
            arrows=tuple(replace(arrow, scope=scopes.get(arrow.source, arrow.scope)) for arrow in self.arrows),
            initial=tuple(read_initial_values(element)),
            items=self.items,
            associations=tuple(self.associations),
            lanes=self.lanes,
            attributes=attributes_of(element),
            zc=owned_attributes(element),
            documentation=documentation_of(element),
            parts=tuple(self.parts),
            properties=_properties(element),
            inputs=_inputs(element),
            foreign=foreign_of(element),
        )

    def _walk(self, element: etree._Element, scope: str) -> None:
        pending = [(element, scope)]
        for container, around in pending:  # grows while we walk
            self.items.update({item.id: item for item in read_items(container)})
            for child in bpmn_children(container):
                tag = local_name(child)
                if tag in NODES:
                    node = self.reader.read(child, around, self.paths)
                    if not node.id:
                        node = replace(node, id=self._made_up(tag), anchor=anchor_of(child), given=False)
                    self.nodes.append(node)
                    if tag in SCOPES:
                        pending.append((child, node.id))
                elif tag == "sequenceFlow":
                    self.arrows.append(self._arrow(child, around))
                elif tag == "association":
                    self.associations.append((local_id(child.get("sourceRef")), local_id(child.get("targetRef"))))
                elif tag == "laneSet":
                    self._read_lanes(child)
                elif tag not in DECORATION and container is element:
                    self.parts.append((tag, anchor_of(child)))

    def _made_up(self, tag: str) -> str:
        """Give a node without id a number among those of its kind: the same whenever the same file is read."""
        while True:
            self.numbers[tag] = self.numbers.get(tag, 0) + 1
            made_up = f"{tag}_{self.numbers[tag]}"
            if made_up not in self.ids:
                return made_up

    def _arrow(self, element: etree._Element, scope: str) -> Arrow:
        given = (element.get("id") or "").strip()
        source, target = local_id(element.get("sourceRef")), local_id(element.get("targetRef"))
        condition = next((item for item in bpmn_children(element) if local_name(item) == "conditionExpression"), None)
        foreign = list(foreign_of(element))
        if condition is not None:
            foreign.extend(foreign_of(condition, "conditionExpression"))
        return Arrow(
            id=given or f"{source}->{target}#{len(self.arrows)}",
            source=source,
            target=target,
            given=bool(given),
            name=element.get("name") or "",
            scope=scope,
            path=self.paths.of(element),
            condition=expression_of(condition) if condition is not None and text_of(condition) else None,
            clause=element.get(f"{{{ZC}}}clause") or "",
            documentation=documentation_of(element),
            foreign=tuple(foreign),
        )

    def _read_lanes(self, lane_set: etree._Element) -> None:
        # document order: an inner lane comes later and so wins
        for lane in lane_set.iter(f"{{{BPMN}}}lane"):
            for reference in bpmn_children(lane):
                if local_name(reference) == "flowNodeRef":
                    self.lanes[local_id(text_of(reference))] = lane.get("name") or lane.get("id") or ""


def _inputs(process: etree._Element) -> tuple[str, ...]:
    """Name what whoever starts the process gives it (``ioSpecification``, §10.4.1)."""
    return tuple(
        (item.get("name") or item.get("id") or "").strip()
        for specification in bpmn_children(process)
        if local_name(specification) == "ioSpecification"
        for item in bpmn_children(specification)
        if local_name(item) == "dataInput"
    )


def _properties(element: etree._Element) -> tuple[str, ...]:
    return tuple(
        item.get("name") or item.get("id") or "" for item in bpmn_children(element) if local_name(item) == "property"
    )
