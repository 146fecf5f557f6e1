"""What the overview may show: ``bpmn/overview.yaml`` as plain data. Ranking is off unless the file gives its basis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = "overview.yaml"
_FIELDS = {"shown", "basis", "months", "least"}
_MOST_MONTHS, _MOST_LEAST = 60, 10_000


class OverviewError(Exception):
    """``overview.yaml`` is not as described there; the message names the field."""


@dataclass(frozen=True, slots=True)
class RankingRules:
    """Whether units are ranked, on what basis, over how many months, and from how many steps on."""

    shown: bool
    basis: str
    months: int
    least: int


OFF = RankingRules(shown=False, basis="", months=12, least=10)


def load_ranking(law: Path) -> RankingRules:
    """Return the rules of ranking under the folder ``law``, read once a process; without the file it is off."""
    return _read((law / FILE).absolute())


@lru_cache(maxsize=8)
def _read(path: Path) -> RankingRules:
    if not path.exists():
        return OFF
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise OverviewError(f"Expected {path} to be a YAML file, but {fault}.") from fault
    return parse_ranking(content)


def parse_ranking(content: Any) -> RankingRules:
    """Turn the content of the file into rules, or raise ``OverviewError``."""
    told = content.get("ranking") if isinstance(content, dict) and set(content) == {"ranking"} else None
    if not isinstance(told, dict) or set(told) != _FIELDS:
        raise OverviewError(f"Expected exactly ranking with the fields {', '.join(sorted(_FIELDS))}.")
    if not isinstance(told["shown"], bool) or not isinstance(told["basis"], str):
        raise OverviewError("Expected ranking.shown to be a truth value and ranking.basis to be text.")
    if told["shown"] and not told["basis"].strip():
        raise OverviewError("Expected ranking.basis to name what allows the ranking, but it is empty.")
    months, least = _whole(told, "months", _MOST_MONTHS), _whole(told, "least", _MOST_LEAST)
    return RankingRules(told["shown"], told["basis"].strip(), months, least)


def _whole(told: dict[str, Any], name: str, most: int) -> int:
    value = told[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise OverviewError(f"Expected ranking.{name} to be a whole number from 1 to {most}, but it is {value!r}.")
    return value
