"""督办台账 over HTTP: escalations with the steps about each, as JSON and as xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Response
from flask_babel import gettext
from marshmallow import Schema, fields

from api.escalations import EscalationQuery, EscalationShape
from api.fields import Instant, said
from api.http import actor, application, page_answer, require_no_faults, show
from api.openapi import Resource, page_of, split
from api.spreadsheets import MEDIA_TYPE, Sheet, write_book
from workflows.clock import SHANGHAI
from workflows.idempotency import Answer
from workflows.queries.escalations import EscalationFilter
from workflows.queries.supervision import Handled, RegisterLine, export_register, register
from workflows.store import Store
from workflows.transaction import read

resource = Resource("supervision", "督办台账: what was done about what is late")


class HandledShape(Schema):
    """One step about an escalation; without ``done_at`` it waits."""

    task_id = fields.String()
    name = fields.String()
    person = said()
    status = fields.String()
    due_at = Instant(allow_none=True)
    done_at = Instant(allow_none=True)


class RegisterLineShape(EscalationShape):
    """One line of the register, with the steps of its case and of the orders that it opened."""

    steps = fields.List(fields.Nested(HandledShape))


@resource.get("/supervision", page_of(RegisterLineShape), query=EscalationQuery)
def lines(query: dict[str, Any]) -> Response:
    """List the register, the latest proposal first."""

    def ask(store: Store) -> Answer:
        wanted, paged = split(query, EscalationFilter)
        page = register(store, wanted, actor=actor(), **paged)
        return page_answer(page_of(RegisterLineShape)(), page.map(_describe))

    return show(ask)


def _describe(line: RegisterLine) -> dict[str, Any]:
    return asdict(line.row) | {"unit": line.row.unit_code, "steps": line.steps}


@resource.get("/supervision/export", media_type=MEDIA_TYPE, query=EscalationQuery)
def as_sheet(query: dict[str, Any]) -> Response:
    """Download the register that a filter finds as xlsx."""
    require_no_faults()
    wanted, _ = split(query, EscalationFilter)
    return sheet_of_register(read(application(), export_register, wanted, actor=actor()))


def sheet_of_register(found: Sequence[RegisterLine]) -> Response:
    """Answer with the register as a workbook."""
    now = application().clock.now().astimezone(SHANGHAI)
    note = gettext("截至 %(time)s", time=f"{now:%Y-%m-%d %H:%M}")
    content = write_book([Sheet(gettext("督办台账"), _headings(), [_cells(line) for line in found], note)])
    response = Response(content, mimetype=MEDIA_TYPE)
    name = f"supervision-{now.date().isoformat()}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _headings() -> list[str]:
    about = [gettext("事由"), gettext("事项"), gettext("责任单位"), gettext("原时限"), gettext("提请时间")]
    decided = [gettext("由谁决定"), gettext("决定期限"), gettext("结果"), gettext("决定人"), gettext("决定时间")]
    return [gettext("状态"), *about, *decided, gettext("办理经过"), gettext("了结")]


def _cells(line: RegisterLine) -> list[Any]:
    row, words = line.row, _words()
    decider = " ".join(part for part in (row.decider_unit, row.decider_post) if part)
    return [
        words["status"].get(row.status, row.status),
        words["kind"].get(row.kind, row.kind),
        row.title,
        row.unit_name,
        row.due_at,
        row.created_at,
        decider,
        row.decide_by,
        words["outcome"].get(row.outcome or "", row.outcome),
        row.decided_by,
        row.decided_at,
        "\n".join(map(_told, line.steps)),
        row.closed_at,
    ]


def _told(step: Handled) -> str:
    day = f"{step.done_at.astimezone(SHANGHAI):%Y-%m-%d}" if step.done_at else gettext("等待")
    return " ".join(part for part in (step.name, day, step.person) if part)


def _words() -> dict[str, dict[str, str]]:
    """Return what the codes of a line are called on paper."""
    return {
        "status": {
            "proposed": gettext("待决定"),
            "approved": gettext("已决定"),
            "rejected": gettext("不予督办"),
            "passed_up": gettext("已上送"),
            "closed": gettext("已了结"),
        },
        "kind": {"overdue": gettext("逾期督办"), "extension": gettext("延期申请")},
        "outcome": {
            "urge": gettext("催办"),
            "extend": gettext("准予延期"),
            "transfer": gettext("转办"),
            "order": gettext("督办单"),
            "talk": gettext("约谈"),
            "circular": gettext("通报"),
            "accountability": gettext("问责"),
            "reject": gettext("不予督办"),
        },
    }
