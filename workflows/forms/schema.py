"""The marshmallow schema of a form: types converted, lengths, numbers, choices and rows checked.

Whether a value is *needed* is not decided here: that depends on what is shown (``validation``). Empty text is no
value, so that a form sent by a page without script means the same as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load

from workflows.forms import patterns, remarks
from workflows.forms.fields import MAX_FILES, MAX_LONG_TEXT, MAX_ROWS, MAX_TEXT, DateKind, Field, FieldType, Form
from workflows.forms.remarks import refuse

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MAX_EXPONENT = 30
_MAX_CODE = 120  # of a person, unit or attachment
_SPACES = "\t\n\r"


class FormSchema(Schema):
    """Parent of the schemas that are made of forms."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": remarks.UNKNOWN, "type": remarks.NOT_AN_OBJECT}  # type: ignore[dict-item] # noqa: RUF012 - marshmallow hands any object on

    @pre_load
    def drop_empty(self, data: Any, **_: Any) -> Any:
        """Read empty text as no value."""
        if not isinstance(data, Mapping):
            return data
        return {key: None if isinstance(value, str) and not value.strip() else value for key, value in data.items()}


@lru_cache(maxsize=1_000)
def schema_of(form: Form) -> FormSchema:
    """Return the schema of a form, made once."""
    return _schema(form.fields)


def _schema(parts: tuple[Field, ...]) -> FormSchema:
    found: dict[str, Any] = {}
    for part in parts:
        found.update(_members(part))
    return FormSchema.from_dict(found, name="Form")()  # type: ignore[return-value]


def _members(part: Field) -> Mapping[str, fields.Field[Any]]:
    """Return what a component adds to its parent's schema; a group without key adds its children."""
    if part.type is FieldType.GROUP and part.key is None:
        merged: dict[str, fields.Field[Any]] = {}
        for child in part.fields:
            merged.update(_members(child))
        return merged
    if not part.asks or part.key is None:
        return {}
    return {part.key: _MAKERS[part.type](part)}


def _text(part: Field) -> fields.Field[Any]:
    most = part.max_length
    if most is None:
        most = MAX_LONG_TEXT if part.type is FieldType.TEXTAREA else MAX_TEXT

    def check(value: str) -> None:
        _check_characters(value)
        if len(value) > most:
            raise refuse("field-too-long", f"Expected at most {most} characters.", limit=most, length=len(value))
        if part.min_length and len(value) < part.min_length:
            least = part.min_length
            raise refuse("field-too-short", f"Expected at least {least} characters.", limit=least, length=len(value))
        if part.pattern and not patterns.matches(part.pattern, value):
            raise refuse("field-pattern", "Expected another form.", expected=part.pattern_message)

    return _TrimmedText(**_words(remarks.NOT_A_TEXT), validate=check)


class _TrimmedText(fields.String):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value.replace("\r\n", "\n").strip(), *args, **kwargs)


def _check_characters(value: str) -> None:
    if any((character < " " and character not in _SPACES) or "\ud800" <= character <= "\udfff" for character in value):
        raise refuse("field-control-character", "Expected text without control characters.")


def _number(part: Field) -> fields.Field[Any]:
    def check(value: Decimal | int) -> None:
        exact = Decimal(value)
        if not exact.is_finite() or exact.adjusted() > _MAX_EXPONENT or exact.as_tuple().exponent < -_MAX_EXPONENT:  # type: ignore[operator]
            raise refuse("field-number-too-long", "Expected a number with fewer digits.")
        if part.minimum is not None and exact < part.minimum:
            raise refuse("field-too-small", f"Expected at least {part.minimum}.", limit=str(part.minimum))
        if part.maximum is not None and exact > part.maximum:
            raise refuse("field-too-large", f"Expected at most {part.maximum}.", limit=str(part.maximum))
        if part.decimals is not None and exact != round(exact, part.decimals):
            message = f"Expected at most {part.decimals} digits after the point."
            raise refuse("field-too-precise", message, limit=part.decimals)

    words = _words(remarks.NOT_A_NUMBER)
    words["error_messages"]["special"] = remarks.NOT_A_NUMBER
    return _Number(**words, allow_nan=False, validate=check)


class _Number(fields.Decimal):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or len(str(value)) > MAX_TEXT:
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


def _moment(part: Field) -> fields.Field[Any]:
    if part.subtype is DateKind.DATE:
        return fields.Date(**_words(remarks.NOT_A_DATE), validate=_check_year)
    if part.subtype is DateKind.TIME:
        return fields.Time(**_words(remarks.NOT_A_TIME))
    words = _words(remarks.NOT_A_DATE_TIME)
    return fields.AwareDateTime(**words, default_timezone=_SHANGHAI, validate=_check_year)


def _check_year(value: date | datetime) -> None:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        message = f"Expected a year from {_FIRST_YEAR} to {_LAST_YEAR}."
        raise refuse("field-date-out-of-range", message, first=_FIRST_YEAR, last=_LAST_YEAR)


