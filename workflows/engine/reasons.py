"""Why something was refused, as a code with parameters: what ``{reason}`` of a finding stands for.

The English sentence travels beside it for programs, logs and developers; `api/reason_wording.py` has the Chinese one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """``code`` is stable, ``params`` fill the translated sentence and may hold reasons; ``message`` is English."""

    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def plain(self) -> dict[str, Any]:
        """Give the reason as plain data: ``{"code": …, "params": …, "message": …}``."""
        return {"code": self.code, "params": plain_params(self.params), "message": self.message}


def plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters as plain data, reasons among them or in their lists too."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Reason):
        return value.plain()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
