"""Which DMN files are read, and what is said of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.decisions.conftest import NAMESPACE, table_xml
from workflows.engine.decisions import read_decisions
from workflows.engine.limits import Limits
from workflows.engine.types import FileContent, Severity

TABLE: dict[str, Any] = {"inputs": ["x"], "outputs": ["y"], "rules": [("1", "2")]}


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_the_namespaces_of_dmn_1_1_to_1_5_are_read(table, now, namespace):
    assert table(**TABLE, namespace=namespace).evaluate({"x": 1}, now=now) == 2


@pytest.mark.parametrize("policy", ["nonsense", "unique", "RULE_ORDER"])
def test_unknown_hit_policies_are_refused_by_name(policy):
    decisions, (finding,) = read_decisions(FileContent("t.dmn", table_xml(**TABLE, policy=policy)))

    assert not decisions
    assert (finding.code, finding.element_id, finding.severity) == ("dmn-hit-policy", "table", Severity.ERROR)
    assert finding.params["hit_policy"] == policy
    assert policy in finding.message


@pytest.mark.parametrize(
    ("policy", "aggregation", "outputs"),
    [("UNIQUE", "SUM", ["y"]), ("COLLECT", "AVERAGE", ["y"]), ("COLLECT", "SUM", ["y", "z"])],
)
def test_an_aggregation_out_of_place_is_refused(findings, policy, aggregation, outputs):
    rules = [("1", *("2" for _ in outputs))]
    content = table_xml(inputs=["x"], outputs=outputs, rules=rules, policy=policy, aggregation=aggregation)

    assert findings(content) == [("dmn-aggregation", "table")]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"rules": [("1", "2", "3")]}, [("dmn-rule-width", "r1")]),
        ({"rules": [("1",)]}, [("dmn-rule-width", "r1")]),
        ({"outputs": []}, [("dmn-no-output", "table"), ("dmn-rule-width", "r1")]),
        ({"outputs": ["y", "y"], "rules": [("1", "2", "3")]}, [("dmn-output-names", "table")]),
        ({"outputs": ["y", ""], "rules": [("1", "2", "3")]}, [("dmn-output-names", "table")]),
        ({"inputs": [""]}, [("dmn-input-expression", "in1")]),
        ({"inputs": ["x +"]}, [("expression-invalid", "in1")]),
        ({"rules": [("> ", "2")]}, [("expression-invalid", "r1")]),
        ({"rules": [("1", "2 +"), ("1 2", "3")]}, [("expression-invalid", "r1"), ("expression-invalid", "r2")]),
        ({"rules": [("${x}", "2")]}, [("expression-language-not-supported", "r1")]),
        ({"rules": [("1", "x[0]")]}, [("expression-invalid", "r1")]),
        ({"rules": [("1", "1" + " " * 5_000 + "+ 1")]}, [("expression-invalid", "r1")]),
    ],
)
def test_every_fault_of_a_table_names_its_element(findings, parts, expected):
    found = findings(table_xml(**{**TABLE, **parts}))

    assert [finding for finding in found if finding[0] != "dmn-rule-width" or finding in expected] == expected


DECISION = '<definitions xmlns="{}" id="defs"><decision id="d" name="甲">{}</decision>{}</definitions>'
LITERAL = '<literalExpression id="e"><text>1 +</text></literalExpression>'
TEXT = "<literalExpression><text>1</text></literalExpression>"
SELF = '<informationRequirement id="q"><requiredDecision href="#{}"/></informationRequirement>'


@pytest.mark.parametrize(
    ("inside", "beside", "expected"),
    [
        (LITERAL, "", ("expression-invalid", "e")),
        ('<literalExpression id="e"/>', "", ("dmn-logic-incomplete", "e")),
        ('<literalExpression id="e"><importedValues/></literalExpression>', "", ("dmn-import", "e")),
        ("<invocation/>", "", ("dmn-logic-incomplete", "d")),
        (f'<invocation id="e">{TEXT}<binding/></invocation>', "", ("dmn-logic-incomplete", "e")),
        ('<context id="e"><contextEntry id="f"/></context>', "", ("dmn-logic-incomplete", "f")),
        (f'<conditional id="e"><if>{TEXT}</if></conditional>', "", ("dmn-logic-incomplete", "e")),
        (f'<for id="e" iteratorVariable="i"><in>{TEXT}</in></for>', "", ("dmn-logic-incomplete", "e")),
        (f'<some id="e" iteratorVariable="i"><in>{TEXT}</in></some>', "", ("dmn-logic-incomplete", "e")),
        (f'<filter id="e"><in>{TEXT}</in></filter>', "", ("dmn-logic-incomplete", "e")),
        (
            f'<relation id="e"><column name="a"/><row id="r">{TEXT}{TEXT}</row></relation>',
            "",
            ("dmn-logic-incomplete", "r"),
        ),
        (f'<functionDefinition id="e" kind="Java">{TEXT}</functionDefinition>', "", ("dmn-function-kind", "e")),
        ("", "", ("dmn-no-table", "d")),
        (SELF.format("other") + TEXT, "", ("dmn-requirement-unknown", "q")),
        (
            '<informationRequirement id="q"><requiredDecision href="urn:x#a"/></informationRequirement>',
            "",
            ("dmn-import", "q"),
        ),
        (SELF.format("d") + TEXT, "", ("dmn-cycle", "d")),
        (SELF.format("m") + TEXT, f'<decision id="m" name="m">{SELF.format("d")}{TEXT}</decision>', ("dmn-cycle", "m")),
        (SELF.format("m") + TEXT, f'<decision id="m" name="m">{LITERAL}</decision>', ("dmn-required-broken", "d")),
        (TEXT, '<businessKnowledgeModel id="m" name="m"/>', ("dmn-no-table", "m")),
        (TEXT, '<decisionService id="s" name="s"/>', ("dmn-logic-incomplete", "s")),
        (TEXT, '<import id="i" name="i"/>', ("dmn-import", "i")),
        (TEXT, "<decision/>", ("dmn-missing-id", "defs")),
    ],
)
def test_what_is_not_run_or_not_whole_is_refused_by_name(findings, inside, beside, expected):
    assert expected in findings(DECISION.format(NAMESPACE, inside, beside))


def test_a_chain_of_decisions_has_an_end(findings):
    chain = "".join(
        f'<decision id="d{n}" name="d{n}">{SELF.format(f"d{n - 1}") if n else ""}{TEXT}</decision>' for n in range(45)
    )

    found = findings(DECISION.format(NAMESPACE, TEXT, chain))

    assert [code for code, _ in found] == ["dmn-too-deep"] * 5
    assert found[0][1] == "d40"


def test_inputs_of_the_requirements_graph_and_drawings_are_no_fault(table, now):
    extra = (
        '<inputData id="x" name="x"/><knowledgeSource id="k" name="k"/><textAnnotation id="a"><text>说明</text>'
        '</textAnnotation><association id="as"/><itemDefinition name="t"/>'
    )

    assert table(**TABLE, extra=extra).evaluate({"x": 1}, now=now) == 2


def test_a_file_may_hold_several_independent_decisions(now):
    second = table_xml(**TABLE).decode().partition("<decision ")[2].partition("</definitions>")[0]
    content = table_xml(**TABLE, extra="<decision " + second.replace('"choice"', '"other"'))

    decisions, findings = read_decisions(FileContent("t.dmn", content))

    assert [decision.id for decision in decisions] == ["choice", "other"]
    assert not findings


def test_two_decisions_of_one_id_are_refused(findings):
    second = table_xml(**TABLE).decode().partition("<decision ")[2].partition("</definitions>")[0]

    assert findings(table_xml(**TABLE, extra="<decision " + second)) == [("dmn-duplicate-id", "choice")]


def test_one_faulty_decision_leaves_the_others_readable():
    good = table_xml(**TABLE).decode().partition("<decision ")[2].partition("</definitions>")[0]
    content = DECISION.format(NAMESPACE, LITERAL, "<decision " + good).encode()

    decisions, findings = read_decisions(FileContent("t.dmn", content))

    assert [decision.id for decision in decisions] == ["choice"]
    assert [finding.element_id for finding in findings] == ["e"]


def test_annotations_comments_and_elements_of_vendors_are_skipped(now):
    content = table_xml(**TABLE).decode()
    content = content.replace("<rule ", '<!-- note --><annotation name="依据"/><rule ', 1)
    content = content.replace("</rule>", "<annotationEntry><text>003 六</text></annotationEntry></rule>")
    content = content.replace("<input ", '<v:input xmlns:v="urn:vendor"/><input ', 1)

    (decision,), findings = read_decisions(FileContent("t.dmn", content.encode("utf-16")))

    assert decision.evaluate({"x": 1}, now=now) == 2
    assert not findings


def test_a_foreign_expression_language_is_refused(findings):
    for where in ("<definitions ", "<decisionTable ", "<inputExpression"):
        content = table_xml(**TABLE).decode()
        tag = where.strip()
        changed = content.replace(tag, f'{tag} expressionLanguage="javascript"', 1)

        assert {code for code, _ in findings(changed)} == {"expression-language-not-supported"}
    for language in ("feel", "FEEL", "http://www.omg.org/spec/FEEL/20140401", "https://www.omg.org/spec/DMN/FEEL/"):
        content = table_xml(**TABLE).decode().replace("<definitions", f'<definitions expressionLanguage="{language}"')
        assert findings(content) == []


def test_an_unknown_type_is_a_warning_only():
    content = table_xml(**TABLE).decode().replace('name="y"', 'name="y" typeRef="tCustom"')

    decisions, (finding,) = read_decisions(FileContent("t.dmn", content.encode()))

    assert len(decisions) == 1
    assert (finding.code, finding.severity, finding.element_id) == (
        "dmn-type-not-checked",
        Severity.WARNING,
        "out_y",
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml-empty"),
        (b"<definitions>", "xml-malformed"),
        (b"<!DOCTYPE a><definitions/>", "xml-doctype-forbidden"),
        (b"<definitions/>", "dmn-namespace"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "dmn-namespace"),
        (f'<definitions xmlns="{NAMESPACE}"/>'.encode(), "dmn-no-decision"),
    ],
)
def test_what_is_no_dmn_is_refused(findings, content, code):
    assert [found for found, _ in findings(content)] == [code]


def test_limits_are_those_handed_in():
    content = table_xml(inputs=["x + 1 + 1"], outputs=["y"], rules=[])

    _, (finding,) = read_decisions(FileContent("t.dmn", content), limits=Limits(max_expression_length=5))

    assert finding.code == "expression-invalid"
    assert finding.params["reason"]["params"]["why"]["code"] == "expression-too-long"


def test_every_shipped_decision_is_read_without_a_finding():
    paths = sorted((Path(__file__).parents[3] / "bpmn" / "decisions").glob("*.dmn"))

    assert paths
    for path in paths:
        decisions, findings = read_decisions(FileContent(path.name, path.read_bytes()))
        assert decisions
        assert findings == ()
