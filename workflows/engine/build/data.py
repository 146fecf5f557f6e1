"""Compiles what a node takes in and gives out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.engine.data import Association, Item, Ports, variable_of
from workflows.engine.run.data_flow import DataFlow, Fill
from workflows.engine.texts import compile_text


def data_flow(ports: Ports | None, items: Mapping[str, Item]) -> DataFlow | None:
    """Compile the associations of a node; None when it has none and declares nothing."""
    if ports is None:
        return None
    into = tuple(fill for each in ports.into for fill in _fills(each, ports, items))
    filled = {fill.targets[0] for fill in into}
    return DataFlow(
        into=into,
        out=tuple(fill for each in ports.out for fill in _fills(each, ports, items)),
        own=tuple(ports.outputs.values()),
        sets=tuple(tuple(name for ref in each if (name := ports.name_of(ref)) in filled) for each in ports.sets),
    )


def _fills(association: Association, ports: Ports, items: Mapping[str, Item]) -> Iterator[Fill]:
    targets = _names(association.target, ports, items)
    if association.transformation is not None:
        yield Fill(targets, compile_text(association.transformation))
        return
    for given, _ in association.assignments:
        yield Fill(targets, compile_text(given))
    if association.sources and not association.assignments:
        yield Fill(targets, _names(association.sources[0], ports, items))


def _names(reference: str, ports: Ports, items: Mapping[str, Item]) -> tuple[str, ...]:
    """List the variables that a reference may mean: some files use a data object's name, some its id."""
    local = ports.name_of(reference)
    if local:
        return (local,)
    item = items.get(reference, Item(reference, "", ""))
    behind = items.get(item.ref, item)
    names = (variable_of(reference, items), behind.name, item.name, behind.id, item.id)
    return tuple(dict.fromkeys(name for name in names if name))
