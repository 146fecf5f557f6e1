"""Migrations as they are shown: the dry run of a wish, orders with their progress, what became of each case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.definitions import finding_from
from workflows.engine.types import Finding
from workflows.mapping import Pair
from workflows.migrations import Wish, order_of
from workflows.moving import Judgement, Order, judge
from workflows.queries.access import visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import migrations as rows
from workflows.tables import (
    Activity,
    ActivityStatus,
    Case,
    CaseStatus,
    Definition,
    Migration,
    MigrationCase,
    MoveStatus,
    Person,
    Role,
    Unit,
)

MOST_JUDGED = 300  # in one dry run; the others are judged when they are moved
_RUNNING = (CaseStatus.ACTIVE, CaseStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Partner:
    """An element of the old version with its partner; ``holds`` counts the open attempts that wait there."""

    pair: Pair
    holds: int


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """What an order would do to one case, and what of it a person notices."""

    id: str
    title: str
    unit: str
    status: str
    at: tuple[str, ...]
    code: str
    findings: tuple[Finding, ...]
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    limits: int  # limits whose date would change


@dataclass(frozen=True, slots=True)
class Plan:
    """A dry run: the pairs of elements, and the running cases one by one. ``left`` were too many to judge now."""

    order: Order
    partners: Sequence[Partner]
    cases: Sequence[PlannedCase]
    counts: Mapping[str, int]
    left: int

    @property
    def unmapped(self) -> list[Partner]:
        """The elements without a partner."""
        return [partner for partner in self.partners if partner.pair.new is None]


def plan_migration(store: Store, wish: Wish, *, only: Sequence[str] | None = None, actor: Actor) -> Plan:
    """Judge every running case of the old version that the actor may see (or ``only`` these). Changes nothing.

    Raises as ``order_of`` does, and ``NotAllowedError`` for who does not keep the law (nor administers what is
    ``only`` judged).
    """
    if only is None:
        actor.require_role(Role.FLOWADMIN)
    order, pairs = order_of(store, wish)
    wanted = rows.running_cases(store, order.source.id, with_children=wish.with_children) if only is None else only
    cases = _visible(store, wanted[:MOST_JUDGED], actor)
    judged = [_judged(store, case, unit, order) for case, unit in cases]
    counts = Counter(str(each.status) for each in judged)
    holds = _holds(store, order.source.id)
    partners = [Partner(pair, holds.get((pair.process, pair.old.id), 0)) for pair in pairs]
    return Plan(order, partners, judged, counts, max(0, len(wanted) - MOST_JUDGED))


def _visible(store: Store, case_ids: Sequence[str], actor: Actor) -> list[tuple[Case, str]]:
    statement = select(Case, Unit.name).join(Unit, Unit.id == Case.unit_id).order_by(Case.id)
    found = store.session.execute(statement.where(Case.id.in_(list(case_ids)), visible_cases(actor)))
    return [(case, unit) for case, unit in found]


def _holds(store: Store, definition_id: str) -> dict[tuple[str, str], int]:
    """Count what is open at each element of a version, by the process as it is drawn."""
    statement = (
        select(Case.process_key, Activity.element_id, func.count())
        .join(Activity, Activity.case_id == Case.id)
        .where(Case.definition_id == definition_id, Case.status.in_(_RUNNING), Activity.status == ActivityStatus.OPEN)
        .group_by(Case.process_key, Activity.element_id)
    )
    found: Counter[tuple[str, str]] = Counter()
    for process, element, number in store.session.execute(statement):
        found[process.partition("#")[0], element] += number
    return dict(found)


def _judged(store: Store, case: Case, unit: str, order: Order) -> PlannedCase:
    judgement = judge(store, case, order)
    at = [row.name or row.element_id for row in stored_cases.open_activities(store, case.id).values()]
    opens, closes, limits = _effects(judgement)
    return PlannedCase(
        case.id,
        case.title,
        unit,
        str(judgement.verdict),
        tuple(dict.fromkeys(at)),
        judgement.code,
        judgement.findings,
        opens,
        closes,
        limits,
    )


def _effects(judgement: Judgement) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    move = judgement.move
    if move is None:
        return (), (), 0

    def name(element_id: str) -> str:
        element = move.process.elements.get(element_id)
        return (element.name or element.id) if element is not None else element_id

    opens = tuple(name(each.activity.element_id) for each in move.step.tasks_opened)
    closes = tuple(name(each.activity.element_id) for each in move.step.closed)
    return opens, closes, sum(count is None or count.due_at != row.due_at for row, count in move.limits)


# ------------------------------------------------------------------ orders


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """One order and its progress; ``cases`` counts by what became of them."""

    id: str
    key: str
    name: str
    source: int
    target: int
    limits: str
    with_children: bool
    chosen: bool
    mapping: Mapping[str, str]
    status: str
    reason: str
    asked_at: datetime
    asked_by: str | None
    begun_at: datetime | None
    ended_at: datetime | None
    cases: Mapping[str, int]
    row_version: int


def list_migrations(
    store: Store,
    *,
    actor: Actor,  # noqa: ARG001 - what is ordered about the law is everybody's to read; cases are not told here
    key: str | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[MigrationRow]:
    """Return one page of orders, the latest first."""
    statement = _statement()
    for column, wanted in ((Migration.key, key), (Migration.status, status)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    keys = [Key(Migration.asked_at, datetime, descending=True), Key(Migration.id, str, descending=True)]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda found: _row(store, *found))


def read_migration(store: Store, migration_id: str, *, actor: Actor) -> MigrationRow:  # noqa: ARG001 - as above
    """Return one order, or raise ``NotFoundError``."""
    store.need(Migration, migration_id)
    return _row(store, *store.session.execute(_statement().where(Migration.id == migration_id)).one())


def _statement() -> Any:
    source, target = aliased(Definition), aliased(Definition)
    return (
        select(Migration, source.version, target.version, target.name, Person.name)
        .join(source, source.id == Migration.from_definition_id)
        .join(target, target.id == Migration.to_definition_id)
        .outerjoin(Person, Person.id == Migration.asked_by)
    )


def _row(store: Store, order: Migration, source: int, target: int, name: str, asked_by: str | None) -> MigrationRow:
    found = rows.counts(store, order.id)
    return MigrationRow(
        order.id,
        order.key,
        name,
        source,
        target,
        order.limits,
        order.with_children,
        order.chosen,
        order.mapping,
        order.status,
        order.reason,
        order.asked_at,
        asked_by,
        order.begun_at,
        order.ended_at,
        {str(status): found.get(status, 0) for status in MoveStatus},
        order.row_version,
    )


@dataclass(frozen=True, slots=True)
class MovedCase:
    """One case of an order and what became of it."""

    id: str
    title: str
    unit: str
    status: str
    code: str
    findings: tuple[Finding, ...]
    at: datetime | None


def cases_of_migration(
    store: Store,
    migration_id: str,
    *,
    actor: Actor,
    status: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[MovedCase]:
    """Return one page of the cases of an order that the actor may see."""
    store.need(Migration, migration_id)
    statement = (
        select(MigrationCase, Case.title, Unit.name)
        .join(Case, Case.id == MigrationCase.case_id)
        .join(Unit, Unit.id == Case.unit_id)
        .where(MigrationCase.migration_id == migration_id, visible_cases(actor))
    )
    if status is not None:
        statement = statement.where(MigrationCase.status == status)
    page = take_page(store, statement, [Key(MigrationCase.case_id, str)], after=after, limit=limit)
    return page.map(lambda found: _moved(*found))


def _moved(row: MigrationCase, title: str, unit: str) -> MovedCase:
    findings = tuple(finding_from(document) for document in row.findings)
    return MovedCase(row.case_id, title, unit, row.status, row.code, findings, row.at)


def versions_of(store: Store, key: str, *, actor: Actor) -> list[tuple[Definition, int]]:
    """Return the versions of a process, the newest first, with the running cases that the actor may see."""
    running = (
        select(func.count(Case.id))
        .where(Case.definition_id == Definition.id, Case.status.in_(_RUNNING), visible_cases(actor))
        .correlate(Definition)
        .scalar_subquery()
    )
    statement = select(Definition, running).where(Definition.key == key).order_by(Definition.version.desc())
    return [(definition, number) for definition, number in store.session.execute(statement)]
