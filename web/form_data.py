"""What a page sends back: flat names such as ``v/causes/0/cause`` become the nested values of a form.

Every field that was on the page is told, empty ones too, so that emptying a field empties the variable. Fields that
were not on the page keep what was typed before: hiding a field loses nothing until the form is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from workflows import forms
from workflows.forms import Field, FieldType

PREFIX = "v"
_MOST_ROWS = 500


@dataclass(frozen=True)
class Posted:
    """The fields of one request, and the files that were taken in with it: attachment ids by field name."""

    fields: MultiDict[str, str]
    received: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return one text."""
        return self.fields.get(name, "")

    def all(self, name: str) -> list[str]:
        """Return every text under a name, each once, those that are empty or were dropped left out."""
        dropped = set(self.fields.getlist("drop"))
        texts = [*self.fields.getlist(name), *self.received.get(name, ())]
        return [text for text in dict.fromkeys(texts) if text and text not in dropped]


def posted_values(form: forms.Form, posted: Posted, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed: fields that were on the page over what was typed ``before``."""
    on_page = set(posted.fields.getlist("shown"))
    values = {key: value for key, value in before.items() if key in form.variables}
    values.update(_read(form.fields, posted, PREFIX, on_page))
    return values


def _read(parts: Iterable[Field], posted: Posted, place: str, on_page: set[str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        if part.key is None:
            found.update(_read(part.fields, posted, place, on_page))
        elif part.asks and (on_page is None or part.key in on_page):
            found[part.key] = _value(part, posted, f"{place}/{part.key}")
    return found


def _value(part: Field, posted: Posted, name: str) -> Any:
    if part.type is FieldType.GROUP:
        return _read(part.fields, posted, name, None)
    if part.is_list:
        return [_read(part.fields, posted, f"{name}/{number}", None) for number in _row_numbers(posted, name)]
    if part.type in (FieldType.CHECKBOX, FieldType.SIGNATURE):
        return posted.one(name) == "true"
    if part.type in (FieldType.CHECKLIST, FieldType.FILEPICKER) or part.multiple:
        texts = posted.all(name)
        return texts if part.type is not FieldType.FILEPICKER or part.multiple else texts[-1:]
    return posted.one(name)


def _row_numbers(posted: Posted, name: str) -> list[int]:
    """Return the numbers of the rows that were on the page, in the order in which they stood."""
    listed = posted.fields.getlist(f"{name}#row")
    return [int(text) for text in listed[:_MOST_ROWS] if text.isascii() and text.isdecimal() and len(text) < 6]  # noqa: PLR2004 - a row number, not a novel


def add_row(values: dict[str, Any], path: str) -> None:
    """Add an empty row to the list at ``path`` (``causes`` or ``group/causes``)."""
    holder, key = _holder(values, path)
    rows = holder.get(key)
    holder[key] = [*rows, {}] if isinstance(rows, list) else [{}]


def remove_row(values: dict[str, Any], path: str, number: int) -> None:
    """Take a row out of the list at ``path``; a row that is not there changes nothing."""
    holder, key = _holder(values, path)
    rows = holder.get(key)
    if isinstance(rows, list) and 0 <= number < len(rows):
        del rows[number]


def _holder(values: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *above, key = path.split("/")
    for name in above:
        inner = values.get(name)
        if not isinstance(inner, dict):
            return {}, key
        values = inner
    return values, key


def for_submission(form: forms.Form, typed: Mapping[str, Any], around: forms.Surroundings) -> dict[str, Any]:
    """Return what is handed in: only fields that are shown for these values, signatures taken as given."""
    shown = _shown_keys(forms.visible_fields(form, typed, around))
    values = {key: value for key, value in typed.items() if key in shown}
    return values | dict.fromkeys((key for key, part in shown.items() if part.type is FieldType.SIGNATURE), True)


def _shown_keys(parts: Iterable[Field]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for part in parts:
        if part.key is None:
            found.update(_shown_keys(part.fields))
        elif part.asks:
            found[part.key] = part
    return found
