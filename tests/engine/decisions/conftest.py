"""Write a small DMN file from a table, and ask it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from workflows.engine.decisions import Decision, read_decisions
from workflows.engine.types import FileContent

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table_xml(
    *,
    inputs: list[str],
    outputs: list[str],
    rules: list[tuple[str, ...]],
    policy: str | None = None,
    aggregation: str | None = None,
    extra: str = "",
    input_extra: str = "",
    output_extra: str = "",
    namespace: str = NAMESPACE,
) -> bytes:
    columns = "".join(
        f'<input id="in{index}" label={quoteattr(text)}><inputExpression><text>{escape(text)}</text>'
        f"</inputExpression>{input_extra}</input>"
        for index, text in enumerate(inputs, 1)
    )
    columns += "".join(f'<output id="out_{name}" name="{name}">{output_extra}</output>' for name in outputs)
    rows = ""
    for number, cells in enumerate(rules, 1):
        tests, results = cells[: len(inputs)], cells[len(inputs) :]
        rows += f'<rule id="r{number}">'
        rows += "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in tests)
        rows += "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in results)
        rows += "</rule>"
    attributes = f' hitPolicy="{policy}"' if policy else ""
    attributes += f' aggregation="{aggregation}"' if aggregation else ""
    text = (
        f'<definitions xmlns="{namespace}" id="d" name="d" namespace="urn:test">'
        f'<decision id="choice" name="选择"><decisionTable id="table"{attributes}>{columns}{rows}</decisionTable>'
        f"</decision>{extra}</definitions>"
    )
    return text.encode()


@pytest.fixture
def table() -> Callable[..., Decision]:
    def make(**parts: Any) -> Decision:
        decisions, findings = read_decisions(FileContent("t.dmn", table_xml(**parts)))
        assert not findings
        return decisions[0]

    return make


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def findings() -> Callable[..., list[tuple[str, str]]]:
    """Read a file and give code and element of each finding."""

    def read(content: bytes | str) -> list[tuple[str, str]]:
        raw = content.encode() if isinstance(content, str) else content
        return [(finding.code, finding.element_id) for finding in read_decisions(FileContent("t.dmn", raw))[1]]

    return read
