"""Who may try what: what is not found and what is not allowed, before a key, a version or a state counts.

Doors ask these first, so that nobody learns of the state of what they may not touch. They lock nothing and write
nothing; the use cases decide again under the lock.
"""

from __future__ import annotations

from workflows.access import Actor
from workflows.cases import require_version
from workflows.errors import NotAllowedError, NotFoundError
from workflows.proxies import need_post
from workflows.queries.access import reads_case, sees_case, sees_task
from workflows.store import Store, people
from workflows.store import cases as stored_cases
from workflows.store import escalations as stored_escalations
from workflows.store.definitions import resolve_definition
from workflows.store.evidence import has_open_task
from workflows.tables import Approval, Case, CaseStatus, Escalation, Incident, Role, Task, Unit
from workflows.tasks import candidate_post, locked_task, require_open, take_in_hand

_GOVERNORS = (Role.SUPERVISOR, Role.FLOWADMIN)


# ------------------------------------------------------------------ tasks


def see_task(store: Store, task_id: str, *, actor: Actor) -> Task:
    """Return a task that the actor may see, or raise ``NotFoundError``."""
    task = store.get(Task, task_id)
    if task is None or not sees_task(store, task, actor=actor):
        message = f"Expected task {task_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="task-not-found", id=task_id)
    return task


def require_worker(store: Store, task_id: str, *, actor: Actor) -> Task:
    """Return a task that is or was the actor's to work on, or that they may claim; else raise."""
    task = see_task(store, task_id, actor=actor)
    if not _works(store, task, actor):
        code = "not-candidate" if task.assignee_id is None else "not-assignee"
        message = f"Expected {actor.code} to work on task {task_id}."
        raise NotAllowedError(message, code=code, id=task_id)
    return task


def _works(store: Store, task: Task, actor: Actor) -> bool:
    is_mine = actor.person_id is not None and actor.person_id in {task.assignee_id, task.completed_by}
    return is_mine or candidate_post(store, task, actor)[0]


def require_transferrer(store: Store, task_id: str, *, actor: Actor) -> Task:
    """Return a task that the actor may hand to another: as its worker or as a supervisor of its unit."""
    task = see_task(store, task_id, actor=actor)
    if _supervises(store, task.unit_id, actor):
        return task
    return require_worker(store, task_id, actor=actor)


def require_urger(store: Store, task_id: str, *, actor: Actor) -> Task:
    """Return a task that the actor may urge: whoever started its case or supervises its unit."""
    task = see_task(store, task_id, actor=actor)
    case = store.need(Case, task.case_id)
    is_starter = actor.person_id is not None and case.started_by == actor.person_id
    if not is_starter and not _supervises(store, task.unit_id, actor):
        message = f"Expected {actor.code} to have started the case or to supervise the unit."
        raise NotAllowedError(message, code="missing-role", roles=[Role.SUPERVISOR])
    return task


def require_workable(store: Store, task_id: str, *, actor: Actor, expected_version: int | None) -> None:
    """Raise what a use case on a task would raise for its version and state."""
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    take_in_hand(store, case, task, actor)


def require_waiting(store: Store, task_id: str, *, actor: Actor, expected_version: int | None) -> None:
    """Raise the same for those who act on a task without working on it."""
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    require_open(store, case, task)


# ------------------------------------------------------------------ cases


def see_case(store: Store, case_id: str, *, actor: Actor) -> Case:
    """Return a case that the actor may know of, or raise ``NotFoundError``."""
    case = store.get(Case, case_id)
    if case is None or not sees_case(store, case, actor=actor):
        raise _no_case(case_id, actor)
    return case


def read_case(store: Store, case_id: str, *, actor: Actor) -> Case:
    """Return a case whose content the actor may read, or raise ``NotFoundError``."""
    case = store.get(Case, case_id)
    if case is None or not reads_case(store, case, actor=actor):
        raise _no_case(case_id, actor)
    return case


def _no_case(case_id: str, actor: Actor) -> NotFoundError:
    message = f"Expected case {case_id} to exist for {actor.code}, but it does not."
    return NotFoundError(message, code="case-not-found", id=case_id)


def require_governor(store: Store, case_id: str, *, actor: Actor) -> Case:
    """Return a case that the actor may suspend, resume or cancel: as supervisor or administrator of its unit."""
    case = see_case(store, case_id, actor=actor)
    actor.require_role(*_GOVERNORS, unit_path=store.need(Unit, case.unit_id).path)
    return case


def require_case_keeper(store: Store, case_id: str, *, actor: Actor) -> Case:
    """Return a case that the actor may move to another version: as administrator of processes at its unit."""
    case = see_case(store, case_id, actor=actor)
    actor.require_role(Role.FLOWADMIN, unit_path=store.need(Unit, case.unit_id).path)
    return case


