"""Several decisions, boxed logic, knowledge models, services, types: one idea a test (DMN 1.5, chapters 6, 7, 10)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows.engine.decisions import Decision, DecisionError, read_decisions
from workflows.engine.expressions import ExpressionError
from workflows.engine.types import FileContent

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def text(feel: str) -> str:
    escaped = feel.replace("&", "&amp;").replace("<", "&lt;")
    return f'<literalExpression id="e"><text>{escaped}</text></literalExpression>'


def needs(*names: str, kind: str = "Decision") -> str:
    tag = "knowledgeRequirement" if kind == "Knowledge" else "informationRequirement"
    return "".join(f'<{tag} id="q"><required{kind} href="#{name}"/></{tag}>' for name in names)


def decision(name: str, *parts: str, variable: str = "") -> str:
    own = f'<variable name="{variable or name}"/>' if variable else ""
    return f'<decision id="{name}" name="{name}">{own}{"".join(parts)}</decision>'


def box(tag: str, *inside: str) -> str:
    variable = ' iteratorVariable="i"' if tag in ("for", "some", "every") else ""
    return f"<{tag}{variable}>{''.join(inside)}</{tag}>"


def entry(box: str, name: str = "") -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{box}</contextEntry>"


def knowledge(name: str, parameter: str, box: str, *parts: str) -> str:
    logic = f'<encapsulatedLogic><formalParameter name="{parameter}"/>{box}</encapsulatedLogic>'
    own = f'id="{name.partition(" ")[0].lower()}" name="{name}"'
    return f"<businessKnowledgeModel {own}>{logic}{''.join(parts)}</businessKnowledgeModel>"


def invocation(function: str, parameter: str, value: str) -> str:
    binding = f'<binding><parameter name="{parameter}"/>{text(value)}</binding>'
    return f"<invocation>{text(function)}{binding}</invocation>"


def item_type(name: str, base: str, values: str) -> str:
    allowed = f"<allowedValues><text>{values}</text></allowedValues>"
    return f'<itemDefinition name="{name}"><typeRef>{base}</typeRef>{allowed}</itemDefinition>'


def read(*parts: str) -> dict[str, Decision]:
    namespace = "https://www.omg.org/spec/DMN/20230324/MODEL/"
    content = f'<definitions xmlns="{namespace}" id="defs" name="n">{"".join(parts)}</definitions>'
    decisions, findings = read_decisions(FileContent("t.dmn", content.encode()))
    assert findings == ()
    return {found.id: found for found in decisions}


def ask(name: str, *parts: str, **scope: Any) -> Any:
    return read(*parts)[name].evaluate(scope, now=NOW)


def table(policy: str, rules: list[tuple[str, str]], values: str = "", outputs: int = 1) -> str:
    allowed = f"<outputValues><text>{values}</text></outputValues>" if values else ""
    columns = "".join(f'<output id="o{n}" name="o{n}">{allowed}</output>' for n in range(outputs))
    rows = "".join(
        f'<rule id="r{n}"><inputEntry><text>{test.replace("<", "&lt;")}</text></inputEntry>'
        + "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in result.split(";"))
        + "</rule>"
        for n, (test, result) in enumerate(rules)
    )
    source = '<input id="i"><inputExpression><text>x</text></inputExpression></input>'
    return f'<decisionTable id="t" hitPolicy="{policy}">{source}{columns}{rows}</decisionTable>'


RULES = [("> 1", '"low"'), ("> 2", '"high"'), ("> 3", '"mid"'), ("> 4", '"low"')]
VALUES = '"high", "mid", "low"'


@pytest.mark.parametrize(
    ("policy", "x", "answer"),
    [
        ("PRIORITY", 2, "low"),
        ("PRIORITY", 9, "high"),
        ("PRIORITY", 0, None),
        ("OUTPUT ORDER", 9, ["high", "mid", "low", "low"]),
        ("OUTPUT ORDER", 0, []),
        ("RULE ORDER", 9, ["low", "high", "mid", "low"]),
        ("COLLECT", 3, ["low", "high"]),
    ],
)
def test_outputs_are_ordered_by_rule_or_by_their_values(policy, x, answer):
    assert ask("d", decision("d", table(policy, RULES, VALUES)), x=x) == answer


def test_several_outputs_are_ordered_by_the_first_then_by_the_next():
    rules = [("-", '"low";"high"'), ("-", '"high";"low"'), ("-", '"high";"mid"')]

    answers = ask("d", decision("d", table("OUTPUT ORDER", rules, VALUES, outputs=2)), x=1)

    assert [(answer["o0"], answer["o1"]) for answer in answers] == [("high", "mid"), ("high", "low"), ("low", "high")]


def test_an_order_by_values_needs_values():
    logic = decision("d", table("PRIORITY", RULES))
    content = f'<definitions xmlns="http://www.omg.org/spec/DMN/20180521/MODEL/">{logic}</definitions>'

    decisions, (finding,) = read_decisions(FileContent("t.dmn", content.encode()))

    assert not decisions
    assert (finding.code, finding.element_id) == ("dmn-priority-without-values", "t")


def test_the_order_may_be_that_of_the_type():
    kind = item_type("tLevel", "string", '"high","low"')
    rules = table("PRIORITY", [("-", '"low"'), ("-", '"high"')]).replace('name="o0"', 'name="o0" typeRef="tLevel"')

    assert ask("d", kind, decision("d", rules), x=1) == "high"


def test_a_decision_reads_what_it_requires():
    parts = (
        decision("total", needs("net", "rate"), text("net * (1 + rate)")),
        decision("net", text("a + b")),
        decision("rate", text("0.1")),
    )

    assert ask("total", *parts, a=1, b=2) == Decimal("3.3")
    assert read(*parts)["total"].names == {"a", "b"}
    assert read(*parts)["net"].names == {"a", "b"}


def test_a_required_decision_is_worked_out_once_and_only_when_it_is_read():
    calls: list[int] = []

    def count_up() -> int:
        calls.append(1)
        return 4

    parts = (
        decision("d", needs("costly", "broken"), text("if x then costly + costly else broken")),
        decision("costly", text("count_up()")),
        decision("broken", text("unknown")),
    )
    found = read(*parts)["d"]

    answer = found.evaluate({"x": True}, now=NOW, functions={"count_up": count_up})

    assert answer == 8
    assert calls == [1]
    with pytest.raises(DecisionError) as caught:
        found.evaluate({"x": False}, now=NOW)
    assert (caught.value.code, caught.value.element_id) == ("unknown-name", "e")


def test_names_with_blanks_and_signs_are_those_of_the_file():
    parts = (
        '<inputData id="i1" name="Applicant Age"><variable name="Applicant Age"/></inputData>',
        '<decision id="d1" name="Pre-bureau Risk"><variable name="Pre-bureau Risk"/>'
        + needs("i1", kind="Input")
        + text("Applicant Age * 2")
        + "</decision>",
        decision("d", needs("d1"), text("Pre-bureau Risk + 1")),
    )

    assert ask("d", *parts, **{"Applicant Age": 20}) == 41
    assert read(*parts)["d"].names == {"Applicant Age"}


def test_a_required_decision_has_the_name_of_its_variable_of_itself_and_its_id():
    for name in ("v", "named", "d1"):
        parts = (
            '<decision id="d1" name="named"><variable name="v"/>' + text("7") + "</decision>",
            decision("d", needs("d1"), text(name)),
        )
        assert ask("d", *parts) == 7


def test_outputs_of_a_required_table_are_read_by_their_names_where_the_case_has_none():
    parts = (decision("d", needs("dish"), text("o0")), decision("dish", table("FIRST", [("-", '"stew"')])))

    assert ask("d", *parts, x=1) == "stew"
    assert ask("d", *parts, x=1, o0="soup") == "soup"
    both = (decision("d", needs("dish"), text("o1")), decision("dish", table("FIRST", [("-", "1;2")], outputs=2)))
    assert ask("d", *both, x=1) == 2


FUNCTION = '<formalParameter name="n"/>' + text("n * x")
COLUMNS = '<column name="a"/><column name="b"/>'
ONE, TWO, X = text("1"), text("2"), text("x")


@pytest.mark.parametrize(
    ("logic", "answer"),
    [
        (box("context", entry(text("x + 1"), "a"), entry(text("a * 2"), "b")), {"a": 3, "b": 6}),
        (box("context", entry(text("x + 1"), "a"), entry(text("a * 5"))), 15),
        (box("context", entry(box("functionDefinition", FUNCTION), "f"), entry(text("f(4)"))), 8),
        (box("context", entry(table("FIRST", RULES), "t"), entry(text("t"))), "low"),
        ("<context/>", {}),
        (box("list", X, text("x + 1")), [2, 3]),
        (box("relation", COLUMNS, box("row", ONE, X), box("row", TWO, ONE)), [{"a": 1, "b": 2}, {"a": 2, "b": 1}]),
        (box("conditional", box("if", text("x > 1")), box("then", ONE), box("else", TWO)), 1),
        (box("conditional", box("if", text("null")), box("then", ONE), box("else", TWO)), 2),
        (box("for", box("in", text("[1, 2, 3]")), box("return", text("i * x"))), [2, 4, 6]),
        (box("for", box("in", text("[1..3]")), box("return", text("i + count(partial)"))), [1, 3, 5]),
        (box("some", box("in", text("[1, 2]")), box("satisfies", text("i = x"))), True),
        (box("every", box("in", text("[1, 2]")), box("satisfies", text("i = x"))), False),
        (box("filter", box("in", text("[1, 2, 3]")), box("match", text("item > 1"))), [2, 3]),
        (invocation("abs", "n", "-x"), 2),
        (invocation("string length", "string", '"ab"'), 2),
    ],
)
def test_boxed_logic_means_what_its_text_would(logic, answer):
    found = read(decision("d", logic))["d"]

    assert found.evaluate({"x": 2}, now=NOW) == answer
    assert found.names <= {"x"}


MODEL = knowledge("Double It", "n", text("n * 2"))


def test_a_knowledge_model_is_called_by_its_name():
    calls = (
        text("Double It(x)"),
        text("Double It(n: x)"),
        invocation("Double It", "n", "x"),
    )
    for logic in calls:
        found = read(MODEL, decision("d", needs("double", kind="Knowledge"), logic))["d"]

        assert found.evaluate({"x": 4}, now=NOW) == 8
        assert found.names == {"x"}
        assert found.functions == frozenset()


def test_a_knowledge_model_may_be_a_table_and_use_another():
    inner = knowledge("k", "x", table("FIRST", RULES))
    outer = knowledge("o", "n", text("upper case(k(n))"), needs("k", kind="Knowledge"))

    assert ask("d", inner, outer, decision("d", needs("o", kind="Knowledge"), text("o(3)"))) == "LOW"


def test_a_knowledge_model_that_is_not_required_is_not_known():
    with pytest.raises(ExpressionError) as caught:
        ask("d", MODEL, decision("d", text("Double It(1)")))

    assert caught.value.code == "unknown-function"


SERVICE = (
    '<decisionService id="s" name="quote"><outputDecision href="#premium"/><encapsulatedDecision href="#base"/>'
    '<inputDecision href="#risk"/><inputData href="#age"/></decisionService>'
    '<inputData id="age" name="age"/>'
    + decision("premium", needs("base", "risk"), text("base * risk"))
    + decision("base", needs("age", kind="Input"), text("age + 100"))
    + decision("risk", text("unknown"))
)


def test_a_decision_service_can_be_asked_and_called():
    called = decision("d", needs("s", kind="Knowledge"), text("quote(20, 2)"))
    named = decision("d", needs("s", kind="Knowledge"), text("quote(risk: 3, age: 10)"))

    assert ask("d", SERVICE, called) == 240
    assert ask("d", SERVICE, named, age=99) == 330
    with pytest.raises(DecisionError) as caught:
        ask("s", SERVICE, age=1)
    assert caught.value.code == "unknown-name"


def test_a_service_with_several_outputs_answers_a_context():
    parts = '<decisionService id="s" name="s"><outputDecision href="#a"/><outputDecision href="#b"/></decisionService>'

    assert ask("s", parts, decision("a", text("1")), decision("b", needs("a"), text("a + 1"))) == {"a": 1, "b": 2}


TYPES = (
    item_type("tAge", "number", "[0..150]")
    + """
