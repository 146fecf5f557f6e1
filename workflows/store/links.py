"""Links between cases: who opened which, and who waits for its end."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import String, bindparam, select

from workflows.store import Store
from workflows.tables import CaseLink

_TO = select(CaseLink).where(
    CaseLink.target_case_id == bindparam("target", type_=String), CaseLink.message.is_not(None)
)


def links_told_of(store: Store, target_case_id: str) -> Sequence[CaseLink]:
    """Return the links whose source wants to know of the end of this case."""
    return store.session.scalars(_TO, {"target": target_case_id}).all()
