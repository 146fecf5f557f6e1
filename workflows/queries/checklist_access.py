"""Who may read a list: whoever reads its case or belongs to the unit that checks it, and, once publicised, a scope.

scope     who else reads it
--------  ------------------------------------------------------------------------
unit      whoever holds a post of the unit
system    whoever holds a post of the unit or of a unit below it
area      whoever holds a post of a unit below the unit above it
public    whoever is logged in

Everything is bounded by clearance for the case that draws the list up.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.queries.access import cleared_cases, readable_cases
from workflows.store import Store
from workflows.tables import Case, Checklist, ChecklistStatus, PublicityScope, Unit

_SHOWN = (ChecklistStatus.PUBLICITY, ChecklistStatus.IN_FORCE, ChecklistStatus.ARCHIVED)


def readable_checklists(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may read a list and its rows."""
    if actor.is_system:
        return true()
    by_case = Checklist.case_id.in_(select(Case.id).where(readable_cases(actor)))
    inspects = Checklist.inspector_id.in_([post.unit_id for post in actor.posts])
    shown = and_(Checklist.status.in_(_SHOWN), _within_scope(actor))
    cleared = exists().where(Case.id == Checklist.case_id, cleared_cases(actor)).correlate(Checklist)
    return or_(by_case, and_(cleared, or_(inspects, shown)))


def _within_scope(actor: Actor) -> ColumnElement[bool]:
    units = [post.unit_id for post in actor.posts]
    above = [code for post in actor.posts for code in post.unit_path.strip("/").split("/")]
    own = Checklist.unit_id.in_(units)
    upward = select(Unit.id).where(Unit.code.in_(above))
    listed = aliased(Unit)
    beside = select(listed.id).where(or_(listed.parent_id.in_(upward), listed.id.in_(upward)))
    return or_(
        and_(Checklist.scope == PublicityScope.UNIT, own),
        and_(Checklist.scope == PublicityScope.SYSTEM, Checklist.unit_id.in_(upward)),
        and_(Checklist.scope == PublicityScope.AREA, Checklist.unit_id.in_(beside)),
        Checklist.scope == PublicityScope.PUBLIC,
    )


def may_read_checklist(store: Store, checklist: Checklist, *, actor: Actor) -> bool:
    """Whether the actor may read this list."""
    found = select(Checklist.id).where(Checklist.id == checklist.id, readable_checklists(actor))
    return store.session.scalar(found) is not None
