"""Rungs of ladders across the years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from workflows.store import Store
from workflows.tables import Case, CaseStatus, Deadline, Timer, TimerKind, TimerState


def limits_with_rungs(store: Store, first: datetime, last: datetime) -> Sequence[Deadline]:
    """Return the running limits that have a rung armed from ``first`` up to ``last``, by case: the order of locks."""
    armed = select(Timer.deadline_id).where(
        Timer.kind == TimerKind.LADDER, Timer.state == TimerState.ARMED, Timer.due_at >= first, Timer.due_at < last
    )
    statement = (
        select(Deadline)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Deadline.id.in_(armed),
            Deadline.done_at.is_(None),
            Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]),
        )
        .order_by(Deadline.case_id, Deadline.id)
    )
    return store.session.scalars(statement).all()
