"""Migrations and what they move: whole cases with all their rows, closed ones included."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from workflows.store import Store
from workflows.tables import (
    Activity,
    Case,
    CaseStatus,
    Migration,
    MigrationCase,
    MigrationStatus,
    MoveStatus,
    Task,
    Timer,
    TimerKind,
)

_RUNNING = (CaseStatus.ACTIVE, CaseStatus.SUSPENDED)


def activities_of(store: Store, case_id: str) -> Sequence[Activity]:
    """Return every attempt of a case, in order."""
    statement = select(Activity).where(Activity.case_id == case_id).order_by(Activity.opened_at, Activity.id)
    return store.session.scalars(statement).all()


def tasks_of(store: Store, case_id: str) -> Sequence[Task]:
    """Return every task of a case, in order."""
    return store.session.scalars(select(Task).where(Task.case_id == case_id).order_by(Task.id)).all()


def event_timers(store: Store, case_id: str) -> Sequence[Timer]:
    """Return the timers that events of the diagram set, whatever became of them."""
    statement = select(Timer).where(Timer.case_id == case_id, Timer.kind == TimerKind.BPMN)
    return store.session.scalars(statement.order_by(Timer.id)).all()


def running_cases(store: Store, definition_id: str, *, with_children: bool) -> list[str]:
    """Return the cases of a version that have not ended; without ``with_children`` none that another of it called."""
    parent = aliased(Case)
    statement = (
        select(Case.id)
        .outerjoin(parent, parent.id == Case.parent_case_id)
        .where(Case.definition_id == definition_id, Case.status.in_(_RUNNING))
        .order_by(Case.id)
    )
    if not with_children:
        statement = statement.where(or_(parent.id.is_(None), parent.definition_id != definition_id))
    return list(store.session.scalars(statement))


def versions_with_cases(store: Store, definition_ids: Sequence[str]) -> list[str]:
    """Return those of the versions that have cases which have not ended."""
    statement = select(Case.definition_id).where(Case.definition_id.in_(definition_ids), Case.status.in_(_RUNNING))
    return sorted(set(store.session.scalars(statement.distinct())))


def moves_due(store: Store, limit: int) -> list[tuple[str, str]]:
    """Return migration and case of what is still to be moved, the oldest order first."""
    statement = (
        select(MigrationCase.migration_id, MigrationCase.case_id)
        .join(Migration, Migration.id == MigrationCase.migration_id)
        .where(MigrationCase.status == MoveStatus.WAITING, Migration.status == MigrationStatus.RUNNING)
        .order_by(MigrationCase.migration_id, MigrationCase.case_id)
        .limit(limit)
    )
    return [(migration, case) for migration, case in store.session.execute(statement)]


def migrations_to_end(store: Store) -> list[str]:
    """Return the running migrations in which no case waits any more."""
    waiting = select(MigrationCase.migration_id).where(MigrationCase.status == MoveStatus.WAITING)
    statement = select(Migration.id).where(Migration.status == MigrationStatus.RUNNING, Migration.id.not_in(waiting))
    return list(store.session.scalars(statement.order_by(Migration.id)))


def lock_migration(store: Store, migration_id: str) -> Migration | None:
    """Lock a migration and return it fresh."""
    statement = select(Migration).where(Migration.id == migration_id).with_for_update()
    return store.session.scalar(statement.execution_options(populate_existing=True))


def read_move(store: Store, migration_id: str, case_id: str) -> MigrationCase | None:
    """Return a case of a migration as it is now, whatever was read before; its case is locked."""
    statement = select(MigrationCase).where(
        MigrationCase.migration_id == migration_id, MigrationCase.case_id == case_id
    )
    return store.session.scalar(statement.execution_options(populate_existing=True))


def counts(store: Store, migration_id: str) -> dict[str, int]:
    """Count the cases of a migration by what became of them."""
    statement = (
        select(MigrationCase.status, func.count())
        .where(MigrationCase.migration_id == migration_id)
        .group_by(MigrationCase.status)
    )
    return {status: number for status, number in store.session.execute(statement)}  # noqa: C416 - rows are no pairs


def moves_of_case(store: Store, case_id: str) -> list[tuple[MigrationCase, Migration]]:
    """Return the moves that a case has made, in order."""
    statement = (
        select(MigrationCase, Migration)
        .join(Migration, Migration.id == MigrationCase.migration_id)
        .where(MigrationCase.case_id == case_id, MigrationCase.status == MoveStatus.MOVED)
        .order_by(MigrationCase.at, MigrationCase.history_seq)
    )
    return [(move, migration) for move, migration in store.session.execute(statement)]
