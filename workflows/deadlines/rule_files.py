"""Rule files (`bpmn/deadlines/*.yaml`): versioned deadline rules as data, every fault listed.

Units and anchors may be written in Chinese or English. The format is told in `docs/deadlines.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from workflows.deadlines.count import MAX_AMOUNTS
from workflows.deadlines.data_files import Faults, Reader, parse_document
from workflows.deadlines.explanation import Anchor, AnchorKind, Confidence, Roll, Threshold, Unit
from workflows.deadlines.rules import DeadlineRule, ExtensionRule

UNITS: Mapping[str, Unit] = {
    **{unit.value: unit for unit in Unit},
    "小时": Unit.HOUR,
    "日": Unit.DAY,
    "工作日": Unit.WORKDAY,
    "月": Unit.MONTH,
    "年": Unit.YEAR,
}
_NEAR_UNITS = {name: unit for name, unit in UNITS.items() if unit in (Unit.HOUR, Unit.DAY, Unit.WORKDAY)}
_PERIODS = {
    "month": AnchorKind.END_OF_MONTH,
    "月": AnchorKind.END_OF_MONTH,
    "quarter": AnchorKind.END_OF_QUARTER,
    "季": AnchorKind.END_OF_QUARTER,
    "half_year": AnchorKind.END_OF_HALF_YEAR,
    "半年": AnchorKind.END_OF_HALF_YEAR,
    "year": AnchorKind.END_OF_YEAR,
    "年": AnchorKind.END_OF_YEAR,
}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_ROLLS = {roll.value: roll for roll in Roll}
_KEY = re.compile(r"^[\w.-]{1,120}$")
_MONTH_DAY = re.compile(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")


def read_rules(content: bytes | str, file: str = "deadlines") -> tuple[DeadlineRule, ...]:
    """Return the rules of one file, or raise `DataFaultsError` with every fault."""
    faults = Faults(file)
    reader = Reader(parse_document(content, file), "", faults)
    rules = [_read_rule(Reader(item, f"rules[{index}]", faults)) for index, item in enumerate(reader.items("rules"))]
    reader.close()
    _check_unique(faults, [(file, rule) for rule in rules])
    faults.check()
    return tuple(rules)


def load_rules(folder: Path) -> dict[str, DeadlineRule]:
    """Read every file of ``folder`` (``bpmn/deadlines``) into rules by key, or raise all faults."""
    found = [
        (path.name, rule) for path in sorted(folder.glob("*.yaml")) for rule in read_rules(path.read_bytes(), path.name)
    ]
    faults = Faults(str(folder))
    _check_unique(faults, found)
    faults.check()
    return {rule.key: rule for _, rule in found}


def _check_unique(faults: Faults, found: Iterable[tuple[str, DeadlineRule]]) -> None:
    seen: dict[str, str] = {}
    for file, rule in found:
        if rule.key and rule.key in seen:
            message = f"Expected the rule {rule.key} once, but {seen[rule.key]} and {file} both tell it."
            faults.add(rule.key, "rule-twice", message, key=rule.key)
        seen[rule.key] = file


def _read_rule(reader: Reader) -> DeadlineRule:
    key = reader.text("key")
    if key and not _KEY.match(key):
        reader.fault("key", "bad-key", f"Expected letters, digits, '.', '_' and '-', but found {key!r}.", key=key)
    version = reader.integer("version", 1, low=1, high=9999)
    confidence = reader.choice("confidence", _CONFIDENCES) or Confidence.C
    unit = reader.choice("unit", UNITS, None)
    amount = _read_amount(reader, unit)
    anchor = _read_anchor(reader.mapping("anchor"))
    if anchor is None and amount is None and not reader.has("anchor") and not reader.has("amount"):
        reader.fault("amount", "limit-missing", "Expected an amount with its unit, or an anchor, but there is neither.")
    source, article = reader.text("source", ""), reader.text("article", "")
    if confidence is Confidence.EDITOR and article:
        reader.fault("article", "editor-cites-law", "Expected no article: what the editor added is never shown as law.")
    if confidence is not Confidence.EDITOR and not source:
        reader.fault(
            "source", "source-missing", "Expected the source of this rule, or the confidence of an editor's addition."
        )
    rule = DeadlineRule(
        key=key,
        version=version,
        title=reader.text("title"),
        start_event=reader.text("start"),
        confidence=confidence,
        amount=amount,
        unit=unit if amount is not None else None,
        anchor=anchor,
        source=source,
        article=article,
        parameter=reader.text("parameter", "") or None,
        extension=_read_extension(reader.mapping("extension")),
        near=_read_threshold(reader.mapping("near"), _NEAR_UNITS),
        roll=reader.choice("roll", _ROLLS, Roll.NEXT.value) or Roll.NEXT,
        note=reader.text("note", ""),
    )
    reader.close()
    return rule


def _read_amount(reader: Reader, unit: Unit | None) -> int | None:
    if not reader.has("amount"):
        if reader.has("unit"):
            reader.fault("amount", "amount-missing", "Expected an amount beside the unit, but it is missing.")
        if reader.has("parameter"):
            reader.fault("parameter", "parameter-without-amount", "Expected an amount that the parameter may replace.")
        return None
    amount = reader.integer("amount", low=1, high=MAX_AMOUNTS[unit or Unit.HOUR])
    if not reader.has("unit"):
        reader.fault("unit", "unit-missing", "Expected a unit beside the amount, but it is missing.")
    return amount


def _read_anchor(reader: Reader | None) -> Anchor | None:
    if reader is None:
        return None
    kind = reader.choice("end_of", _PERIODS, None)
    month_day = reader.text("month_day", "")
    years = reader.integer("years", low=0, high=100) if reader.has("years") else None
    reader.close()
    if reader.has("end_of") == bool(month_day):
        reader.fault("end_of", "anchor-unclear", "Expected exactly one of end_of and month_day.")
        return None
    if not month_day:
        return None if kind is None else Anchor(kind, years=years)
    if not _MONTH_DAY.match(month_day):
        message = f'Expected a month and day such as "01-31", but found {month_day!r}.'
        reader.fault("month_day", "not-a-month-day", message, value=month_day)
        return None
    month, day = (int(part) for part in month_day.split("-"))
    return Anchor(AnchorKind.MONTH_DAY, month, day, years)


def _read_extension(reader: Reader | None) -> ExtensionRule | None:
    if reader is None:
        return None
    most = None
    if reader.has("amount") or reader.has("unit"):
        most = _read_length(reader, UNITS)
    times = reader.integer("times", low=1, high=100) if reader.has("times") else None
    approver = reader.text("approver", "")
    reader.close()
    return ExtensionRule(approver, most, times)


def _read_threshold(reader: Reader | None, units: Mapping[str, Unit]) -> Threshold | None:
    if reader is None:
        return None
    threshold = _read_length(reader, units)
    reader.close()
    return threshold


def _read_length(reader: Reader, units: Mapping[str, Unit]) -> Threshold | None:
    unit = reader.choice("unit", units)
    amount = reader.integer("amount", low=1, high=MAX_AMOUNTS[unit or Unit.HOUR])
    return None if unit is None else Threshold(amount, unit)


def read_threshold(reader: Reader | None) -> Threshold | None:
    """Return the near threshold that ``reader`` holds; other data files use it for theirs."""
    return _read_threshold(reader, _NEAR_UNITS)
