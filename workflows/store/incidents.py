"""Incidents: faults of processes, written down where they happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.store import Store
from workflows.tables import Case, Incident, IncidentStatus, Role


def open_incident(
    store: Store,
    case: Case,
    *,
    element_id: str,
    code: str,
    message: str,
    activity_id: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> Incident:
    """Write down a fault of the process: the 流程管理员 over the case's unit must act on it.

    ``params`` are plain JSON, from which doors word the fault in the reader's language; the message is English.
    """
    store.forget((Incident, case.id))
    return store.add(
        Incident(
            case_id=case.id,
            activity_id=activity_id,
            element_id=element_id,
            code=code,
            message=message,
            params=dict(params or {}),
            owner_role=Role.FLOWADMIN,
            unit_id=case.unit_id,
            status=IncidentStatus.OPEN,
            opened_at=store.now,
        )
    )
