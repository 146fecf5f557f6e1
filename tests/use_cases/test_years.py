"""A unit's year: duties on their days, what became of them for who may see it, and the address that programs read."""

from __future__ import annotations

from datetime import date

import pytest

from tests.city_scene import PASSWORD
from tests.world import CLERK, UNIT, World
from workflows.access import system_actor
from workflows.accounts import set_password
from workflows.calendar_feeds import MOST, create_feed, feeds_of, read_feed, revoke_feed
from workflows.errors import NotAllowedError, NotFoundError, WrongStateError
from workflows.queries.years import unit_year
from workflows.store import Store, people
from workflows.tables import Case, Occurrence

SYSTEM = system_actor("test")


def opened(store: Store, duty_id: str, period: str, case_id: str) -> None:
    """Tell that a case is the one of a period: what the generator does for thousands of units at once."""
    unit = people.need_unit(store, UNIT)
    told = {"opens_on": date(2026, 3, 1), "due_at": store.now, "status": "open", "created_at": store.now}
    occurrence = store.add(Occurrence(duty_id=duty_id, period=period, unit_id=unit.id, **told))
    store.session.flush()
    store.need(Case, case_id).occurrence_id = occurrence.id


def test_the_year_holds_what_the_rules_say_and_what_became_of_it(world: World) -> None:
    before = world.read(unit_year, UNIT, 2026, actor=SYSTEM)
    first = before.entries[0]
    case = world.start("approval")
    world.run(opened, first.duty_id, first.period, case)

    after = world.read(unit_year, UNIT, 2026, actor=world.actor(CLERK))
    seen = world.read(unit_year, UNIT, 2026, actor=world.actor("sysadmin"))

    assert {entry.status for entry in before.entries} == {"planned"}
    assert [entry.due_on for entry in before.entries] == sorted(entry.due_on for entry in before.entries)
    assert all(entry.due_on.year == 2026 and entry.opens_on <= entry.due_on for entry in before.entries)
    assert [entry.due_on for entry in after.entries] == [entry.due_on for entry in before.entries]
    found = next(entry for entry in after.entries if entry.status == "open")
    assert (found.case_id, found.light, found.due_on) == (case, "normal", first.due_on)
    hidden = next(entry for entry in seen.entries if entry.status == "open")
    assert (hidden.case_id, hidden.light) == (None, None)
    assert before.on_event
    with pytest.raises(NotFoundError):
        world.read(unit_year, "nowhere", 2026, actor=SYSTEM)


def test_dates_beyond_the_announced_calendar_are_provisional(world: World) -> None:
    this, later = (world.read(unit_year, UNIT, year, actor=SYSTEM) for year in (2026, 2030))

    assert any(not entry.provisional for entry in this.entries)
    assert later.entries
    assert all(entry.provisional for entry in later.entries if entry.due_on.year > 2027)
    assert later.has_provisional


def test_a_feed_works_until_its_owner_takes_it_back_or_changes_the_password(world: World) -> None:
    clerk, other = world.actor(CLERK), world.actor("p001")
    first, second = (world.run(create_feed, UNIT, actor=clerk) for _ in range(2))

    reading = world.read(read_feed, first.secret)
    with pytest.raises(NotFoundError):
        world.run(revoke_feed, first.id, actor=other)
    world.run(revoke_feed, first.id, actor=clerk)

    assert (reading.actor.code, reading.unit_code) == (CLERK, UNIT)
    with pytest.raises(NotFoundError):
        world.read(read_feed, first.secret)
    assert [feed.digest for feed, _ in world.read(feeds_of, actor=clerk)] == [second.id]
    assert second.secret not in str(second.id)
    world.run(set_password, CLERK, PASSWORD + "2", actor=world.actor("sysadmin"))
    with pytest.raises(NotFoundError):
        world.read(read_feed, second.secret)


def test_nobody_has_too_many_feeds_and_the_system_none(world: World) -> None:
    clerk = world.actor(CLERK)
    with pytest.raises(NotAllowedError):
        world.run(create_feed, UNIT, actor=SYSTEM)
    with pytest.raises(NotFoundError):
        world.run(create_feed, "nowhere", actor=clerk)
    for _ in range(MOST):
        world.run(create_feed, UNIT, actor=clerk)

    with pytest.raises(WrongStateError):
        world.run(create_feed, UNIT, actor=clerk)
