"""A call of a global task is that task, at the place of the call (BPMN 2.0.2 §10.3.6): no case of its own is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflows.engine.data import Association, Ports
from workflows.engine.model import Document, Node, Sketch, Text, Transfer
from workflows.engine.read.parts import local_id

GLOBAL_TASKS: Mapping[str, str] = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}


def resolve_global_tasks(documents: Sequence[Document]) -> list[Document]:
    """Put each global task of the bundle in the place of the activities that call it."""
    found = {key: task for document in documents for key, task in document.tasks.items()}
    if not found:
        return list(documents)
    return [replace(document, sketches=tuple(_resolved(document, found))) for document in documents]


def _resolved(document: Document, tasks: Mapping[str, Node]) -> list[Sketch]:
    return [replace(sketch, nodes=tuple(_called(node, tasks) for node in sketch.nodes)) for sketch in document.sketches]


def _called(node: Node, tasks: Mapping[str, Node]) -> Node:
    task = tasks.get(local_id(node.attributes.get("calledElement"))) if node.tag == "callActivity" else None
    if task is None:
        return node
    mapped = [item for item in node.transfers if item.direction in ("in", "out")]
    return replace(
        node,
        tag=GLOBAL_TASKS.get(task.tag, task.tag),
        name=node.name or task.name,
        attributes={**task.attributes, **node.attributes},
        zc={**task.zc, **node.zc},
        texts={**task.texts, **node.texts},
        documentation=node.documentation or task.documentation,
        foreign=(*node.foreign, *task.foreign),
        parts=(*node.parts, *task.parts),
        transfers=tuple(item for item in node.transfers if item not in mapped),
        data=_ports(node.data, mapped) if mapped else node.data,
    )


def _ports(ports: Ports | None, mapped: Sequence[Transfer]) -> Ports:
    """Say by associations what ``zc:in`` and ``zc:out`` say: only mapped variables pass."""
    given = ports or Ports()
    into = [item for item in mapped if item.direction == "in"]
    out = [item for item in mapped if item.direction == "out"]
    return replace(
        given,
        inputs={**given.inputs, **{item.target: item.target for item in into}},
        outputs={**given.outputs, **{item.source: item.source for item in out if item.source}},
        into=(*given.into, *(_association(item) for item in into)),
        out=(*given.out, *(_association(item) for item in out)),
    )


def _association(item: Transfer) -> Association:
    computed: Text | None = item.expression
    return Association((item.source,) if item.source else (), item.target, computed)
