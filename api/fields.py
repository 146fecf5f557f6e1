"""The types of JSON values: what bodies may hold, with faults that have codes, and how answers show instants.

Unknown members are refused. Fractions are read as ``Decimal``, never through binary floats; texts without control
characters, so that both databases can store them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from workflows.clock import SHANGHAI
from workflows.forms import remarks
from workflows.forms.remarks import Remark, refuse

LONGEST_TITLE = 300
LONGEST_PROSE = 4_000
_SPACES = "\t\n\r"
_NULL = remarks.REQUIRED


class Given(Schema):
    """Parent of what a request may hold."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": remarks.UNKNOWN, "type": remarks.NOT_AN_OBJECT}  # type: ignore[dict-item] # noqa: RUF012 - marshmallow hands any object on


class Nothing(Given):
    """A body that holds nothing: ``{}``, or none at all."""


class Between(validate.Range):
    """A number within bounds."""

    def __call__(self, value: Any) -> Any:
        if not self.min <= value <= self.max:
            message = f"Expected from {self.min} to {self.max}."
            raise refuse("out-of-range", message, least=self.min, most=self.max)
        return value


class Size(validate.Length):
    """A text within bounds, without characters that cannot be stored."""

    def __call__(self, value: Any) -> Any:
        if self.max is not None and len(value) > self.max:
            message = f"Expected at most {self.max} characters."
            raise refuse("field-too-long", message, limit=self.max, length=len(value))
        if self.min and len(value.strip()) < self.min:
            raise refuse("field-required", "Expected a text, but it is empty.")
        if not is_clean(value):
            raise refuse("field-control-character", "Expected text without control characters.")
        return value


class Choice(validate.OneOf):
    """One of some words."""

    def __call__(self, value: Any) -> Any:
        if value not in self.choices:
            message = f"Expected one of {', '.join(self.choices)}."
            raise refuse("field-not-an-option", message, allowed=list(self.choices))
        return value


def is_clean(text: str) -> bool:
    """Whether a text can be stored and shown: no control characters, no halves of surrogate pairs."""
    return not any((sign < " " and sign not in _SPACES) or "\ud800" <= sign <= "\udfff" for sign in text)


def words(remark: Remark) -> dict[str, Any]:
    """Return marshmallow's messages of a field in our words."""
    said = dict.fromkeys(("invalid", "type", "null", "required", "special", "format", "too_large"), remark)
    return {"error_messages": {**said, "null": _NULL, "required": _NULL}}


def text(most: int = LONGEST_PROSE, *, least: int = 1, **more: Any) -> fields.String:
    """Return a text of ``least`` (not only spaces) to ``most`` characters."""
    return fields.String(validate=Size(min=least or None, max=most), **words(remarks.NOT_A_TEXT), **more)


def whole(least: int, most: int, **more: Any) -> fields.Integer:
    """Return a whole number."""
    return fields.Integer(strict=True, validate=Between(min=least, max=most), **words(remarks.NOT_A_NUMBER), **more)


def counted(least: int, most: int, **more: Any) -> fields.Integer:
    """Return a whole number as an address gives it: in digits."""
    return fields.Integer(validate=Between(min=least, max=most), **words(remarks.NOT_A_NUMBER), **more)


def one_of(choices: Sequence[str], **more: Any) -> fields.String:
    """Return one of some words."""
    return fields.String(validate=Choice(list(map(str, choices))), **words(remarks.NOT_A_TEXT), **more)


def truth(**more: Any) -> fields.Boolean:
    """Return true or false."""
    return fields.Boolean(truthy={"true", "1", True}, falsy={"false", "0", False}, **words(remarks.NOT_A_TRUTH), **more)


def moment(**more: Any) -> fields.AwareDateTime:
    """Return an instant; one without offset is Shanghai time."""
    return fields.AwareDateTime(
        default_timezone=SHANGHAI, validate=_check_year, **words(remarks.NOT_A_DATE_TIME), **more
    )


def day(**more: Any) -> fields.Date:
    """Return a day."""
    return fields.Date(validate=_check_year, **words(remarks.NOT_A_DATE), **more)


def values(**more: Any) -> fields.Dict:
    """Return an object whose members the form checks."""
    return fields.Dict(keys=fields.String(), **words(remarks.NOT_AN_OBJECT), **more)


def texts(most: int, **more: Any) -> fields.List[str]:
    """Return a list of up to ``most`` short texts."""
    member = text(LONGEST_TITLE)
    return fields.List(member, validate=at_most(most), **words(remarks.NOT_A_LIST), **more)


def at_most(most: int) -> Any:
    """Return a check of how many members a list has."""

    def check(value: Sequence[Any]) -> None:
        if len(value) > most:
            raise refuse("field-too-many", f"Expected at most {most}.", limit=most)

    return check


def _check_year(value: date) -> None:
    first, last = 1900, 2200
    if not first <= value.year <= last:
        message = f"Expected a year from {first} to {last}."
        raise refuse("field-date-out-of-range", message, first=first, last=last)


# ------------------------------------------------------------------ answers


class Instant(fields.Field[datetime]):
    """An instant as RFC 3339 with +08:00."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else instant(value)


def instant(value: datetime) -> str:
    """Return an instant as RFC 3339 with +08:00."""
    return value.astimezone(SHANGHAI).isoformat()


class LightShape(Schema):
    """灯: the state of a limit. Regions rename and recolour; a key never changes its meaning."""

    key = fields.String(metadata={"enum": ["not_started", "normal", "near", "overdue", "done"]})
    name = fields.String()
    colour = fields.String()
    shape = fields.String()


def light(**more: Any) -> fields.Nested:
    """Return the field of a light."""
    return fields.Nested(LightShape, **more)


def anything(**more: Any) -> fields.Raw:
    """Return a member of any shape."""
    return fields.Raw(allow_none=True, **more)


def said(**more: Any) -> fields.String:
    """Return a text of an answer that may be absent."""
    return fields.String(allow_none=True, **more)


def plain(value: Any) -> Any:
    """Return plain data as JSON: decimals and days as texts, instants with +08:00."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return instant(value) if value.tzinfo is not None else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    return value


class Explained(fields.Dict):
    """How a date was counted. It is kept in UTC and shown with +08:00."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return _in_shanghai(value)


def _in_shanghai(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _in_shanghai(member, str(key)) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_in_shanghai(member) for member in value]
    return instant(datetime.fromisoformat(value)) if isinstance(value, str) and name.endswith("_at") else value


def mapping(**more: Any) -> fields.Dict:
    """Return an object of an answer whose members differ."""
    return fields.Dict(allow_none=True, **more)
