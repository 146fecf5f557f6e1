"""Cases 办件: start, list, look into, suspend, resume, cancel, send messages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.case_shapes import (
    CaseDetailShape,
    CaseShape,
    DiagramShape,
    EventShape,
    describe_case,
    describe_detail,
    describe_diagram,
)
from api.fields import Given, Instant, Nothing, counted, moment, one_of, text, truth, values
from api.http import act, actor, answer, expected_version, page_answer, show
from api.lights import CaseLights
from api.openapi import PREFIX, Paging, PagingBothWays, Resource, page_of, split_both_ways
from workflows.cases import cancel_case, deliver_message, resume_case, start_case, suspend_case
from workflows.deadlines.lights import LightKey
from workflows.engine.values import ValueFault, from_untagged
from workflows.errors import FieldFault, RejectedError
from workflows.handing import stop_clock
from workflows.idempotency import Answer
from workflows.ledger.proofs import proof
from workflows.messages import Letter
from workflows.queries.case_contents import case_contents
from workflows.queries.case_filters import CASE_SORTS, OPEN, CaseFilter
from workflows.queries.cases import case_diagram, case_events, case_row, list_cases
from workflows.rights import read_case, require_case_version, require_governor, require_supervisor
from workflows.running import require_running
from workflows.store import Store
from workflows.store import people as stored_people
from workflows.tables import Case, CaseStatus

_MOST_LEFT = 100_000
_MOST_VERSION = 1_000_000
resource = Resource("cases", "办件: runs of processes")


class CaseQuery(PagingBothWays):
    """Which cases to list. Limits and days left are those of the next open limit."""

    definition = text(200, metadata={"description": "`key` (every version) or `key:version`."})
    unit = text(120, metadata={"description": "A unit's code: it and all units below."})
    unit_alone = truth(metadata={"description": "Not the units below."})
    status = one_of((OPEN, *CaseStatus), metadata={"description": "`open`: active or suspended."})
    light = one_of(tuple(LightKey))
    q = text(200, attribute="text", metadata={"description": "Words in title, number, process or unit."})
    version = counted(1, _MOST_VERSION)
    due_before = moment()
    due_from = moment()
    left_least = counted(-_MOST_LEFT, _MOST_LEFT)
    left_most = counted(-_MOST_LEFT, _MOST_LEFT)
    started_from = moment()
    started_before = moment()
    ended_from = moment()
    ended_before = moment()
    missed_from = moment(metadata={"description": "A limit that was not kept ended at or after this instant."})
    missed_before = moment()
    started_by_me = truth(metadata={"description": "我发起的: only cases that one has started."})
    sort = one_of([*CASE_SORTS, *(f"-{name}" for name in CASE_SORTS)])
    parent = text(60, attribute="parent_id")


class StartBody(Given):
    """What to start, for which unit."""

    definition = text(200, required=True, metadata={"description": "`key` (the version in force) or `key:version`."})
    unit = text(120, required=True)
    title = text(300)
    variables = values(load_default=dict)
    business_key = text(200)


class ReasonBody(Given):
    """Why."""

    reason = text(required=True)


class MessageBody(Given):
    """A message that the case waits for; ``correlation`` tells two that wait for the same name apart."""

    name = text(300, required=True)
    correlation = fields.Raw(allow_none=True, load_default=None)
    payload = values(load_default=dict)


class ClockStopBody(Given):
    """From when to when the clock stands, and on what ground."""

    from_ = moment(data_key="from", required=True)
    to = moment(required=True)
    ground = text(required=True)


class ClockStopShape(Schema):
    """A recorded stop of a case's clock."""

    id = fields.String()
    case_id = fields.String()
    from_ = Instant(data_key="from", attribute="from_at")
    to = Instant(attribute="to_at")
    ground = fields.String()


def row_answer(store: Store, case: Case, *, status: int = 200) -> Answer:
    """Return a case after the actor's own act on it."""
    store.session.flush()  # the lines below read rows
    row = case_row(store, case.id, actor=actor())
    where = f"{PREFIX}/cases/{case.id}" if status == 201 else None  # noqa: PLR2004 - created
    document = describe_case(row, CaseLights(store, [case.id]))
    return answer(CaseShape(), document, status=status, version=case.row_version, location=where)


@resource.post("/cases", CaseShape, status=201, body=StartBody)
def start(body: dict[str, Any]) -> Response:
    """发起: start a case of the version in force, or of a version on trial."""

    def change(store: Store) -> Answer:
        unit = stored_people.need_unit(store, body["unit"])
        case = start_case(
            store,
            definition=body["definition"],
            unit_id=unit.id,
            title=body.get("title"),
            variables=plain_values(body["variables"], "/variables"),
            business_key=body.get("business_key"),
            actor=actor(),
        )
        return row_answer(store, case, status=201)

    return act(change)


def plain_values(values_given: dict[str, Any], pointer: str) -> dict[str, Any]:
    """Return JSON from outside as plain data, or raise ``RejectedError`` at the pointer."""
    try:
        found: dict[str, Any] = from_untagged(values_given)
    except ValueFault as fault:
        faults = [FieldFault(pointer, fault.code, str(fault))]
        raise RejectedError(str(fault), code="invalid-request", faults=faults) from fault
    return found