def _truth(part: Field) -> fields.Field[Any]:
    def check(value: bool) -> None:  # noqa: FBT001 - marshmallow's signature
        if part.required and not value:
            raise ValidationError([remarks.NOT_CONFIRMED])

    return fields.Boolean(**_words(remarks.NOT_A_TRUTH), validate=check)


def _choice(part: Field) -> fields.Field[Any]:
    return _TrimmedText(**_words(remarks.NOT_A_TEXT), validate=_one_of(part))


def _one_of(part: Field) -> Callable[[str], None]:
    allowed = [option.value for option in part.options]

    def check(value: str) -> None:
        if value not in allowed:
            raise refuse("field-not-an-option", f"Expected one of {', '.join(allowed)}.", options=allowed)

    return check


def _choices(part: Field) -> fields.Field[Any]:
    return _several(part, _TrimmedText(**_words(remarks.NOT_A_TEXT), validate=_one_of(part)), len(part.options))


def _reference(part: Field) -> fields.Field[Any]:
    """Return a code of a person or unit: that it exists is checked by the use case."""
    one = _TrimmedText(**_words(remarks.NOT_A_TEXT), validate=_check_code)
    return _several(part, one, MAX_ROWS) if part.multiple else one


def _files(part: Field) -> fields.Field[Any]:
    """Return a list of attachment ids, of one when the field takes a single file."""
    one = _TrimmedText(**_words(remarks.NOT_A_TEXT), validate=_check_code)
    return _several(part, one, MAX_FILES if part.multiple else 1)


def _check_code(value: str) -> None:
    _check_characters(value)
    if len(value) > _MAX_CODE:
        raise refuse("field-too-long", f"Expected at most {_MAX_CODE} characters.", limit=_MAX_CODE)


def _several(part: Field, one: fields.Field[Any], most: int) -> fields.Field[Any]:
    return _List(one, **_words(remarks.NOT_A_LIST), validate=_check_count(part, most, distinct=True))


class _List(fields.List[Any]):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):  # a page with one box ticked sends one text
            value = [value]
        return super()._deserialize(value, *args, **kwargs)


def _check_count(part: Field, default: int, *, distinct: bool) -> Callable[[list[Any]], None]:
    most = default if part.max_items is None else min(part.max_items, max(default, MAX_ROWS))

    def check(values: list[Any]) -> None:
        if len(values) > most:
            raise refuse("field-too-many", f"Expected at most {most} entries.", limit=most, count=len(values))
        if values and len(values) < part.min_items:
            least = part.min_items
            raise refuse("field-too-few", f"Expected at least {least} entries.", limit=least, count=len(values))
        if distinct and len(set(values)) < len(values):
            raise refuse("field-entry-twice", "Expected every entry once.")

    return check


def _rows(part: Field) -> fields.Field[Any]:
    words = _words(remarks.NOT_A_LIST)
    words["error_messages"]["type"] = remarks.NOT_A_LIST
    return fields.List(
        fields.Nested(_schema(part.fields), error_messages={"type": remarks.NOT_AN_OBJECT}),  # type: ignore[dict-item]
        **words,
        validate=[_check_count(part, MAX_ROWS, distinct=False), _check_unique(part.unique)],
    )


def _check_unique(column: str) -> Callable[[list[Any]], None]:
    def check(rows: list[Any]) -> None:
        seen: set[Any] = set()
        faults: dict[int, Any] = {}
        for number, row in enumerate(rows):
            value = row.get(column) if isinstance(row, Mapping) else None
            if value is not None and value in seen:
                faults[number] = {column: [remarks.TWICE]}
            seen.add(value)
        if faults:
            raise ValidationError(faults)  # at the row and column, not at the list

    return check


def _group(part: Field) -> fields.Field[Any]:
    return fields.Nested(_schema(part.fields), **_words(remarks.NOT_AN_OBJECT))


def _words(invalid: remarks.Remark) -> dict[str, Any]:
    """Return what every field shares: it may be absent or empty, and its faults are our remarks."""
    messages = dict.fromkeys(("invalid", "invalid_utf8", "too_large", "format", "type", "null"), invalid)
    return {"allow_none": True, "required": False, "error_messages": messages}


_MAKERS: Mapping[FieldType, Callable[[Field], fields.Field[Any]]] = {
    FieldType.TEXTFIELD: _text,
    FieldType.TEXTAREA: _text,
    FieldType.NUMBER: _number,
    FieldType.DATETIME: _moment,
    FieldType.SELECT: _choice,
    FieldType.RADIO: _choice,
    FieldType.CHECKBOX: _truth,
    FieldType.CHECKLIST: _choices,
    FieldType.FILEPICKER: _files,
    FieldType.GROUP: _group,
    FieldType.DYNAMICLIST: _rows,
    FieldType.SIGNATURE: _truth,
    FieldType.USER: _reference,
    FieldType.UNIT: _reference,
}
