from __future__ import annotations

from sqlalchemy import select

from tests.city_scene import City
from tests.use_cases.form_scene import form_of
from workflows.form_references import unknown_references
from workflows.store import people
from workflows.tables import Unit

FORM = form_of(
    {"type": "user", "key": "who"},
    {"type": "dynamiclist", "path": "rows", "components": [{"type": "unit", "key": "units", "multiple": True}]},
)


def test_people_and_units_that_exist_are_taken_and_others_named_by_their_place(city: City):
    unit = city.read(lambda store: store.session.scalars(select(Unit.code).limit(1)).one())
    person = city.code("clerk")

    fine = city.read(unknown_references, FORM, {"who": person, "rows": [{"units": [unit]}]})
    wrong = city.read(unknown_references, FORM, {"who": "nobody", "rows": [{"units": [unit, "nowhere"]}]})

    assert fine == []
    assert {fault.pointer: fault.code for fault in wrong} == {
        "/variables/who": "field-person-unknown",
        "/variables/rows/0/units/1": "field-unit-unknown",
    }


def test_a_unit_that_was_closed_is_no_longer_taken(city: City):
    def close(store):
        unit = people.need_unit(store, city.read(lambda other: other.session.scalars(select(Unit.code).limit(1)).one()))
        unit.closed_on = people.today(store)
        return unit.code

    code = city.run(close)

    assert [fault.code for fault in city.read(unknown_references, FORM, {"rows": [{"units": [code]}]})] == [
        "field-unit-unknown"
    ]
