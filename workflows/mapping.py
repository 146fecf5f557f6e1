"""Which element of a new version stands for which of the old: by the same id, else by the same name and kind.

A mapping names only what is called otherwise: elements and flows by their new ids. Flows follow their two ends and
need no person. What finds no partner is left open, and shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflows.engine import Element, Process
from workflows.errors import FieldFault, RejectedError

BODY = "#"  # between a process and the element whose repeated body runs as cases of its own


class Found(StrEnum):
    """How a partner was found."""

    SAME_ID = "same-id"
    SAME_NAME = "same-name"
    CHOSEN = "chosen"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Pair:
    """An element of the old version and what stands for it in the new one, None where nothing does."""

    process: str
    old: Element
    new: Element | None
    found: Found


def whole_processes(processes: Mapping[str, Process]) -> dict[str, Process]:
    """Return the processes as they are drawn, without the repeated bodies that are compiled apart."""
    return {key: process for key, process in processes.items() if BODY not in key}


def suggest(old: Mapping[str, Process], new: Mapping[str, Process], chosen: Mapping[str, str]) -> list[Pair]:
    """Pair the elements of two versions, in the order of the old diagram; what was ``chosen`` by a person comes first.

    An element chosen to stand for nothing (an empty text) has no partner, whatever its name.
    """
    return [pair for key, process in whole_processes(old).items() for pair in _pairs(process, new.get(key), chosen)]


def _pairs(old: Process, new: Process | None, chosen: Mapping[str, str]) -> Iterator[Pair]:
    elements: Mapping[str, Element] = new.elements if new is not None else {}
    free = [element for element in elements.values() if element.id not in old.elements]
    taken = set(chosen.values())
    names = Counter((element.name, element.type) for element in free if element.id not in taken)
    lost = Counter((each.name, each.type) for each in old.elements.values() if each.id not in elements)
    by_name = {(element.name, element.type): element for element in free if element.id not in taken}
    for element in old.elements.values():
        named = element.name, element.type
        if element.id in chosen:
            yield Pair(old.key, element, elements.get(chosen[element.id]), Found.CHOSEN)
        elif element.id in elements:
            yield Pair(old.key, element, elements[element.id], Found.SAME_ID)
        elif element.name and names[named] == 1 and lost[named] == 1:
            yield Pair(old.key, element, by_name[named], Found.SAME_NAME)
        else:
            yield Pair(old.key, element, None, Found.NONE)


def complete(old: Mapping[str, Process], new: Mapping[str, Process], pairs: Sequence[Pair]) -> dict[str, str]:
    """Return the whole mapping: elements that are called otherwise, and the flows between paired elements."""
    found = {pair.old.id: pair.new.id for pair in pairs if pair.new is not None and pair.new.id != pair.old.id}
    for key, process in whole_processes(old).items():
        target = new.get(key)
        if target is not None:
            found.update(_flows(process, target, found))
    return found


def _flows(old: Process, new: Process, elements: Mapping[str, str]) -> dict[str, str]:
    """Pair flows whose id is gone with the only one that is new between the same two elements."""
    between: dict[tuple[str, str], list[str]] = {}
    for flow in new.flows.values():
        if flow.id not in old.flows:
            between.setdefault((flow.source, flow.target), []).append(flow.id)
    ends = {
        flow.id: (elements.get(flow.source, flow.source), elements.get(flow.target, flow.target))
        for flow in old.flows.values()
        if flow.id not in new.flows
    }
    several = Counter(ends.values())
    return {
        flow: between[pair][0] for flow, pair in ends.items() if len(between.get(pair, ())) == 1 and several[pair] == 1
    }


def require_mapping(old: Mapping[str, Process], new: Mapping[str, Process], chosen: Mapping[str, str]) -> None:
    """Raise ``RejectedError`` for each entry that leads from or to nothing; an empty text stands for nothing."""
    olds = {name for process in old.values() for name in (*process.elements, *process.flows)}
    news = {name for process in new.values() for name in (*process.elements, *process.flows)}
    faults = [
        FieldFault(f"/mapping/{name}", "mapping-unknown", f"Expected {name} to lead from and to something.")
        for name, target in chosen.items()
        if name not in olds or (target and target not in news)
    ]
    if faults:
        message = f"Expected {len(faults)} entries of the mapping to name what is there."
        raise RejectedError(message, code="invalid-request", faults=faults)


def part_for(process: Process, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a mapping that speaks of a process."""
    return {old: new for old, new in mapping.items() if old in process.elements or old in process.flows}


def new_process_key(key: str, mapping: Mapping[str, str]) -> str:
    """Return what a process, or the repeated body of an element, is called in the new version."""
    process, mark, element = key.partition(BODY)
    return process + mark + mapping.get(element, element)
