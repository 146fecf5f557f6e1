"""What demo people write into forms: valid values for any form, drawn by chance from ``bpmn/demo/answers.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from workflows import forms
from workflows.clock import SHANGHAI
from workflows.engine.expressions import compile_expression
from workflows.forms.fields import DateKind, Field, FieldType, Form

_MOST_ROUNDS = 4  # of showing what the last answers brought up


@dataclass(frozen=True)
class Setting:
    """Around whom a form is filled in: codes of people and units that may be named, and a file of the case.

    ``holders``: people by the post that they hold at the unit that is meant.
    """

    now: datetime
    unit_name: str
    people: Sequence[str]
    units: Sequence[str]
    file: str
    holders: Mapping[str, Sequence[str]] | None = None


class Answers:
    """Draws answers. The same seed and the same questions give the same answers."""

    def __init__(self, data: Mapping[str, Any], chance: Random) -> None:
        self._data = data
        self._chance = chance

    def fill(self, form: Form, around: forms.Surroundings, setting: Setting) -> dict[str, Any]:
        """Return values that the form accepts, answering what earlier answers bring up and dropping what they hide."""
        values: dict[str, Any] = self._lists(form, around, setting)
        for _ in range(_MOST_ROUNDS):
            before = set(values)
            shown = forms.visible_fields(form, values, around)
            names = _keys(shown)
            values = {name: value for name, value in values.items() if name in names}
            for field in shown:
                self._answer(field, values, setting, around.scope)
            if set(values) == before:
                break
        return values

    def _lists(self, form: Form, around: forms.Surroundings, setting: Setting) -> dict[str, Any]:
        """Return the lists of a form whose rows the data say: by an expression, or by how many there are."""
        told: dict[str, Any] = {}
        given = self._data.get("lists", {}).get(form.key, {})
        for field in form.walk():
            if field.key is None or not field.is_list or field.key not in given:
                continue
            how = given[field.key]
            if isinstance(how, str):
                rows = compile_expression(how).evaluate(around.scope, now=around.now, functions=around.functions)
                told[field.key] = [self._row(field, setting, around.scope, _typed(row)) for row in rows]
            else:
                number = self._chance.choices(list(how), list(how.values()))[0]
                told[field.key] = [self._row(field, setting, around.scope) for _ in range(number)]
        return told

    def choose(self, key: str, options: Sequence[str], scope: Mapping[str, Any]) -> str:
        """Return one of the options, by the weights of the data; some fields have others in some circumstances."""
        weights = {**self._data["choices"], **self._data["fields"].get(key, {})}
        for special in self._data["circumstances"].get(key, ()):
            if all(scope.get(name) == value for name, value in special["if"].items()):
                weights = {**dict.fromkeys(options, 0), **special["weights"]}
                break
        drawn = self._chance.choices(options, [max(float(weights.get(option, 1)), 0.0001) for option in options])
        return drawn[0]

    def text(self, key: str, setting: Setting) -> str:
        """Return a sentence for a field."""
        texts = self._data["texts"]
        drawn = str(self._chance.choice(texts.get(key, texts["default"])))
        return drawn.replace("{unit}", setting.unit_name).replace("{year}", str(setting.now.year))

    def _answer(self, field: Field, values: dict[str, Any], setting: Setting, scope: Mapping[str, Any]) -> None:
        if field.readonly or (not field.asks and field.type is not FieldType.GROUP):
            return
        if field.type is FieldType.GROUP and field.key is None:
            for inner in field.fields:
                self._answer(inner, values, setting, scope)
            return
        if field.key is None or field.key in values:
            return
        if _needs_somebody_else(field) and not self._named(field, setting):
            return
        kept = scope.get(field.key) if field.key in self._data.get("kept", ()) else None
        value = self._value(field, setting, scope) if kept is None else _plain(kept)
        if value is not None:
            values[field.key] = value

    def _value(self, field: Field, setting: Setting, scope: Mapping[str, Any]) -> Any:
        options = [option.value for option in field.options]
        match field.type:
            case FieldType.SELECT | FieldType.RADIO:
                return self.choose(field.key or "", options, scope)
            case FieldType.CHECKLIST:
                return options
            case FieldType.USER:
                return self._one_or_list(field, self._named(field, setting) or self._chance.choice(setting.people))
            case FieldType.UNIT:
                return self._one_or_list(field, self._chance.choice(setting.units))
            case FieldType.DYNAMICLIST:
                return self._rows(field, setting, scope)
            case FieldType.GROUP:
                return self._row(field, setting, scope)
        return self._plain_value(field, setting)

    def _plain_value(self, field: Field, setting: Setting) -> Any:
        match field.type:
            case FieldType.TEXTFIELD | FieldType.TEXTAREA:
                return self.text(field.key or "", setting)[: field.max_length or 200]
            case FieldType.NUMBER:
                return self._number(field)
            case FieldType.DATETIME:
                return self._day(field, setting)
            case FieldType.CHECKBOX | FieldType.SIGNATURE:
                return True
            case FieldType.FILEPICKER:
                return [setting.file]
        return None

    def _named(self, field: Field, setting: Setting) -> str:
        """Return who holds the post that the data name for a field; empty when they name none or nobody holds it."""
        held = (setting.holders or {}).get(self._data.get("named", {}).get(field.key, ""), ())
        return held[0] if held else ""

    def _one_or_list(self, field: Field, value: str) -> Any:
        return [value] if field.multiple else value

    def _rows(self, field: Field, setting: Setting, scope: Mapping[str, Any]) -> list[dict[str, Any]]:
        least = max(1, field.min_items)
        number = max(least, min(field.max_items or 2, self._chance.choice([1, 1, 2])))
        rows = [self._row(field, setting, scope) for _ in range(number)]
        units = [part.key for part in field.fields if part.type is FieldType.UNIT and part.key]
        seen: set[Any] = set()
        distinct = []
        for row in rows:  # one row a unit
            name = tuple(row.get(key) for key in units)
            if not units or name not in seen:
                distinct.append(row)
            seen.add(name)
        return distinct

    def _row(
        self, field: Field, setting: Setting, scope: Mapping[str, Any], given: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        row: dict[str, Any] = dict(given or {})
        for part in field.fields:
            self._answer(part, row, setting, scope)
        return row

    def _number(self, field: Field) -> str:
        if field.key in self._data["numbers"]:
            return str(self._chance.randint(*self._data["numbers"][field.key]))
        low = int(field.minimum) if field.minimum is not None else 1
        high = int(field.maximum) if field.maximum is not None else low + 20
        return str(self._chance.randint(low, max(low, min(high, low + 20))))

    def _day(self, field: Field, setting: Setting) -> str:
        local = setting.now.astimezone(SHANGHAI)
        if (field.key or "").endswith(("due_on", "promise", "planned_on", "remedy_on", "due", "reply_by")):
            local += timedelta(days=self._chance.randint(5, 30))
        if field.subtype is DateKind.DATE:
            return local.date().isoformat()
        return local.strftime("%H:%M") if field.subtype is DateKind.TIME else local.replace(microsecond=0).isoformat()


def _plain(value: Any) -> Any:
    """Return what stands in a case already as a form takes it."""
    return str(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an expression made as somebody would type it."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}


def _keys(fields: Sequence[Field]) -> set[str]:
    """Return the names that these fields write beside one another."""
    found = {field.key for field in fields if field.key is not None}
    for field in fields:
        if field.key is None:
            found |= _keys(field.fields)
    return found


def _needs_somebody_else(field: Field) -> bool:
    """Whether a field that may stay empty asks for a person, a unit or a file: those are looked up only when needed."""
    return field.type in {FieldType.USER, FieldType.UNIT, FieldType.FILEPICKER} and not field.required
