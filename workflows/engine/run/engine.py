"""The three pure functions: ``start``, ``advance`` and ``inspect``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import CaseEndedError, ElementNotWaitingError, StartNotPossibleError
from workflows.engine.moves import Reset
from workflows.engine.run.case import Case
from workflows.engine.run.children import CAUGHT
from workflows.engine.run.commands import carry_out, waiting
from workflows.engine.run.faults import INCIDENT, Fault
from workflows.engine.run.returning import targets_of
from workflows.engine.run.state import load_state, save_state
from workflows.engine.run.timers import Plan, plan_timer
from workflows.engine.run.token import Token
from workflows.engine.run.variables import VARIABLES, evaluate, inner, require_plain
from workflows.engine.snapshot import Snapshot, WaitingActivity
from workflows.engine.specs.catching import CatchEvent
from workflows.engine.types import (
    ActivityKey,
    Command,
    Context,
    IncidentRaised,
    Start,
    Step,
    SubscriptionSet,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflows.engine.process import Process, StartPoint
    from workflows.engine.specs.node import Node


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def start(process: Process, command: Start, context: Context) -> Step:
    """Open a case of ``process``, or raise ``StartNotPossibleError``."""
    variables = require_plain(command.variables)
    starts = _starts(process, command)
    case = _empty_case(process, context)
    case.root.memo[VARIABLES].update(variables)
    if command.caught:
        case.root.memo[CAUGHT] = [list(each) for each in command.caught]
    case.effects.variables.update(variables)
    _begin_conversation(case, command)
    for listener in process.whole.listeners:
        case.spawn(case.root, listener)
    for spec in starts:
        token = case.spawn(case.root, spec)
        if isinstance(spec, CatchEvent):
            spec.open_case(token, command.trigger)
    for spec in _together_with(process, command):
        case.spawn(case.root, spec)
    if not starts:
        case.queue(case.root)
    return _settled(case)


def advance(process: Process, state: bytes, command: Command | Reset, context: Context) -> Step:
    """Carry out ``command`` and everything automatic after it, or raise an ``EngineError``."""
    case = load_state(process, state, context)
    if case.outcome is not None:
        raise CaseEndedError(f"The case has ended ({case.outcome.kind}).", outcome=case.outcome.kind)
    carry_out(case, command)
    return _settled(case)


def inspect(process: Process, state: bytes) -> Snapshot:
    """Tell what a state document holds, without changing anything."""
    case = load_state(process, state, Context(now=_EPOCH))
    tokens = list(case.tasks.values())
    return Snapshot(
        variables=case.variables.copy(),
        waiting=tuple(
            WaitingActivity(token.key, token.task_spec.kind, inner(token)) for token in tokens if token.opened
        ),
        timers=tuple(timer for token in tokens for timer in token.task_spec.timers(token)),
        subscriptions=tuple(
            SubscriptionSet(token.key, kind, name, token.task_spec.expects(token, kind, name))
            for token in tokens
            for kind, name in token.task_spec.awaits(token)
        ),
        incidents=tuple(
            IncidentRaised(token.key, **token.memo[INCIDENT]) for token in tokens if INCIDENT in token.memo
        ),
        outcome=case.outcome,
        tokens=len(tokens) - 1,
    )


def return_targets(process: Process, state: bytes, activity: ActivityKey) -> frozenset[str]:
    """Tell to which elements an open activity can be sent back; none when it is not open."""
    case = load_state(process, state, Context(now=_EPOCH))
    try:
        return targets_of(case, waiting(case, activity))
    except ElementNotWaitingError:
        return frozenset()


def next_start(process: Process, start_event: str, after: datetime, context: Context) -> datetime | None:
    """Compute when a timer start event opens its next case after ``after``; None when it has no timer or no more.

    Raises ``StartNotPossibleError`` when its time cannot be worked out.
    """
    point = process.start_event(start_event)
    if point is None or point.timer is None:
        return None
    plan: Plan | None = plan_start(process, point, context)
    while plan is not None and plan.due_at <= after:
        plan = plan.following()
    return plan.due_at if plan is not None else None


def plan_start(process: Process, point: StartPoint, context: Context) -> Plan:
    """Plan the first case that the timer of a start event opens, counted from ``context.now`` on.

    A date that has passed is due at once. Raises ``StartNotPossibleError`` when its time cannot be worked out.
    """
    if point.timer is None:
        raise StartNotPossibleError(f"Expected {point.id} to start by a timer, but it starts by {point.kind}.")
    case = _empty_case(process, context)
    try:
        value = evaluate(case.root, point.timer.expression) if point.timer.expression is not None else None
        return plan_timer(point.timer, value, context.now)
    except Fault as fault:
        raise StartNotPossibleError(f"When {point.id} starts cannot be told: {fault.message}") from fault


def _empty_case(process: Process, context: Context) -> Case:
    case = Case(process, context)
    root = Token(case, process.whole, None, TaskState.STARTED, case.next_number())
    root.memo[VARIABLES] = {}
    case.root = root
    return case


def _begin_conversation(case: Case, command: Start) -> None:
    """Let the message that opens a case say what belongs to it (§8.4.2): its payload are the first variables."""
    for point in case.process.start_events:
        wanted = point.id == command.start_event and point.trigger == (command.trigger or 0)
        correlation = case.process.correlations.get(point.message) if wanted and point.message else None
        if correlation is not None:
            correlation.begin(case, correlation.read(command.variables, case.context))


def _starts(process: Process, command: Start) -> Sequence[Node]:
    if command.start_event is None and not process.start_events:
        return process.without_start
    point = process.start_event(command.start_event)
    if point is None:
        wanted = command.start_event or "a none start event"
        raise StartNotPossibleError(f"Expected process {process.key} to have {wanted}, but it has not.")
    return (process.net.task_specs[point.id],)


def _together_with(process: Process, command: Start) -> Sequence[Node]:
    """List what waits in the new case beside its beginning: the other events of a parallel gateway (§10.6.6)."""
    return process.together.get(command.start_event or "", ())


def _settled(case: Case) -> Step:
    case.settle()
    return case.effects.step(save_state(case), case.outcome)
