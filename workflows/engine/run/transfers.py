"""Values that pass a border: into a call, a job or a message and out of it. Nothing passes unmapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflows.engine.expressions import Expression
from workflows.engine.run.variables import evaluate, visible

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


@dataclass(frozen=True, slots=True)
class Transfers:
    """Targets with the variable or the expression that fills them."""

    items: tuple[tuple[str, str | Expression], ...] = ()

    def values(self, token: Token, nearest: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Read each source as seen at ``token`` (``nearest`` on top); a variable that does not exist is null."""
        seen = visible(token, nearest)
        return {
            target: seen.get(source) if isinstance(source, str) else evaluate(token, source, nearest)
            for target, source in self.items
        }
