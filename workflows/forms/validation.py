"""Check what somebody filled in: all faults at once, each naming its field by a JSON pointer.

Values become plain data of a process (``Decimal``, ``date``, aware ``datetime``). What is hidden or only shown takes
no value. A field that was left out keeps what it had; one sent empty becomes None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError

from workflows.engine.expressions import ExpressionError
from workflows.errors import FieldFault, RejectedError
from workflows.forms import remarks
from workflows.forms.fields import Field, FieldType, Form, Option
from workflows.forms.remarks import Remark, escape, faults_of
from workflows.forms.schema import schema_of

CleanValues = dict[str, Any]
MAX_DRAFT_BYTES = 1_000_000


@dataclass(frozen=True)
class Surroundings:
    """What conditions of a form may see besides its own values: the case's variables and roots, clock, functions."""

    now: datetime
    scope: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


def validate(form: Form, values: object, around: Surroundings, *, pointer: str = "/variables") -> CleanValues:
    """Return the converted values, or raise ``RejectedError`` (``form-invalid``) with every fault.

    ``pointer`` is where the values stand in the request's body.
    """
    data, faults = _load(form, values)
    shown = _Shown(around, data, [])
    shown.walk(form.fields, data, "", _scope(form, around))
    known = {fault.pointer for fault in faults}
    faults += [fault for fault in shown.faults if not _is_told(fault.pointer, known)]
    if faults:
        raise _rejected(form, faults, pointer)
    return data


def validate_draft(form: Form, values: object, *, pointer: str = "/variables") -> dict[str, Any]:
    """Return a draft as it was typed, or raise ``RejectedError``: only unknown fields and its size are refused."""
    if not isinstance(values, Mapping):
        raise _rejected(form, list(faults_of(remarks.NOT_AN_OBJECT)), pointer)
    faults = [_fault(f"/{escape(name)}", _unasked(form, name)) for name in values if name not in form.variables]
    try:
        size = len(orjson.dumps(values))
    except orjson.JSONEncodeError:
        size = MAX_DRAFT_BYTES + 1
    if size > MAX_DRAFT_BYTES:
        remark = Remark("draft-too-large", f"Expected at most {MAX_DRAFT_BYTES} bytes.", (("limit", MAX_DRAFT_BYTES),))
        faults.append(_fault("", remark))
    if faults:
        raise _rejected(form, faults, pointer)
    return dict(values)


def visible_fields(form: Form, values: Mapping[str, Any], around: Surroundings) -> tuple[Field, ...]:
    """Return the fields that are shown for these values, drafts included, with their shown children."""
    data, _ = _load(form, {name: value for name, value in values.items() if name in form.variables})
    return tuple(_pruned(form.fields, around, {**_scope(form, around), **data}))


def _scope(form: Form, around: Surroundings) -> Mapping[str, Any]:
    """Return the names that conditions see: what nobody has filled in yet is null, not unknown."""
    return {**dict.fromkeys(form.variables), **around.scope}


def references(form: Form, values: Mapping[str, Any], kind: FieldType) -> tuple[tuple[str, str], ...]:
    """Return (JSON pointer, code) of everything that fields of ``kind`` name: files, people or units."""
    return tuple(_references(form.fields, values, kind, ""))


