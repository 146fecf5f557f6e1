"""How lights look for each case: the region that a case is pinned to names and colours them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from workflows.deadlines.lights import Lights
from workflows.law import DEFAULT_REGION
from workflows.store import Store
from workflows.store import definitions as rows
from workflows.tables import Case


def lights_of_cases(store: Store, case_ids: Collection[str]) -> Mapping[str, Lights | None]:
    """Return the lights of each case's region, else the default region's; None before any region is loaded."""
    law = store.application.law
    newest = rows.newest_region(store, DEFAULT_REGION)
    default = law.region(store, newest.id).lights if newest is not None else None
    statement = select(Case.id, Case.region_version_id).where(Case.id.in_(set(case_ids)))
    found = store.session.execute(statement).all() if case_ids else []
    return {
        case_id: (law.region(store, version_id).lights if version_id is not None else None) or default
        for case_id, version_id in found
    }
