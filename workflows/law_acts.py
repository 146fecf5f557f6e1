"""Acts on the law that may need two persons: versions into and out of force, corrections of a calendar, migrations.

``put_into_force`` and ``take_out_of_force`` do it where one person is enough, and else record a request that
``confirm_approval`` carries out. The system (a deployment, the command line) is no person: whoever may use it holds the
machine, and its acts stand in the ledger as the system's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows import approvals
from workflows.access import Actor
from workflows.calendars import correct_calendar
from workflows.definitions import (
    activate_definition,
    judge_for_force,
    retire_definition,
    stream_of,
)
from workflows.engine.types import Profile
from workflows.migrations import Wish, ask_migration, begin_migration, drop_migration
from workflows.store import Store
from workflows.store import definitions as definition_rows
from workflows.store import migrations as migration_rows
from workflows.store.definitions import resolve_definition
from workflows.tables import (
    Approval,
    CalendarVersion,
    Definition,
    DefinitionStatus,
    LimitChoice,
    Migration,
    Role,
    TwoPersonAct,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The version as it stands now, the request that waits (None: what was wanted is done), and what moves to it."""

    definition: Definition
    approval: Approval | None
    migrations: tuple[Migration, ...] = ()


@dataclass(frozen=True, slots=True)
class Activation:
    """How a version is put into force: by which profile it is judged, and whether running cases move to it.

    By default they stay on the version that they run (``moves`` None); else all that can move, with this choice
    about their limits.
    """

    profile: Profile = Profile.DUTY
    moves: LimitChoice | None = None

    @property
    def content(self) -> Mapping[str, str]:
        """Say the choice in plain words for a request."""
        return {"profile": str(self.profile), **({"moves": str(self.moves)} if self.moves else {})}

    @classmethod
    def from_content(cls, content: Mapping[str, str]) -> Activation:
        """Read back what a request was asked with."""
        moves = content.get("moves")
        return cls(Profile(content["profile"]), LimitChoice(moves) if moves else None)


def put_into_force(
    store: Store, key: str, version: int, *, actor: Actor, how: Activation | None = None, reason: str = ""
) -> Outcome:
    """启用: at once, or as a request with a reason. Either way the version is judged now, as on activation.

    Moving running cases along needs a reason too: it is told in each case.
    """
    how = how or Activation()
    if how.moves is not None:
        reason = approvals.require_reason(reason)
    if not _asks(store, TwoPersonAct.ACTIVATION, actor):
        definition = activate_definition(store, key, version, actor=actor, profile=how.profile)
        return Outcome(definition, None, _move_along(store, definition, how, reason, actor=actor))
    definition = judge_for_force(store, key, version, actor=actor, profile=how.profile)
    if definition.status == DefinitionStatus.ACTIVE:
        return Outcome(definition, None)
    return _ask(store, TwoPersonAct.ACTIVATION, definition, reason, how.content, actor=actor)


def _move_along(
    store: Store, definition: Definition, how: Activation, reason: str, *, actor: Actor, is_confirmed: bool = False
) -> tuple[Migration, ...]:
    """Order that the running cases of every other version move to the one in force, as far as they can."""
    if how.moves is None:
        return ()
    others = [each for each in definition_rows.lock_versions(store, definition.key) if each is not definition]
    busy = set(migration_rows.versions_with_cases(store, [each.id for each in others]))
    wishes = [Wish(each.key, each.version, definition.version, {}, how.moves) for each in others if each.id in busy]
    return tuple(
        ask_migration(store, wish, reason=reason, actor=actor, is_confirmed=is_confirmed).migration for wish in wishes
    )


def take_out_of_force(store: Store, key: str, version: int, *, actor: Actor, reason: str = "") -> Outcome:
    """停用: at once, or as a request with a reason."""
    if not _asks(store, TwoPersonAct.RETIREMENT, actor):
        return Outcome(retire_definition(store, key, version, actor=actor), None)
    actor.require_role(Role.FLOWADMIN)
    definition_rows.lock_versions(store, key)
    definition = resolve_definition(store, f"{key}:{version}")
    if definition.status == DefinitionStatus.RETIRED:
        return Outcome(definition, None)
    return _ask(store, TwoPersonAct.RETIREMENT, definition, reason, {}, actor=actor)


def confirm_approval(store: Store, approval_id: str, *, actor: Actor) -> Approval:
    """Confirm a request of somebody else and carry it out.

    Raises ``NotAllowedError`` (``second-person-required``) for whoever asked, ``WrongStateError`` when it waits no
    more, and whatever the act itself raises: then the request goes on waiting.
    """
    actor.require_role(Role.FLOWADMIN)
    approval = store.need(Approval, approval_id)
    if approval.act == TwoPersonAct.CALENDAR_CORRECTION:
        correct_calendar(store, store.need(CalendarVersion, approval.subject), approval, actor=actor)
        return approval
    if approval.act == TwoPersonAct.MIGRATION:
        approvals.confirm(store, approval_id, actor=actor)
        begin_migration(store, store.need(Migration, approval.subject), actor=actor)
        return approval
    key, _, version = approval.subject.partition(":")
    definition_rows.lock_versions(store, key)  # before the request, as everybody locks them
    approvals.confirm(store, approval_id, actor=actor)
    if approval.act == TwoPersonAct.ACTIVATION:
        how = Activation.from_content(approval.content)
        done = activate_definition(store, key, int(version), actor=actor, profile=how.profile, approval=approval)
        _move_along(store, done, how, approval.reason, actor=actor, is_confirmed=True)
    else:
        retire_definition(store, key, int(version), actor=actor, approval=approval)
    return approval


def refuse_approval(store: Store, approval_id: str, reason: str, *, actor: Actor) -> Approval:
    """Refuse a request of somebody else, with a reason. Raises as ``confirm_approval`` does."""
    actor.require_role(Role.FLOWADMIN)
    approval = approvals.refuse(store, approval_id, reason, actor=actor)
    if approval.act == TwoPersonAct.MIGRATION:
        drop_migration(store, store.need(Migration, approval.subject))
    return approval


def _asks(store: Store, act: TwoPersonAct, actor: Actor) -> bool:
    return not actor.is_system and approvals.needs_second(store, act)


def _ask(
    store: Store, act: TwoPersonAct, definition: Definition, reason: str, content: Mapping[str, str], *, actor: Actor
) -> Outcome:
    made = approvals.ask_approval(
        store,
        act,
        f"{definition.key}:{definition.version}",
        stream=stream_of(definition.key),
        title=f"{definition.name} {definition.key}:{definition.version}",
        reason=approvals.require_reason(reason),
        content=content,
        actor=actor,
    )
    return Outcome(definition, made)
