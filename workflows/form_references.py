"""People and units that a form names: they must exist. Attachments are checked where files are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.errors import FieldFault
from workflows.forms import FieldType, Form, references
from workflows.store import Store, people
from workflows.tables import PersonStatus


def unknown_references(
    store: Store, form: Form, values: Mapping[str, Any], *, pointer: str = "/variables"
) -> list[FieldFault]:
    """Return a fault for every code in clean values that names nobody, or a unit or person that is gone."""
    faults = []
    for place, code in references(form, values, FieldType.UNIT):
        unit = people.find_unit(store, code)
        if unit is None or (unit.closed_on is not None and unit.closed_on <= people.today(store)):
            message = f"Expected the code of a unit, but {code} is none."
            faults.append(FieldFault(f"{pointer}{place}", "field-unit-unknown", message, (("code", code),)))
    for place, code in references(form, values, FieldType.USER):
        person = people.find_person(store, code)
        if person is None or person.status == PersonStatus.LEFT:
            message = f"Expected the code of a person, but {code} is none."
            faults.append(FieldFault(f"{pointer}{place}", "field-person-unknown", message, (("code", code),)))
    return faults