@resource.get("/cases", page_of(CaseShape, both_ways=True), query=CaseQuery)
def list_of_cases(query: dict[str, Any]) -> Response:
    """List cases, the latest first."""

    def ask(store: Store) -> Answer:
        wanted, paged = split_both_ways(query, CaseFilter)
        page = list_cases(store, wanted, actor=actor(), **paged)
        lights = CaseLights(store, [row.id for row in page.items])
        return page_answer(page_of(CaseShape, both_ways=True)(), page.map(lambda row: describe_case(row, lights)))

    return show(ask)


@resource.get("/cases/<case_id>", CaseDetailShape)
def one_case(case_id: str) -> Response:
    """Show a case: its limits with their count, its children, and (to who may read it) its variables."""

    def ask(store: Store) -> Answer:
        contents = case_contents(store, case_id, actor=actor())
        return answer(CaseDetailShape(), describe_detail(store, contents), version=contents.row.row_version)

    return show(ask)


@resource.get("/cases/<case_id>/events", page_of(EventShape), query=Paging)
def events(query: dict[str, Any], case_id: str) -> Response:
    """Show the ledger of a case in order."""

    def ask(store: Store) -> Answer:
        page = case_events(store, case_id, actor=actor(), after=query.get("after"), limit=query.get("limit"))
        return page_answer(page_of(EventShape)(), page.map(asdict))

    return show(ask)


@resource.get("/cases/<case_id>/diagram", DiagramShape)
def diagram(case_id: str) -> Response:
    """Show what the tokens of a case really did, by element id."""

    def ask(store: Store) -> Answer:
        found, row = case_diagram(store, case_id, actor=actor()), case_row(store, case_id, actor=actor())
        return answer(DiagramShape(), describe_diagram(row, found, CaseLights(store, [case_id])))

    return show(ask)


class ProofShape(Schema):
    """A case's chain of events, the last signed checkpoint, and that the chain is under it."""

    format = fields.String()
    version = fields.Raw()
    stream = fields.String()
    events = fields.List(fields.Dict())
    inclusion = fields.Dict(allow_none=True)
    checkpoint = fields.Dict(allow_none=True)
    keys = fields.Dict()


@resource.get("/cases/<case_id>/proof", ProofShape)
def show_proof(case_id: str) -> Response:
    """Show the proof of a case, for `tools/verify_ledger.py`."""

    def ask(store: Store) -> Answer:
        read_case(store, case_id, actor=actor())
        return answer(ProofShape(), proof(store, case_id))

    return show(ask)


@resource.post("/cases/<case_id>/suspend", CaseShape, body=ReasonBody)
def suspend(body: dict[str, Any], case_id: str) -> Response:
    """Hold a case: nobody works on it and nothing fires until it is resumed. No clock stops by this."""

    def change(store: Store) -> Answer:
        case = suspend_case(store, case_id, body["reason"], actor=actor(), expected_version=expected_version())
        return row_answer(store, case)

    return _govern(case_id, change, CaseStatus.ACTIVE)


@resource.post("/cases/<case_id>/resume", CaseShape, body=Nothing)
def resume(_body: dict[str, Any], case_id: str) -> Response:
    """Let a suspended case run again."""

    def change(store: Store) -> Answer:
        return row_answer(store, resume_case(store, case_id, actor=actor(), expected_version=expected_version()))

    return _govern(case_id, change, CaseStatus.SUSPENDED)


@resource.post("/cases/<case_id>/cancel", CaseShape, body=ReasonBody)
def cancel(body: dict[str, Any], case_id: str) -> Response:
    """撤销: end a case before its end."""

    def change(store: Store) -> Answer:
        case = cancel_case(store, case_id, body["reason"], actor=actor(), expected_version=expected_version())
        return row_answer(store, case)

    return _govern(case_id, change, CaseStatus.ACTIVE)


@resource.post("/cases/<case_id>/messages", CaseShape, body=MessageBody)
def message(body: dict[str, Any], case_id: str) -> Response:
    """Deliver a message to a case that waits for it."""

    def change(store: Store) -> Answer:
        given = plain_values({"correlation": body["correlation"]}, "")
        letter = Letter(body["name"], plain_values(body["payload"], "/payload"), given["correlation"])
        case = deliver_message(
            store,
            case_id,
            letter.name,
            letter.payload,
            correlation=letter.value,
            actor=actor(),
            expected_version=expected_version(),
        )
        return row_answer(store, case)

    return _govern(case_id, change, CaseStatus.ACTIVE)


@resource.post("/cases/<case_id>/clock-stops", ClockStopShape, status=201, body=ClockStopBody)
def clock_stop(body: dict[str, Any], case_id: str) -> Response:
    """中止时限: record that the clock stood; every running limit is counted anew."""

    def change(store: Store) -> Answer:
        stop = stop_clock(
            store,
            case_id,
            from_at=body["from_"],
            to_at=body["to"],
            ground=body["ground"],
            actor=actor(),
            expected_version=expected_version(),
        )
        return answer(ClockStopShape(), stop, status=201)

    return act(
        change,
        see=lambda store: require_supervisor(store, case_id, actor=actor()),
        ready=lambda store: require_running(require_case_version(store, case_id, expected_version())),
    )


def _govern(case_id: str, change: Any, status: CaseStatus) -> Response:
    def ready(store: Store) -> None:
        case = require_case_version(store, case_id, expected_version())
        if status is CaseStatus.ACTIVE:
            require_running(case)

    return act(change, see=lambda store: require_governor(store, case_id, actor=actor()), ready=ready)
