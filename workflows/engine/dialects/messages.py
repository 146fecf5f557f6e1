"""Messages without a name: the standard lets an event leave its message open (BPMN 2.0.2 Table 10.92).

Where a message flow leads to or from an event with a named message, both mean the same. Any other gets a name that
nobody outside can guess: such an event waits, and what it sends is received by nobody.
"""

from __future__ import annotations

from dataclasses import replace

from workflows.engine.model import Document, EventDefinition, Node, Remark, Root, Sketch

UNNAMED = "message-unnamed"
_TASKS = ("sendTask", "receiveTask")
# no id of a file begins like this, and no colon lest it be read as a prefix
_FLOW, _OWN = "#flow.", "#element."


class _Names:
    """The names of the messages of one file, given or made up."""

    def __init__(self, document: Document) -> None:
        self.roots = dict(document.roots)
        self.partners: dict[str, list[str]] = {}
        for flow in document.message_flows:
            self.partners.setdefault(flow.source, []).append(flow.target)
            self.partners.setdefault(flow.target, []).append(flow.source)
        self.flows = {end: flow.id for flow in document.message_flows for end in (flow.source, flow.target)}
        self.nodes = {node.id: node for sketch in document.sketches for node in sketch.nodes if node.id}

    def given(self, node: Node) -> str:
        """Name the message root of a node, empty when it has none."""
        if node.tag in _TASKS:
            return node.attributes.get("messageRef", "").strip().rpartition(":")[2]
        return next((event.ref for event in node.events if event.kind == "message"), "")

    def chosen(self, node: Node) -> str:
        """Choose the root for a node without one: that of its partner, else one of the message flow, else its own."""
        partners = [self.nodes[each] for each in self.partners.get(node.id, ()) if each in self.nodes]
        exchanging = [each for each in partners if self.is_exchanging(each)]
        for partner in exchanging:
            if self.given(partner):
                return self.given(partner)
        name = f"{_FLOW}{self.flows[node.id]}" if exchanging else f"{_OWN}{node.id}"
        self.roots.setdefault(name, Root("message", name, name))
        return name

    @staticmethod
    def is_exchanging(node: Node) -> bool:
        """Tell whether a node sends or receives messages by itself."""
        return node.tag in _TASKS or any(event.kind == "message" for event in node.events)


def name_messages(document: Document) -> Document:
    """Give every message event and task a message, and every message a name."""
    names = _Names(document)
    for key, root in document.roots.items():
        if root.tag == "message" and not root.name:
            names.roots[key] = replace(root, name=key)
    sketches = tuple(_named(sketch, names) for sketch in document.sketches)
    return replace(document, sketches=sketches, roots=names.roots)


def _named(sketch: Sketch, names: _Names) -> Sketch:
    nodes = tuple(_node(node, names) for node in sketch.nodes)
    return replace(sketch, nodes=nodes) if nodes != sketch.nodes else sketch


def _node(node: Node, names: _Names) -> Node:
    if not node.id or not names.is_exchanging(node):
        return node
    given = names.given(node)
    if given:
        root = names.roots.get(given)
        unnamed = root is not None and root.name == given and root.tag == "message" and given.startswith(_OWN)
        return _told(node, given) if unnamed else node
    if node.tag == "sendTask" and node.zc.get("operation"):
        return node
    root_id = names.chosen(node)
    if node.tag == "sendTask" and root_id.startswith(_OWN):
        return node  # it has nothing to send
    changed = replace(node, events=tuple(_referring(event, root_id) for event in node.events))
    if node.tag in _TASKS:
        changed = replace(changed, attributes={**node.attributes, "messageRef": root_id})
    return changed if not root_id.startswith(_OWN) else _told(changed, root_id)


def _referring(event: EventDefinition, root_id: str) -> EventDefinition:
    return replace(event, ref=root_id) if event.kind == "message" and not event.ref else event


def _told(node: Node, name: str) -> Node:
    return replace(node, remarks=(*node.remarks, Remark(UNNAMED, (name,))))
