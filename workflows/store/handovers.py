"""Claimed tasks whose assignee no longer holds the post by which they were claimed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select

from workflows.store import Store, people
from workflows.tables import Case, Holding, Person, PersonStatus, Proxy, Task, TaskStatus


def lock_orphaned_tasks(store: Store, *, person_id: str | None, limit: int) -> Sequence[Task]:
    """Return claimed tasks that lost their holder, their cases locked in the order of ids.

    Cases that somebody else has locked are left for the next time.
    """
    day = people.today(store)
    holding = exists().where(
        Holding.post_id == Task.assignee_post_id,
        Holding.person_id == Task.assignee_id,
        people.holds(Holding, day),
    )
    standing_in = exists().where(
        Proxy.post_id == Task.assignee_post_id,
        Proxy.person_id == Task.assignee_id,
        people.holds(Proxy, day),
    )
    has_left = exists().where(Person.id == Task.assignee_id, Person.status == PersonStatus.LEFT)
    orphaned = [
        Task.status == TaskStatus.CLAIMED,
        (Task.assignee_post_id.is_not(None) & ~holding & ~standing_in) | has_left,
    ]
    if person_id is not None:
        orphaned.append(Task.assignee_id == person_id)
    concerned = select(Task.case_id).where(*orphaned)
    cases = store.session.scalars(
        select(Case.id).where(Case.id.in_(concerned)).order_by(Case.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    found = select(Task).where(Task.case_id.in_(cases), *orphaned).order_by(Task.case_id, Task.id)
    return store.session.scalars(found.execution_options(populate_existing=True)).all()
