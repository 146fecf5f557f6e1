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

Whoever was sent a copy (抄送) sees the case with its tasks and may read it, and does nothing with it.

*Takes part in a task*: assignee, completed it, or candidate in person or through a post held today. *Takes part in a
case*: in one of its tasks or of an escalation about it, or started it. Who started a case sees its tasks.

Everything, taking part included, is bounded by clearance (public < internal < confidential) and by recusal: a party to
a matter (``zc:recuse``), and whoever stands in for one, sees nothing of its cases.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.store import Store, people
from workflows.store.recusals import is_open_to, recused_ids, steps_closed_to
from workflows.tables import Case, CaseCopy, Classification, Escalation, Role, Task, TaskCandidate, Unit

_READS_SUBTREE = (Role.SUPERVISOR, Role.AUDITOR)


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may know of a case: title, unit, state, lights, incidents."""
    if actor.is_system:
        return true()
    administered = _units_under(actor.subtrees(Role.FLOWADMIN))
    seen = or_(Case.unit_id.in_(administered), _reads_case(actor)) if administered is not None else _reads_case(actor)
    return and_(_is_cleared(actor), is_open_to(actor, Case), seen)


def readable_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may read what a case holds: variables, files, opinions, submissions."""
    if actor.is_system:
        return true()
    return and_(_is_cleared(actor), is_open_to(actor, Case), _reads_case(actor))


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a task and what was handed in with it."""
    if actor.is_system:
        return true()
    whole = (
        Task.case_id.in_(select(Case.id).where(Case.started_by == actor.person_id)),
        Task.case_id.in_(_copied(actor)),
    )
    seen = or_(_takes_part(Task, actor), *whole, *_supervises(Task, actor))
    return and_(seen, _is_cleared_for_task(actor))


def bounded_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the bound of clearance and recusal on cases, for rows that the actor may see by other conditions."""
    return true() if actor.is_system else and_(_is_cleared(actor), is_open_to(actor, Case))


def candidate_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor could claim a task, were it open: in person or through a post."""
    return and_(Task.id.in_(_offered(actor)), Task.id.not_in(steps_closed_to(actor)), _is_cleared_for_task(actor))


def sees_case(store: Store, case: Case, *, actor: Actor) -> bool:
    """Whether the actor may know of this case: what is False is answered as not found."""
    return _holds(store, select(Case.id).where(Case.id == case.id, visible_cases(actor)))


def reads_case(store: Store, case: Case, *, actor: Actor) -> bool:
    """Whether the actor may read what this case holds."""
    return _holds(store, select(Case.id).where(Case.id == case.id, readable_cases(actor)))


def sees_task(store: Store, task: Task, *, actor: Actor) -> bool:
    """Whether the actor may see this task: what is False is answered as not found."""
    return _holds(store, select(Task.id).where(Task.id == task.id, visible_tasks(actor)))


def is_cleared(store: Store, case: Case, actor: Actor) -> bool:
    """Whether the actor is cleared for a case and no party to it: what bounds every condition here, on rows at hand."""
    is_party = case.recuses and actor.person_id in recused_ids(store, case)
    return case.classification in _levels_up_to(actor.clearance) and not is_party


def works_on_any(store: Store, case_ids: Sequence[str], *, actor: Actor) -> bool:
    """Whether the actor takes part in a task of one of these cases: whoever only supervises them does not."""
    task = aliased(Task)
    return actor.is_system or _holds(store, select(task.id).where(task.case_id.in_(case_ids), _takes_part(task, actor)))


def cleared_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor's clearance suffices for a case: it gives nobody access by itself."""
    return _is_cleared(actor)


def units_in_reach(actor: Actor, *roles: str) -> ColumnElement[bool]:
    """Return the condition that a unit lies in a subtree over which the actor has one of ``roles``."""
    if actor.is_system:
        return true()
    paths = actor.subtrees(*roles)
    return or_(*(people.under(path) for path in paths)) if paths else false()


def _reads_case(actor: Actor) -> ColumnElement[bool]:
    """Return the condition before clearance. Few cases have a part for one person: they are looked up at once (IN).

    A supervisor's tasks are many: they are asked for case by case (EXISTS), so that a page ends the search early.
    """
    task = aliased(Task)
    part = select(task.case_id).where(_takes_part(task, actor))
    about = select(Escalation.source_case_id).where(Escalation.case_id.in_(part))
    body = aliased(Case)  # a part of the diagram that became a case of its own: who works there works on the whole
    whole = select(body.parent_case_id).where(body.id.in_(part), body.process_key.contains("#"))
    ways: list[ColumnElement[bool]] = [Case.started_by == actor.person_id, Case.id.in_(part), Case.id.in_(about)]
    ways += [Case.id.in_(whole), Case.id.in_(_copied(actor))]
    units = _units_under(actor.subtrees(*_READS_SUBTREE))
    if units is not None:
        lent = exists().where(task.case_id == Case.id, *_supervises(task, actor)).correlate(Case)
        ways += [Case.unit_id.in_(units), lent]
    return or_(*ways)


def _copied(actor: Actor) -> Select[str]:
    return select(CaseCopy.case_id).where(CaseCopy.person_id == actor.person_id)


def _takes_part(task: type[Task], actor: Actor) -> ColumnElement[bool]:
    mine = task.assignee_id == actor.person_id, task.completed_by == actor.person_id
    return or_(*mine, task.id.in_(_offered(actor)))


def _offered(actor: Actor) -> Select[str]:
    by_post = TaskCandidate.post_id.in_(actor.post_ids) if actor.post_ids else false()
    return select(TaskCandidate.task_id).where(or_(TaskCandidate.person_id == actor.person_id, by_post))


def _supervises(task: type[Task], actor: Actor) -> list[ColumnElement[bool]]:
    units = _units_under(actor.subtrees(*_READS_SUBTREE))
    return [] if units is None else [task.unit_id.in_(units)]


def _holds(store: Store, statement: Select[str]) -> bool:
    return store.session.scalar(statement) is not None


def _units_under(paths: Sequence[str]) -> Select[str] | None:
    if not paths:
        return None
    return select(Unit.id).where(or_(*(people.under(path) for path in paths)))


def _is_cleared(actor: Actor) -> ColumnElement[bool]:
    return Case.classification.in_(_levels_up_to(actor.clearance))


def _is_cleared_for_task(actor: Actor) -> ColumnElement[bool]:
    case = aliased(Case)  # the list that filters may join Case itself
    cleared = case.id == Task.case_id, case.classification.in_(_levels_up_to(actor.clearance)), is_open_to(actor, case)
    return exists().where(*cleared).correlate(Task)


def _levels_up_to(clearance: str) -> list[Classification]:
    levels = list(Classification)
    return levels[: levels.index(Classification(clearance)) + 1]
