"""What an actor may see, as conditions for SQL. Every list and every single read of a case or task uses one of them.

A condition that is False on a single read is answered as not found.

    who                 cases                                  tasks                            content of cases
    ------------------  -------------------------------------  -------------------------------  ------------------
    anybody             takes part (below)                     takes part                       of what they see
    supervisor          of units in the subtree, and with a    of units in the subtree          of what they see
                        task of a unit in the subtree
    auditor             as supervisor                          as supervisor                    of what they see
    flowadmin           of units in the subtree: that they     only by taking part              only by taking part
                        exist, where they stand, incidents
    clerk               only by taking part                    only by taking part              of what they see
    sysadmin, secadmin  only by taking part                    only by taking part              of what they see
    the system          all                                    all                              all

*Takes part in a task*: assignee, completed it, or candidate in person or through a post held today. *Takes part in a
case*: in one of its tasks or of an escalation about it, or started it. Who started a case sees its tasks.

Everything, taking part included, is bounded by clearance: public < internal < confidential.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from workflows.access import Actor
from workflows.store import Store, people
from workflows.tables import Case, Classification, Escalation, Role, Task, TaskCandidate, Unit

_READS_SUBTREE = (Role.SUPERVISOR, Role.AUDITOR)


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may know of a case: title, unit, state, lights, incidents."""
    if actor.is_system:
        return true()
    administered = _units_under(actor.subtrees(Role.FLOWADMIN))
    seen = or_(Case.unit_id.in_(administered), _reads_case(actor)) if administered is not None else _reads_case(actor)
    return and_(_is_cleared(actor), seen)


def readable_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may read what a case holds: variables, files, opinions, submissions."""
    if actor.is_system:
        return true()
    return and_(_is_cleared(actor), _reads_case(actor))


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a task and what was handed in with it."""
    if actor.is_system:
        return true()
    cleared = select(Case.id).where(_is_cleared(actor))
    started = select(Case.id).where(Case.started_by == actor.person_id)
    return and_(
        Task.case_id.in_(cleared),
        or_(_takes_part(actor), Task.case_id.in_(started), *_supervises(actor)),
    )


def candidate_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor could claim a task, were it open: in person or through a post."""
    by_post = TaskCandidate.post_id.in_(actor.post_ids) if actor.post_ids else false()
    chosen = or_(TaskCandidate.person_id == actor.person_id, by_post)
    named = Task.id.in_(select(TaskCandidate.task_id).where(chosen))
    return and_(named, Task.case_id.in_(select(Case.id).where(_is_cleared(actor))))


def sees_case(store: Store, case: Case, *, actor: Actor) -> bool:
    """Whether the actor may know of this case: what is False is answered as not found."""
    return _holds(store, select(Case.id).where(Case.id == case.id, visible_cases(actor)))


def reads_case(store: Store, case: Case, *, actor: Actor) -> bool:
    """Whether the actor may read what this case holds."""
    return _holds(store, select(Case.id).where(Case.id == case.id, readable_cases(actor)))


def sees_task(store: Store, task: Task, *, actor: Actor) -> bool:
    """Whether the actor may see this task: what is False is answered as not found."""
    return _holds(store, select(Task.id).where(Task.id == task.id, visible_tasks(actor)))


def units_in_reach(actor: Actor, *roles: str) -> ColumnElement[bool]:
    """Return the condition that a unit lies in a subtree over which the actor has one of ``roles``."""
    if actor.is_system:
        return true()
    paths = actor.subtrees(*roles)
    return or_(*(people.under(path) for path in paths)) if paths else false()


def _reads_case(actor: Actor) -> ColumnElement[bool]:
    part = select(Task.case_id).where(or_(_takes_part(actor), *_supervises(actor)))
    about = select(Escalation.source_case_id).where(
        Escalation.case_id.in_(select(Task.case_id).where(_takes_part(actor)))
    )
    ways: list[ColumnElement[bool]] = [Case.started_by == actor.person_id, Case.id.in_(part), Case.id.in_(about)]
    units = _units_under(actor.subtrees(*_READS_SUBTREE))
    if units is not None:
        ways.append(Case.unit_id.in_(units))
    return or_(*ways)


def _takes_part(actor: Actor) -> ColumnElement[bool]:
    by_post = TaskCandidate.post_id.in_(actor.post_ids) if actor.post_ids else false()
    chosen = select(TaskCandidate.task_id).where(or_(TaskCandidate.person_id == actor.person_id, by_post))
    return or_(Task.assignee_id == actor.person_id, Task.completed_by == actor.person_id, Task.id.in_(chosen))


def _supervises(actor: Actor) -> list[ColumnElement[bool]]:
    units = _units_under(actor.subtrees(*_READS_SUBTREE))
    return [] if units is None else [Task.unit_id.in_(units)]


def _holds(store: Store, statement: Select[str]) -> bool:
    return store.session.scalar(statement) is not None


def _units_under(paths: Sequence[str]) -> Select[str] | None:
    if not paths:
        return None
    return select(Unit.id).where(or_(*(people.under(path) for path in paths)))


def _is_cleared(actor: Actor) -> ColumnElement[bool]:
    levels = list(Classification)
    return Case.classification.in_(levels[: levels.index(Classification(actor.clearance)) + 1])
