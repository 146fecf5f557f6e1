"""Which cases a message is for: those of the sender's family, and those that wait for what it carries."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, and_, or_, select

from workflows.store import Store
from workflows.tables import Case, CaseStatus, Definition, Subscription

_MESSAGE = "message"


def cases_for_message(store: Store, case: Case, name: str, correlation: str | None, most: int) -> Sequence[str]:
    """Return the cases for which a message is that ``case`` throws, up to ``most``; a suspended one is not reached.

    Its family hears what fits: nothing is expected, or what the message carries. What carries a value also reaches
    the cases of the same bundle, of whatever version, that wait for just that.
    """
    root = case.root_case_id or case.id
    near = or_(Case.root_case_id == root, Case.id == root)
    fits = Subscription.correlation.is_(None)
    reached = and_(near, fits)
    if correlation is not None:
        equal = Subscription.correlation == correlation
        law = store.need(Definition, case.definition_id)
        versions = or_(Definition.key == law.key, Definition.bundle_id == law.bundle_id)
        bundle = Case.definition_id.in_(select(Definition.id).where(versions))
        reached = or_(and_(near, or_(fits, equal)), and_(bundle, equal))
    return store.session.scalars(_waiting(name).where(reached, Case.id != case.id).limit(most)).all()


def _waiting(name: str) -> Select[str]:
    return (
        select(Subscription.case_id)
        .join(Case, Case.id == Subscription.case_id)
        .where(Subscription.kind == _MESSAGE, Subscription.name == name, Case.status == CaseStatus.ACTIVE)
        .distinct()
        .order_by(Subscription.case_id)
    )
