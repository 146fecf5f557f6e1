"""Tasks 待办: list, claim, work, hand on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validates_schema

from api.batches import EachesShape, each_answer
from api.confirmation import Confirmation, confirmed_at
from api.fields import (
    Explained,
    Given,
    Instant,
    Nothing,
    counted,
    light,
    mapping,
    moment,
    one_of,
    plain,
    said,
    text,
    texts,
    truth,
    values,
    whole,
)
from api.http import act, act_on_each, actor, answer, application, expected_version, page_answer, show
from api.lights import CaseLights
from api.openapi import PREFIX, PagingBothWays, Resource, page_of, split_both_ways
from workflows.access import system_actor
from workflows.batches import MOST_AT_ONCE, claim_tasks
from workflows.copies import MOST_COPIES
from workflows.deadlines.lights import LightKey
from workflows.engine.values import from_json
from workflows.escalations import request_extension
from workflows.forms.remarks import refuse
from workflows.handing import return_task, transfer_task, urge_task
from workflows.idempotency import Answer
from workflows.queries.task_filters import TASK_SORTS, TaskFilter
from workflows.queries.tasks import TaskDetail, TaskRow, list_tasks, task_detail
from workflows.rights import require_transferrer, require_urger, require_waiting, require_workable, require_worker
from workflows.store import Store
from workflows.tasks import Submission, claim_task, complete_task, release_task

resource = Resource("tasks", "待办: what people must do")
SCOPES = ("mine", "candidate", "all", "todo", "done", "open", "completed", "counted")
_SCOPE = (
    "`todo`: mine and those I may claim; `done`: what I did; `all`: whatever I may see, of that `open` what waits, "
    "`completed` what anybody did, `counted` both."
)
_MOST_FILES = 100
_MOST_DAYS = 500
_MOST_LEFT = 100_000
_MOST_VERSION = 1_000_000


class TaskQuery(PagingBothWays):
    """Which tasks to list. Days left are calendar days; negative ones are days of delay."""

    scope = one_of(SCOPES, load_default="todo", metadata={"description": _SCOPE})
    light = one_of(tuple(LightKey))
    unit = text(120)
    definition = text(200, metadata={"description": "`key` (every version) or `key:version`."})
    version = counted(1, _MOST_VERSION)
    due_before = moment()
    due_from = moment()
    left_least = counted(-_MOST_LEFT, _MOST_LEFT)
    left_most = counted(-_MOST_LEFT, _MOST_LEFT)
    q = text(200, attribute="text", metadata={"description": "Words in step, case, number, process or unit."})
    sort = one_of([*TASK_SORTS, *(f"-{name}" for name in TASK_SORTS)])
    case = text(60, attribute="case_id")
    element = text(120, metadata={"description": "An element of the diagram; give the definition with it."})
    done_from = moment()
    late = truth(metadata={"description": "Only what is or was done after its limit."})


class TaskShape(Schema):
    """One task in a list. ``due_at`` is exclusive: a limit in days ends at the midnight after its last day."""

    id = fields.String()
    name = fields.String()
    title = fields.String(metadata={"description": "Title of the case."})
    case_id = fields.String()
    definition = fields.String()
    definition_name = fields.String()
    element_id = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    status = fields.String(metadata={"enum": ["open", "claimed", "completed", "cancelled"]})
    assignee = said()
    assignee_name = said()
    started_at = Instant()
    near_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    done_at = Instant(allow_none=True)
    provisional = fields.Boolean(metadata={"description": "暂定: rests on a calendar year that is not announced yet."})
    light = light()
    classification = fields.String()
    row_version = fields.Integer()


class TaskDetailShape(TaskShape):
    """One task with why its date is what it is, and what was handed in."""

    owner = fields.String()
    form = said()
    attempt = fields.Integer()
    explanation = Explained(allow_none=True)
    submission = mapping()
    comment = said()
    late_reason = said()


class CompleteBody(Given):
    """What is handed in. Late work needs ``late_reason``; a step that signs needs a fresh password."""

    variables = values(load_default=dict)
    comment = text(4000, least=0)
    attachments = texts(_MOST_FILES, load_default=list)
    late_reason = text()
    copies = texts(MOST_COPIES, load_default=list, metadata={"description": "抄送: codes of people who may read it."})
    confirmation = fields.Nested(Confirmation)


class TransferBody(Given):
    """To whom (a person's code), and why."""

    to = text(120, required=True)
    reason = text(required=True)


class ReturnBody(Given):
    """Where to, and why. ``then``: what follows once it is done again."""

    target = text(120, required=True, metadata={"description": "`previous`, `starter` or an element id."})
    reason = text(required=True)
    then = one_of(("replay", "direct"), load_default="replay")


class UrgeBody(Given):
    """What to say."""

    note = text(least=0, load_default="")


class ExtendBody(Given):
    """How much more time, and on what ground."""

    workdays = whole(1, _MOST_DAYS)
    due_at = moment()
    ground = text(300, required=True)
    reason = text(required=True)

    @validates_schema(skip_on_field_errors=False)
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse both ways at once, and none."""
        if ("workdays" in data) == ("due_at" in data):
            raise refuse("one-of-workdays-or-due-at", "Expected workdays or due_at, and not both.")


class ExtensionShape(Schema):
    """A request for more time: the escalation that decides on it."""

    escalation_id = fields.String()


def describe_task(row: TaskRow, lights: CaseLights) -> dict[str, Any]:
    """Return a task as answers show it."""
    document = asdict(row)
    return document | {
        "definition": f"{row.definition_key}:{row.definition_version}",
        "unit": row.unit_code,
        "assignee": row.assignee_code,
        "light": lights.show(row.case_id, row.light),
    }


def describe_detail(detail: TaskDetail, lights: CaseLights) -> dict[str, Any]:
    """Return a task with its details."""
    submission = None if detail.submission is None else plain(from_json(detail.submission))
    return describe_task(detail.row, lights) | {
        "owner": detail.owner,
        "form": detail.form,
        "attempt": detail.attempt,
        "explanation": detail.explanation,
        "submission": submission,
        "comment": detail.comment,
        "late_reason": detail.late_reason,
    }


def _told(store: Store, task_id: str) -> Answer:
    """Return a task after the actor's own act on it; handing it on may have taken it out of their sight."""
    store.session.flush()  # the lines below read rows
    detail = task_detail(store, task_id, actor=system_actor("api"))
    document = describe_detail(detail, CaseLights(store, [detail.row.case_id]))
    return answer(TaskDetailShape(), document, version=detail.row.row_version)


@resource.get("/tasks", page_of(TaskShape, both_ways=True), query=TaskQuery)
def list_of_tasks(query: dict[str, Any]) -> Response:
    """List tasks, the most urgent first."""

    def ask(store: Store) -> Answer:
        wanted, paged = split_both_ways(query, TaskFilter)
        page = list_tasks(store, wanted, actor=actor(), **paged)
        lights = CaseLights(store, [row.case_id for row in page.items])
        return page_answer(page_of(TaskShape, both_ways=True)(), page.map(lambda row: describe_task(row, lights)))

    return show(ask)


@resource.get("/tasks/<task_id>", TaskDetailShape)
def one_task(task_id: str) -> Response:
    """Show a task."""

    def ask(store: Store) -> Answer:
        detail = task_detail(store, task_id, actor=actor())
        document = describe_detail(detail, CaseLights(store, [detail.row.case_id]))
        return answer(TaskDetailShape(), document, version=detail.row.row_version)

    return show(ask)


class ClaimManyBody(Given):
    """Which tasks to claim."""

    tasks = texts(MOST_AT_ONCE, required=True)


@resource.post("/tasks/claim", EachesShape, body=ClaimManyBody)
def claim_many(body: dict[str, Any]) -> Response:
    """签收: claim many tasks, each in a transaction of its own; one that is refused takes no other with it."""
    return act_on_each(lambda: each_answer(claim_tasks(application(), body["tasks"], actor=actor())))


@resource.post("/tasks/<task_id>/claim", TaskDetailShape, body=Nothing)
def claim(_body: dict[str, Any], task_id: str) -> Response:
    """签收: take a task that one is a candidate for."""

    def change(store: Store) -> Answer:
        claim_task(store, task_id, actor=actor(), expected_version=expected_version())
        return _told(store, task_id)

    return _work(task_id, change)


@resource.post("/tasks/<task_id>/release", TaskDetailShape, body=Nothing)
def release(_body: dict[str, Any], task_id: str) -> Response:
    """Give a claimed task back to its candidates."""

    def change(store: Store) -> Answer:
        release_task(store, task_id, actor=actor(), expected_version=expected_version())
        return _told(store, task_id)

    return _work(task_id, change)


@resource.post("/tasks/<task_id>/complete", TaskDetailShape, body=CompleteBody)
def complete(body: dict[str, Any], task_id: str) -> Response:
    """办结: hand in what the form asks for. A candidate who completes claims by that."""
    confirmed = confirmed_at(body, see=lambda store: require_worker(store, task_id, actor=actor()))

    def change(store: Store) -> Answer:
        submission = Submission(
            body["variables"],
            comment=body.get("comment"),
            attachments=body["attachments"],
            late_reason=body.get("late_reason"),
            confirmed_at=confirmed,
            copies=body["copies"],
        )
        complete_task(store, task_id, submission, actor=actor(), expected_version=expected_version())
        return _told(store, task_id)

    return _work(task_id, change)


@resource.post("/tasks/<task_id>/transfer", TaskDetailShape, body=TransferBody)
def transfer(body: dict[str, Any], task_id: str) -> Response:
    """转办: hand a task to a colleague of the same unit."""

    def change(store: Store) -> Answer:
        transfer_task(store, task_id, body["to"], body["reason"], actor=actor(), expected_version=expected_version())
        return _told(store, task_id)

    return act(
        change,
        see=lambda store: require_transferrer(store, task_id, actor=actor()),
        ready=lambda store: require_waiting(store, task_id, actor=actor(), expected_version=expected_version()),
    )


@resource.post("/tasks/<task_id>/return", TaskDetailShape, body=ReturnBody)
def send_back(body: dict[str, Any], task_id: str) -> Response:
    """退回: send the work back to an earlier step, which opens once more.

    Then everything behind it is done again (`replay`), or it leads straight back to this step (`direct`).
    """

    def change(store: Store) -> Answer:
        return_task(
            store,
            task_id,
            body["target"],
            body["reason"],
            actor=actor(),
            direct=body["then"] == "direct",
            expected_version=expected_version(),
        )
        return _told(store, task_id)

    return _work(task_id, change)


@resource.post("/tasks/<task_id>/urge", TaskDetailShape, body=UrgeBody)
def urge(body: dict[str, Any], task_id: str) -> Response:
    """催办: tell whoever holds a task to get on with it."""

    def change(store: Store) -> Answer:
        require_waiting(store, task_id, actor=actor(), expected_version=expected_version())
        urge_task(store, task_id, body["note"], actor=actor())
        return _told(store, task_id)

    return act(
        change,
        see=lambda store: require_urger(store, task_id, actor=actor()),
        ready=lambda store: require_waiting(store, task_id, actor=actor(), expected_version=expected_version()),
    )


@resource.post("/tasks/<task_id>/extend", ExtensionShape, status=202, body=ExtendBody)
def extend(body: dict[str, Any], task_id: str) -> Response:
    """申请延期: ask for more time; a supervisor decides."""

    def change(store: Store) -> Answer:
        made = request_extension(
            store,
            task_id,
            ground=body["ground"],
            reason=body["reason"],
            workdays=body.get("workdays"),
            until=body.get("due_at"),
            actor=actor(),
            expected_version=expected_version(),
        )
        where = f"{PREFIX}/escalations/{made.case_id}"
        return answer(ExtensionShape(), {"escalation_id": made.case_id}, status=202, location=where)

    return _work(task_id, change)


def _work(task_id: str, change: Any) -> Response:
    return act(
        change,
        see=lambda store: require_worker(store, task_id, actor=actor()),
        ready=lambda store: require_workable(store, task_id, actor=actor(), expected_version=expected_version()),
    )
