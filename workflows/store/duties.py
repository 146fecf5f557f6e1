"""The catalogue of duties and their occurrences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select

from workflows.store import Store
from workflows.tables import Duty, Occurrence, Unit


def all_duties(store: Store) -> Sequence[Duty]:
    """Return the catalogue, by id."""
    return store.session.scalars(select(Duty).order_by(Duty.id)).all()


def periodic_duties(store: Store) -> Sequence[Duty]:
    """Return the duties that come by the calendar, by id."""
    statement = select(Duty).where(Duty.trigger == "periodic", Duty.withdrawn.is_(False)).order_by(Duty.id)
    return store.session.scalars(statement).all()


def lock_duty(store: Store, duty_id: str) -> Duty | None:
    """Lock a duty, so that two generators of its occurrences wait for one another."""
    statement = select(Duty).where(Duty.id == duty_id).with_for_update().execution_options(populate_existing=True)
    return store.session.scalar(statement)


def open_units(store: Store, kinds: Collection[str], levels: Collection[str], day: date) -> Sequence[Unit]:
    """Return the units of these kinds (and levels, when any are named) that exist on a day, by their place."""
    statement = select(Unit).where(Unit.kind.in_(list(kinds)), or_(Unit.closed_on.is_(None), Unit.closed_on > day))
    if levels:
        statement = statement.where(Unit.level.in_(list(levels)))
    return store.session.scalars(statement.order_by(Unit.path, Unit.id)).all()


def known_occurrences(store: Store, duty_id: str) -> set[tuple[str, str]]:
    """Return (period, unit id) of every occurrence of a duty, opened or skipped."""
    statement = select(Occurrence.period, Occurrence.unit_id).where(Occurrence.duty_id == duty_id)
    return {(period, unit_id) for period, unit_id in store.session.execute(statement)}
