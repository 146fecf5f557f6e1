"""Values told in words: what was handed in with a step, and the data of a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from web.blueprint import ask
from web.form_view import plain
from workflows.engine.values import from_json
from workflows.forms import Field, FieldType, Form
from workflows.queries.choices import names_of, people_told
from workflows.queries.tasks import TaskDetail
from workflows.tables import Attachment

Told = tuple[str, str]
_REFERENCES = (FieldType.FILEPICKER, FieldType.UNIT, FieldType.USER)
_LONGEST_CODE = 120
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def names_for(forms: Mapping[str, Form], attachments: Iterable[Attachment], *values: Any) -> Mapping[str, str]:
    """Return the names of what ``values`` refer to by these forms: files by id, units and people by code."""
    names = {file.id: file.name for file in attachments}
    kinds = {part.type for form in forms.values() for part in form.walk()}
    texts = sorted({text for value in values for text in _codes(value)})
    if FieldType.UNIT in kinds:
        names |= ask(names_of, "unit", texts)
    if FieldType.USER in kinds:
        names |= ask(people_told, texts)
    return names


def _codes(value: Any) -> Iterator[str]:
    """Yield every text in a value that is short enough to be a code."""
    if isinstance(value, str):
        if 0 < len(value) <= _LONGEST_CODE:
            yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _codes(each))
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in _codes(each))


def told_variables(
    variables: Mapping[str, Any] | None, forms: Mapping[str, Form], names: Mapping[str, str]
) -> Sequence[Told] | None:
    """Return the data of a case as label and text, by the forms that ask for it; None stays None.

    What no form names is between the steps of the diagram (programs read it): a page would show bare keys.
    """
    if variables is None:
        return None
    parts = {part.key: part for form in forms.values() for part in form.walk() if part.key not in form.variables}
    parts |= {part.key: part for form in forms.values() for part in form.walk() if part.key in form.variables}
    return [
        (parts[name].label, _told_field(parts[name], value, names))
        for name, value in sorted(variables.items())
        if value not in _EMPTY and name in parts and parts[name].label and not _is_link(value)
    ]


def _is_link(value: Any) -> bool:
    """Whether a value is what ``open_case`` returned: the page lists linked cases, for those who may see them."""
    return isinstance(value, Mapping) and set(value) == {"case", "definition"}


def handed_in(detail: TaskDetail, forms: Mapping[str, Form], names: Mapping[str, str]) -> Sequence[Told]:
    """Return what was handed in with a task as label and text, by the form that its version has."""
    if not detail.submission:
        return ()
    values = from_json(detail.submission)
    form = forms.get(detail.form or "")
    if form is None:
        return [(name, told(value)) for name, value in values.items() if value not in _EMPTY]
    return list(_told_fields(form.fields, values, names))


def _told_fields(parts: Iterable[Field], values: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[Told]:
    for part in parts:
        if part.key is None:
            yield from _told_fields(part.fields, values, names)
        elif part.asks and values.get(part.key) not in _EMPTY:
            yield part.label or part.key, _told_field(part, values[part.key], names)


def _told_field(part: Field, value: Any, names: Mapping[str, str]) -> str:
    if part.type in (FieldType.CHECKBOX, FieldType.SIGNATURE):
        return str(gettext("是") if value else gettext("否"))
    if part.options:
        labels = {option.value: option.label for option in part.options}
        chosen = value if isinstance(value, list | tuple) else [value]
        return "、".join(labels.get(str(item), str(item)) for item in chosen)
    if part.type in _REFERENCES:
        codes = value if isinstance(value, list | tuple) else [value]
        return "、".join(names.get(str(code), str(code)) for code in codes)
    if part.is_list:
        return "\n".join(f"{number}. {_told_row(part, row, names)}" for number, row in enumerate(value, start=1))
    if part.type is FieldType.GROUP:
        return _told_row(part, value, names)
    return told(value)


def _told_row(part: Field, row: Any, names: Mapping[str, str]) -> str:
    if not isinstance(row, Mapping):
        return told(row)
    return "；".join(f"{label}：{text}" for label, text in _told_fields(part.fields, row, names))


def told(value: Any) -> str:
    """Return any value in words."""
    if isinstance(value, bool):
        return str(gettext("是") if value else gettext("否"))
    if isinstance(value, list | tuple):
        return "\n".join(f"{number}. {told(item)}" for number, item in enumerate(value, start=1))
    if isinstance(value, Mapping):
        return "；".join(f"{name}：{told(item)}" for name, item in value.items() if item not in _EMPTY)
    return plain(value).replace("T", " ") if not isinstance(value, str) else value
