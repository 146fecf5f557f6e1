"""审批单: one case on paper: every step that was done, who did it as which post, what was said, and the signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workflows.access import Actor
from workflows.forms import Form
from workflows.queries.cases import CaseRow, attachments_of_case, case_row
from workflows.queries.tasks import TaskDetail, submissions_of_case
from workflows.running import bundle_of
from workflows.store import Store
from workflows.tables import Attachment, Case, LedgerEvent, Person, Post, Signature, Task, Unit


@dataclass(frozen=True, slots=True)
class Seal:
    """One signature: who, as which post, over the digest of exactly what was shown."""

    person: str
    post: str | None
    signed_at: datetime
    algorithm: str
    digest: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One step that was done. ``person`` did it as ``post``."""

    detail: TaskDetail
    person: str | None
    post: str | None
    unit: str
    seals: Sequence[Seal]


@dataclass(frozen=True, slots=True)
class ApprovalSheet:
    """A case on paper. ``ledger_seq``, ``ledger_hash``: the end of its chain, to hold the sheet against."""

    row: CaseRow
    lines: Sequence[SheetLine]
    attachments: Sequence[Attachment]
    forms: Mapping[str, Form]
    ledger_seq: int
    ledger_hash: str
    printed_at: datetime


def approval_sheet(store: Store, case_id: str, *, actor: Actor) -> ApprovalSheet:
    """Return a case for paper, or raise ``NotFoundError`` for whom its content is not open."""
    attachments = attachments_of_case(store, case_id, actor=actor)
    details = submissions_of_case(store, case_id, actor=actor)
    doers, seals = _doers(store, case_id), _seals(store, case_id)
    lines = [SheetLine(each, *doers[each.row.id], seals.get(each.activity_id, ())) for each in details]
    end = (
        select(LedgerEvent.seq, LedgerEvent.hash)
        .where(LedgerEvent.stream == f"case:{case_id}")
        .order_by(LedgerEvent.seq.desc())
        .limit(1)
    )
    seq, digest = store.session.execute(end).one()
    forms = bundle_of(store, store.need(Case, case_id)).forms
    row = case_row(store, case_id, actor=actor)
    return ApprovalSheet(row, lines, attachments, forms, seq, digest, store.now)


def _doers(store: Store, case_id: str) -> Mapping[str, tuple[str | None, str | None, str]]:
    """Return (person, post, unit) by task; the unit is that of the post where there is one."""
    statement = (
        select(Task.id, Person.name, Post.name, Unit.name)
        .outerjoin(Person, Person.id == Task.completed_by)
        .outerjoin(Post, Post.id == Task.completed_post_id)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Task.case_id == case_id)
    )
    return {task_id: (person, post, unit) for task_id, person, post, unit in store.session.execute(statement)}


def _seals(store: Store, case_id: str) -> Mapping[str, Sequence[Seal]]:
    statement = (
        select(Signature, Person.name, Post.name)
        .join(Person, Person.id == Signature.person_id)
        .outerjoin(Post, Post.id == Signature.post_id)
        .where(Signature.case_id == case_id)
        .order_by(Signature.signed_at, Signature.id)
    )
    found: dict[str, list[Seal]] = {}
    for signature, person, post in store.session.execute(statement):
        seal = Seal(person, post, signature.signed_at, signature.algorithm, signature.digest)
        found.setdefault(signature.activity_id, []).append(seal)
    return found
