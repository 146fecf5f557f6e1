"""How long sealed texts are kept, by purpose: ``bpmn/retention.yaml`` as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = "retention.yaml"
FOREVER = "永久"
_FIELDS = {"default", "purposes"}
_MOST_YEARS = 200


class RetentionError(Exception):
    """``retention.yaml`` is not as described there; the message names the field."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Years of keeping by purpose; None: for ever."""

    default: int | None
    purposes: Mapping[str, int | None]

    def until(self, purpose: str, written: date) -> date | None:
        """Return the last day on which a text that was written on ``written`` is kept, None for ever."""
        years = self.purposes.get(purpose, self.default)
        if years is None:
            return None
        try:
            return written.replace(year=written.year + years)
        except ValueError:  # 29 February of a year that has none
            return written.replace(year=written.year + years, day=28)


def load_retention(law: Path) -> Retention:
    """Return the retention under the folder ``law``, read once a process; or raise ``RetentionError``."""
    return _read((law / FILE).absolute())


@lru_cache(maxsize=8)
def _read(path: Path) -> Retention:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise RetentionError(f"Expected {path} to be a YAML file, but {fault}.") from fault
    return parse_retention(content)


def parse_retention(content: Any) -> Retention:
    """Turn the content of the file into a ``Retention``, or raise ``RetentionError``."""
    if not isinstance(content, dict) or set(content) != _FIELDS or not isinstance(content["purposes"], dict):
        raise RetentionError(f"Expected exactly the fields {', '.join(sorted(_FIELDS))}, and purposes to be a mapping.")
    purposes = {str(name): _years(f"purposes.{name}", told) for name, told in content["purposes"].items()}
    return Retention(_years("default", content["default"]), purposes)


def _years(name: str, told: Any) -> int | None:
    if told == FOREVER:
        return None
    if isinstance(told, bool) or not isinstance(told, int) or not 1 <= told <= _MOST_YEARS:
        raise RetentionError(f"Expected {name} to be {FOREVER} or 1 to {_MOST_YEARS} years, but it is {told!r}.")
    return told
