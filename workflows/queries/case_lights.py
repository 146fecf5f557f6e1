"""How lights look for each case: the region that a case is pinned to names and colours them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from workflows.deadlines.lights import Lights
from workflows.queries.lighting import lights_of_city
from workflows.store import Store
from workflows.tables import Case


def lights_of_cases(store: Store, case_ids: Collection[str]) -> Mapping[str, Lights]:
    """Return the lights of each case's region, else the default region's."""
    law, city = store.application.law, lights_of_city(store)
    statement = select(Case.id, Case.region_version_id).where(Case.id.in_(set(case_ids)))
    found = store.session.execute(statement).all() if case_ids else []
    return {
        case_id: (law.region(store, version_id).lights if version_id is not None else None) or city
        for case_id, version_id in found
    }
