"""The tables of 一案双查: what opens a matter under 003 and 004, kinds of responsibility, contradictions, measures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.law_files import NOW, bundles
from workflows.engine.types import ActivityKind

CASE = {"matter_kind": "corruption", "amount": 300, "severity": "light", "months": 0, "spread": 0}


def table(key: str, scheme: str = "003", **names: Any) -> Any:
    parameters = {name: each.value for name, each in bundles()["accountability"].parameters.items()}
    given = {"parameters": {**parameters, "scheme": scheme}, **names}
    return bundles()["accountability"].decisions[f"accountability_{key}"].evaluate(given, now=NOW)


@pytest.mark.parametrize(
    ("scheme", "told", "verdict", "clause"),
    [
        ("003", {}, "open", "003 三、9"),
        ("004", {}, "open", "004 三、（十二）"),
        ("003", {"amount": 99}, "ask_higher", "编者补"),
        ("003", {"amount": 49}, "not_open", "编者补"),
        ("003", {"matter_kind": "violation", "severity": "serious"}, "open", "003 三、9"),
        ("004", {"matter_kind": "violation", "severity": "serious"}, "ask_higher", "编者补"),
        ("004", {"matter_kind": "misconduct", "months": 12, "spread": 3}, "open", "004 三、（十二）"),
        ("004", {"matter_kind": "misconduct", "months": 12, "spread": 2}, "ask_higher", "编者补"),
        ("003", {"matter_kind": "misconduct", "months": 12, "spread": 3}, "ask_higher", "编者补"),
        ("003", {"matter_kind": "misconduct", "months": 11}, "not_open", "编者补"),
        ("004", {"matter_kind": "hall"}, "open", "004 四、（十五）"),
        ("003", {"matter_kind": "neglect"}, "open", "003 三、9"),
        ("003", {"matter_kind": "refusal"}, "open", "002 四、（十三）1（3）"),
        ("003", {"matter_kind": "other", "severity": "serious"}, "ask_higher", "编者补"),
    ],
)
def test_the_two_documents_open_on_different_grounds(
    scheme: str, told: dict[str, Any], verdict: str, clause: str
) -> None:
    found = table("opening", scheme, **{**CASE, **told})

    assert (found["verdict"], found["clause"]) == (verdict, clause)


@pytest.mark.parametrize(
    ("role", "performed", "kind"),
    [
        ("party_head", "none", "main"),
        ("admin_head", "partly", "leading"),
        ("deputy", "none", "leading"),
        ("discipline_head", "none", "supervising"),
        ("party_head", "full", "none"),
    ],
)
def test_the_kind_of_responsibility_follows_the_post(role: str, performed: str, kind: str) -> None:
    assert table("responsibility", leader={"role": role, "performed": performed})["kind"] == kind


def conclusions(person: str, leader: str, liability: str = "direct", kind: str = "main") -> dict[str, Any]:
    return {
        "person_findings": [{"no": 1, "finding": person}],
        "leader_findings": [{"no": 1, "finding": leader}],
        "person_results": [{"liability": liability, "measure": "discipline"}],
        "leader_results": [{"kind": kind, "measure": "talk"}],
    }


def codes(**names: Any) -> list[str]:
    return [row["code"] for row in table("contradictions", **names)]


def test_conclusions_that_agree_contradict_in_nothing() -> None:
    assert codes(**conclusions("true", "true")) == []


def test_each_contradiction_is_named() -> None:
    assert codes(**conclusions("true", "untrue")) == ["facts_opposed"]
    assert codes(**conclusions("untrue", "true")) == ["facts_opposed"]
    assert codes(**conclusions("true", "true", liability="none")) == ["leader_without_person"]
    assert codes(**conclusions("true", "true", kind="none")) == ["person_without_leader"]
    lonely = {**conclusions("true", "true"), "leader_findings": []}
    assert codes(**lonely) == ["facts_unassessed"]
    harsh = {**conclusions("true", "true"), "leader_results": [{"kind": "main", "measure": "discipline"}]}
    harsh["person_results"] = [{"liability": "direct", "measure": "talk"}]
    assert codes(**harsh) == ["leader_heavier"]


@pytest.mark.parametrize(("measure", "workdays"), [("talk", 5), ("circular", 10), ("organisational", 20)])
def test_each_measure_has_days_and_somebody_to_carry_it_out(measure: str, workdays: int) -> None:
    assert table("measure", measure=measure)["execute_workdays"] == workdays
    assert "post:" in table("executor", measure=measure)


def test_every_process_of_the_family_is_confidential_and_keeps_its_parties_out() -> None:
    for process in bundles()["accountability"].processes.values():
        assert (process.classification, bool(process.recuse)) == ("confidential", True), process.key


def test_both_tracks_wait_at_a_gate_for_two_messages() -> None:
    for kind in ("person", "leader"):
        elements = bundles()["accountability"].processes[f"accountability_{kind}"].elements
        assert elements["Gate"].type == "eventBasedGateway"
        assert {elements[name].kind for name in ("Released", "Reopened")} == {ActivityKind.EVENT}
