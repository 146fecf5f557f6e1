"""The conformance cases: not one wrong, and the published table is true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.conformance_table import write_table
from workflows.engine.conform import conform, run_case

HERE = Path(__file__).parents[1] / "conformance"
CASES = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
RESULTS = HERE / "RESULTS.md"


def read(diagram):
    return (HERE / diagram).read_bytes()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_runs_as_the_standard_says_or_is_refused_by_name(case):
    verdict = run_case(case, read)

    assert verdict.verdict in ("right", "refused"), verdict.why
    if verdict.verdict == "refused":
        assert f'id="{verdict.refused_element}"'.encode() in read(case["diagram"])
        assert verdict.finding is not None
        assert verdict.finding.code
        assert verdict.finding.construct


def test_the_table_of_results_is_true():
    assert RESULTS.read_text(encoding="utf-8") == table(), "run: python -m tests.engine.conformance_table"


def test_most_cases_are_right_and_none_is_wrong():
    summary = conform(CASES, read)["summary"]

    assert summary["wrong"] == 0
    assert summary["right"] >= 59
    assert summary["total"] == 143


def test_a_case_that_cannot_be_read_is_wrong_and_does_not_stop_the_rest():
    broken = [
        {"id": "no-file", "diagram": "diagrams/nothing.bpmn", "process": "P"},
        {"id": "no-process", "diagram": CASES[0]["diagram"], "process": "nobody"},
        {"id": "no-fields"},
        CASES[0],
    ]

    result = conform(broken, read)

    assert [case["verdict"] for case in result["cases"]] == ["wrong", "wrong", "wrong", "right"]
    assert list(result["cases"][0]) == ["id", "verdict", "why", "refused_element"]


def table() -> str:
    return write_table(CASES, read)
