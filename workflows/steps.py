"""Write down what one engine step caused, in the step's own order, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows import engine
from workflows.access import Actor
from workflows.case_deadlines import open_deadline
from workflows.closing import close_activities
from workflows.creating import create_children
from workflows.ending import end_case
from workflows.engine.types import (
    ActivityKey,
    ActivityKind,
    ActivityOpened,
    ChildCancelled,
    EscalationThrown,
    HistoryKind,
    IncidentRaised,
    JobCreated,
    MessageThrown,
    Outcome,
    Step,
    SubscriptionSet,
    TimerCleared,
    TimerSet,
)
from workflows.engine.values import to_json
from workflows.law import CompiledBundle
from workflows.opening import open_tasks
from workflows.signals import throw_to_others
from workflows.snapshots import snapshot_of
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import tasks as stored_tasks
from workflows.store.bulk import insert_rows
from workflows.store.incidents import open_incident
from workflows.tables import (
    Activity,
    ActivityStatus,
    Case,
    CaseStatus,
    ElementHistory,
    Job,
    JobStatus,
    Subscription,
    Timer,
    TimerKind,
    TimerState,
    new_id,
)

UNCAUGHT = "error-uncaught"  # the engine's incident about an error that ended the case


@dataclass
class _Writing:
    """One step being written: the case, its law, and the activity rows touched so far."""

    store: Store
    case: Case
    process: engine.Process
    bundle: CompiledBundle
    actor: Actor
    activities: dict[ActivityKey, Activity]

    def row(self, key: ActivityKey) -> Activity | None:
        """Return the row of an activity that was open before the step or opened in it; gateways have none."""
        return self.activities.get(key)

    def open_rows(self, kinds: Mapping[ActivityKey, ActivityKind]) -> None:
        """Make sure that these activities have rows, and that the database has them: others will refer to them."""
        missing = [key for key in kinds if key not in self.activities]
        if not missing:
            return
        known = stored.rows_at(self.store, self.case.id, missing)
        for key in missing:
            self.activities[key] = known.get(key) or self._new_row(key, kinds[key])
        self.store.session.flush()  # the rows below refer to them

    def _new_row(self, key: ActivityKey, kind: ActivityKind) -> Activity:
        element = self.process.elements.get(key.element_id)
        return self.store.add_later(
            Activity(
                id=new_id(),
                case_id=self.case.id,
                element_id=key.element_id,
                scope_path=key.scope_path,
                iteration=key.iteration,
                attempt=key.attempt,
                kind=kind,
                name=element.name if element else "",
                status=ActivityStatus.OPEN,
                opened_at=self.store.now,
            )
        )


def apply_step(
    store: Store, case: Case, step: Step, *, process: engine.Process, bundle: CompiledBundle, actor: Actor
) -> None:
    """Write ``step`` to ``case``: activities, tasks, timers, subscriptions, jobs, children, history, incidents, end.

    What is read on the way does not depend on what the step has written so far, so rows go out in few batches.
    """
    with store.session.no_autoflush:
        writing = _Writing(store, case, process, bundle, actor, stored.open_activities(store, case.id))
        case.state = step.state
        case.row_version += 1
        first = case.history_seq + 1
        case.history_seq += len(step.history)
        rows = [(writing.row(closed.activity), closed.closing) for closed in step.closed]
        close_activities(store, case, [(row, closing) for row, closing in rows if row is not None])
        writing.open_rows(_kinds(step))
        for opened in step.opened:
            _open_scope_deadline(writing, opened)
        tasks = [(writing.activities[task.activity], task) for task in step.tasks_opened]
        open_tasks(store, case, tasks, process=process, bundle=bundle)
        _start_children(writing, step)
        _write_all(writing, step)
        _write_history(writing, step, first)
        if step.outcome is not None:
            _end(writing, step.outcome)
        store.session.flush()  # a next step of the same transaction reads what this one wrote


def _kinds(step: Step) -> dict[ActivityKey, ActivityKind]:
    """Return every activity that rows of this step will refer to, with its kind."""
    return {
        **{child.activity: ActivityKind.CALL_ACTIVITY for child in step.children},
        **{job.activity: ActivityKind.SERVICE_TASK for job in step.jobs},
        **{subscription.activity: ActivityKind.EVENT for subscription in step.subscriptions_set},
        **{task.activity: task.kind for task in step.tasks_opened},
        **{opened.activity: opened.kind for opened in step.opened},
    }


def _open_scope_deadline(writing: _Writing, opened: ActivityOpened) -> None:
    """Start the limit that a sub-process or call names for all the work inside it."""
    element = writing.process.elements.get(opened.activity.element_id)
    if element is None or not element.deadline or opened.kind in {ActivityKind.USER_TASK, ActivityKind.MANUAL_TASK}:
        return
    row = writing.activities[opened.activity]
    if stored_tasks.deadline_of_activity(writing.store, row.id) is None:
        open_deadline(writing.store, writing.case, row, element.deadline, bundle=writing.bundle)


def _write_all(writing: _Writing, step: Step) -> None:
    pairs: list[tuple[tuple[Any, ...], Callable[[_Writing, Any], None]]] = [
        (step.timers_cleared, _clear_timer),
        (step.timers_set, _set_timer),
        (step.subscriptions_cleared, _unsubscribe),
        (step.subscriptions_set, _subscribe),
        (step.jobs, _create_job),
        (step.children_cancelled, _cancel_child),
        (step.thrown, _throw),
        (step.escalations, _escalate),
        (step.incidents, _raise_incident),
    ]
    for items, write in pairs:
        for item in items:
            write(writing, item)


def _set_timer(writing: _Writing, timer: TimerSet) -> None:
    host = writing.row(timer.host) if timer.host else writing.row(timer.activity)
    writing.store.add_later(
        Timer(
            id=new_id(),
            case_id=writing.case.id,
            host_activity_id=host.id if host else None,
            kind=TimerKind.BPMN,
            step=str(timer.activity),
            occurrence=timer.occurrence,
            due_at=timer.due_at,
            provisional=timer.provisional,
            rule=timer.rule,
            content={"expression": timer.expression},
            state=TimerState.ARMED,
            armed_at=writing.store.now,
        )
    )


def _clear_timer(writing: _Writing, cleared: TimerCleared) -> None:
    timer = stored_tasks.bpmn_timer(writing.store, writing.case.id, str(cleared.activity), cleared.occurrence)
    if timer is not None and timer.state == TimerState.ARMED:
        timer.state = TimerState.CANCELLED


def _subscribe(writing: _Writing, subscription: SubscriptionSet) -> None:
    row, wanted = writing.activities[subscription.activity], (subscription.kind, subscription.name)
    if subscription.correlation is not None:  # the first message of a conversation says it to what waits already
        for known in stored.subscriptions_of(writing.store, row.id):
            if (known.kind, known.name) == wanted:
                known.correlation = subscription.correlation
                return
    kind, name = wanted
    writing.store.add_later(
        Subscription(
            case_id=writing.case.id,
            activity_id=row.id,
            kind=kind,
            name=name,
            correlation=subscription.correlation,
        )
    )


def _unsubscribe(writing: _Writing, cleared: Any) -> None:
    row = writing.row(cleared.activity)
    if row is not None:
        stored.drop_subscriptions(writing.store, row.id, cleared.kind, cleared.name)


def _create_job(writing: _Writing, job: JobCreated) -> None:
    row = writing.activities[job.activity]
    writing.store.add_later(
        Job(
            case_id=writing.case.id,
            activity_id=row.id,
            operation=job.operation,
            topic=job.headers.get("topic"),
            priority=_priority(job.headers.get("priority", "")),
            payload={"input": to_json(dict(job.payload)), "headers": dict(job.headers)},
            status=JobStatus.WAITING,
            due_at=writing.store.now,
        )
    )


def _priority(text: str) -> int:
    """Read a priority as modelers write it; one that is no whole number of a sane size counts as none."""
    digits = text.strip().removeprefix("-")
    fits = digits.isascii() and digits.isdecimal() and len(digits) < 10  # noqa: PLR2004 - fits the column
    return int(text) if fits else 0


def family_fault(store: Store, case: Case, more: int) -> str:
    """Tell why a case may start no ``more`` children: a process that calls itself must not fill the database.

    Each command has its own fuel, so a chain of cases that start each other is bounded here: by its length and by
    how many cases hang on one root.
    """
    settings = store.application.settings
    depth, above = 1, case
    while above.parent_case_id is not None and depth < settings.most_call_depth:
        above = store.need(Case, above.parent_case_id)
        depth += 1
    if depth >= settings.most_call_depth:
        return f"Expected at most {settings.most_call_depth} cases that call one another in a chain."
    if stored.family_size(store, case.root_case_id or case.id) + more > settings.most_family_cases:
        return f"Expected at most {settings.most_family_cases} cases that hang on one."
    return ""


def _start_children(writing: _Writing, step: Step) -> None:

    children = [(writing.activities[child.activity], child) for child in step.children]
    if not children:
        return
    fault = family_fault(writing.store, writing.case, len(children))
    if fault:
        row, _ = children[0]
        open_incident(
            writing.store,
            writing.case,
            element_id=row.element_id,
            code="case-family-too-large",
            message=fault,
            activity_id=row.id,
        )
        return
    create_children(writing.store, writing.case, children, bundle=writing.bundle, actor=writing.actor)


def _cancel_child(writing: _Writing, cancelled: ChildCancelled) -> None:
    row = writing.row(cancelled.activity)
    child = stored.children_of(writing.store, row.id, cancelled.index) if row else None
    if child is None or child.status not in {CaseStatus.ACTIVE, CaseStatus.SUSPENDED}:
        return
    stored.send_to_case(
        writing.store,
        child.id,
        "cancel",
        {"reason": "parent"},
        key=f"cancel:{child.id}",
        source_case_id=writing.case.id,
    )


def _throw(writing: _Writing, thrown: MessageThrown) -> None:
    throw_to_others(writing.store, writing.case, thrown, actor=writing.actor)


def _escalate(writing: _Writing, escalation: EscalationThrown) -> None:
    case = writing.case
    if case.parent_case_id is None or case.parent_activity_id is None:
        return
    stored.send_to_case(
        writing.store,
        case.parent_case_id,
        "child_escalation",
        {"activity_id": case.parent_activity_id, "index": case.child_index or 0, "code": escalation.code},
        key=f"escalation:{case.id}:{escalation.activity}",
        source_case_id=case.id,
    )


def _raise_incident(writing: _Writing, incident: IncidentRaised) -> None:
    if incident.code == UNCAUGHT and writing.case.parent_case_id is not None:
        return  # the case that called this one catches the error, or ends by it and tells of it
    row = writing.row(incident.activity)
    open_incident(
        writing.store,
        writing.case,
        element_id=incident.activity.element_id,
        code=incident.code,
        message=incident.message,
        activity_id=row.id if row else None,
        params=incident.params,
    )


def _write_history(writing: _Writing, step: Step, first: int) -> None:
    rows = []
    for seq, event in enumerate(step.history, first):
        row = writing.row(event.activity) if event.activity and event.kind != HistoryKind.TAKEN else None
        told = {
            "case_id": writing.case.id,
            "seq": seq,
            "kind": event.kind,
            "element_id": event.element_id,
            "activity_id": row.id if row else None,
            "at": writing.store.now,
        }
        rows.append(told)
    insert_rows(writing.store, ElementHistory, rows)


def _end(writing: _Writing, outcome: Outcome) -> None:
    case = writing.case
    tells = case.parent_case_id is not None
    variables = snapshot_of(writing.store, case, writing.process).variables if tells else {}
    end_case(writing.store, case, outcome, variables, actor=writing.actor)


def begin(
    store: Store, case: Case, process: engine.Process, *, bundle: CompiledBundle, limits: Mapping[str, Any] | None
) -> None:
    """Set the total limit that the process itself names, when a case begins."""
    if process.deadline:
        open_deadline(store, case, None, process.deadline, bundle=bundle, limits=limits)
