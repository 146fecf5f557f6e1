"""Migrations 迁移: running cases move to another version of their process, each in a transaction of its own.

An order names two versions, a mapping, and what becomes of running limits (``workflows/moving.py`` judges, ``carrying``
writes). It is carried out in the background, row by row: a case that cannot move stops no other, a crash loses nothing,
and what was moved is never moved twice. Where the law wants two persons for it, another person confirms it first.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows import approvals, ledger, notices
from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.carrying import carry_over
from workflows.cases import require_version
from workflows.definitions import finding_document, stream_of
from workflows.engine.types import Finding
from workflows.errors import (
    ConcurrentUpdateError,
    FieldFault,
    NotFoundError,
    RejectedError,
    WrongStateError,
)
from workflows.mapping import Pair, complete, require_mapping, suggest
from workflows.moving import Judgement, Order, judge
from workflows.queries.access import sees_case
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import migrations as rows
from workflows.store.bulk import insert_rows
from workflows.store.definitions import resolve_definition
from workflows.tables import (
    Approval,
    Case,
    Definition,
    DefinitionStatus,
    LimitChoice,
    Migration,
    MigrationCase,
    MigrationStatus,
    MoveStatus,
    Person,
    Role,
    TwoPersonAct,
    Unit,
)
from workflows.transaction import read, run

_logger = logging.getLogger(__name__)
_IN_FORCE = {DefinitionStatus.ACTIVE, DefinitionStatus.TRIAL}


class MigrationRefusedError(WrongStateError):
    """A case that cannot move: ``findings`` list every reason."""

    code = "migration-refused"

    def __init__(self, message: str, findings: Sequence[Finding] = (), *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants: from which version to which, what is called otherwise, what becomes of limits.

    ``mapping`` holds what differs from the suggestion; an empty text lets an element stand for nothing.
    """

    key: str
    source: int
    target: int
    mapping: Mapping[str, str]
    limits: LimitChoice = LimitChoice.KEEP
    with_children: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A migration, and the request that waits for a second person (None: it has begun)."""

    migration: Migration
    approval: Approval | None


def order_of(store: Store, wish: Wish) -> tuple[Order, list[Pair]]:
    """Return a wish as an order, with the pairs of elements that it rests on.

    Raises ``NotFoundError`` for a version that is not there, ``WrongStateError`` unless cases may run the new one,
    ``RejectedError`` for a mapping from or to nothing, or from a version to itself.
    """
    source = resolve_definition(store, f"{wish.key}:{wish.source}")
    target = resolve_definition(store, f"{wish.key}:{wish.target}")
    if source.id == target.id:
        fault = FieldFault("/from", "migration-same-version", "Expected two versions.")
        raise RejectedError("Expected two versions, but it is one.", code="invalid-request", faults=[fault])
    if target.status not in _IN_FORCE:
        message = f"Expected {target.key}:{target.version} to be active or on trial, but it is {target.status}."
        raise WrongStateError(message, code=f"definition-{target.status}", status=target.status)
    law = store.application.law
    old, new = law.bundle(store, source.id), law.bundle(store, target.id)
    require_mapping(old.processes, new.processes, wish.mapping)
    pairs = suggest(old.processes, new.processes, wish.mapping)
    flows = {
        name: to for name, to in wish.mapping.items() if to and any(name in p.flows for p in old.processes.values())
    }
    mapping = {**complete(old.processes, new.processes, pairs), **flows}
    return Order(source, target, old, new, mapping, wish.limits, wish.with_children), pairs


# ------------------------------------------------------------------ many cases


def ask_migration(
    store: Store,
    wish: Wish,
    *,
    cases: Sequence[str] | None = None,
    reason: str,
    actor: Actor,
    is_confirmed: bool = False,
) -> Asked:
    """Order that running cases move: all of the old version, or the chosen ``cases``.

    Begins at once, or as a request where the law wants two persons, unless two have decided (``is_confirmed``).
    Raises as ``order_of`` does, and ``RejectedError`` without a reason or for a case that does not run the old
    version.
    """
    actor.require_role(Role.FLOWADMIN)
    order, _ = order_of(store, wish)
    reason = approvals.require_reason(reason)
    if cases is not None:
        _require_cases(store, cases, order, actor)
    migration = _new(store, order, reason, chosen=cases is not None, actor=actor)
    if cases is not None:
        _add_cases(store, migration, list(dict.fromkeys(cases)))
    if not is_confirmed and not actor.is_system and approvals.needs_second(store, TwoPersonAct.MIGRATION):
        return Asked(migration, _ask_second(store, migration, actor=actor))
    begin_migration(store, migration, actor=actor)
    return Asked(migration, None)


def _require_cases(store: Store, case_ids: Sequence[str], order: Order, actor: Actor) -> None:
    faults = []
    for position, case_id in enumerate(case_ids):
        case = store.get(Case, case_id)
        if case is None or case.definition_id != order.source.id or not sees_case(store, case, actor=actor):
            message = f"Expected {case_id} to run the old version."
            faults.append(FieldFault(f"/cases/{position}", "case-of-other-version", message))
    if faults or not case_ids:
        faults = faults or [FieldFault("/cases", "cases-missing", "Expected at least one case.")]
        raise RejectedError("Expected cases of the old version.", code="invalid-request", faults=faults)


def _new(store: Store, order: Order, reason: str, *, chosen: bool, actor: Actor) -> Migration:
    return store.add(
        Migration(
            key=order.source.key,
            from_definition_id=order.source.id,
            to_definition_id=order.target.id,
            mapping=dict(order.mapping),
            limits=order.limits,
            with_children=order.with_children,
            chosen=chosen,
            status=MigrationStatus.ASKED,
            reason=reason,
            asked_at=store.now,
            asked_by=actor.person_id,
        )
    )


def _add_cases(store: Store, migration: Migration, case_ids: Sequence[str]) -> None:
    shared = {"migration_id": migration.id, "status": MoveStatus.WAITING, "code": "", "findings": []}
    insert_rows(
        store, MigrationCase, [{**shared, "case_id": each, "at": None, "history_seq": None} for each in case_ids]
    )


def _ask_second(store: Store, migration: Migration, *, actor: Actor) -> Approval:
    found = store.need(Definition, migration.to_definition_id)
    name, target = found.name, found.version
    source = store.need(Definition, migration.from_definition_id).version
    return approvals.ask_approval(
        store,
        TwoPersonAct.MIGRATION,
        migration.id,
        stream=stream_of(migration.key),
        title=f"{name} {migration.key}:{source} → {target}",
        reason=migration.reason,
        actor=actor,
    )


def begin_migration(store: Store, migration: Migration, *, actor: Actor) -> None:
    """Let a migration begin: from now on its cases are moved in the background."""
    order = stored_order(store, migration)
    if not migration.chosen:
        running = rows.running_cases(store, order.source.id, with_children=migration.with_children)
        _add_cases(store, migration, running)
    migration.status, migration.begun_at = MigrationStatus.RUNNING, store.now
    migration.row_version += 1
    content = {
        "migration": migration.id,
        "from": order.source.version,
        "to": order.target.version,
        "limits": migration.limits,
        "cases": sum(rows.counts(store, migration.id).values()),
    }
    ledger.record(store, stream_of(migration.key), "migration-begun", content, actor=actor)


def drop_migration(store: Store, migration: Migration) -> None:
    """Let go of a migration that the second person refused."""
    migration.status, migration.ended_at = MigrationStatus.DROPPED, store.now
    migration.row_version += 1


def stored_order(store: Store, migration: Migration) -> Order:
    """Return what a migration orders, or raise ``WrongStateError`` when cases may not run its target any more."""
    source = store.need(Definition, migration.from_definition_id)
    target = store.need(Definition, migration.to_definition_id)
    if target.status not in _IN_FORCE:
        message = f"Expected {target.key}:{target.version} to be active or on trial, but it is {target.status}."
        raise WrongStateError(message, code=f"definition-{target.status}", status=target.status)
    law = store.application.law
    old, new = law.bundle(store, source.id), law.bundle(store, target.id)
    limits = LimitChoice(migration.limits)
    return Order(source, target, old, new, migration.mapping, limits, migration.with_children)


# ------------------------------------------------------------------ in the background


def move_due(application: Application, limit: int = 100) -> int:
    """Move what waits to be moved, case by case. Returns how many were looked at."""
    due = read(application, rows.moves_due, limit)
    for migration_id, case_id in due:
        try:
            run(application, move_next, migration_id, case_id)
        except ConcurrentUpdateError:
            continue  # it waits still, or somebody else has moved it
        except Exception:
            _logger.exception("a case could not be moved", extra={"action": "move_fault", "case": case_id})
            run(application, set_aside, migration_id, case_id)
    for migration_id in read(application, rows.migrations_to_end):
        run(application, end_migration, migration_id)
    return len(due)


def move_next(store: Store, migration_id: str, case_id: str) -> MoveStatus | None:
    """Move one case of a migration, unless somebody else has. Returns what became of it."""
    case = stored_cases.lock_case(store, case_id)
    row = rows.read_move(store, migration_id, case_id)
    migration = store.need(Migration, migration_id)
    if row is None or row.status != MoveStatus.WAITING or migration.status != MigrationStatus.RUNNING:
        return None
    try:
        order = stored_order(store, migration)
    except WrongStateError as fault:
        row.status, row.code, row.at = MoveStatus.REFUSED, fault.code, store.now
        return MoveStatus.REFUSED
    judgement = judge(store, case, order)
    if judgement.move is None:
        _note(row, judgement, store)
    else:
        carry_over(store, case, judgement.move, order, row, reason=migration.reason, actor=_who(store, migration))
    return MoveStatus(row.status)


def _note(row: MigrationCase, judgement: Judgement, store: Store) -> None:
    row.status, row.code, row.at = judgement.verdict, judgement.code, store.now
    row.findings = [finding_document(finding) for finding in judgement.findings]


def _who(store: Store, migration: Migration) -> Actor:
    """Return in whose name the cases are moved: whoever ordered it."""
    if migration.asked_by is None:
        return system_actor("migration")
    person = store.need(Person, migration.asked_by)
    return Actor(person.id, person.code, person.name, via="migration")


def set_aside(store: Store, migration_id: str, case_id: str) -> None:
    """Write down that a case could not be moved by a fault of ours: the others go on."""
    stored_cases.lock_case(store, case_id)
    row = rows.read_move(store, migration_id, case_id)
    if row is not None and row.status == MoveStatus.WAITING:
        row.status, row.code, row.at = MoveStatus.FAILED, "internal-error", store.now


def end_migration(store: Store, migration_id: str) -> None:
    """Close a migration in which no case waits any more, and tell whoever ordered it."""
    migration = rows.lock_migration(store, migration_id)
    found = rows.counts(store, migration_id)
    if migration is None or migration.status != MigrationStatus.RUNNING or found.get(MoveStatus.WAITING):
        return
    migration.status, migration.ended_at = MigrationStatus.DONE, store.now
    migration.row_version += 1
    told = {str(status): found.get(status, 0) for status in MoveStatus if status != MoveStatus.WAITING}
    content = {"migration": migration.id, **told}
    ledger.record(store, stream_of(migration.key), "migration-ended", content, actor=_who(store, migration))
    if migration.asked_by is not None:
        name = store.need(Definition, migration.to_definition_id).name
        notices.notify(
            store, migration.asked_by, "migration-ended", {**content, "name": name}, key=f"migration:{migration.id}"
        )


# ------------------------------------------------------------------ one case


def migrate_case(
    store: Store, case_id: str, wish: Wish, *, reason: str, actor: Actor, expected_version: int | None = None
) -> Asked:
    """Move one running case to another version of its process, now; its children of the old version, if wanted, after.

    Whoever administers processes at its unit may. Raises ``MigrationRefusedError`` with every reason against it, and
    as ``order_of`` does. A request where the law wants two persons.
    """
    case = stored_cases.lock_case(store, case_id)
    require_migrator(store, case, actor=actor)
    require_version(case.row_version, expected_version)
    order, _ = order_of(store, wish)
    reason = approvals.require_reason(reason)
    migration = _new(store, order, reason, chosen=True, actor=actor)
    if not actor.is_system and approvals.needs_second(store, TwoPersonAct.MIGRATION):
        _require_fit(judge(store, case, order), case)
        _add_cases(store, migration, [case_id])
        return Asked(migration, _ask_second(store, migration, actor=actor))
    judgement = _require_fit(judge(store, case, order), case)
    assert judgement.move is not None  # noqa: S101 - fit
    children = _children(store, case, order) if order.with_children else []
    row = store.add(
        MigrationCase(migration_id=migration.id, case_id=case.id, status=MoveStatus.WAITING, code="", findings=[])
    )
    _add_cases(store, migration, children)
    begin_migration(store, migration, actor=actor)
    carry_over(store, case, judgement.move, order, row, reason=reason, actor=actor)
    store.session.flush()  # whether anything waits is asked next
    if not children:
        end_migration(store, migration.id)
    return Asked(migration, None)


def require_migrator(store: Store, case: Case, *, actor: Actor) -> None:
    """Raise unless the actor administers processes at the unit of a case; what is hidden is not found."""
    if not sees_case(store, case, actor=actor):
        message = f"Expected case {case.id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case.id)
    actor.require_role(Role.FLOWADMIN, unit_path=store.need(Unit, case.unit_id).path)


def _require_fit(judgement: Judgement, case: Case) -> Judgement:
    if judgement.move is None:
        code = judgement.code if judgement.verdict is MoveStatus.STAYED else None
        message = f"Expected case {case.id} to have a place in the new version, but {judgement.code}."
        raise MigrationRefusedError(message, judgement.findings, code=code)
    return judgement


def _children(store: Store, case: Case, order: Order) -> list[str]:
    """Return the running cases below a case that run the same version, by way of such cases."""
    found: list[str] = []
    above = [case.id]
    while above:
        below = [child for each in above for child in stored_cases.running_children(store, each)]
        above = [child.id for child in below if child.definition_id == order.source.id]
        found += above
    return found
