"""A form as its page draws it: each field with its name in the page, its value as text, and its fault.

The same fields that validate the values yield the page, so page and rule cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from api.wording import word_field
from web.form_data import PREFIX
from workflows import forms
from workflows.clock import SHANGHAI
from workflows.errors import FieldFault
from workflows.forms import Field, FieldType
from workflows.forms.remarks import escape


@dataclass
class View:
    """One field on the page."""

    part: Field
    name: str
    id: str
    fault: str = ""
    text: str = ""
    texts: list[str] = field(default_factory=list)
    checked: bool = False
    children: list[View] = field(default_factory=list)
    rows: list[list[View]] = field(default_factory=list)

    @property
    def type(self) -> str:
        """Return the name of the field's type."""
        return str(self.part.type)

    @property
    def is_blank(self) -> bool:
        """Whether it only shows, and has nothing to show: opinions that nobody has given yet."""
        if self.part.fields and not self.part.is_list:
            return all(child.is_blank for child in self.children)
        return self.part.readonly and not (self.texts or self.rows or self.checked)

    @property
    def path(self) -> str:
        """Return the place of the value, without the prefix: what buttons of rows name."""
        return self.name.partition("/")[2]

    @property
    def described_by(self) -> str:
        """Return the ids of the texts that explain the field."""
        hint = f"{self.id}-hint" if self.part.description or self.part.pattern_message else ""
        return " ".join(part for part in (hint, f"{self.id}-fault" if self.fault else "") if part)


@dataclass(frozen=True)
class Drawing:
    """A form ready to be drawn: its fields, their keys on the page, and the list of faults above it."""

    views: Sequence[View]
    shown: Sequence[str]
    faults: Sequence[tuple[str, str]]
    codes: Mapping[str, frozenset[str]]


def draw(
    form: forms.Form, typed: Mapping[str, Any], around: forms.Surroundings, found: Sequence[FieldFault] = ()
) -> Drawing:
    """Return the fields that are shown for what was typed, over what the case holds already."""
    values = {**{key: around.scope.get(key) for key in form.variables}, **typed}
    shown = forms.visible_fields(form, values, around)
    told = {fault.pointer.removeprefix("/variables"): word_field(fault) for fault in found}
    artist = _Artist(around.scope, told)
    views = artist.draw(shown, values, PREFIX, "")
    return Drawing(views, artist.keys, _listed(found, artist.labels), artist.codes())


def show(form: forms.Form, values: Mapping[str, Any], around: forms.Surroundings) -> Drawing:
    """Return a form as it was handed in or is about to be signed: ``values`` only, nothing typed."""
    merged = {**around.scope, **values}
    shown = forms.visible_fields(form, merged, around)
    artist = _Artist(merged, {})
    views = artist.draw(shown, merged, PREFIX, "")
    return Drawing(views, artist.keys, (), artist.codes())


def field_id(pointer: str) -> str:
    """Return the id in the page of the field at a JSON pointer."""
    return "f" + pointer.removeprefix("/variables").replace("/", "-").replace("~", "-")


def _listed(found: Sequence[FieldFault], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    listed = []
    for fault in found:
        pointer = fault.pointer.removeprefix("/variables")
        label = labels.get(pointer, "")
        listed.append((field_id(fault.pointer), f"{label}：{word_field(fault)}" if label else word_field(fault)))
    return listed


class _Artist:
    """Walks the fields once and remembers what the page needs besides: keys, labels, codes of people and units."""

    def __init__(self, scope: Mapping[str, Any], told: Mapping[str, str]) -> None:
        self.scope = scope
        self.told = told
        self.keys: list[str] = []
        self.labels: dict[str, str] = {}
        self._codes: dict[str, set[str]] = {"user": set(), "unit": set()}

    def codes(self) -> Mapping[str, frozenset[str]]:
        """Return the codes of people and units that stand in values."""
        return {kind: frozenset(found) for kind, found in self._codes.items()}

    def draw(self, parts: Iterable[Field], values: Mapping[str, Any], name: str, pointer: str) -> list[View]:
        return [self.one(part, values, name, pointer) for part in parts]

    def one(self, part: Field, values: Mapping[str, Any], name: str, pointer: str) -> View:
        if part.key is None:
            view = View(part, name, f"g-{part.id}")
            view.children = self.draw(part.fields, values, name, pointer)
            return view
        name, pointer = f"{name}/{part.key}", f"{pointer}/{escape(part.key)}"
        view = View(part, name, field_id(pointer), self.told.get(pointer, ""))
        self.labels[pointer] = part.label
        if pointer.count("/") == 1 and part.asks:
            self.keys.append(part.key)
        value = values.get(part.key, None if part.readonly else part.default)
        if value is None and not part.readonly:
            value = part.default
        if part.readonly and value is None:
            value = self.scope.get(part.key)
        self.fill(view, value, name, pointer)
        return view

    def fill(self, view: View, value: Any, name: str, pointer: str) -> None:
        part = view.part
        if part.type is FieldType.GROUP:
            view.children = self.draw(part.fields, value if isinstance(value, Mapping) else {}, name, pointer)
        elif part.is_list:
            rows = value if isinstance(value, list | tuple) else []
            view.rows = [
                self.draw(
                    part.fields, row if isinstance(row, Mapping) else {}, f"{name}/{number}", f"{pointer}/{number}"
                )
                for number, row in enumerate(rows or self._first_rows(part))
            ]
        elif part.type in (FieldType.CHECKBOX, FieldType.SIGNATURE):
            view.checked = value is True
        elif isinstance(value, list | tuple):
            view.texts = [plain(item) for item in value]
        else:
            view.text = plain(value)
            view.texts = [view.text] if view.text else []
        if part.type in (FieldType.USER, FieldType.UNIT):
            self._codes[str(part.type)].update(view.texts)

    @staticmethod
    def _first_rows(part: Field) -> list[dict[str, Any]]:
        """Return empty rows to begin with: as many as are needed, none to read only."""
        return [] if part.readonly else [{} for _ in range(max(part.min_items, 1 if part.required else 0))]


def plain(value: Any) -> str:
    """Return a value as the text that stands in its field: dates as the browser's own fields want them."""
    makers: tuple[tuple[type, Callable[[Any], str]], ...] = (
        (bool, lambda truth: "true" if truth else "false"),
        (datetime, lambda moment: f"{moment.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"),
        (date, date.isoformat),
        (time, lambda moment: f"{moment:%H:%M}"),
        (Decimal, lambda number: f"{number:f}"),
    )
    if value is None:
        return ""
    return next((make(value) for kind, make in makers if isinstance(value, kind)), str(value))


def controls(form: forms.Form) -> bool:
    """Whether any field of the form is shown only sometimes: then choices redraw it."""
    return any(part.hidden_when is not None for part in form.walk())
