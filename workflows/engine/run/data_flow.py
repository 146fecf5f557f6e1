"""Data that enter a node before it runs and leave it when it is done (BPMN 2.0.2 §10.4.2, §13.3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflows.engine.expressions import Expression
from workflows.engine.run.faults import Fault
from workflows.engine.run.variables import OWN, VARIABLES, evaluate, visible, write

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

# the variables that may hold the value, the likeliest first; or what computes it
Source = tuple[str, ...] | Expression


@dataclass(frozen=True, slots=True)
class Fill:
    """One target with its source. ``targets`` are the variables that it may be, the likeliest first."""

    targets: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class DataFlow:
    """What a node takes in and gives out. ``sets`` are its input sets: the local names that each needs.

    Inputs are the node's own copies; what it writes to an output stays its own until an association takes it out.
    """

    into: tuple[Fill, ...] = ()
    out: tuple[Fill, ...] = ()
    own: tuple[str, ...] = ()
    sets: tuple[tuple[str, ...], ...] = ()

    def enter(self, token: Token) -> None:
        """Fill the inputs, or raise ``Fault`` when no input set has all that it needs."""
        seen = visible(token)
        values: dict[str, Any] = {}
        for fill in self.into:
            values[fill.targets[0]] = _value(token, fill.source, seen)
        filled = {name for name, value in values.items() if value is not None}
        if self.sets and not any(set(each) <= filled for each in self.sets):
            missing = ", ".join(sorted(set(self.sets[0]) - filled))
            raise Fault("data-input-unavailable", f"The data that {missing} is filled from has no value yet.")
        token.memo.setdefault(VARIABLES, {}).update(values)
        token.memo[OWN] = list(self.own)

    def leave(self, token: Token) -> None:
        """Take the outputs out to the scope around the node; an output that was never written takes nothing out."""
        for target, value in self._results(token):
            write(token.scope, {target: value})

    def _results(self, token: Token) -> Iterator[tuple[str, Any]]:
        seen, around = visible(token), visible(token.scope)
        for fill in self.out:
            if isinstance(fill.source, Expression) or any(name in seen for name in fill.source):
                target = next((name for name in fill.targets if name in around), fill.targets[0])
                yield target, _value(token, fill.source, seen)


def _value(token: Token, source: Source, seen: Mapping[str, Any]) -> Any:
    if isinstance(source, Expression):
        return evaluate(token, source)
    held = [seen[name] for name in source if name in seen]
    return next((value for value in held if value is not None), None)
