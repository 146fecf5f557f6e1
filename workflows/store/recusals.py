"""Rows of recusals: who is kept out of which family of cases, or of which step."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select

from workflows.access import Actor
from workflows.store import Store, people
from workflows.tables import Case, CaseStatus, Escalation, Holding, Proxy, Recusal


def root_of(case: Case) -> str:
    """Return the case on which a family of cases hangs: recusals are kept there."""
    return case.root_case_id or case.id


def named_by(store: Store, case_id: str) -> Sequence[Recusal]:
    """Return everybody whom the diagram of a case ever named as a party."""
    statement = select(Recusal).where(Recusal.case_id == case_id, Recusal.task_id.is_(None))
    return store.session.scalars(statement.order_by(Recusal.id)).all()


def recused_ids(store: Store, case: Case, task_id: str | None = None) -> frozenset[str]:
    """Return who is kept out today: the parties of the family, those of one step, and who stands in for any of them."""
    if not case.recuses:
        return frozenset()
    step = Recusal.task_id.is_(None) if task_id is None else or_(Recusal.task_id.is_(None), Recusal.task_id == task_id)
    of_case = Recusal.root_case_id == root_of(case), Recusal.until_at.is_(None), step
    parties = frozenset(store.session.scalars(select(Recusal.person_id).where(*of_case)))
    return parties | delegates_of(store, parties) if parties else parties


def delegates_of(store: Store, person_ids: frozenset[str]) -> frozenset[str]:
    """Return who stands in today for a post that one of these people holds."""
    day = people.today(store)
    held = select(Holding.post_id).where(Holding.person_id.in_(person_ids), people.holds(Holding, day))
    found = select(Proxy.person_id).where(Proxy.post_id.in_(held), people.holds(Proxy, day))
    return frozenset(store.session.scalars(found))


def families_closed_to(actor: Actor) -> Select[str]:
    """Select the roots of the families of cases that an actor is kept out of, as a party or as a party's delegate."""
    mine = Recusal.person_id == actor.person_id
    if actor.post_ids:
        for_party = (
            select(Holding.person_id)
            .join(Proxy, Proxy.post_id == Holding.post_id)
            .where(Proxy.person_id == actor.person_id, Proxy.post_id.in_(actor.post_ids))
        )
        mine = or_(mine, Recusal.person_id.in_(for_party.where(Holding.person_id != actor.person_id)))
    return select(Recusal.root_case_id).where(mine, Recusal.task_id.is_(None), Recusal.until_at.is_(None))


def steps_closed_to(actor: Actor) -> Select[str | None]:
    """Select the steps that an actor may see, as far as the case goes, but not take."""
    of_step = Recusal.task_id.is_not(None), Recusal.until_at.is_(None)
    return select(Recusal.task_id).where(Recusal.person_id == actor.person_id, *of_step)


def is_open_to(actor: Actor, case: type[Case]) -> ColumnElement[bool]:
    """Return the condition that an actor is no party to the matter of a case."""
    return func.coalesce(case.root_case_id, case.id).not_in(families_closed_to(actor))


def running_family(store: Store, case: Case) -> list[str]:
    """Return the running cases of the family of ``case``, it left out, and those of escalations about the family."""
    root = root_of(case)
    family = select(Case.id).where(or_(Case.id == root, Case.root_case_id == root))
    about = select(Escalation.case_id).where(Escalation.source_case_id.in_(family))
    statement = select(Case.id).where(
        or_(Case.id.in_(family), Case.id.in_(about), Case.root_case_id.in_(about)),
        Case.id != case.id,
        Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]),
    )
    return list(store.session.scalars(statement.order_by(Case.id)))
