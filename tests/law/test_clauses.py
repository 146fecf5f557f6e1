"""Nothing is shown as law that the texts do not say: each step cites its clause word for word, or says 编者补."""

from __future__ import annotations

import pytest

from tests.law.law_files import EDITOR, FAMILIES, LAW, bundles, citations, clauses, duties, load, plain, steps
from workflows.deadlines.explanation import Confidence

every_family = pytest.mark.parametrize("family", FAMILIES)


@every_family
def test_every_step_names_a_known_clause_or_the_editor(family: str) -> None:
    unknown = [
        (step.id, clause)
        for step in steps(family)
        for clause in step.clause.split("；")
        if clause != EDITOR and clause not in clauses()
    ]

    assert unknown == []


@every_family
def test_a_step_that_names_a_clause_quotes_it_and_one_that_does_not_says_so(family: str) -> None:
    faults = []
    for step in steps(family):
        named = set(step.clause.split("；"))
        cited = {clause for clause, _ in citations(step.documentation)}
        if named == {EDITOR}:
            if EDITOR not in step.documentation and step.name:
                faults.append((step.id, "does not say 编者补"))
        elif not cited & named and step.name:
            faults.append((step.id, "quotes none of its clauses"))

    assert faults == []


@every_family
def test_every_quotation_stands_in_its_clause_word_for_word(family: str) -> None:
    texts = [step.documentation for step in steps(family)]
    texts += [process.documentation for process in bundles()[family].processes.values()]
    quoted = [(clause, words) for text in texts for clause, words in citations(text)]

    assert quoted
    assert [
        (clause, words)
        for clause, words in quoted
        if not any(plain(words) in plain(sentence) for sentence in clauses().get(clause, []))
    ] == []


@every_family
def test_a_limit_is_the_editors_unless_its_article_is_known(family: str) -> None:
    rules = [rule for key, rule in bundles()[family].deadlines.items() if key.startswith(f"{family}_")]

    assert rules
    for rule in rules:
        if rule.confidence is not Confidence.EDITOR:
            assert f"{rule.source[:3]} {rule.article}" in clauses()


@every_family
def test_a_parameter_names_a_known_clause_or_the_editor(family: str) -> None:
    for parameter in bundles()[family].parameters.values():
        assert parameter.by_editor or parameter.source in clauses(), parameter.key


def test_a_region_names_its_document_and_what_its_values_rest_on() -> None:
    regions = {path.stem: load(path) for path in (LAW / "regions").glob("*.yaml")}

    assert {"default", "seed_000", "seed_001", "seed_002", "seed_004"} <= set(regions)
    for key, region in regions.items():
        assert region["based_on"][:3] in load(LAW / "clauses.yaml")["sources"], key
        for family, values in region.get("parameters", {}).items():
            for name, entry in values.items():
                assert name in bundles()[family].parameters, (key, name)
                assert entry["source"] == EDITOR or entry["source"] in clauses(), (key, name)
                assert entry["source"] == EDITOR or key == "default" or entry["source"][:3] == region["based_on"][:3]


@every_family
def test_a_duty_quotes_its_clause(family: str) -> None:
    for row in duties()[family]:
        assert row["clause"] in clauses(), row["id"]
        assert any(plain(row["quote"]) in plain(sentence) for sentence in clauses()[row["clause"]]), row["id"]
