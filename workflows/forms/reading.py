"""Read a form file: the written subset of the form-js schema. What is not in the subset is an error, never dropped.

``properties`` (form-js' place for anything) is kept out on purpose: what nobody reads must not look as if it worked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import orjson

from workflows.engine.expressions import Expression, ExpressionError, compile_expression
from workflows.engine.reasons import Reason, plain_params
from workflows.engine.types import Finding, Severity
from workflows.forms import patterns
from workflows.forms.fields import CHOICES, CONTAINERS, SHOWN_ONLY, DateKind, Field, FieldType, Form, Option

MAX_FIELDS = 500
MAX_DEPTH = 5
MAX_BYTES = 512 * 1024
_KEY = re.compile(r"^[^\W\d]\w{0,99}$")
_FORM_PROPERTIES = frozenset(
    {"type", "schemaVersion", "id", "title", "components"}
    | {"exporter", "executionPlatform", "executionPlatformVersion", "$schema"}  # whatever editor wrote it
)
_ANYWHERE = frozenset({"type", "id", "key", "label", "description", "conditional", "layout", "readonly", "disabled"})
_VALUED = frozenset({"validate", "defaultValue"})
_PROPERTIES: Mapping[FieldType, frozenset[str]] = {
    FieldType.TEXT: frozenset({"text"}),
    FieldType.NOTE: frozenset({"text"}),
    FieldType.TEXTFIELD: _VALUED | {"appearance", "placeholder"},
    FieldType.TEXTAREA: _VALUED | {"placeholder"},
    FieldType.NUMBER: _VALUED | {"decimalDigits", "increment", "appearance"},
    FieldType.DATETIME: _VALUED | {"subtype", "dateLabel", "timeLabel", "use24h", "timeInterval"},
    FieldType.SELECT: _VALUED | {"values", "searchable"},
    FieldType.RADIO: _VALUED | {"values"},
    FieldType.CHECKBOX: _VALUED,
    FieldType.CHECKLIST: _VALUED | {"values"},
    FieldType.FILEPICKER: frozenset({"validate", "accept", "multiple"}),
    FieldType.GROUP: frozenset({"components", "path", "showOutline"}),
    FieldType.DYNAMICLIST: frozenset(
        {"components", "path", "validate", "showOutline", "isRepeating", "allowAddRemove", "defaultRepetitions"}
    ),
    FieldType.SIGNATURE: frozenset({"validate", "statement"}),
    FieldType.USER: _VALUED | {"multiple"},
    FieldType.UNIT: _VALUED | {"multiple"},
}
_LENGTHS = frozenset({"required", "minLength", "maxLength", "pattern", "patternMessage", "validationType"})
_COUNTS = frozenset({"required", "minItems", "maxItems"})
_VALIDATIONS: Mapping[FieldType, frozenset[str]] = {
    FieldType.TEXTFIELD: _LENGTHS,
    FieldType.TEXTAREA: _LENGTHS,
    FieldType.NUMBER: frozenset({"required", "min", "max"}),
    FieldType.CHECKLIST: _COUNTS,
    FieldType.FILEPICKER: _COUNTS,
    FieldType.DYNAMICLIST: _COUNTS | {"unique"},
    FieldType.USER: _COUNTS,
    FieldType.UNIT: _COUNTS,
}
_REQUIRED_ONLY = frozenset({"required"})
_COMPONENTS = Reason("list-of-components", "a list of components")
_OBJECT = Reason("object", "an object")
_EMAIL_OR_CUSTOM = Reason("email-or-custom", "email or custom")
_DATE_KINDS = Reason("date-kinds", "date, time or datetime")
_TRUE_OR_FALSE = Reason("true-or-false", "true or false")
_NUMBER = Reason("number", "a number")
_HIDE = Reason("hide-expression", '{"hide": "=expression"}')


def read_form(path: str, content: bytes) -> tuple[Form | None, tuple[Finding, ...]]:
    """Return the form of a file, None when it is refused, and every remark on it."""
    reading = _Reading(path)
    document = reading.parse(content)
    if document is None:
        return None, tuple(reading.findings)
    for name in sorted(set(document) - _FORM_PROPERTIES):
        reading.fault("form-property-unknown", name, f"Expected no property {name!r} of a form.", property=name)
    fields = tuple(reading.fields(document.get("components"), "components", 1))
    key = form_key(path, document.get("id"))
    title = document.get("title") or key
    if not isinstance(title, str) or len(title) > 300:  # noqa: PLR2004 - what a page's heading holds
        reading.wrong_type("title", "title", _text_up_to(300))
        title = key
    if path.startswith("forms/") and document.get("id") not in (None, key):
        reading.fault("form-id-mismatch", "id", f"Expected the id {key}, as its path says.", expected=key)
    if reading.findings:
        return None, tuple(reading.findings)
    return Form(key, title, fields, hashlib.sha256(content).hexdigest()), ()


def form_key(path: str, given: object) -> str:
    """Return what diagrams call the form: its path below ``forms/``, else its own id, else its file's name."""
    stem = path.removesuffix(".json").removesuffix(".form")
    if stem.startswith("forms/"):
        return stem.removeprefix("forms/")
    return given if isinstance(given, str) and given else PurePosixPath(stem).name


