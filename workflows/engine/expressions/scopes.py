"""The names that an expression sees: what it bound itself, then the variables handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Scope:
    """One layer of names over another. ``lenient``: an unknown name below is null (a filter over contexts)."""

    names: Mapping[str, Any]
    parent: Scope | None = None
    lenient: bool = False

    def find(self, name: str) -> Any:
        """Find the innermost value of ``name``, or raise ``KeyError``; null when a lenient layer was passed."""
        layer: Scope | None = self
        lenient = False
        while layer is not None:
            value = layer.names.get(name, _MISSING)
            if value is not _MISSING:
                return value
            lenient = lenient or layer.lenient
            layer = layer.parent
        if lenient:
            return None
        raise KeyError(name)

    def under(self, names: Mapping[str, Any], *, lenient: bool = False) -> Scope:
        """Lay ``names`` over this scope."""
        return Scope(names, self, lenient)
