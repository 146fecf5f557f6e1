"""Lists and views of cases: header, tasks, limits, history for the diagram, timeline from the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, func, select

from workflows.access import Actor
from workflows.errors import NotFoundError
from workflows.queries.access import bounded_cases, readable_cases, visible_cases
from workflows.queries.case_filters import WORST_FIRST, CaseFilter, narrowed, next_due, sort_keys, worst_light
from workflows.queries.lights import light_of
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.store.migrations import moves_of_case
from workflows.tables import (
    Activity,
    ActivityStatus,
    Attachment,
    Case,
    CaseLink,
    CaseStatus,
    Deadline,
    Definition,
    ElementHistory,
    Incident,
    LedgerEvent,
    Person,
    Task,
    TaskStatus,
    Unit,
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list of cases."""

    id: str
    title: str
    business_key: str | None
    definition_key: str
    definition_version: int
    definition_name: str
    unit_code: str
    unit_name: str
    status: str
    outcome: str | None
    classification: str
    started_at: datetime
    ended_at: datetime | None
    started_by: str | None
    parent_case_id: str | None
    row_version: int
    due_at: datetime | None
    region_version: str | None  # it names and colours the light
    light: str


def case_statement(now: datetime) -> Select[*tuple[Any, ...]]:
    """Return what selects the columns of ``row_of`` over cases with their definition, unit and starter."""
    return (
        select(
            Case.id,
            Case.title,
            Case.business_key,
            Definition.key,
            Definition.version,
            Definition.name.label("definition_name"),
            Unit.code,
            Unit.name.label("unit_name"),
            Case.status,
            Case.outcome,
            Case.classification,
            Case.started_at,
            Case.ended_at,
            Person.code.label("started_by"),
            Case.parent_case_id,
            Case.row_version,
            next_due().label("due_at"),
            Case.region_version_id,
            worst_light(now).label("light"),
        )
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Person, Person.id == Case.started_by)
    )


def row_of(found: Any) -> CaseRow:
    """Return a row of ``case_statement`` as a line of a list."""
    *values, rank = found
    light = WORST_FIRST[min(rank, len(WORST_FIRST) - 1)]
    if values[8] in {CaseStatus.COMPLETED, CaseStatus.CANCELLED}:
        light = "done"
    return CaseRow(*[*values, light])


