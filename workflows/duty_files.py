"""Duty files (``bpmn/duties/<family>.yaml``): the catalogue as data, read strictly, every fault listed.

A row maps one sentence of the texts to the elements that carry it out, or says why none does (``not_modelled``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from workflows.deadlines.data_files import Faults, Reader, parse_document
from workflows.engine.expressions import ExpressionError, compile_expression


class CatchUp(StrEnum):
    """What happens to periods whose opening was missed: each is opened, only the latest, or none."""

    ALL = "all"
    LATEST = "latest"
    NONE = "none"


class TriggerKind(StrEnum):
    PERIODIC = "periodic"
    EVENT = "event"


@dataclass(frozen=True)
class DutyRow:
    """One row. ``recurrence`` is what `read_recurrence` reads; None for what an event brings about."""

    id: str
    title: str
    clause: str
    source: str
    definition: str
    quote: str = ""
    note: str = ""
    not_modelled: str = ""
    trigger: TriggerKind | None = None
    event: str = ""
    recurrence: Mapping[str, Any] | None = None
    parameter: str = ""
    parameter_value: Any = None
    kinds: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    has: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    deadline: str = ""
    catch_up: CatchUp = CatchUp.NONE
    elements: tuple[str, ...] = ()


def read_duties(content: bytes | str, file: str) -> tuple[tuple[DutyRow, ...], tuple[dict[str, Any], ...]]:
    """Return the rows of a file and each as plain data, or raise ``DataFaultsError`` with every fault."""
    faults = Faults(file)
    document = parse_document(content, file)
    reader = Reader(document, "", faults)
    items = reader.items("duties")
    rows = tuple(_read_duty(Reader(item, f"duties[{index}]", faults)) for index, item in enumerate(items))
    reader.close()
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            faults.add(row.id, "duty-twice", f"Expected the duty {row.id} once.", id=row.id)
        seen.add(row.id)
    faults.check()
    return rows, tuple(items)


def duty_from(item: Mapping[str, Any]) -> DutyRow:
    """Read back one row that was stored as plain data."""
    own = {name: value for name, value in item.items() if name != "elsewhere"}
    return _read_duty(Reader(own, "", Faults("duty")))


def _read_duty(reader: Reader) -> DutyRow:
    told: dict[str, Any] = {
        "id": reader.text("id"),
        "title": reader.text("title"),
        "clause": reader.text("clause"),
        "source": reader.text("source"),
        "definition": reader.text("definition"),
        "quote": reader.text("quote", ""),
        "note": reader.text("note", ""),
    }
    not_modelled = reader.text("not_modelled", "")
    if not_modelled:
        reader.close()
        return DutyRow(**told, not_modelled=not_modelled)
    row = DutyRow(
        **told,
        **_read_trigger(reader),
        **_read_applies(reader),
        **_read_responsible(reader),
        variables=_read_variables(reader),
        deadline=reader.text("deadline"),
        catch_up=reader.choice("catch_up", {policy.value: policy for policy in CatchUp}) or CatchUp.NONE,
        elements=_texts(reader, "elements"),
    )
    reader.close()
    if not row.elements:
        reader.fault("elements", "missing", "Expected the elements that carry the duty out, or not_modelled.")
    return row


def _read_trigger(reader: Reader) -> dict[str, Any]:
    section = reader.mapping("trigger")
    if section is None:
        reader.fault("trigger", "missing", "Expected a trigger, but there is none.", field="trigger")
        return {}
    kind = section.choice("kind", {kind.value: kind for kind in TriggerKind})
    if kind is TriggerKind.PERIODIC:
        told = dict(section.fields())
        told.pop("note", None)
        return {"trigger": kind, "recurrence": told}
    event = section.text("event", "")
    section.text("note", "")
    section.close()
    return {"trigger": kind, "event": event}


def _read_applies(reader: Reader) -> dict[str, Any]:
    section = reader.mapping("applies")
    if section is None:
        return {}
    told = {"parameter": section.text("parameter"), "parameter_value": section.raw("value")}
    section.close()
    return told


def _read_responsible(reader: Reader) -> dict[str, Any]:
    section = reader.mapping("responsible")
    if section is None:
        reader.fault("responsible", "missing", "Expected who is responsible.", field="responsible")
        return {}
    told: dict[str, Any] = {
        "kinds": frozenset(_texts(section, "kinds")),
        "levels": frozenset(_texts(section, "levels")),
        "has": _texts(section, "has"),
    }
    section.text("note", "")
    section.close()
    if not told["kinds"]:
        section.fault("kinds", "missing", "Expected kinds of units.", field="kinds")
    return told


def _read_variables(reader: Reader) -> dict[str, str]:
    section = reader.mapping("variables")
    found: dict[str, str] = {}
    for name, text in section.fields() if section else ():
        try:
            compile_expression(str(text))
        except ExpressionError as error:
            message = f"The expression cannot be read: {error.message}"
            reader.fault(f"variables.{name}", "expression-wrong", message, reason=error.reason_in(str(text)).plain())
        found[name] = str(text)
    return found


def _texts(reader: Reader, name: str) -> tuple[str, ...]:
    return tuple(str(item) for item in reader.items(name, []))