def require_supervisor(store: Store, case_id: str, *, actor: Actor) -> Case:
    """Return a case whose clock the actor may stop."""
    case = see_case(store, case_id, actor=actor)
    actor.require_role(Role.SUPERVISOR, unit_path=store.need(Unit, case.unit_id).path)
    return case


def require_participant(store: Store, case_id: str, *, actor: Actor) -> Case:
    """Return a case that the actor may attach files to while it runs: who started it or has work in it."""
    case = read_case(store, case_id, actor=actor)
    is_running = case.status in {CaseStatus.ACTIVE, CaseStatus.SUSPENDED}
    is_starter = actor.person_id is not None and case.started_by == actor.person_id
    if is_running and not is_starter and not has_open_task(store, case_id, actor.person_id or "", actor.post_ids):
        message = f"Expected {actor.code} to have work in case {case_id}."
        raise NotAllowedError(message, code="not-participant", id=case_id)
    return case


def require_case_version(store: Store, case_id: str, expected: int | None) -> Case:
    """Lock a case and return it, or raise ``StaleVersionError``."""
    case = stored_cases.lock_case(store, case_id)
    require_version(case.row_version, expected)
    return case


# ------------------------------------------------------------------ escalations, incidents, definitions


def require_decider(store: Store, escalation_id: str, *, actor: Actor) -> Escalation:
    """Return an escalation that waits for the actor's decision, or for nobody's; else raise."""
    escalation = store.get(Escalation, escalation_id)
    case = store.get(Case, escalation_id)
    if escalation is None or case is None or not sees_case(store, case, actor=actor):
        message = f"Expected escalation {escalation_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="escalation-not-found", id=escalation_id)
    task = stored_escalations.decision_task(store, escalation_id)
    if task is not None and not _works(store, task, actor):
        message = f"Expected {actor.code} to be who decides escalation {escalation_id}."
        raise NotAllowedError(message, code="not-decider", id=escalation_id)
    return escalation


def require_incident_owner(store: Store, incident_id: str, *, actor: Actor) -> Incident:
    """Return an incident that the actor may have run again: as administrator of the unit of its case."""
    incident = store.get(Incident, incident_id)
    case = store.get(Case, incident.case_id) if incident is not None else None
    if incident is None or case is None or not sees_case(store, case, actor=actor):
        message = f"Expected incident {incident_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="incident-not-found", id=incident_id)
    actor.require_role(Role.FLOWADMIN, unit_path=store.need(Unit, case.unit_id).path)
    return incident


def require_law_keeper(store: Store, reference: str, *, actor: Actor, expected_version: int | None) -> None:
    """Raise unless the definition exists, the actor keeps the law, and its row is the one that was read."""
    definition = resolve_definition(store, reference)
    actor.require_role(Role.FLOWADMIN)
    require_version(definition.row_version, expected_version)


def require_second_person(store: Store, approval_id: str, *, actor: Actor) -> Approval:
    """Return a request that exists, for who keeps the law. Whether they may decide this one is told later."""
    approval = store.need(Approval, approval_id)
    actor.require_role(Role.FLOWADMIN)
    return approval


def _supervises(store: Store, unit_id: str, actor: Actor) -> bool:
    return actor.has_role(Role.SUPERVISOR, unit_path=store.need(Unit, unit_id).path)


# ------------------------------------------------------------------ the organisation


def require_organiser(store: Store, unit_code: str | None, *, actor: Actor) -> None:
    """Raise unless the actor keeps the posts and people of a unit; without one, of everything."""
    actor.require_role(Role.SYSADMIN, unit_path=_path_of(store, unit_code))


def require_post_giver(store: Store, unit_code: str, key: str, *, actor: Actor) -> None:
    """Raise unless the post is there and the actor says who holds it."""
    need_post(store, unit_code, key)
    require_organiser(store, unit_code, actor=actor)


def require_rights_keeper(store: Store, person_code: str, *, actor: Actor) -> None:
    """Raise unless the person is there and the actor gives rights somewhere. Over which unit is told later."""
    people.need_person(store, person_code)
    if not actor.has_role(Role.SECADMIN):
        raise NotAllowedError(f"Expected {actor.code} to give rights.", code="missing-role", roles=[Role.SECADMIN])


def require_keeper_of(store: Store, person_code: str, role: str, *, actor: Actor) -> None:
    """Raise unless the person is there and the actor has ``role`` over everything."""
    people.need_person(store, person_code)
    actor.require_role(role)


def _path_of(store: Store, unit_code: str | None) -> str | None:
    return None if unit_code is None else people.need_unit(store, unit_code).path
