"""Jobs that workers outside fetch by their topic: locked for a while in the name of one worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from workflows.access import Actor
from workflows.errors import NotFoundError
from workflows.store import Store, people
from workflows.store.people import LEVELS
from workflows.store.recusals import is_open_to
from workflows.tables import Case, CaseStatus, Classification, Definition, Job, JobStatus, Role, Unit

_SHOWN = JobStatus.WAITING, JobStatus.FAILED


@dataclass(frozen=True, slots=True)
class Topic:
    """What a worker asks for: a topic, narrowed to a business key or to keys of processes when these are given."""

    name: str
    business_key: str | None = None
    process_keys: tuple[str, ...] = ()


def free_jobs(store: Store, topics: Sequence[Topic], most: int, *, by_priority: bool, actor: Actor) -> Sequence[Job]:
    """Lock and return up to ``most`` jobs that nobody holds, of cases that run. Who asks beside gets others."""
    wanted = or_(*(_of_topic(topic) for topic in topics))
    order = (Job.priority.desc(), Job.due_at, Job.id) if by_priority else (Job.due_at, Job.id)
    statement = (
        select(Job)
        .join(Case, Case.id == Job.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .where(
            Job.status == JobStatus.WAITING,
            Job.due_at <= store.now,
            or_(Job.locked_until.is_(None), Job.locked_until <= store.now),
            Case.status == CaseStatus.ACTIVE,
            wanted,
            workable(actor),
        )
        .order_by(*order)
        .limit(most)
        .with_for_update(of=Job, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return store.session.scalars(statement).all()


def need_job(store: Store, job_id: str, *, actor: Actor) -> Job:
    """Return an external job that waits, of a case that the actor may work for, or raise ``NotFoundError``."""
    statement = (
        select(Job)
        .join(Case, Case.id == Job.case_id)
        .where(Job.id == job_id, Job.topic.is_not(None), Job.status.in_(_SHOWN), workable(actor))
    )
    found = store.session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        message = f"Expected external task {job_id} to wait, but there is none for {actor.code}."
        raise NotFoundError(message, code="external-task-not-found", id=job_id)
    return found


def workable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a worker may do the jobs of a case: of its subtrees, cleared, and no party to it."""
    if actor.is_system:
        return Case.id.is_not(None)
    units = select(Unit.id).where(or_(False, *(people.under(path) for path in actor.subtrees(Role.WORKER))))  # noqa: FBT003 - SQL
    cleared = LEVELS[: LEVELS.index(Classification(actor.clearance)) + 1]
    return and_(Case.unit_id.in_(units), Case.classification.in_(cleared), is_open_to(actor, Case))


def _of_topic(topic: Topic) -> ColumnElement[bool]:
    conditions = [Job.topic == topic.name]
    if topic.business_key is not None:
        conditions.append(Case.business_key == topic.business_key)
    if topic.process_keys:
        conditions.append(Case.process_key.in_(topic.process_keys))
    return and_(*conditions)
