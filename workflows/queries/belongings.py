"""What somebody holds, as the wizard of a hand-over shows it.

The system administrator sees no titles of cases: rights over people give no sight of matters (0037). So items are
told by process, step, unit and limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from workflows.access import Actor
from workflows.queries.lights import light_of
from workflows.store import Store, belongings
from workflows.store import people as rows
from workflows.tables import Case, Definition, Person, Post, Role, Task, Unit

POST, PROXY, TASK, DECISION, SEAT, CASE = "post", "proxy", "task", "decision", "seat", "case"


@dataclass(frozen=True, slots=True)
class Belonging:
    """One thing that somebody holds. ``item`` is its key in a hand-over; ``waiting`` counts what a post is offered."""

    item: str
    kind: str
    name: str
    unit_name: str
    process: str = ""
    number: str = ""
    due_at: datetime | None = None
    light: str | None = None
    waiting: int = 0
    escalations: int = 0
    needs_receiver: bool = False


@dataclass(frozen=True, slots=True)
class Belongings:
    """Everything, in the order in which the wizard shows it; ``roles`` end with the account and are not given on."""

    person: str
    person_name: str
    status: str
    items: tuple[Belonging, ...]
    roles: tuple[tuple[str, str], ...]


def belongings_of(store: Store, person_code: str, *, actor: Actor) -> Belongings:
    """Return what a person holds now, for the system administrator of everything."""
    actor.require_role(Role.SYSADMIN)
    person = rows.need_person(store, person_code)
    items = [*_posts(store, person), *_proxies(store, person), *_tasks(store, person), *_cases(store, person)]
    grants = rows.grants_of(store, person.id)
    roles = sorted((grant.role, _short(store.need(Unit, grant.unit_id))) for grant in grants)
    return Belongings(person.code, person.name, person.status, tuple(items), tuple(roles))


def _posts(store: Store, person: Person) -> Iterator[Belonging]:
    for holding in belongings.held(store, person.id):
        post = store.need(Post, holding.post_id)
        unit = store.need(Unit, post.unit_id)
        waiting, escalations = belongings.offered_to(store, post.id)
        yield Belonging(
            f"post:{unit.code}/{post.key}", POST, post.name, _short(unit), waiting=waiting, escalations=escalations
        )


def _proxies(store: Store, person: Person) -> Iterator[Belonging]:
    for proxy in belongings.standing_in(store, person.id):
        post = store.need(Post, proxy.post_id)
        yield Belonging(f"proxy:{proxy.id}", PROXY, post.name, _short(store.need(Unit, post.unit_id)))


def _tasks(store: Store, person: Person) -> Iterator[Belonging]:
    tasks = belongings.tasks_in_name(store, person.id)
    seats = belongings.seats_of(store, person.id, [task.id for task in tasks])
    decisions = belongings.decisions_among(store, [task.activity_id for task in tasks])
    known = _details(store, Task, [task.id for task in tasks])
    offered = belongings.offered_by_post(store, [task.id for task in tasks])
    for task in tasks:
        unit, process, number, light = known[task.id]
        kind = SEAT if task.id in seats else DECISION if task.activity_id in decisions else TASK
        needs = kind != SEAT and task.id not in offered
        yield Belonging(
            f"task:{task.id}", kind, task.name, unit, process, number, task.due_at, light, needs_receiver=needs
        )


def _cases(store: Store, person: Person) -> Iterator[Belonging]:
    cases = belongings.cases_started_by(store, person.id)
    known = _details(store, Case, [case.id for case in cases])
    for case in cases:
        unit, process, number, _ = known[case.id]
        yield Belonging(f"case:{case.id}", CASE, process, unit, process, number)


def _details(store: Store, kind: type[Task | Case], ids: Sequence[str]) -> dict[str, tuple[str, str, str, Any]]:
    """Return unit, process, number and light of some tasks or cases."""
    light = light_of(Task, store.now) if kind is Task else Case.status
    statement = select(kind.id, Unit.short_name, Unit.name, Definition.name, Case.business_key, light)
    if kind is Task:
        statement = statement.join(Case, Case.id == Task.case_id)
    statement = statement.join(Unit, Unit.id == kind.unit_id).join(Definition, Definition.id == Case.definition_id)
    found = store.session.execute(statement.where(kind.id.in_(ids)))
    return {key: (short or name, process, number or "", shown) for key, short, name, process, number, shown in found}


def _short(unit: Unit) -> str:
    return unit.short_name or unit.name
