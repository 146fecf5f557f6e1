"""The conformance cases: not one wrong, and the published table is true."""

from __future__ import annotations

import pytest

from tests.engine.bpmn_support import SUPPORT, write_support
from tests.engine.conformance_table import HERE, case_sets, write_table
from workflows.engine.conform import conform

SETS = case_sets()
SHARED = SETS[0]
RESULTS = HERE / "RESULTS.md"
ALL = [pytest.param(each, case, id=f"{each.name}:{case['id']}") for each in SETS for case in each.cases]


@pytest.mark.parametrize(("among", "case"), ALL)
def test_a_case_runs_as_the_standard_says_or_is_refused_by_name(among, case):
    verdict = among.verdict(case)

    assert verdict.verdict in ("right", "refused"), verdict.why
    if verdict.verdict == "refused":
        assert f'id="{verdict.refused_element}"'.encode() in among.read(case["diagram"])
        assert verdict.finding is not None
        assert verdict.finding.code
        assert verdict.finding.construct


@pytest.mark.parametrize(("among", "case"), [each for each in ALL if each.values[0] is not SHARED])
def test_a_case_of_ours_is_right_or_may_be_refused(among, case):
    verdict = among.verdict(case)

    assert verdict.verdict == "right" or (verdict.verdict == "refused" and case["may_be_refused"]), verdict.why


def test_no_two_cases_have_the_same_name():
    names = [case["id"] for each in SETS for case in each.cases]

    assert len(names) == len(set(names))


def test_the_page_of_what_runs_is_true():
    assert SUPPORT.read_text(encoding="utf-8") == write_support(SETS), "run: python -m tests.engine.conformance_table"


def test_the_table_of_results_is_true():
    assert RESULTS.read_text(encoding="utf-8") == write_table(SETS), "run: python -m tests.engine.conformance_table"


def test_most_cases_are_right_and_none_is_wrong():
    summary = conform(SHARED.cases, SHARED.read)["summary"]

    assert summary["wrong"] == 0
    assert summary["right"] >= 132
    assert summary["total"] == 143


def test_a_case_that_cannot_be_read_is_wrong_and_does_not_stop_the_rest():
    first = SHARED.cases[0]
    broken = [
        {"id": "no-file", "diagram": "diagrams/nothing.bpmn", "process": "P"},
        {"id": "no-process", "diagram": first["diagram"], "process": "nobody"},
        {"id": "no-fields"},
        first,
    ]

    result = conform(broken, SHARED.read)

    assert [case["verdict"] for case in result["cases"]] == ["wrong", "wrong", "wrong", "right"]
    assert list(result["cases"][0]) == ["id", "verdict", "why", "refused_element"]