@dataclass
class _Reading:
    file: str
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def fault(self, code: str, path: str, message: str, **params: Any) -> None:
        self.findings.append(
            Finding(Severity.ERROR, code, message, file=self.file, path=path, params=plain_params(params)),
        )

    def wrong_type(self, path: str, name: str, expected: Reason) -> None:
        self.fault("form-wrong-type", path, f"Expected {expected}.", property=name, expected=expected)

    def parse(self, content: bytes) -> Mapping[str, Any] | None:
        if len(content) > MAX_BYTES:
            self.fault("form-too-large", "", f"Expected at most {MAX_BYTES} bytes.", limit=MAX_BYTES)
            return None
        try:
            document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
        except (orjson.JSONDecodeError, RecursionError) as error:
            line = getattr(error, "lineno", 0)
            self.fault("form-not-json", "", f"Expected JSON, but {error}.", line=line)
            return None
        if not isinstance(document, dict) or document.get("type", "default") != "default":
            self.fault("form-not-a-form", "", 'Expected an object with "type": "default" and "components".')
            return None
        return document

    def fields(self, components: object, path: str, depth: int) -> Iterator[Field]:
        """Yield the fields of a list of components; each fault is noted."""
        if not isinstance(components, list):
            self.wrong_type(path, "components", _COMPONENTS)
            return
        if depth > MAX_DEPTH:
            self.fault("form-too-deep", path, f"Expected at most {MAX_DEPTH} levels.", limit=MAX_DEPTH)
            return
        seen: dict[str, str] = {}
        for index, component in enumerate(components):
            place = f"{path}[{index}]"
            self.count += 1
            if self.count == MAX_FIELDS + 1:
                self.fault("form-too-many-fields", place, f"Expected at most {MAX_FIELDS} fields.", limit=MAX_FIELDS)
            if self.count > MAX_FIELDS:
                return
            found = self.component(component, place, depth)
            if found is not None:
                for name in _names(found):
                    if name in seen:
                        message = f"Expected the key {name} once, but {seen[name]} asks for it too."
                        self.fault("form-key-twice", place, message, key=name, other=seen[name])
                    seen[name] = place
                yield found

    def component(self, component: object, path: str, depth: int) -> Field | None:
        if not isinstance(component, dict):
            self.wrong_type(path, "component", _OBJECT)
            return None
        try:
            kind = FieldType(str(component.get("type")))
        except ValueError:
            shown = component.get("type")
            message = f"Expected one of {', '.join(FieldType)}, but the type is {shown!r}."
            self.fault("form-type-unknown", f"{path}.type", message, type=str(shown))
            return None
        reader = _Component(self, component, kind, path)
        reader.check_names()
        children: tuple[Field, ...] = ()
        if kind in CONTAINERS:
            children = tuple(self.fields(component.get("components"), f"{path}.components", depth + 1))
        return reader.read(children)


