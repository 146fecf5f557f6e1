"""A form as the API tells it: its fields for whoever draws them, and a JSON Schema for whoever fills them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from workflows.forms.fields import MAX_FILES, MAX_LONG_TEXT, MAX_ROWS, MAX_TEXT, DateKind, Field, FieldType, Form

_FORMATS = {DateKind.DATE: "date", DateKind.TIME: "time", DateKind.DATETIME: "date-time"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def describe_form(form: Form) -> dict[str, Any]:
    """Return the form for ``GET /tasks/{id}/form``."""
    return {
        "key": form.key,
        "title": form.title,
        "digest": form.digest,
        "fields": [_field(part) for part in form.fields],
        "schema": {"$schema": _DIALECT, "title": form.title, **_object(form.fields)},
    }


_TOLD = ("key", "label", "description", "text", "placeholder", "pattern_message", "min_items")
_FLAGS = ("required", "readonly", "multiple")
_LIMITS = ("min_length", "max_length", "pattern", "max_items", "decimals", "minimum", "maximum", "default")


def _field(part: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"id": part.id, "type": str(part.type)}
    told |= {name: getattr(part, name) for name in (*_TOLD, *_FLAGS) if getattr(part, name)}
    told |= {name: plain_json(getattr(part, name)) for name in _LIMITS if getattr(part, name) is not None}
    if part.type is FieldType.DATETIME:
        told["subtype"] = str(part.subtype)
    if part.options:
        told["options"] = [{"value": option.value, "label": option.label} for option in part.options]
    if part.accept:
        told["accept"] = list(part.accept)
    if part.hidden_when is not None:
        told["hidden_when"] = part.hidden_when.text
    if part.fields:
        told["fields"] = [_field(child) for child in part.fields]
    return told


def _object(parts: tuple[Field, ...]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    _collect(parts, properties, required, conditional=False)
    told: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        told["required"] = required
    return told


def _collect(parts: tuple[Field, ...], properties: dict[str, Any], required: list[str], *, conditional: bool) -> None:
    """Add the properties of ``parts``; what may be hidden cannot be required of everybody."""
    for part in parts:
        maybe = conditional or part.hidden_when is not None
        if part.key is None:
            _collect(part.fields, properties, required, conditional=maybe)
        elif part.asks:
            properties[part.key] = {"title": part.label, **_type(part)} if part.label else _type(part)
            if part.required and not maybe:
                required.append(part.key)


def _type(part: Field) -> dict[str, Any]:  # noqa: PLR0911 - one line a type
    if part.type in (FieldType.TEXTFIELD, FieldType.TEXTAREA):
        return _text(part)
    if part.type is FieldType.NUMBER:
        return {"type": ["number", "string"], "format": "decimal", **_bounds(part)}
    if part.type is FieldType.DATETIME:
        return {"type": "string", "format": _FORMATS[part.subtype]}
    if part.type in (FieldType.CHECKBOX, FieldType.SIGNATURE):
        return {"type": "boolean", "const": True} if part.required else {"type": "boolean"}
    if part.type is FieldType.GROUP:
        return _object(part.fields)
    if part.type is FieldType.DYNAMICLIST:
        return {"type": "array", "items": _object(part.fields), **_counts(part, MAX_ROWS)}
    one: dict[str, Any] = {"type": "string"}
    if part.options:
        one["enum"] = [option.value for option in part.options]
    if part.type is FieldType.FILEPICKER:
        return {"type": "array", "items": one, **_counts(part, MAX_FILES if part.multiple else 1)}
    if part.type is FieldType.CHECKLIST or part.multiple:
        return {"type": "array", "items": one, "uniqueItems": True, **_counts(part, MAX_ROWS)}
    return one


def _text(part: Field) -> dict[str, Any]:
    default = MAX_LONG_TEXT if part.type is FieldType.TEXTAREA else MAX_TEXT
    told: dict[str, Any] = {"type": "string", "maxLength": default if part.max_length is None else part.max_length}
    if part.min_length:
        told["minLength"] = part.min_length
    if part.pattern:
        told["pattern"] = part.pattern
    return told


def _bounds(part: Field) -> Mapping[str, Any]:
    told = {}
    if part.minimum is not None:
        told["minimum"] = float(part.minimum)
    if part.maximum is not None:
        told["maximum"] = float(part.maximum)
    return told


def _counts(part: Field, most: int) -> Mapping[str, int]:
    told = {"maxItems": most if part.max_items is None else part.max_items}
    if part.min_items or part.required:
        told["minItems"] = max(part.min_items, 1)
    return told


def plain_json(value: Any) -> Any:
    """Return a variable as the API shows it: decimals and dates as texts."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    return value
