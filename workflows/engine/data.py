"""The neutral model of data: items that hold values, and what an activity or event takes in and gives out (§10.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.engine.model import Text

# A data object or store is read by a name that an expression can write.
_PLAIN = re.compile(r"[^\W\d]\w*")
# What modelers make of the end of an arrow that leads into an activity without data inputs.
PLACEHOLDER = "__targetRef_placeholder"


@dataclass(frozen=True, slots=True)
class Item:
    """A data object, a reference to one, a property, a data store or a reference to one (§10.4.1)."""

    id: str
    name: str
    tag: str
    ref: str = ""

    @property
    def variable(self) -> str:
        """Name the variable that holds its value: its name where an expression can write that, else its id."""
        return self.name if _PLAIN.fullmatch(self.name) else self.id or self.name


@dataclass(frozen=True, slots=True)
class Association:
    """A data association (§10.4.2): what fills ``target``, by ids, or by an expression over the sources."""

    sources: tuple[str, ...]
    target: str
    transformation: Text | None = None
    assignments: tuple[tuple[Text, Text], ...] = ()

    @property
    def moves(self) -> bool:
        """Tell whether anything is moved: an arrow with one end only is drawn for people."""
        return bool(self.assignments or self.transformation is not None or self.sources) and bool(self.target)


@dataclass(frozen=True, slots=True)
class Ports:
    """The data inputs and outputs of a node with their associations (§10.4.2). ``sets`` are the input sets."""

    inputs: Mapping[str, str] = field(default_factory=dict)  # id -> name
    outputs: Mapping[str, str] = field(default_factory=dict)
    sets: tuple[tuple[str, ...], ...] = ()  # the inputs that each needs
    into: tuple[Association, ...] = ()
    out: tuple[Association, ...] = ()

    def name_of(self, reference: str) -> str:
        """Name the variable of a data input or output; empty for anything else."""
        return self.inputs.get(reference) or self.outputs.get(reference) or ""


def variable_of(reference: str, items: Mapping[str, Item]) -> str:
    """Name the variable that a reference stands for; an id that nothing declares is a name itself."""
    item = items.get(reference)
    if item is None:
        return reference
    behind = items.get(item.ref) if item.ref else None
    if behind is not None and (behind.name or not item.name):
        return behind.variable
    return item.variable
