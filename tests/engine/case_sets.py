"""The sets of conformance cases: the shared one, and ours, one file for each area."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows.engine.conform import Verdict, run_case

HERE = Path(__file__).parents[1] / "conformance"


@dataclass(frozen=True)
class CaseSet:
    """A file of cases; their diagrams are named from its folder."""

    name: str
    folder: Path
    cases: Sequence[Mapping[str, Any]]

    def read(self, diagram: str) -> bytes:
        return (self.folder / diagram).read_bytes()

    def verdict(self, case: Mapping[str, Any]) -> Verdict:
        return run_case(case, self.read)


def case_sets() -> list[CaseSet]:
    """List the shared set and ours, one file each in ``more/``."""
    files = [HERE / "cases.json", *sorted((HERE / "more").glob("*.json"))]
    return [CaseSet(file.stem, file.parent, json.loads(file.read_text(encoding="utf-8"))) for file in files]
