"""Goes through a document and has each element translated by those who know its vendors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workflows.engine.dialects import family, jbpm, spiff, zeebe
from workflows.engine.dialects.draft import IGNORED, Bag, Draft, constant, judged
from workflows.engine.dialects.messages import name_messages
from workflows.engine.dialects.references import add_named_roots
from workflows.engine.dialects.vendors import ACTIVITI, BPSIM, CAMUNDA, FAMILY, FLOWABLE, JBPM, SPIFF, VENDORS, ZEEBE
from workflows.engine.model import Arrow, Document, EventDefinition, Foreign, Node, Remark, Root, Sketch, Transfer

_TRANSLATORS = {
    CAMUNDA: family.translate_part,
    ACTIVITI: family.translate_part,
    FLOWABLE: family.translate_part,
    ZEEBE: zeebe.translate_part,
    SPIFF: spiff.translate_part,
    JBPM: jbpm.translate_part,
}


def translate(document: Document) -> Document:
    """Say a document in neutral words; what cannot be said is left in remarks for the check."""
    vendors = frozenset(VENDORS[uri] for uri in document.namespaces if uri in VENDORS)
    cron = "spring" if ZEEBE in vendors else "quartz" if vendors & (FAMILY | {JBPM}) else ""
    sketches = tuple(_sketch(sketch, vendors, cron) for sketch in document.sketches)
    roots = {key: _root(root) for key, root in document.roots.items()}
    whole = replace(document, sketches=sketches, roots=roots)
    if vendors & FAMILY:
        whole = add_named_roots(whole)
    return name_messages(whole)


def _sketch(sketch: Sketch, vendors: frozenset[str], cron: str) -> Sketch:
    remarks = [remark for bag in _bags(sketch.foreign).values() for remark in _of_process(bag)]
    begun = tuple(Transfer("initial", name, expression=constant(text, kind)) for name, text, kind in sketch.initial)
    nodes = tuple(_node(node, vendors, cron) for node in sketch.nodes)
    return replace(
        sketch,
        nodes=tuple(_begun(node, begun) for node in nodes) if begun else nodes,
        arrows=jbpm.in_order(tuple(_arrow(arrow) for arrow in sketch.arrows), sketch),
        remarks=tuple(remarks),
        foreign=_unknown(sketch.foreign),
    )


def _begun(node: Node, values: tuple[Transfer, ...]) -> Node:
    is_start = node.tag == "startEvent" and not node.scope
    return replace(node, transfers=(*node.transfers, *values)) if is_start else node


def _of_process(bag: Bag) -> Iterable[Remark]:
    if bag.vendor == BPSIM:
        return [Remark(IGNORED, tuple(bag.rest()), "bpsim")] if bag.rest() else []
    remarks = list(family.listeners_of(bag)) if bag.vendor in FAMILY else []
    if bag.vendor == ZEEBE:
        remarks += zeebe.listeners_of(bag)
    return [*remarks, *judged(bag.vendor, bag.rest())]


def _node(node: Node, vendors: frozenset[str], cron: str) -> Node:
    draft = Draft(node)
    places: dict[str, list[Foreign]] = {}
    for item in node.foreign:
        places.setdefault(item.place, []).append(item)
    for place, items in places.items():
        for bag in _bags(items).values():
            if bag.vendor == BPSIM:
                draft.tell(IGNORED, "bpsim", *bag.rest())
                continue
            _TRANSLATORS[bag.vendor](draft, bag, place)
            draft.remarks += judged(bag.vendor, bag.rest(), node.tag)
    if vendors & FAMILY and draft.loop is not None:
        draft.loop = replace(draft.loop, first=0)
    done = draft.finished()
    return replace(done, events=tuple(_with_cron(event, cron) for event in done.events)) if cron else done


def _with_cron(event: EventDefinition, cron: str) -> EventDefinition:
    return replace(event, cron=cron) if event.kind == "timer" else event


def _arrow(arrow: Arrow) -> Arrow:
    if not arrow.foreign:
        return arrow
    remarks: list[Remark] = []
    for bag in _bags(arrow.foreign).values():
        if bag.vendor in FAMILY:
            remarks += family.listeners_of(bag)
        elif bag.vendor == JBPM:
            bag.attribute("priority")  # read by in_order
        remarks += judged(bag.vendor, bag.rest())
    return replace(arrow, remarks=tuple(remarks), foreign=_unknown(arrow.foreign))


def _root(root: Root) -> Root:
    if not root.foreign:
        return root
    remarks: list[Remark] = []
    correlation = None
    for bag in _bags(root.foreign).values():
        if bag.vendor in FAMILY and bag.attributes.get("scope") == "global":
            bag.attribute("scope")
        if bag.vendor == ZEEBE and root.tag == "message":
            correlation = zeebe.correlation_of(bag)
        remarks += judged(bag.vendor, bag.rest())
    return replace(root, remarks=tuple(remarks), foreign=_unknown(root.foreign), correlation=correlation)


def _bags(items: Iterable[Foreign]) -> Mapping[str, Bag]:
    by_vendor: dict[str, list[Foreign]] = {}
    for item in items:
        if item.namespace in VENDORS:
            by_vendor.setdefault(VENDORS[item.namespace], []).append(item)
    return {vendor: Bag(vendor, found) for vendor, found in by_vendor.items()}


def _unknown(items: Iterable[Foreign]) -> tuple[Foreign, ...]:
    return tuple(item for item in items if item.namespace not in VENDORS)
