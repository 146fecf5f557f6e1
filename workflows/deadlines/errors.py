"""What can be wrong with time: a date that cannot be computed, and faults of a data file, all listed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class DeadlineError(Exception):
    """A date cannot be computed. ``code`` is stable, ``params`` fill the translated message."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(message)
        self.code = code
        self.params: Mapping[str, Any] = params


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a data file: where (file and path inside it), what (stable ``code``), with which values."""

    file: str
    path: str
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}: {self.path or '(file)'}: {self.message} [{self.code}]"


class DataFaultsError(DeadlineError):
    """A data file is refused; ``faults`` lists every fault found, not only the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("data-faults", "\n".join(map(str, faults)), count=len(faults))
        self.faults = faults
