"""Lists of incidents 异常: faults of processes that wait for their administrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from workflows.access import Actor
from workflows.queries.access import units_in_reach, visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import Case, Definition, Incident, Role, Unit


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident with its case."""

    id: str
    case_id: str
    case_title: str
    definition_key: str
    unit_name: str
    element_id: str
    code: str
    message: str
    params: Mapping[str, Any]
    status: str
    opened_at: datetime
    resolved_at: datetime | None


def list_incidents(
    store: Store,
    *,
    actor: Actor,
    status: str | None = None,
    case_id: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[IncidentRow]:
    """Return one page of the incidents of visible cases in units that the actor administers or audits, latest first."""
    statement = (
        select(
            Incident.id,
            Incident.case_id,
            Case.title,
            Definition.key,
            Unit.name,
            Incident.element_id,
            Incident.code,
            Incident.message,
            Incident.params,
            Incident.status,
            Incident.opened_at,
            Incident.resolved_at,
        )
        .join(Case, Case.id == Incident.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Incident.unit_id)
        .where(units_in_reach(actor, Role.FLOWADMIN, Role.AUDITOR), visible_cases(actor))
    )
    if status:
        statement = statement.where(Incident.status == status)
    if case_id:
        statement = statement.where(Incident.case_id == case_id)
    keys = [Key(Incident.opened_at, datetime, descending=True), Key(Incident.id, str, descending=True)]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda row: IncidentRow(*row))
