"""Which multi-instance sub-processes become cases of their own: those that need nothing of the case while they run.

A body is isolated when it walks a collection, reads only its item, its counter, what ``zc:in`` captured at the start,
names that it writes itself and the roots of the context, writes only its output item, waits for no message (that
would be addressed to the case), and no other multi-instance body lies around it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from workflows.engine.model import Node, Sketch, Text
from workflows.engine.texts import TextFault, compile_text

FormFields = Callable[[str], Collection[str] | None]
ROOTS = frozenset({"case", "unit", "region", "parameters", "today", "now"})


def isolated_bodies(sketch: Sketch, fields: FormFields | None = None) -> tuple[str, ...]:
    """List the ids of the isolated sub-processes, outermost only; ``fields`` tells what a form writes."""
    bodies = [node for node in sketch.nodes if is_multiple_body(node)]
    return tuple(node.id for node in bodies if not why_not_isolated(sketch, node, fields))


def is_multiple_body(node: Node) -> bool:
    """Tell whether this is a multi-instance embedded sub-process."""
    return node.tag == "subProcess" and node.loop is not None and node.loop.kind == "multi"


def why_not_isolated(sketch: Sketch, body: Node, fields: FormFields | None = None) -> str:
    """Say what keeps a body inside its case; empty when it is isolated."""
    loop = body.loop
    if loop is None or loop.collection is None:
        return "it does not walk a collection (zc:collection)"
    if any(is_multiple_body(node) for node in _around(sketch, body)):
        return "it lies inside another multi-instance sub-process"
    inside = list(_inside(sketch, body.id))
    written = {name for node in inside for name in _written(node)}
    forms = [node.id for node in inside if node.zc.get("form")]
    if (written or forms) and not loop.output:
        return f"{(forms or sorted(written))[0]} writes variables and there is no output list (zc:output)"
    waiting = [node.id for node in inside if any(event.kind == "message" for event in node.events)]
    if waiting:
        return f"{waiting[0]} exchanges messages"
    written |= {name for node in inside for name in _fields(node, fields)}
    allowed = ROOTS | written | {loop.item, "loopCounter"} | {item.target for item in body.transfers}
    foreign = {name for text in _texts(sketch, inside) for name in _names(text)} - allowed
    if foreign:
        return f"it reads {min(foreign)} of the case"
    return ""


def _around(sketch: Sketch, node: Node) -> Iterator[Node]:
    nodes = {each.id: each for each in sketch.nodes}
    while node.scope:
        node = nodes[node.scope]
        yield node


def _inside(sketch: Sketch, scope: str) -> Iterator[Node]:
    scopes = {scope}
    for node in sketch.nodes:  # a scope comes before what is inside it
        if node.scope in scopes:
            scopes.add(node.id)
            yield node


def _written(node: Node) -> Iterator[str]:
    if node.zc.get("result"):
        yield node.zc["result"]
    for item in node.transfers:
        if item.direction == "out":
            yield item.target
    if node.loop is not None and node.loop.output:
        yield node.loop.output


def _fields(node: Node, fields: FormFields | None) -> Collection[str]:
    form = node.zc.get("form", "")
    return (fields(form) or ()) if fields is not None and form else ()


def _texts(sketch: Sketch, inside: list[Node]) -> Iterator[Text]:
    ids = {node.id for node in inside}
    for arrow in sketch.arrows:
        if arrow.source in ids and arrow.condition is not None:
            yield arrow.condition
    for node in inside:
        for item in node.transfers:
            if item.expression is not None:
                yield item.expression
            elif item.direction != "out":
                yield Text(item.source)
        for event in node.events:
            if event.timer is not None:
                yield event.timer


def _names(text: Text) -> frozenset[str]:
    try:
        return compile_text(text).names
    except TextFault:
        return frozenset()
