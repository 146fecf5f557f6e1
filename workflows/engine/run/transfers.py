"""Values that pass a border: into a call, a job or a message and out of it. Nothing passes unmapped.

Some dialects map everything (``*``), or write lists and maps of texts; some give an activity variables of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.engine.expressions import Expression
from workflows.engine.run.variables import CLOSED, VARIABLES, evaluate, visible, write

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

EVERYTHING = "*"
_MAPPED = "mapped"
_BEGUN = "begun"

Source = str | Expression | list["Source"] | dict[str, "Source"]


@dataclass(frozen=True, slots=True)
class Transfers:
    """Targets with the variable or the expression that fills them."""

    items: tuple[tuple[str, Source], ...] = ()

    def beside(self, names: Iterable[str]) -> Transfers:
        """Let variables pass under their own names as well."""
        return Transfers((*((name, name) for name in names), *self.items))

    def values(self, token: Token, nearest: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Read each source as seen at ``token`` (``nearest`` on top); a variable that does not exist is null."""
        seen = visible(token, nearest)
        passed: dict[str, Any] = {}
        for target, source in self.items:
            if target == EVERYTHING:
                passed.update(_everything(token, nearest, inward=source == "in"))
            else:
                passed[target] = seen.get(source) if isinstance(source, str) else _worked_out(token, source, nearest)
        return passed


def _everything(token: Token, nearest: Mapping[str, Any] | None, *, inward: bool) -> dict[str, Any]:
    """Give all variables seen at ``token`` for the way in; for the way out, what came back."""
    if not inward:
        return dict(nearest or {})
    held: dict[str, Any] = {}
    for scope in token.scopes():
        held = {**scope.memo.get(VARIABLES, {}), **held}
    return {**held, **(nearest or {})}


def _worked_out(token: Token, source: Source, nearest: Mapping[str, Any] | None) -> Any:
    if isinstance(source, Expression):
        return evaluate(token, source, nearest)
    if isinstance(source, list):
        return [_worked_out(token, each, nearest) for each in source]
    assert isinstance(source, dict)  # noqa: S101 - a name stands at the top only
    return {key: _worked_out(token, each, nearest) for key, each in source.items()}


@dataclass(frozen=True, slots=True)
class Mappings:
    """What an activity computes for itself before it begins, and what it hands out when it completes.

    ``initial`` fills variables that are not there yet, ``before`` writes where the variables live, ``local`` makes
    variables of the activity. With ``is_closed`` nothing else that the activity writes leaves it.
    """

    initial: Transfers = field(default_factory=Transfers)
    before: Transfers = field(default_factory=Transfers)
    local: Transfers = field(default_factory=Transfers)
    after: Transfers = field(default_factory=Transfers)
    is_closed: bool = False

    def begin(self, token: Token) -> None:
        """Fill the variables of the activity, once, or raise ``Fault``."""
        if _BEGUN in token.memo:
            return
        seen = visible(token)
        write(token, {name: value for name, value in self.initial.values(token).items() if name not in seen})
        before = self.before.values(token)
        if before:
            write(token, before)
        local = self.local.values(token)
        token.memo[_BEGUN] = True
        if local or self.is_closed:
            token.memo.setdefault(VARIABLES, {}).update(local)
        if self.is_closed and CLOSED not in token.memo:
            token.memo[CLOSED] = token.memo[_MAPPED] = True

    def hand_out(self, token: Token) -> None:
        """Write the outputs around the activity, or raise ``Fault``."""
        values = self.after.values(token)
        if CLOSED in token.memo and _MAPPED not in token.memo:
            token.memo[VARIABLES].update(values)  # an instance that hands out one item keeps the rest
        elif values:
            write(token.scope, values)
