"""What may be wrong with a value: a stable code, an English sentence, and the numbers a translated text needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from workflows.errors import FieldFault


@dataclass(frozen=True)
class Remark:
    """One fault of one value. Marshmallow carries it to its field's place."""

    code: str
    message: str
    params: tuple[tuple[str, Any], ...] = ()


REQUIRED = Remark("field-required", "Expected a value, but there is none.")
UNKNOWN = Remark("field-unknown", "Expected no such field.")
NOT_AN_OBJECT = Remark("field-not-an-object", "Expected an object.")
NOT_A_LIST = Remark("field-not-a-list", "Expected a list.")
NOT_A_TEXT = Remark("field-not-a-text", "Expected a text.")
NOT_A_NUMBER = Remark("field-not-a-number", "Expected a number.")
NOT_A_DATE = Remark("field-not-a-date", "Expected a date such as 2026-11-17.")
NOT_A_TIME = Remark("field-not-a-time", "Expected a time such as 09:30.")
NOT_A_DATE_TIME = Remark("field-not-a-date-time", "Expected a date and time such as 2026-11-17T09:30.")
NOT_A_TRUTH = Remark("field-not-a-truth-value", "Expected true or false.")
NOT_CONFIRMED = Remark("field-not-confirmed", "Expected this to be confirmed.")
TWICE = Remark("field-entry-twice", "Expected every entry once.")
NOT_SHOWN = Remark("field-not-shown", "Expected no value: this field is not shown here.")
READ_ONLY = Remark("field-read-only", "Expected no value: this field is only shown.")


def refuse(code: str, message: str, **params: Any) -> ValidationError:
    """Return the error to raise for one value."""
    return ValidationError([Remark(code, message, tuple(params.items()))])


def faults_of(messages: Any, pointer: str = "") -> Iterator[FieldFault]:
    """Yield marshmallow's nested messages as faults, each with its JSON pointer."""
    if isinstance(messages, Remark):
        yield FieldFault(pointer, messages.code, messages.message, messages.params)
    elif isinstance(messages, dict):
        for key, inner in messages.items():
            yield from faults_of(inner, pointer if key == "_schema" else f"{pointer}/{escape(key)}")
    elif isinstance(messages, list):
        for inner in messages:
            yield from faults_of(inner, pointer)
    else:  # marshmallow's own words, where none of ours stands in their place
        yield FieldFault(pointer, "field-wrong", str(messages))


def escape(key: object) -> str:
    """Return ``key`` as a part of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")