def attachment_ids(form: Form, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the attachments that clean values name."""
    return tuple(code for _, code in references(form, values, FieldType.FILEPICKER))


def _references(
    parts: tuple[Field, ...], values: Mapping[str, Any], kind: FieldType, pointer: str
) -> Iterator[tuple[str, str]]:
    for part in parts:
        if part.key is None:
            yield from _references(part.fields, values, kind, pointer)
            continue
        value, place = values.get(part.key), f"{pointer}/{escape(part.key)}"
        if part.type is kind:
            listed = value if isinstance(value, list) else [] if value is None else [value]
            for index, code in enumerate(listed):
                yield (f"{place}/{index}" if isinstance(value, list) else place), code
        elif isinstance(value, Mapping):
            yield from _references(part.fields, value, kind, place)
        elif part.is_list:
            for index, row in enumerate(value or ()):
                yield from _references(part.fields, row, kind, f"{place}/{index}")


def _load(form: Form, values: object) -> tuple[CleanValues, list[FieldFault]]:
    try:
        loaded: CleanValues = schema_of(form).load(values)  # type: ignore[arg-type] # a wrong type is a fault
    except ValidationError as error:
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return valid, [_reworded(form, fault) for fault in faults_of(error.messages)]
    return loaded, []


def _reworded(form: Form, fault: FieldFault) -> FieldFault:
    """Tell a field that is only shown from one that does not exist."""
    if fault.code != remarks.UNKNOWN.code:
        return fault
    return _fault(fault.pointer, _unasked(form, fault.pointer.rsplit("/", 1)[-1]))


def _unasked(form: Form, name: str) -> Remark:
    read_only = any(part.key == name and part.readonly for part in form.walk())
    return remarks.READ_ONLY if read_only else remarks.UNKNOWN


@dataclass
class _Shown:
    """Walks the form with the converted values: what is hidden must be empty, what is shown and required must not."""

    around: Surroundings
    data: CleanValues
    faults: list[FieldFault]

    def walk(self, parts: tuple[Field, ...], data: dict[str, Any], pointer: str, scope: Mapping[str, Any]) -> None:
        names = {**scope, **data}
        for part in parts:
            place = pointer if part.key is None else f"{pointer}/{escape(part.key)}"
            if _is_hidden(part, self.around, names):
                self.refuse_values(part, data, place)
            elif part.type is FieldType.GROUP and part.key is None:
                self.walk(part.fields, data, pointer, scope)
            elif part.asks and part.key is not None:
                self.check(part, data.get(part.key), place, names)

    def check(self, part: Field, value: Any, place: str, names: Mapping[str, Any]) -> None:
        if _is_empty(value):
            if part.required or part.min_items:
                self.faults.append(_fault(place, remarks.REQUIRED))
            elif part.type is FieldType.GROUP:
                self.walk(part.fields, {}, place, names)
        elif part.options:
            self.check_choice(part, value, place, names)
        elif part.type is FieldType.GROUP and isinstance(value, dict):
            self.walk(part.fields, value, place, names)
        elif part.is_list and isinstance(value, list):
            for index, row in enumerate(value):
                if isinstance(row, dict):
                    self.walk(part.fields, row, f"{place}/{index}", names)

    def check_choice(self, part: Field, value: Any, place: str, names: Mapping[str, Any]) -> None:
        """Refuse a choice that is not offered here."""
        offered = [option.value for option in _offered(part, self.around, names)]
        chosen = value if isinstance(value, list) else [value]
        if any(each not in offered for each in chosen):
            message = f"Expected one of {', '.join(offered)}."
            self.faults.append(_fault(place, Remark("field-not-an-option", message, (("options", offered),))))

    def refuse_values(self, part: Field, data: dict[str, Any], place: str) -> None:
        """Refuse what was filled in where nothing is shown, and drop the empty rest."""
        for name, pointer in _asked(part, place):
            if not _is_empty(data.pop(name, None)):
                self.faults.append(_fault(pointer, remarks.NOT_SHOWN))


def _asked(part: Field, place: str) -> Iterator[tuple[str, str]]:
    if part.key is not None:
        if part.asks:
            yield part.key, place
        return
    for child in part.fields:
        yield from _asked(child, place if child.key is None else f"{place}/{escape(child.key)}")


def _pruned(parts: tuple[Field, ...], around: Surroundings, names: Mapping[str, Any]) -> Iterator[Field]:
    for part in parts:
        if _is_hidden(part, around, names):
            continue
        if part.fields and not part.is_list:  # conditions inside a row differ from row to row: pages ask again
            inner = names.get(part.key) if part.key else None
            scope = {**names, **inner} if isinstance(inner, dict) else names
            yield replace(part, fields=tuple(_pruned(part.fields, around, scope)))
        elif part.options:
            yield replace(part, options=_offered(part, around, names))
        else:
            yield part


def _offered(part: Field, around: Surroundings, names: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(option for option in part.options if not _is_hidden(option, around, names))


def _is_hidden(part: Field | Option, around: Surroundings, names: Mapping[str, Any]) -> bool:
    """Whether the form's condition hides the field or choice. One that cannot be evaluated hides nothing."""
    if part.hidden_when is None:
        return False
    try:
        return part.hidden_when.evaluate(names, now=around.now, functions=around.functions) is True
    except ExpressionError:
        return False


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _is_told(pointer: str, known: set[str]) -> bool:
    """Whether a fault of the same field, or of something around or inside it, is told already."""
    return any(
        pointer == other or pointer.startswith(f"{other}/") or other.startswith(f"{pointer}/") for other in known
    )


def _fault(pointer: str, remark: Remark) -> FieldFault:
    return FieldFault(pointer, remark.code, remark.message, remark.params)


def _rejected(form: Form, faults: list[FieldFault], pointer: str) -> RejectedError:
    placed = [replace(fault, pointer=f"{pointer}{fault.pointer}") for fault in faults]
    message = f"Expected form {form.key} to be filled in correctly, but {len(placed)} fields are not."
    return RejectedError(message, code="form-invalid", faults=placed, form=form.key)
