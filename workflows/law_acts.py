"""Acts on the law that may need two persons: putting a version into force, taking it out, correcting a calendar.

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
from workflows.store import Store
from workflows.store import definitions as definition_rows
from workflows.store.definitions import resolve_definition
from workflows.tables import Approval, CalendarVersion, Definition, DefinitionStatus, Role, TwoPersonAct


@dataclass(frozen=True, slots=True)
class Outcome:
    """The version as it stands now, and the request that waits (None: what was wanted is done)."""

    definition: Definition
    approval: Approval | None


def put_into_force(
    store: Store, key: str, version: int, *, actor: Actor, profile: Profile = Profile.DUTY, reason: str = ""
) -> Outcome:
    """启用: at once, or as a request with a reason. Either way the version is judged now, as on activation."""
    if not _asks(store, TwoPersonAct.ACTIVATION, actor):
        return Outcome(activate_definition(store, key, version, actor=actor, profile=profile), None)
    definition = judge_for_force(store, key, version, actor=actor, profile=profile)
    if definition.status == DefinitionStatus.ACTIVE:
        return Outcome(definition, None)
    return _ask(store, TwoPersonAct.ACTIVATION, definition, reason, {"profile": str(profile)}, actor=actor)


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
    key, _, version = approval.subject.partition(":")
    definition_rows.lock_versions(store, key)  # before the request, as everybody locks them
    approvals.confirm(store, approval_id, actor=actor)
    if approval.act == TwoPersonAct.ACTIVATION:
        profile = Profile(approval.content["profile"])
        activate_definition(store, key, int(version), actor=actor, profile=profile, approval=approval)
    else:
        retire_definition(store, key, int(version), actor=actor, approval=approval)
    return approval


def refuse_approval(store: Store, approval_id: str, reason: str, *, actor: Actor) -> Approval:
    """Refuse a request of somebody else, with a reason. Raises as ``confirm_approval`` does."""
    actor.require_role(Role.FLOWADMIN)
    return approvals.refuse(store, approval_id, reason, actor=actor)


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