<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>tAge</typeRef></itemComponent>
<itemComponent name="names" isCollection="true"><typeRef>string</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tPeople" isCollection="true"><typeRef>tPerson</typeRef></itemDefinition>
<itemDefinition name="tPair" isCollection="true"><typeRef>number</typeRef>
<typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>
"""
)


@pytest.mark.parametrize(
    ("type_name", "value", "fits"),
    [
        ("tAge", 20, True),
        ("tAge", None, True),
        ("tAge", 200, False),
        ("tAge", "20", False),
        ("tPerson", {"age": 20, "names": ["a"]}, True),
        ("tPerson", {"age": 20}, True),
        ("tPerson", {"age": 200}, False),
        ("tPerson", {"names": "a"}, False),
        ("tPerson", 1, False),
        ("tPeople", [{"age": 1}, {"age": 2}], True),
        ("tPeople", [{"age": 1}, {"age": -2}], False),
        ("tPeople", {"age": 1}, False),
        ("tPair", [1, 2], True),
        ("tPair", [1], False),
        ("feel:string", "a", True),
        ("feel:string", 1, False),
    ],
)
def test_types_of_the_file_are_checked_on_inputs_and_results(type_name, value, fits):
    given = f'<inputData id="i" name="v"><variable name="v" typeRef="{type_name}"/></inputData>'
    result = f'<decision id="d" name="d"><variable name="d" typeRef="{type_name}"/>{text("v")}</decision>'

    for parts, code in (
        ((given, decision("d", needs("i", kind="Input"), text("v"))), "decision-input-type"),
        ((result,), "decision-result-type"),
    ):
        if fits:
            assert ask("d", TYPES, *parts, v=value) == value
        else:
            with pytest.raises(DecisionError) as caught:
                ask("d", TYPES, *parts, v=value)
            assert caught.value.code == code


def test_a_type_that_rests_on_itself_ends():
    parts = '<itemDefinition name="t"><itemComponent name="next"><typeRef>t</typeRef></itemComponent></itemDefinition>'
    given = '<inputData id="i" name="v"><variable name="v" typeRef="t"/></inputData>'

    assert ask("d", parts, given, decision("d", needs("i", kind="Input"), text("1"))) == 1
    assert (
        ask("d", parts, given, decision("d", needs("i", kind="Input"), text("v.next.next")), v={"next": {"next": None}})
        is None
    )


def test_a_chain_of_forty_decisions_is_answered():
    chain = [decision(f"d{n}", needs(f"d{n - 1}") if n else "", text(f"d{n - 1} + 1" if n else "x")) for n in range(40)]

    assert ask("d39", *chain, x=1) == 40


def test_a_model_that_calls_itself_without_end_stops():
    loop = knowledge("m", "f", text("f(f)"))

    with pytest.raises(ExpressionError) as caught:
        ask("d", loop, decision("d", needs("m", kind="Knowledge"), text("m(m)")))

    assert caught.value.code == "expression-too-deep"


def test_what_is_given_to_a_decision_may_be_in_another_language():
    python = '<literalExpression expressionLanguage="python"><text>xs[0] if xs else None</text></literalExpression>'
    juel = '<literalExpression expressionLanguage="juel"><text>${empty xs ? 0 : xs[0]}</text></literalExpression>'

    assert [ask("d", decision("d", logic), xs=[5]) for logic in (python, juel)] == [5, 5]