def list_cases(
    store: Store,
    wanted: CaseFilter,
    *,
    actor: Actor,
    after: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Page[CaseRow]:
    """Return one page of the cases that the actor may see, latest first unless ``wanted`` sorts otherwise."""
    access = bounded_cases(actor) if wanted.started_by_me else visible_cases(actor)  # who started a case may see it
    statement = narrowed(case_statement(store.now).where(access), wanted, store.now, actor)
    keys = sort_keys(wanted.sort, store.now)
    return take_page(store, statement, keys, after=after, before=before, limit=limit).map(row_of)


def case_row(store: Store, case_id: str, *, actor: Actor) -> CaseRow:
    """Return one case, or raise ``NotFoundError`` for what the actor may not see."""
    found = store.session.execute(
        case_statement(store.now).where(Case.id == case_id, visible_cases(actor))
    ).one_or_none()
    if found is None:
        message = f"Expected case {case_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    return row_of(found)


def _require_reader(store: Store, case_id: str, actor: Actor) -> None:
    if store.session.scalar(select(Case.id).where(Case.id == case_id, readable_cases(actor))) is None:
        message = f"Expected case {case_id} to be open to {actor.code}, but it is not."
        raise NotFoundError(message, code="case-not-found", id=case_id)


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A limit with its count. ``name`` is the step's; empty for the total limit."""

    id: str
    name: str
    element_id: str | None
    rule: str
    started_at: datetime
    near_at: datetime | None
    due_at: datetime
    done_at: datetime | None
    provisional: bool
    light: str
    explanation: dict[str, Any]


def deadlines_of_case(store: Store, case_id: str, *, actor: Actor) -> list[DeadlineView]:
    """Return the limits of a case, running ones first, each with its explanation."""
    case_row(store, case_id, actor=actor)
    statement = (
        select(Deadline, Activity.name, Activity.element_id, light_of(Deadline, store.now))
        .outerjoin(Activity, Activity.id == Deadline.activity_id)
        .where(Deadline.case_id == case_id)
        .order_by(Deadline.done_at.is_not(None), Deadline.due_at, Deadline.id)
    )
    return [
        DeadlineView(
            row.id,
            name or "",
            element_id,
            row.rule,
            row.started_at,
            row.near_at,
            row.due_at,
            row.done_at,
            row.provisional,
            light,
            row.explanation,
        )
        for row, name, element_id, light in store.session.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class Diagram:
    """What the tokens of a case really did, by element id: times entered and completed, what is open, flows taken.

    ``lights`` holds the light of open steps with a limit.
    """

    completed: Mapping[str, int]
    cancelled: Mapping[str, int]
    active: Mapping[str, int]
    taken: Mapping[str, int]
    lights: Mapping[str, str]
    incidents: tuple[str, ...]


def case_diagram(store: Store, case_id: str, *, actor: Actor) -> Diagram:
    """Return the state of a case for its diagram, from the recorded history only."""
    case_row(store, case_id, actor=actor)
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("entered", "completed", "cancelled", "taken")}
    for kind, element_id, number in _history(store, case_id):
        counts[kind][element_id] += number
    active = store.session.execute(
        select(Activity.element_id, func.count())
        .where(Activity.case_id == case_id, Activity.status == ActivityStatus.OPEN)
        .group_by(Activity.element_id)
    )
    lights = store.session.execute(
        select(Activity.element_id, light_of(Deadline, store.now))
        .join(Deadline, Deadline.activity_id == Activity.id)
        .where(Activity.case_id == case_id, Activity.status == ActivityStatus.OPEN)
    )
    incidents = store.session.scalars(
        select(Incident.element_id).where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
    )
    return Diagram(
        dict(counts["completed"]),
        dict(counts["cancelled"]),
        dict(active.all()),
        dict(counts["taken"]),
        _worst_by_element(list(lights)),
        tuple(incidents),
    )


def _history(store: Store, case_id: str) -> Iterator[tuple[str, str, int]]:
    """Count what happened at each element, under the names of today: a case may have moved to another version."""
    statement = (
        select(ElementHistory.kind, ElementHistory.element_id, func.count())
        .where(ElementHistory.case_id == case_id)
        .group_by(ElementHistory.kind, ElementHistory.element_id)
    )
    moves = [(row.history_seq or 0, migration.mapping) for row, migration in moves_of_case(store, case_id)]
    ends = [*(seq for seq, _ in moves), None]
    begin = 0
    for position, end in enumerate(ends):
        part = statement.where(ElementHistory.seq > begin)
        part = part if end is None else part.where(ElementHistory.seq <= end)
        for kind, element_id, number in store.session.execute(part):
            name = element_id
            for _, mapping in moves[position:]:
                name = mapping.get(name, name)
            yield kind, name, number
        begin = begin if end is None else end


def _worst_by_element(rows: list[Any]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for element_id, light in rows:
        known = worst.get(element_id)
        if known is None or WORST_FIRST.index(light) < WORST_FIRST.index(known):
            worst[element_id] = light
    return worst


@dataclass(frozen=True, slots=True)
class Event:
    """One link of a case's ledger chain, as its timeline shows it."""

    seq: int
    at: datetime
    kind: str
    actor: str
    actor_name: str | None
    via: str
    content: dict[str, Any]
    hash: str


def case_events(
    store: Store, case_id: str, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[Event]:
    """Return the ledger chain of a case in order, for those who may read what it holds."""
    _require_reader(store, case_id, actor)
    statement = (
        select(
            LedgerEvent.seq,
            LedgerEvent.at,
            LedgerEvent.kind,
            LedgerEvent.actor,
            Person.name,
            LedgerEvent.via,
            LedgerEvent.content,
            LedgerEvent.hash,
        )
        .outerjoin(Person, Person.code == LedgerEvent.actor)
        .where(LedgerEvent.stream == f"case:{case_id}")
    )

    def make(found: Any) -> Event:
        *head, content, digest = found
        return Event(*[*head, orjson.loads(content), digest])

    return take_page(store, statement, [Key(LedgerEvent.seq, int)], after=after, limit=limit).map(make)


def attachments_of_case(store: Store, case_id: str, *, actor: Actor) -> list[Attachment]:
    """Return the files of a case, every version, oldest first, for those who may read what it holds."""
    _require_reader(store, case_id, actor)
    return list(
        store.session.scalars(
            select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.created_at, Attachment.id)
        )
    )


def children_of_case(store: Store, case_id: str, *, actor: Actor) -> list[CaseRow]:
    """Return the child cases of a case that the actor may see."""
    found = store.session.execute(
        case_statement(store.now).where(Case.parent_case_id == case_id, visible_cases(actor)).order_by(Case.id)
    )
    return [row_of(row) for row in found]


def linked_cases(store: Store, case_id: str, *, actor: Actor) -> list[CaseRow]:
    """Return what a case opened by ``open_case`` and what opened it, as far as the actor may see them."""
    opened = select(CaseLink.target_case_id).where(CaseLink.source_case_id == case_id)
    opener = select(CaseLink.source_case_id).where(CaseLink.target_case_id == case_id)
    wanted = Case.id.in_(opened.union(opener))
    return [row_of(row) for row in store.session.execute(case_statement(store.now).where(wanted, visible_cases(actor)))]


def openers_of_case(store: Store, case_id: str) -> frozenset[str]:
    """Return the ids of the cases that opened this one by ``open_case``; who may see them is asked elsewhere."""
    statement = select(CaseLink.source_case_id).where(CaseLink.target_case_id == case_id)
    return frozenset(store.session.scalars(statement))


def people_waiting(store: Store, case_id: str) -> list[str]:
    """Return the names of those on whom a case waits now."""
    statement = (
        select(Person.name)
        .join(Task, Task.assignee_id == Person.id)
        .where(Task.case_id == case_id, Task.status == TaskStatus.CLAIMED)
    )
    return list(store.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step on which a case waits, and who has it in hand; None: nobody has claimed it yet."""

    step: str
    unit_name: str
    holder: str | None


def waiting_steps(store: Store, case_ids: Sequence[str]) -> Mapping[str, list[Waiting]]:
    """Return the open steps of cases that the caller may see, a few of each, the most urgent first."""
    statement = (
        select(Task.case_id, Task.name, Unit.name, Person.name)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.case_id.in_(case_ids), Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]))
        .order_by(Task.due_at, Task.id)
    )
    found: dict[str, list[Waiting]] = {}
    for case_id, *told in store.session.execute(statement):
        found.setdefault(case_id, []).append(Waiting(*told))
    return found
