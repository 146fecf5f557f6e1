"""The processes that are measured, read from ``bench/models``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workflows.deployment import read_bundle_files
from workflows.engine.types import FileContent

FOLDER = Path(__file__).parent / "models"
SHARED = "decisions/reminder_ladder.dmn"  # of the shipped law: benchmarks remind and escalate as the product does

# what is handed in at each step of M, in the order of the path
M_STEPS: Mapping[str, Mapping[str, object]] = {
    "Draft": {"subject": "采购一批办公设备用于窗口服务", "amount": 5000},
    "Legal": {"opinion": "符合规定，请完善合同条款后办理"},
    "Finance": {"checked": "预算内，额度足够"},
    "Decide": {"outcome": "agree"},
    "Post": {"address": "https://example.invalid/notices/2026/0001"},
}


def model_files(law: Path) -> list[FileContent]:
    """Return the files of all models, with the ladder of reminders of the shipped law."""
    return [*read_bundle_files(FOLDER), FileContent(SHARED, (law / SHARED).read_bytes())]


def diagram(name: str) -> bytes:
    """Return the diagram of a model."""
    return (FOLDER / "diagrams" / name / f"{name}.bpmn").read_bytes()
