import pytest

from workflows.deadlines.errors import DataFaultsError
from workflows.deadlines.explanation import Anchor, AnchorKind, Confidence, Roll, Threshold, Unit
from workflows.deadlines.rule_files import load_rules, read_rules
from workflows.deadlines.rules import ExtensionRule

GOOD = "{key: a.b, title: 题, start: 起, confidence: A, source: 法, amount: 5, unit: 工作日}"


def read(*rules):
    return read_rules("rules: [" + ", ".join(rules) + "]")


def codes_of(*rules):
    with pytest.raises(DataFaultsError) as caught:
        read(*rules)
    return {fault.code for fault in caught.value.faults}


def test_a_rule_is_read_with_all_its_fields():
    (rule,) = read(
        "{key: 办结, version: 3, title: 题, start: 起, confidence: B, source: 法, article: 第一条,"
        " amount: 60, unit: day, parameter: p,"
        " extension: {amount: 30, unit: 日, approver: 长, times: 1}, near: {amount: 2, unit: 工作日},"
        " roll: previous, note: 注}"
    )

    assert (rule.key, rule.version, rule.amount, rule.unit, rule.parameter) == ("办结", 3, 60, Unit.DAY, "p")
    assert rule.extension == ExtensionRule("长", Threshold(30, Unit.DAY), 1)
    assert rule.near == Threshold(2, Unit.WORKDAY)
    assert (rule.roll, rule.confidence, rule.article) == (Roll.PREVIOUS, Confidence.B, "第一条")


def test_anchors_are_read():
    anchors = [
        read("{key: a, title: 题, start: 起, confidence: 编者补, anchor: {end_of: 季}}")[0].anchor,
        read("{key: a, title: 题, start: 起, confidence: 编者补, anchor: {month_day: '01-31', years: 1}}")[0].anchor,
    ]

    assert anchors == [Anchor(AnchorKind.END_OF_QUARTER), Anchor(AnchorKind.MONTH_DAY, 1, 31, 1)]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("key: a.b", "key: a b", "bad-key"),
        ("key: a.b, ", "", "missing"),
        ("unit: 工作日", "unit: 周", "unknown-value"),
        (", unit: 工作日", "", "unit-missing"),
        ("amount: 5, ", "", "amount-missing"),
        ("amount: 5, unit: 工作日", "note: 无", "limit-missing"),
        ("amount: 5", "amount: 0", "out-of-range"),
        ("amount: 5", "amount: '5'", "wrong-type"),
        ("amount: 5", "amount: 5.5", "wrong-type"),
        ("confidence: A", "confidence: D", "unknown-value"),
        ("source: 法, ", "", "source-missing"),
        ("confidence: A", "confidence: 编者补, article: 第一条", "editor-cites-law"),
        ("amount: 5, unit: 工作日", "parameter: p, anchor: {end_of: year}", "parameter-without-amount"),
        ("amount: 5, unit: 工作日", "anchor: {end_of: year, month_day: '01-01'}", "anchor-unclear"),
        ("amount: 5, unit: 工作日", "anchor: {}", "anchor-unclear"),
        ("amount: 5, unit: 工作日", "anchor: {month_day: '02-30x'}", "not-a-month-day"),
        ("amount: 5", "amount: 5, near: {amount: 1, unit: 月}", "unknown-value"),
        ("amount: 5", "amount: 5, near: 3", "wrong-type"),
        ("amount: 5", "amount: 5, extension: {amount: 3}", "missing"),
        ("amount: 5", "amount: 5, roll: back", "unknown-value"),
        ("amount: 5", "amount: 5, days: 5", "unknown-field"),
    ],
)
def test_a_faulty_rule_is_refused(before, after, code):
    assert before in GOOD
    assert code in codes_of(GOOD.replace(before, after))


def test_a_key_stands_once_in_a_file_and_in_a_folder(tmp_path):
    (tmp_path / "a.yaml").write_text(f"rules: [{GOOD}]")
    (tmp_path / "b.yaml").write_text(f"rules: [{GOOD}]")

    assert codes_of(GOOD, GOOD) == {"rule-twice"}
    with pytest.raises(DataFaultsError, match=r"rule-twice"):
        load_rules(tmp_path)


def test_the_faults_of_all_rules_are_listed_with_their_place():
    with pytest.raises(DataFaultsError) as caught:
        read(GOOD.replace("unit: 工作日", "unit: 周"), GOOD.replace("a.b", "c").replace("start: 起", "start: ''"))

    assert [fault.path for fault in caught.value.faults] == ["rules[0].unit", "rules[1].start"]


def test_the_statutory_limits_state_their_source_and_confidence(rules):
    statutory = [rule for rule in rules.values() if rule.confidence is not Confidence.EDITOR]

    assert len(statutory) >= 35
    assert all(rule.source for rule in statutory)
    assert {rule.confidence for rule in statutory} >= {Confidence.A, Confidence.B, Confidence.C}
    assert rules["reports.named_acceptance"].unit is Unit.WORKDAY
    assert rules["supervision.custody"].roll is Roll.NONE
