"""The diagrams run, open in any BPMN tool, and look tidy: nothing overlaps, every line is straight."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.law.law_files import BPMN, DC, DI, FAMILIES, LAW, WAYPOINT, bundles, diagrams, tree
from workflows.engine.types import Severity

Box = tuple[float, float, float, float]
CONTAINERS = {"participant", "lane", "subProcess"}
every_diagram = pytest.mark.parametrize("path", diagrams(), ids=lambda path: path.stem)


def _boxes(root: Any) -> dict[str, Box]:
    found = {}
    for shape in root.iter(f"{DI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement")] = (x, y, x + width, y + height)
    return found


def _tags(root: Any) -> dict[str, str]:
    return {node.get("id"): node.tag.removeprefix(BPMN) for node in root.iter() if node.get("id")}


def _nodes(root: Any) -> list[Any]:
    return [
        node
        for node in root.iter()
        if node.find(f"{BPMN}incoming") is not None or node.find(f"{BPMN}outgoing") is not None
    ]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _lines(edge: Any) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    points = [(float(point.get("x")), float(point.get("y"))) for point in edge.iter(WAYPOINT)]
    return list(pairwise(points))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_bundle_is_accepted_by_the_duty_profile_without_errors(family: str) -> None:
    contents = bundles()[family]

    assert [finding for finding in contents.findings if finding.severity is Severity.ERROR] == []
    assert family in contents.processes


@every_diagram
def test_the_process_bears_the_name_of_its_file_and_each_family_its_own_process(path: Path) -> None:
    root = tree(path)

    assert [process.get("id") for process in root.iter(f"{BPMN}process")] == [path.stem]
    assert (LAW / "diagrams" / path.parent.name / f"{path.parent.name}.bpmn").exists()


@every_diagram
def test_every_node_flow_and_lane_is_drawn(path: Path) -> None:
    root = tree(path)
    drawn = {shape.get("bpmnElement") for kind in ("BPMNShape", "BPMNEdge") for shape in root.iter(f"{DI}{kind}")}
    needed = {node.get("id") for node in _nodes(root)}
    needed |= {item.get("id") for tag in ("sequenceFlow", "lane", "participant") for item in root.iter(f"{BPMN}{tag}")}

    assert needed - drawn == set()
    assert drawn - needed == set()


@every_diagram
def test_no_two_shapes_overlap(path: Path) -> None:
    root = tree(path)
    boxes, tags = _boxes(root), _tags(root)
    attached = {node.get("id"): node.get("attachedToRef") for node in root.iter(f"{BPMN}boundaryEvent")}
    loose = [name for name in boxes if tags[name] not in CONTAINERS]

    crossing = [
        (one, other)
        for one, other in combinations(loose, 2)
        if _overlap(boxes[one], boxes[other]) and attached.get(one) != other and attached.get(other) != one
    ]

    assert crossing == []


@every_diagram
def test_every_step_stands_within_its_lane_and_its_sub_process(path: Path) -> None:
    root = tree(path)
    boxes = _boxes(root)
    inside = [
        (node.text, lane.get("id")) for lane in root.iter(f"{BPMN}lane") for node in lane.iter(f"{BPMN}flowNodeRef")
    ]
    inside += [
        (node.get("id"), outer.get("id"))
        for outer in root.iter(f"{BPMN}subProcess")
        for node in _nodes(outer)
        if node is not outer
    ]

    def holds(inner: Box, outer: Box) -> bool:
        return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]

    assert inside
    assert [pair for pair in inside if not holds(boxes[pair[0]], boxes[pair[1]])] == []


@every_diagram
def test_lines_are_straight_begin_and_end_at_their_shapes_and_pass_through_no_other(path: Path) -> None:
    root = tree(path)
    boxes, tags = _boxes(root), _tags(root)
    flows = {
        flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef")) for flow in root.iter(f"{BPMN}sequenceFlow")
    }
    steps = [name for name in boxes if tags[name] not in {"participant", "lane"}]
    parents = {node.get("id"): node.getparent().get("id") for node in _nodes(root)}
    faults = []

    def touches(point: tuple[float, float], box: Box) -> bool:
        return box[0] - 1 <= point[0] <= box[2] + 1 and box[1] - 1 <= point[1] <= box[3] + 1

    for edge in root.iter(f"{DI}BPMNEdge"):
        name = edge.get("bpmnElement")
        source, target = flows[name]
        lines = _lines(edge)
        if not touches(lines[0][0], boxes[source]) or not touches(lines[-1][1], boxes[target]):
            faults.append((name, "loose"))
        for (x0, y0), (x1, y1) in lines:
            if x0 != x1 and y0 != y1:
                faults.append((name, "slanting"))
            line = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            for step in steps:
                left, top, right, bottom = boxes[step]
                inner = (left + 1, top + 1, right - 1, bottom - 1)
                if step not in (source, target, parents[source]) and _touching(line, inner):
                    faults.append((name, step))

    assert faults == []


def _touching(line: Box, box: Box) -> bool:
    return line[0] <= box[2] and box[0] <= line[2] and line[1] <= box[3] and box[1] <= line[3]


@every_diagram
def test_people_read_chinese_names_on_every_step_lane_and_choice(path: Path) -> None:
    root = tree(path)
    tags = _tags(root)
    named = [node for node in _nodes(root) if tags[node.get("id")].endswith(("Task", "ctivity", "boundaryEvent"))]
    named += list(root.iter(f"{BPMN}lane")) + list(root.iter(f"{BPMN}participant"))
    choices = [
        gateway for gateway in root.iter(f"{BPMN}exclusiveGateway") if len(gateway.findall(f"{BPMN}outgoing")) > 1
    ]

    assert [
        node.get("id") for node in named + choices if not re.search(r"[\u4e00-\u9fff]", node.get("name") or "")
    ] == []


@every_diagram
def test_a_choice_always_has_a_way_out(path: Path) -> None:
    root = tree(path)
    choices = [
        gateway for gateway in root.iter(f"{BPMN}exclusiveGateway") if len(gateway.findall(f"{BPMN}outgoing")) > 1
    ]

    assert [gateway.get("id") for gateway in choices if not gateway.get("default")] == []
