"""Parameters of a family: numbers and choices that the law leaves open or that regions set otherwise.

A bundle's ``parameters.yaml`` names each with its default, its label, its unit and its source: the clause, or 编者补
where the texts are silent. A region's file may replace the value, with a source of its own; it can add none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.deadlines.data_files import Faults, Reader, parse_document

EDITOR = "编者补"  # the source of what no text says
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,59}$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: the value that holds where no region says otherwise."""

    key: str
    value: Any
    label: str
    source: str
    unit: str = ""
    note: str = ""

    @property
    def by_editor(self) -> bool:
        """Whether no text says it: pages must not show it as law."""
        return self.source.startswith(EDITOR)


def read_parameters(content: bytes | str, file: str = "parameters.yaml") -> Mapping[str, Parameter]:
    """Return the parameters that a file tells, or raise ``DataFaultsError`` with every fault."""
    faults = Faults(file)
    document = parse_document(content, file)
    if isinstance(document, Mapping) and set(document) == {"parameters"}:
        document = document["parameters"]
    found = {}
    for key, item in Reader({} if document is None else document, "", faults).fields():
        if not _NAME.match(key):
            faults.add(key, "bad-key", f"Expected a name (a-z, 0-9 and _), but found {key!r}.", key=key)
        found[key] = _read_parameter(key, Reader(item, key, faults))
    faults.check()
    return found


def _read_parameter(key: str, reader: Reader) -> Parameter:
    value = plain_value(reader.raw("value"))
    if value is not None and not is_parameter_value(value):
        message = f"Expected a number, text, truth value, date or list, but found {value!r}."
        reader.fault("value", "wrong-type", message, field="value", expected="value")
    parameter = Parameter(
        key,
        value,
        label=reader.text("label"),
        source=reader.text("source"),
        unit=reader.text("unit", ""),
        note=reader.text("note", ""),
    )
    reader.close()
    return parameter


def plain_value(value: Any) -> Any:
    """Return YAML's value as plain data of a process: a float becomes the decimal that was written."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    return value


def is_parameter_value(value: Any) -> bool:
    """Whether expressions can read ``value``."""
    if isinstance(value, list):
        return all(is_parameter_value(item) for item in value)
    if isinstance(value, dict):
        return all(is_parameter_value(item) for item in value.values())
    return isinstance(value, str | bool | int | Decimal | date | datetime)
