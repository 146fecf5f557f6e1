"""External tasks 外部任务: fetched, locked and reported by programs, in the shapes of Camunda 7's REST interface.

The same routes stand under ``/api/v1/external-tasks`` and, as the clients of Camunda 7 expect them, under
``/engine-rest/external-task``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from flask import Response
from marshmallow import fields

from api.cases import plain_values
from api.fields import Given, Nothing, anything, at_most, said, text, truth, values, whole
from api.http import JSON, act, actor, nothing, show
from api.openapi import Resource
from workflows import external_tasks as use_cases
from workflows.engine.values import ValueFault, loads
from workflows.errors import FieldFault, RejectedError
from workflows.external_tasks import ExternalTask, Failure, Fetch, Topic
from workflows.idempotency import Answer
from workflows.store import Store

resource = Resource("external-tasks", "外部任务: service tasks that programs do")
engine_rest = Resource("engine-rest", "外部任务: the same for clients of Camunda 7", prefix="/engine-rest")
_MOST = 1_000
_MOST_TOPICS = 100
_LONGEST_LOCK = 7 * 24 * 3600 * 1000
_MOST_RETRIES = 1_000
_WORDS = 300
_INTEGER: int = 2**31
_LONG: int = 2**63


# ---------------------------------------------------------------------- shapes


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


class _Camel(Given):
    """Members are named as Camunda 7 names them."""

    def on_bind_field(self, field_name: str, field_obj: Any) -> None:
        field_obj.data_key = _camel(field_name)


class TopicBody(_Camel):
    """One topic. ``lockDuration`` in milliseconds; ``variables`` names those that are wanted, all unless told."""

    topic_name = text(120, required=True)
    lock_duration = whole(1, _LONGEST_LOCK, required=True)
    variables = fields.List(text(_WORDS), allow_none=True, load_default=None)
    local_variables = truth(load_default=False)
    business_key = text(200, allow_none=True, load_default=None)
    process_definition_key = text(120, allow_none=True, load_default=None)
    process_definition_key_in = fields.List(text(120), allow_none=True, load_default=None)
    deserialize_values = truth(load_default=False)
    include_extension_properties = truth(load_default=False)


class FetchBody(_Camel):
    """What a worker asks for. It is answered at once: ``asyncResponseTimeout`` is accepted and not waited for."""

    worker_id = text(120, required=True)
    max_tasks = whole(1, _MOST, load_default=10)
    use_priority = truth(load_default=False)
    async_response_timeout = whole(0, _LONGEST_LOCK, allow_none=True)
    topics = fields.List(fields.Nested(TopicBody), required=True, validate=at_most(_MOST_TOPICS))


class WorkerBody(_Camel):
    """Who reports, and what came of it: ``{"name": {"value": …, "type": …}}``."""

    worker_id = text(120, required=True)
    variables = values(allow_none=True, load_default=None)
    local_variables = values(allow_none=True, load_default=None)


class FailureBody(WorkerBody):
    """Why it failed. ``retries`` left: 0 opens an incident; ``retryTimeout``: milliseconds until the next attempt."""

    error_message = text(666, least=0, allow_none=True, load_default=None)
    error_details = text(20_000, least=0, allow_none=True, load_default=None)
    retries = whole(0, _MOST_RETRIES, allow_none=True, load_default=0)
    retry_timeout = whole(0, _LONGEST_LOCK, allow_none=True, load_default=0)


class ErrorBody(WorkerBody):
    """A BPMN error that a border event may catch."""

    error_code = text(_WORDS, required=True)
    error_message = text(666, least=0, allow_none=True, load_default=None)


class DurationBody(_Camel):
    """For how many milliseconds from now on."""

    worker_id = text(120, required=True)
    new_duration = whole(1, _LONGEST_LOCK, required=True)


class LockBody(_Camel):
    """Who locks it, for how many milliseconds."""

    worker_id = text(120, required=True)
    lock_duration = whole(1, _LONGEST_LOCK, required=True)


class ExternalTaskShape(_Camel):
    """A task. ``variables`` are typed as Camunda 7 types them; ``tenantId`` is the unit of the case."""

    id = fields.String()
    topic_name = fields.String()
    worker_id = said()
    lock_expiration_time = said()
    create_time = fields.String()
    activity_id = fields.String()
    activity_instance_id = fields.String()
    execution_id = fields.String()
    process_instance_id = fields.String()
    process_definition_id = fields.String()
    process_definition_key = fields.String()
    tenant_id = fields.String()
    business_key = said()
    retries = fields.Integer(allow_none=True)
    priority = fields.Integer()
    suspended = fields.Boolean()
    error_message = said()
    variables = anything()
    extension_properties = anything()


# ---------------------------------------------------------------------- routes


@dataclass(frozen=True, slots=True)
class _Names:
    """How a door names the actions."""

    base: str
    fetch: str
    error: str
    extend: str


def _hang_work(place: Resource, names: _Names) -> None:
    """Add what fetches tasks and tells how they ended."""
    task = f"{names.base}/<external_id>"

    @place.post(f"{names.base}/{names.fetch}", ExternalTaskShape(many=True), body=FetchBody)
    def fetch_and_lock(body: dict[str, Any]) -> Response:
        """Lock tasks of some topics for a worker, and return them."""
        return _act(lambda store: _tasks(use_cases.fetch_and_lock(store, _fetch(body), actor=actor())))

    @place.get(task, ExternalTaskShape)
    def one_external_task(external_id: str) -> Response:
        """Show a task that waits."""
        return show(lambda store: _one(use_cases.read_external_task(store, external_id, actor=actor())))

    @place.post(f"{task}/complete", status=204, body=WorkerBody)
    def complete_external(body: dict[str, Any], external_id: str) -> Response:
        """Finish a task; the token moves on."""
        return _report(
            lambda store: use_cases.complete_external_task(
                store, external_id, body["worker_id"], _values(body), actor=actor()
            )
        )

    @place.post(f"{task}/failure", status=204, body=FailureBody)
    def fail_external(body: dict[str, Any], external_id: str) -> Response:
        """Tell that it failed: it is fetched again, or an incident is opened when no retries are left."""
        return _report(
            lambda store: use_cases.fail_external_task(
                store, external_id, body["worker_id"], _failure(body), actor=actor()
            )
        )

    @place.post(f"{task}/{names.error}", status=204, body=ErrorBody)
    def throw_external(body: dict[str, Any], external_id: str) -> Response:
        """End a task by a BPMN error."""
        return _report(
            lambda store: use_cases.throw_bpmn_error(
                store, external_id, body["worker_id"], body["error_code"], _values(body), actor=actor()
            )
        )


def _hang_locks(place: Resource, names: _Names) -> None:
    """Add what keeps, takes and gives up a lock."""
    task = f"{names.base}/<external_id>"

    @place.post(f"{task}/{names.extend}", status=204, body=DurationBody)
    def extend_external(body: dict[str, Any], external_id: str) -> Response:
        """Keep the lock for longer."""
        return _report(
            lambda store: use_cases.extend_lock(
                store, external_id, body["worker_id"], _span(body["new_duration"]), actor=actor()
            )
        )

    @place.post(f"{task}/lock", status=204, body=LockBody)
    def lock_external(body: dict[str, Any], external_id: str) -> Response:
        """Lock one task."""
        return _report(
            lambda store: use_cases.lock_external_task(
                store, external_id, body["worker_id"], _span(body["lock_duration"]), actor=actor()
            )
        )

    @place.post(f"{task}/unlock", status=204, body=Nothing)
    def unlock_external(_body: dict[str, Any], external_id: str) -> Response:
        """Free a task for other workers."""
        return _report(lambda store: use_cases.unlock_external_task(store, external_id, actor=actor()))


for _door, _names in (
    (resource, _Names("/external-tasks", "fetch-and-lock", "bpmn-error", "extend-lock")),
    (engine_rest, _Names("/external-task", "fetchAndLock", "bpmnError", "extendLock")),
):
    _hang_work(_door, _names)
    _hang_locks(_door, _names)


def _act(change: Callable[[Store], Answer]) -> Response:
    return act(change, see=lambda _store: use_cases.require_worker_role(actor()))


def _report(change: Callable[[Store], None]) -> Response:
    def changed(store: Store) -> Answer:
        change(store)
        return nothing()

    return _act(changed)


# ---------------------------------------------------------------------- in and out


def _fetch(body: dict[str, Any]) -> Fetch:
    topics = body["topics"]
    return Fetch(
        worker=body["worker_id"],
        topics=[Topic(each["topic_name"], each["business_key"], _keys(each)) for each in topics],
        most=body["max_tasks"],
        locks={each["topic_name"]: _span(each["lock_duration"]) for each in topics},
        variables={each["topic_name"]: each["variables"] for each in topics},
        by_priority=body["use_priority"],
    )


def _failure(body: dict[str, Any]) -> Failure:
    pause = _span(body["retry_timeout"] or 0)
    return Failure(body["error_message"] or "", body["error_details"] or "", body["retries"] or 0, pause)


def _span(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=milliseconds)


def _keys(topic: dict[str, Any]) -> tuple[str, ...]:
    one = topic["process_definition_key"]
    return tuple(topic["process_definition_key_in"] or ()) + ((one,) if one else ())


def _values(body: dict[str, Any]) -> dict[str, Any]:
    """Return what a worker tells, its own types read. Local variables are told beside the others, which win."""
    found: dict[str, Any] = {}
    for member in ("local_variables", "variables"):
        for name, typed in (body[member] or {}).items():
            found[name] = _value(typed, f"/{_camel(member)}/{name}")
    return found


def _value(typed: Any, pointer: str) -> Any:
    if not isinstance(typed, dict) or not set(typed) <= {"value", "type", "valueInfo", "local"}:
        message = 'Expected {"value": …, "type": …}.'
        raise RejectedError(message, code="invalid-request", faults=[FieldFault(pointer, "not-an-object", message)])
    value, kind = typed.get("value"), str(typed.get("type") or "").lower()
    if isinstance(value, str) and kind in {"json", "object"}:
        try:
            return loads(value)
        except ValueFault as fault:
            faults = [FieldFault(pointer, fault.code, str(fault))]
            raise RejectedError(str(fault), code="invalid-request", faults=faults) from fault
    if isinstance(value, str) and kind == "date":
        try:
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
        except ValueError as fault:
            message = "Expected a date like 2026-03-02T09:00:00.000+0800."
            faults = [FieldFault(pointer, "not-a-date-time", message)]
            raise RejectedError(message, code="invalid-request", faults=faults) from fault
    return plain_values({"value": value}, pointer)["value"]


def _tasks(tasks: Sequence[ExternalTask]) -> Answer:
    found = ExternalTaskShape(many=True).dump([_row(each) for each in tasks])
    return Answer(200, {"Content-Type": JSON}, orjson.dumps(found))


def _one(task: ExternalTask) -> Answer:
    return Answer(200, {"Content-Type": JSON}, orjson.dumps(ExternalTaskShape().dump(_row(task))))


def _row(task: ExternalTask) -> dict[str, Any]:
    return {
        "id": task.id,
        "topic_name": task.topic,
        "worker_id": task.worker,
        "lock_expiration_time": _time(task.locked_until),
        "create_time": _time(task.created_at),
        "activity_id": task.activity_id,
        "activity_instance_id": task.instance_id,
        "execution_id": task.instance_id,
        "process_instance_id": task.case_id,
        "process_definition_id": task.definition,
        "process_definition_key": task.process_key,
        "tenant_id": task.unit,
        "business_key": task.business_key,
        "retries": task.retries,
        "priority": task.priority,
        "suspended": task.suspended,
        "error_message": task.error or None,
        "variables": {name: _typed(value) for name, value in task.variables.items()},
        "extension_properties": dict(task.properties),
    }


def _time(moment: datetime | None) -> str | None:
    """Write an instant as Camunda 7 does: milliseconds, and an offset without colon."""
    if moment is None:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{moment:%z}"


def _typed(value: Any) -> dict[str, Any]:
    """Write a value with its type in Camunda 7's words; what it has no word for is JSON."""
    kind, told = "Json", value
    match value:
        case None:
            kind = "Null"
        case bool():
            kind = "Boolean"
        case str():
            kind = "String"
        case int() | Decimal():
            kind, told = _number(value)
        case datetime() if value.tzinfo is not None:
            kind, told = "Date", _time(value)
        case date():
            kind, told = "String", value.isoformat()
        case _:
            told = orjson.dumps(value, default=_in_json, option=orjson.OPT_NON_STR_KEYS).decode()
    return {"type": kind, "value": told, "valueInfo": {}}


def _in_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return dict(value) if isinstance(value, Mapping) else str(value)


def _number(value: int | Decimal) -> tuple[str, Any]:
    if value != int(value) or not -_LONG <= int(value) < _LONG:
        return "Double", float(value)
    return ("Integer" if -_INTEGER <= int(value) < _INTEGER else "Long"), int(value)
