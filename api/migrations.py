"""Migrations 迁移: running cases move to another version; a dry run first, then an order whose progress can be read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.approvals import told_request
from api.definitions import ASKED, FindingShape
from api.fields import Given, Instant, counted, one_of, said, text, texts, truth
from api.http import act, actor, answer, expected_version, page_answer, show
from api.openapi import PREFIX, Paging, Resource, page_of
from api.problems import tell_findings
from workflows.idempotency import Answer
from workflows.mapping import Found
from workflows.migrations import Asked, Wish, ask_migration, migrate_case
from workflows.queries.migrations import (
    MigrationRow,
    MovedCase,
    Plan,
    cases_of_migration,
    list_migrations,
    plan_migration,
    read_migration,
)
from workflows.rights import require_case_keeper, require_case_version, require_law_keeper
from workflows.store import Store
from workflows.tables import Case, Definition, LimitChoice, MigrationStatus, MoveStatus

resource = Resource("migrations", "迁移: running cases that move to another version of their process")
_MOST_CASES = 10_000
_MOST_VERSION = 999_999_999
_MOST_ID = 120


def _names() -> fields.Dict:
    return fields.Dict(
        keys=text(_MOST_ID),
        values=text(_MOST_ID, least=0),
        load_default=dict,
        metadata={
            "description": "New ids by old ones, where they differ from the suggestion; an empty text: no partner."
        },
    )


class CheckQuery(Given):
    """``check``: tell what would happen, and change nothing."""

    check = truth(load_default=False)


class MoveBody(Given):
    """How cases move: what is called otherwise, what becomes of running limits, and why."""

    mapping = _names()
    limits = one_of(tuple(LimitChoice), load_default=LimitChoice.KEEP.value)
    with_children = truth(load_default=False)
    reason = text(least=0, load_default="")


class MigrationBody(MoveBody):
    """From which version, and which cases; without ``cases`` all that run it."""

    from_ = counted(1, _MOST_VERSION, data_key="from", required=True)
    cases = texts(_MOST_CASES)


class CaseMoveBody(MoveBody):
    """To which version of its process a case moves."""

    to = counted(1, _MOST_VERSION, required=True)


class MigrationQuery(Paging):
    """Which orders to list."""

    key = text(120)
    status = one_of(tuple(MigrationStatus))


class MovedQuery(Paging):
    """Which cases of an order to list."""

    status = one_of(tuple(MoveStatus))


class MigrationShape(Schema):
    """One order. ``cases`` counts its cases by what became of them."""

    id = fields.String()
    key = fields.String()
    name = fields.String()
    from_ = fields.Integer(data_key="from", attribute="source")
    to = fields.Integer(attribute="target")
    mapping = fields.Dict(keys=fields.String(), values=fields.String())
    limits = fields.String(metadata={"enum": list(LimitChoice)})
    with_children = fields.Boolean()
    chosen = fields.Boolean()
    status = fields.String(metadata={"enum": list(MigrationStatus)})
    reason = fields.String()
    asked_at = Instant()
    asked_by = said()
    begun_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    cases = fields.Dict(keys=fields.String(), values=fields.Integer())


class MovedCaseShape(Schema):
    """One case of an order: moved, stayed, refused (with every reason), failed, or waiting."""

    id = fields.String()
    title = fields.String()
    unit = fields.String()
    status = fields.String(metadata={"enum": list(MoveStatus)})
    code = fields.String()
    findings = fields.List(fields.Nested(FindingShape))
    at = Instant(allow_none=True)


class PartnerShape(Schema):
    """An element of the old version and its partner in the new; ``holds`` counts the open attempts there."""

    process = fields.String()
    element_id = fields.String()
    name = fields.String()
    type = fields.String()
    to = fields.String(allow_none=True)
    to_name = fields.String(allow_none=True)
    found = fields.String(metadata={"enum": list(Found)})
    holds = fields.Integer()


class PlannedCaseShape(Schema):
    """What an order would do to a case: tasks that open and close, and how many dates of limits change."""

    id = fields.String()
    title = fields.String()
    unit = fields.String()
    status = fields.String(metadata={"enum": list(MoveStatus)})
    code = fields.String()
    findings = fields.List(fields.Nested(FindingShape))
    at = fields.List(fields.String())
    opens = fields.List(fields.String())
    closes = fields.List(fields.String())
    limits = fields.Integer()


class PlanShape(Schema):
    """A dry run. ``left`` cases were too many to judge now; they are judged when they are moved."""

    mapping = fields.Dict(keys=fields.String(), values=fields.String())
    elements = fields.List(fields.Nested(PartnerShape))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    cases = fields.List(fields.Nested(PlannedCaseShape))
    left = fields.Integer()


@resource.post(
    "/definitions/<key>/<int:version>/migrations",
    MigrationShape,
    status=201,
    body=MigrationBody,
    query=CheckQuery,
    other={200: PlanShape, **ASKED},
)
def migrate_all(body: dict[str, Any], query: dict[str, Any], key: str, version: int) -> Response:
    """迁移: move running cases of the version `from` to this one, in the background.

    With `check=true` nothing changes: 200 tells of each case whether it moves, stays or is refused, and why. Where
    the law wants two persons this is a request: 202.
    """

    def change(store: Store) -> Answer:
        wish = _wish(body, key, body["from_"], version)
        if query["check"]:
            return _told_plan(plan_migration(store, wish, actor=actor()))
        asked = ask_migration(store, wish, cases=body.get("cases"), reason=body["reason"], actor=actor())
        return _told(store, asked)

    def see(store: Store) -> None:
        require_law_keeper(store, f"{key}:{version}", actor=actor(), expected_version=None)

    return act(change, see=see)


@resource.post(
    "/cases/<case_id>/migrate",
    MigrationShape,
    status=201,
    body=CaseMoveBody,
    query=CheckQuery,
    other={200: PlanShape, **ASKED},
)
def migrate_one(body: dict[str, Any], query: dict[str, Any], case_id: str) -> Response:
    """Move one case to another version of its process, now. With `check=true` only tell what would happen.

    A case whose tokens have no place there is 409 `migration-refused` with every reason in `findings`.
    """

    def change(store: Store) -> Answer:
        definition = store.need(Definition, store.need(Case, case_id).definition_id)
        wish = _wish(body, definition.key, definition.version, body["to"])
        if query["check"]:
            return _told_plan(plan_migration(store, wish, only=[case_id], actor=actor()))
        asked = migrate_case(
            store, case_id, wish, reason=body["reason"], actor=actor(), expected_version=expected_version()
        )
        return _told(store, asked)

    return act(
        change,
        see=lambda store: require_case_keeper(store, case_id, actor=actor()),
        ready=lambda store: require_case_version(store, case_id, expected_version()),
    )


def _wish(body: dict[str, Any], key: str, source: int, target: int) -> Wish:
    return Wish(key, source, target, body["mapping"], LimitChoice(body["limits"]), body["with_children"])


def _told(store: Store, asked: Asked) -> Answer:
    if asked.approval is not None:
        return told_request(store, asked.approval, status=202)
    store.session.flush()  # the line below reads rows
    row = read_migration(store, asked.migration.id, actor=actor())
    return answer(MigrationShape(), row, status=201, location=f"{PREFIX}/migrations/{row.id}")


def _told_plan(plan: Plan) -> Answer:
    elements = [
        {
            "process": partner.pair.process,
            "element_id": partner.pair.old.id,
            "name": partner.pair.old.name,
            "type": partner.pair.old.type,
            "to": partner.pair.new.id if partner.pair.new is not None else None,
            "to_name": partner.pair.new.name if partner.pair.new is not None else None,
            "found": str(partner.pair.found),
            "holds": partner.holds,
        }
        for partner in plan.partners
    ]
    cases = [{**asdict(case), "findings": tell_findings(case.findings)} for case in plan.cases]
    document = {"mapping": dict(plan.order.mapping), "elements": elements, "counts": dict(plan.counts)}
    return answer(PlanShape(), {**document, "cases": cases, "left": plan.left})


@resource.get("/migrations", page_of(MigrationShape), query=MigrationQuery)
def list_of_migrations(query: dict[str, Any]) -> Response:
    """List orders, the latest first."""
    return show(lambda store: page_answer(page_of(MigrationShape)(), list_migrations(store, actor=actor(), **query)))


@resource.get("/migrations/<migration_id>", MigrationShape)
def one_migration(migration_id: str) -> Response:
    """Show an order with its progress."""

    def ask(store: Store) -> Answer:
        row: MigrationRow = read_migration(store, migration_id, actor=actor())
        return answer(MigrationShape(), row, version=row.row_version)

    return show(ask)


@resource.get("/migrations/<migration_id>/cases", page_of(MovedCaseShape), query=MovedQuery)
def moved_cases(query: dict[str, Any], migration_id: str) -> Response:
    """List the cases of an order that the reader may see, with what became of each."""

    def ask(store: Store) -> Answer:
        page = cases_of_migration(store, migration_id, actor=actor(), **query)
        return page_answer(page_of(MovedCaseShape)(), page.map(_told_case))

    return show(ask)


def _told_case(case: MovedCase) -> dict[str, Any]:
    return {**asdict(case), "findings": tell_findings(case.findings)}
