"""References that Activiti, Flowable and Camunda 7 let stand for themselves: a code or a name instead of an id."""

from __future__ import annotations

from dataclasses import replace

from workflows.engine.model import Document, Node, Remark, Root, Sketch

_KINDS = frozenset({"error", "escalation", "message", "signal"})
NAMED = "reference-read-as-name"


def add_named_roots(document: Document) -> Document:
    """Add a root element for each reference to none: it is read as the code or the name itself."""
    added: dict[str, Root] = {}

    def settle(node: Node) -> Node:
        missing = [event for event in node.events if event.kind in _KINDS and event.ref and event.ref not in known]
        if not missing:
            return node
        for event in missing:
            added[event.ref] = Root(event.kind, event.ref, event.ref, event.ref)
        named = tuple(event.ref for event in missing)
        return replace(node, remarks=(*node.remarks, Remark(NAMED, named)))

    known = document.roots.keys() | document.others.keys()
    sketches = tuple(_settled(sketch, settle) for sketch in document.sketches)
    return replace(document, sketches=sketches, roots={**document.roots, **added}) if added else document


def _settled(sketch: Sketch, settle: object) -> Sketch:
    assert callable(settle)  # noqa: S101
    return replace(sketch, nodes=tuple(settle(node) for node in sketch.nodes))
