"""What waits to open cases: timers and conditions on start events. Whoever acts on one locks its row first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from workflows.errors import NotFoundError
from workflows.store import Store
from workflows.tables import Definition, DefinitionStatus, StartTrigger, StartTriggerKind, StartTriggerState, Unit


def lock_trigger(store: Store, trigger_id: str) -> StartTrigger:
    """Lock one row for this transaction and return it fresh, or raise ``NotFoundError``."""
    wanted = select(StartTrigger).where(StartTrigger.id == trigger_id).with_for_update()
    found = store.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        message = f"Expected start trigger {trigger_id} to exist, but it does not."
        raise NotFoundError(message, code="start-trigger-not-found", id=trigger_id)
    return found


def lock_triggers_of(store: Store, definition_id: str) -> Sequence[StartTrigger]:
    """Lock the rows of a version, so that it cannot be taken out of force while one of them opens a case."""
    wanted = select(StartTrigger).where(StartTrigger.definition_id == definition_id).order_by(StartTrigger.id)
    return store.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all()


def triggers_of(store: Store, definition_id: str) -> Sequence[StartTrigger]:
    """Return the rows of a version, in the order of the diagram's ids."""
    wanted = select(StartTrigger).where(StartTrigger.definition_id == definition_id)
    order = (StartTrigger.process_key, StartTrigger.element_id, StartTrigger.trigger)
    return store.session.scalars(wanted.order_by(*order)).all()


def triggers_due(store: Store, limit: int) -> Sequence[str]:
    """Return ids of timers that should have opened a case by now, the oldest date first."""
    statement = select(StartTrigger.id).where(*_due(store)).order_by(StartTrigger.due_at, StartTrigger.id).limit(limit)
    return store.session.scalars(statement).all()


def oldest_due_start(store: Store) -> datetime | None:
    """Return the date of the oldest start that should have happened, those that failed and rest included."""
    late = StartTrigger.state == StartTriggerState.ARMED, StartTrigger.due_at <= store.now
    return store.session.scalar(select(func.min(StartTrigger.due_at)).where(*late))


def armed_conditions(store: Store) -> Sequence[StartTrigger]:
    """Return the conditions of all definitions in force."""
    armed = StartTrigger.kind == StartTriggerKind.CONDITION, StartTrigger.state == StartTriggerState.ARMED
    rested = or_(StartTrigger.retry_at.is_(None), StartTrigger.retry_at <= store.now)
    return store.session.scalars(select(StartTrigger).where(*armed, rested).order_by(StartTrigger.id)).all()


def unregistered_definitions(store: Store) -> Sequence[Definition]:
    """Return the definitions in force of which no start event was ever armed."""
    known = select(StartTrigger.definition_id)
    statement = select(Definition).where(Definition.status == DefinitionStatus.ACTIVE, Definition.id.not_in(known))
    return store.session.scalars(statement.order_by(Definition.key)).all()


def root_units(store: Store) -> Sequence[Unit]:
    """Return up to two units without a parent: one alone is the organisation's root."""
    return store.session.scalars(select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.code).limit(2)).all()


def _due(store: Store) -> tuple[ColumnElement[bool], ...]:
    return (
        StartTrigger.state == StartTriggerState.ARMED,
        StartTrigger.due_at <= store.now,
        or_(StartTrigger.retry_at.is_(None), StartTrigger.retry_at <= store.now),
    )