@dataclass
class _Component:
    """One component while it is read."""

    reading: _Reading
    data: Mapping[str, Any]
    kind: FieldType
    path: str

    def check_names(self) -> None:
        allowed = _ANYWHERE | _PROPERTIES[self.kind]
        for name in self.data:
            if name not in allowed:
                message = f"Expected no property {name!r} of a {self.kind}."
                self.fault("form-property-unknown", name, message, property=name, type=str(self.kind))
        validations = _VALIDATIONS.get(self.kind, _REQUIRED_ONLY)
        for name in self.validate:
            if name not in validations:
                message = f"Expected no validation {name!r} of a {self.kind}."
                self.fault("form-property-unknown", f"validate.{name}", message, property=name, type=str(self.kind))

    @property
    def validate(self) -> Mapping[str, Any]:
        found = self.data.get("validate")
        return found if isinstance(found, dict) else {}

    def read(self, children: tuple[Field, ...]) -> Field:
        key = self.key()
        limits = self.limits()
        return Field(
            id=self.text("id") or key or self.path,
            type=self.kind,
            key=key,
            label=self.text("label"),
            description=self.text("description"),
            text=self.text("statement" if self.kind is FieldType.SIGNATURE else "text", most=20_000),
            placeholder=self.text("placeholder"),
            required=self.flag(self.validate, "required"),
            readonly=self.flag(self.data, "readonly") or self.flag(self.data, "disabled"),
            default=self.default(),
            options=self.options(),
            multiple=self.flag(self.data, "multiple"),
            pattern_message=str(self.validate.get("patternMessage") or ""),
            minimum=self.number(self.validate, "min"),
            maximum=self.number(self.validate, "max"),
            whole=self.data.get("decimalDigits") == 0,
            decimals=self.whole(self.data, "decimalDigits", most=10),
            accept=tuple(part.strip().lower() for part in self.text("accept").split(",") if part.strip()),
            unique=self.unique(children),
            subtype=self.subtype(),
            hidden_when=self.condition(self.data.get("conditional"), "conditional"),
            fields=children,
            **limits,
        )

    def key(self) -> str | None:
        name = "path" if self.kind in CONTAINERS and "path" in self.data else "key"
        key = self.data.get(name)
        if key in (None, "") and (self.kind in SHOWN_ONLY or self.kind is FieldType.GROUP):
            return None
        if not isinstance(key, str) or not _KEY.match(key):
            self.fault("form-key-missing", name, f"Expected a name, but the {name} is {key!r}.", key=str(key))
            return None
        return key

    def limits(self) -> dict[str, Any]:
        limits: dict[str, Any] = {
            "min_length": self.whole(self.validate, "minLength"),
            "max_length": self.whole(self.validate, "maxLength", most=100_000),
            "min_items": self.whole(self.validate, "minItems") or 0,
            "max_items": self.whole(self.validate, "maxItems", most=2_000),
            "pattern": self.pattern(),
        }
        for low, high in (("min_length", "max_length"), ("min_items", "max_items")):
            if limits[low] and limits[high] is not None and limits[low] > limits[high]:
                self.fault("form-limits-crossed", "validate", "Expected the least not to exceed the most.")
        smallest, largest = self.validate.get("min"), self.validate.get("max")
        if isinstance(smallest, int | float) and isinstance(largest, int | float) and smallest > largest:
            self.fault("form-limits-crossed", "validate", "Expected the least not to exceed the most.")
        return limits

    def pattern(self) -> str | None:
        pattern = self.validate.get("pattern")
        if self.validate.get("validationType") == "email":
            return patterns.EMAIL
        if self.validate.get("validationType") not in (None, "", "custom"):
            self.wrong_type("validate.validationType", _EMAIL_OR_CUSTOM)
        if pattern is None:
            return None
        remark = patterns.judge(pattern)
        if remark:
            message = f"Expected a pattern of RE2, but {remark}."
            self.fault("form-pattern-refused", "validate.pattern", message, reason=remark)
            return None
        return str(pattern)

    def options(self) -> tuple[Option, ...]:
        if self.kind not in CHOICES:
            return ()
        found = self.data.get("values")
        if not isinstance(found, list) or not found:
            self.fault("form-options-missing", "values", "Expected at least one option.")
            return ()
        options = []
        for index, item in enumerate(found):
            value = item.get("value") if isinstance(item, dict) else None
            if not isinstance(value, str) or not value or set(item) - {"value", "label", "conditional"}:
                self.fault("form-option-wrong", f"values[{index}]", "Expected an object with value and label as texts.")
                continue
            hidden_when = self.condition(item.get("conditional"), f"values[{index}].conditional")
            options.append(Option(value, str(item.get("label") or value), hidden_when))
        if len({option.value for option in options}) < len(options):
            self.fault("form-option-twice", "values", "Expected every value once.")
        return tuple(options)

    def default(self) -> object:
        value = self.data.get("defaultValue")
        if isinstance(value, float):
            return Decimal(repr(value))
        if self.kind in CHOICES and value is not None:
            chosen = value if isinstance(value, list) else [value]
            known = {item.get("value") for item in self.data.get("values") or () if isinstance(item, dict)}
            if not all(isinstance(item, str) and item in known for item in chosen):
                self.fault("form-default-wrong", "defaultValue", "Expected one of the options as default.")
                return None
        return value

    def unique(self, columns: tuple[Field, ...]) -> str:
        name = self.validate.get("unique", "")
        if self.kind is FieldType.DYNAMICLIST and name and name not in {column.key for column in columns}:
            self.fault("form-wrong-type", "validate.unique", "Expected the key of a column.", property="unique")
            return ""
        return str(name)

    def subtype(self) -> DateKind:
        if self.kind is not FieldType.DATETIME:
            return DateKind.DATETIME
        try:
            return DateKind(self.data.get("subtype", "date"))
        except ValueError:
            self.wrong_type("subtype", _DATE_KINDS)
            return DateKind.DATETIME

    def condition(self, conditional: Any, place: str) -> Expression | None:
        """Read ``{"hide": "=expression"}`` of a field or of one of its options."""
        if conditional is None:
            return None
        text = conditional.get("hide") if isinstance(conditional, dict) else None
        if not isinstance(text, str) or set(conditional) != {"hide"}:
            self.fault("form-condition-wrong", place, 'Expected {"hide": "=expression"}.', reason=_HIDE)
            return None
        try:
            return compile_expression(text.removeprefix("="))
        except ExpressionError as error:
            self.fault("form-condition-wrong", f"{place}.hide", error.message, reason=error.reason_in(text))
            return None

    def text(self, name: str, *, most: int = 2_000) -> str:
        value = self.data.get(name)
        if value is None or (name == "text" and self.kind not in SHOWN_ONLY):
            return ""
        if not isinstance(value, str) or len(value) > most:
            self.wrong_type(name, _text_up_to(most))
            return ""
        return value

    def flag(self, data: Mapping[str, Any], name: str) -> bool:
        value = data.get(name, False)
        if not isinstance(value, bool):
            self.wrong_type(name, _TRUE_OR_FALSE)
            return False
        return value

    def whole(self, data: Mapping[str, Any], name: str, *, most: int = 10_000) -> int | None:
        value = data.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            self.wrong_type(name, Reason("whole-number", f"a whole number from 0 to {most}", {"most": most}))
            return None
        return value

    def number(self, data: Mapping[str, Any], name: str) -> Decimal | None:
        value = data.get(name)
        if value is None or isinstance(value, bool) or not isinstance(value, int | float):
            if value is not None:
                self.wrong_type(name, _NUMBER)
            return None
        return Decimal(str(value))

    def fault(self, code: str, name: str, message: str, **params: Any) -> None:
        self.reading.fault(code, f"{self.path}.{name}", message, **params)

    def wrong_type(self, name: str, expected: Reason) -> None:
        self.reading.wrong_type(f"{self.path}.{name}", name, expected)


def _text_up_to(most: int) -> Reason:
    return Reason("text-up-to", f"a text of at most {most} characters", {"most": most})


def _names(found: Field) -> Iterator[str]:
    """Yield the variables that a field asks for in its parent's scope."""
    if found.key is None:
        for child in found.fields:
            yield from _names(child)
    elif found.asks:
        yield found.key
