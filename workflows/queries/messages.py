"""Which cases wait for a message that comes from outside, of those that the sender may know of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select

from workflows.access import Actor
from workflows.queries.access import visible_cases
from workflows.store import Store
from workflows.tables import Case, CaseStatus, Subscription

_AWAITED = Subscription.kind == "message", Case.status == CaseStatus.ACTIVE


def processes_waiting(store: Store, name: str, *, actor: Actor) -> Sequence[tuple[str, str]]:
    """Return of which versions (definition, process) cases wait for a message."""
    statement = (
        select(Case.definition_id, Case.process_key)
        .join(Subscription, Subscription.case_id == Case.id)
        .where(*_AWAITED, Subscription.name == name, visible_cases(actor))
        .distinct()
    )
    return [(definition_id, process) for definition_id, process in store.session.execute(statement)]


def cases_waiting(
    store: Store, name: str, values: Collection[str], *, actor: Actor, most: int = 2
) -> Sequence[tuple[str, str | None]]:
    """Return cases with what they expect: one of ``values``, or after those nothing."""
    fits = or_(Subscription.correlation.in_(values), Subscription.correlation.is_(None))
    says_nothing = Subscription.correlation.is_(None)  # PostgreSQL orders distinct rows only by what it selects
    statement = (
        select(Case.id, Subscription.correlation, says_nothing)
        .join(Subscription, Subscription.case_id == Case.id)
        .where(*_AWAITED, Subscription.name == name, fits, visible_cases(actor))
        .distinct()
        .order_by(says_nothing, Case.id)
        .limit(most)
    )
    return [(case_id, expected) for case_id, expected, _ in store.session.execute(statement)]
