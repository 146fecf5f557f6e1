"""What each command does to a case. Every function checks first, then changes; a stale command changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import (
    ChildNotRunningError,
    ElementNotWaitingError,
    EngineError,
    MessageNotExpectedError,
    NoIncidentError,
    StaleTimerError,
)
from workflows.engine.moves import Reset
from workflows.engine.run.case import Case
from workflows.engine.run.detours import PARKED
from workflows.engine.run.faults import INCIDENT
from workflows.engine.run.resetting import reset_work
from workflows.engine.run.returning import return_directly, return_work
from workflows.engine.run.throwing import broadcast, throw_error, throw_escalation
from workflows.engine.run.variables import require_plain, write
from workflows.engine.specs.activities import CallActivity, HumanTask, ServiceTask
from workflows.engine.specs.multi_instance import MultiInstanceCases
from workflows.engine.specs.triggers import SIGNAL
from workflows.engine.types import (
    ActivityKey,
    Cancel,
    ChildEscalation,
    Closing,
    Command,
    Complete,
    Deliver,
    EndChild,
    FinishJob,
    Fire,
    Outcome,
    Retry,
    Return,
    SetVariables,
)

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


def carry_out(case: Case, command: Command | Reset) -> None:
    """Change the case as ``command`` says, or raise an ``EngineError`` with nothing changed."""
    match command:
        case Complete():
            _complete(case, command)
        case Fire():
            _fire(case, command)
        case Deliver():
            _deliver(case, command)
        case EndChild():
            _end_child(case, command)
        case ChildEscalation():
            _escalate_from_child(case, command)
        case FinishJob():
            _finish_job(case, command)
        case Retry():
            _retry(case, command)
        case Return():
            send_back = return_directly if command.direct else return_work
            send_back(case, waiting(case, command.activity), command.target)
        case Reset():
            reset_work(case, command.target, waiting(case, command.near) if command.near is not None else None)
        case SetVariables():
            write(case.root, require_plain(command.variables))
        case Cancel():
            case.end(Outcome("cancelled"), Closing.CANCELLED)
        case _:
            raise EngineError(f"Expected a command for a running case, but got {type(command).__name__}.")


def waiting(case: Case, key: ActivityKey) -> Token:
    """Find the token of an open activity, or raise ``ElementNotWaitingError``."""
    for token in case.find(key.element_id):
        here = token.round == key.iteration and token.attempt == key.attempt and token.key == key
        if here and PARKED not in token.memo:
            return token
    raise ElementNotWaitingError(f"Expected {key} to be open, but it is not.", activity=str(key))


def _started(case: Case, key: ActivityKey, kinds: type | tuple[type, ...]) -> Token:
    token = waiting(case, key)
    if not token.has_state(TaskState.STARTED) or not isinstance(token.task_spec, kinds):
        raise ElementNotWaitingError(f"Expected {key} to wait for this, but it does not.", activity=str(key))
    return token


def _complete(case: Case, command: Complete) -> None:
    token = _started(case, command.activity, HumanTask)
    write(token, require_plain(command.variables))
    token.complete()


def _fire(case: Case, command: Fire) -> None:
    try:
        token = waiting(case, command.activity)
    except ElementNotWaitingError as error:
        raise StaleTimerError(error.message, **error.params) from error
    if not token.task_spec.fire(token, command.occurrence):
        message = f"Expected occurrence {command.occurrence} of {command.activity} to be armed, but it is not."
        raise StaleTimerError(message, activity=str(command.activity))


def _deliver(case: Case, command: Deliver) -> None:
    """Give a message to the one that has waited longest, a signal to all (BPMN 2.0.2 §10.5.1, §10.5.5)."""
    payload = require_plain(command.payload)
    if command.kind == SIGNAL:
        if broadcast(case, command.name, payload):
            return
    else:
        message = replace(command, payload=payload)
        for token in case.tasks.values():
            if token.task_spec.accepts(token, message):
                token.task_spec.receive(token, message)
                return
    raise MessageNotExpectedError(f"Nothing in the case waits for {command.kind} {command.name!r}.", name=command.name)


def _end_child(case: Case, command: EndChild) -> None:
    token = _host_of_child(case, command.activity)
    variables = require_plain(command.variables)
    spec = token.task_spec
    spec.child_ended(token, EndChild(command.activity, command.index, command.outcome, variables, command.code))


def _host_of_child(case: Case, key: ActivityKey) -> Token:
    try:
        return _started(case, key, (CallActivity, MultiInstanceCases))
    except ElementNotWaitingError as error:
        raise ChildNotRunningError(error.message, **error.params) from error


def _escalate_from_child(case: Case, command: ChildEscalation) -> None:
    token = _host_of_child(case, command.activity)
    throw_escalation(token, command.code, command.activity)


def _finish_job(case: Case, command: FinishJob) -> None:
    token = _started(case, command.activity, ServiceTask)
    variables = require_plain(command.variables)
    if command.error_code is not None:
        write(token, variables)  # whoever catches the error may read them
        throw_error(token, command.error_code, command.activity)
        return
    token.task_spec.finish(token, variables)


def _retry(case: Case, command: Retry) -> None:
    at_it = (token for token in case.find(command.activity.element_id) if token.key == command.activity)
    token = next((token for token in at_it if INCIDENT in token.memo), None) or waiting(case, command.activity)
    if INCIDENT not in token.memo:
        message = f"Expected {command.activity} to have an incident, but it has none."
        raise NoIncidentError(message, activity=str(command.activity))
    case.retry(token)
