"""Events that wait for variables which nothing in the file writes: most often a name that is spelt wrongly.

A condition over a name that is not there has not become true and waits without a word (decision 0057), and a text
like ``五天`` is a legal name. Data may come from outside (a start, a form, a message), so this is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.check.isolation import COUNTERS, ROOTS, FormFields, written_by
from workflows.engine.check.report import Report
from workflows.engine.expressions.syntax import Name
from workflows.engine.model import EventDefinition, Node, Sketch
from workflows.engine.texts import TextFault, compile_text, compile_timer


def check_waits(report: Report, sketch: Sketch, fields: FormFields | None) -> None:
    """Warn of every event whose condition, or whose time, names a variable that is written nowhere."""
    waits = [(node, names) for node in sketch.nodes for event in node.events if (names := _awaited(event))]
    if not waits:
        return
    known = ROOTS | COUNTERS | {"loopCounter"} | set(_known(sketch, fields))
    for node, names in waits:
        if names - known:
            report.add("variable-written-nowhere", sketch.file, node, names=", ".join(sorted(names - known)))


def _awaited(event: EventDefinition) -> frozenset[str]:
    """Name what a condition reads, or a time that is nothing but a name."""
    try:
        if event.kind == "conditional" and event.condition is not None:
            return compile_text(event.condition).names
        if event.kind == "timer" and event.timer is not None:
            expression = compile_timer(event).expression
            bare = expression is not None and isinstance(expression.tree, Name)
            return expression.names if expression is not None and bare else frozenset()
    except TextFault:
        return frozenset()  # told where expressions are checked
    return frozenset()


def _known(sketch: Sketch, fields: FormFields | None) -> Iterator[str]:
    yield from (item.name for item in sketch.items.values())
    yield from sketch.items
    yield from sketch.properties
    yield from sketch.inputs
    yield from (name for name, _, _ in sketch.initial)
    for node in sketch.nodes:
        yield from _known_of(node, fields)


def _known_of(node: Node, fields: FormFields | None) -> Iterator[str]:
    yield from written_by(node)
    yield from node.properties
    yield from (transfer.target for transfer in node.transfers)
    if node.loop is not None:
        yield from (node.loop.item, node.loop.own_item)
    form = node.zc.get("form", "")
    if fields is not None and form:
        yield from fields(form) or ()
