"""Hand-over 交接: everything that somebody holds goes on to others in one act with one reason (decision 0110).

What a post holds follows the post: whoever takes it over finds its tasks, drafts, seats and escalations. What hangs on
the person is given on in person: tasks in their name, cases they started, posts for which they stand in. Roles are
not given on: rights are the security administrator's, who is told.

Each item has a key (``post:<unit>/<post>``, ``task:<id>``, ``case:<id>``, ``proxy:<id>``). It goes to whom
``receivers`` names for it, else to ``to``, else to nobody: a post is then vacant, a claimed task returns to its post,
a case keeps its starter, a proxy ends. Whatever cannot be received is told at its item, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows import ledger
from workflows.access import Actor
from workflows.effects import give_task, tell_receiver
from workflows.errors import FieldFault, NotAllowedError, RejectedError, WorkflowError, WrongStateError
from workflows.forms.remarks import escape
from workflows.notices import notify
from workflows.opening import find_candidates_again
from workflows.people import PEOPLE, assign_post, end_holding, leave
from workflows.proxies import end_proxy, grant_proxy
from workflows.receivers import require_receiver
from workflows.store import Store, belongings
from workflows.store import cases as stored_cases
from workflows.store import people as rows
from workflows.store import tasks as stored
from workflows.store.recusals import recused_ids
from workflows.tables import Activity, Case, Holding, Person, PersonStatus, Post, Proxy, Role, Task, TaskStatus, Unit

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How much went on to others, by kind."""

    posts: int
    tasks: int
    cases: int
    proxies: int


@dataclass
class _Act:
    """One hand-over on its way: what goes where, and what was refused so far."""

    store: Store
    person: Person
    actor: Actor
    reason: str
    to: str | None
    receivers: Mapping[str, str]
    faults: list[FieldFault] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)  # item and the code of whoever received it

    def receiver(self, item: str) -> Person | None:
        """Return who receives an item, None for nobody."""
        code = self.receivers.get(item, self.to)
        return rows.need_person(self.store, code) if code else None

    def refuse(self, item: str, code: str, message: str) -> None:
        """Remember a fault at an item."""
        self.faults.append(FieldFault(pointer_of(item), code, message))

    def note(self, item: str, receiver: Person) -> None:
        """Remember that an item was received."""
        self.done[item] = receiver.code

    def count(self, kind: str) -> int:
        """Return how many items of a kind were received."""
        return sum(item.startswith(f"{kind}:") for item in self.done)


def pointer_of(item: str) -> str:
    """Return where a fault of an item is told."""
    return f"/receivers/{escape(item)}"


def hand_everything_over(
    store: Store,
    person_code: str,
    *,
    reason: str,
    actor: Actor,
    to: str | None = None,
    receivers: Mapping[str, str] | None = None,
    leaves: bool = False,
) -> HandedOver:
    """Give everything that a person holds to others; with ``leaves`` they go, and their account closes.

    Needs the system administrator of everything, never in their own case. Every case concerned is locked, in the order
    of their ids: beside the calendar's the one act over several cases.
    """
    actor.require_role(Role.SYSADMIN)
    _require_reason(reason)
    person = rows.lock_person(store, person_code)
    if person.id == actor.person_id:
        raise NotAllowedError("Expected somebody else: nobody hands themself over.", code="not-yourself")
    if person.status == PersonStatus.LEFT:
        raise WrongStateError(f"Expected {person_code} to be here.", code="person-left", person=person_code)
    act = _Act(store, person, actor, reason.strip(), to, dict(receivers or {}))
    _require_receivers(act)
    tasks, cases = _lock_cases(store, person)
    seats = belongings.seats_of(store, person.id, [task.id for task in tasks])
    _give_posts(act)
    _give_proxies(act)
    if leaves:
        leave(store, person_code, actor=actor)
    for task in tasks:
        _give_task(act, task, is_seat=task.id in seats)
    for case in cases:
        _give_case(act, case)
    if act.faults:
        message = f"Expected everything to find its receiver, but {len(act.faults)} item(s) did not."
        raise RejectedError(message, code="handover-refused", faults=act.faults, count=len(act.faults))
    return _tell(act, leaves=leaves)


# ------------------------------------------------------------------ checks


def _require_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > _LONGEST_REASON or not rows.is_storable(reason):
        message = f"Expected a reason of 1 to {_LONGEST_REASON} characters."
        fault = FieldFault("/reason", "text-length", message, (("least", 1), ("most", _LONGEST_REASON)))
        raise RejectedError(message, faults=[fault])


def _require_receivers(act: _Act) -> None:
    """Raise for receivers who are unknown, have left, or are the very person."""
    named = {item: code for item, code in act.receivers.items() if code}
    wanted = [("/to", act.to)] if act.to else []
    wanted += [(pointer_of(item), code) for item, code in named.items()]
    faults = [fault for pointer, code in wanted if (fault := _why_not(act, pointer, code)) is not None]
    if faults:
        message = f"Expected other receivers: {len(faults)} of them cannot receive anything."
        raise RejectedError(message, code="handover-refused", faults=faults, count=len(faults))


def _why_not(act: _Act, pointer: str, code: str | None) -> FieldFault | None:
    found = rows.find_person(act.store, code or "")
    if found is None:
        return FieldFault(pointer, "person-not-found", f"Expected person {code} to exist.")
    if found.id == act.person.id or found.status != PersonStatus.ACTIVE:
        return FieldFault(pointer, "handover-receiver", f"Expected somebody else than {code}, with an account in use.")
    return None


def _lock_cases(store: Store, person: Person) -> tuple[list[Task], list[Case]]:
    """Lock every case concerned and return the tasks and cases as they are under the locks."""
    found = {task.case_id for task in belongings.tasks_in_name(store, person.id)}
    found |= {case.id for case in belongings.cases_started_by(store, person.id)}
    locked = {case_id: stored_cases.lock_case(store, case_id) for case_id in sorted(found)}
    tasks = [task for task in belongings.tasks_in_name(store, person.id) if task.case_id in locked]
    cases = [case for case in locked.values() if case.started_by == person.id and case.ended_at is None]
    return tasks, cases


# ------------------------------------------------------------------ posts and proxies


def _give_posts(act: _Act) -> None:
    for holding in belongings.held(act.store, act.person.id):
        post = act.store.need(Post, holding.post_id)
        unit = act.store.need(Unit, post.unit_id)
        item = f"post:{unit.code}/{post.key}"
        try:
            _give_post(act, item, holding, (unit, post))
        except WorkflowError as fault:
            act.refuse(item, fault.code, fault.message)


def _give_post(act: _Act, item: str, holding: Holding, place: tuple[Unit, Post]) -> None:
    """End a holding today and let the receiver begin it; one to come goes on for its own time."""
    store, (unit, post) = act.store, place
    today = rows.today(store)
    receiver = act.receiver(item)
    begins, ends = max(holding.from_day, today), holding.to_day
    if receiver is not None and rows.overlapping_holding(store, receiver.id, post.id, (begins, ends)) is None:
        assign_post(store, receiver.code, unit.code, post.key, actor=act.actor, from_day=begins, to_day=ends)
    if receiver is not None:
        act.note(item, receiver)
    if holding.from_day <= today:
        end_holding(store, act.person.code, unit.code, post.key, actor=act.actor)
    else:
        store.session.delete(holding)
        told = {"person": act.person.code, "unit": unit.code, "post": post.key, "from": begins.isoformat()}
        ledger.record(store, PEOPLE, "holding-ended", {**told, "to": begins.isoformat()}, actor=act.actor)


def _give_proxies(act: _Act) -> None:
    for proxy in belongings.standing_in(act.store, act.person.id):
        item = f"proxy:{proxy.id}"
        try:
            _give_proxy(act, item, proxy)
        except WorkflowError as fault:
            act.refuse(item, fault.code, fault.message)


def _give_proxy(act: _Act, item: str, proxy: Proxy) -> None:
    store = act.store
    post = store.need(Post, proxy.post_id)
    unit = store.need(Unit, post.unit_id)
    begins, ends, ground = max(proxy.from_day, rows.today(store)), proxy.to_day, proxy.ground or act.reason
    receiver = act.receiver(item)
    end_proxy(store, proxy.id, actor=act.actor)
    if receiver is None:
        return
    act.note(item, receiver)
    if rows.overlapping_holding(store, receiver.id, post.id, (begins, ends)) is None:
        grant_proxy(
            store, receiver.code, unit.code, post.key, from_day=begins, to_day=ends, ground=ground, actor=act.actor
        )


# ------------------------------------------------------------------ tasks and cases


def _give_task(act: _Act, task: Task, *, is_seat: bool) -> None:
    """Pass a task on: by its post where the receiver holds it, else in person. A seat follows its post."""
    store, item = act.store, f"task:{task.id}"
    case = store.need(Case, task.case_id)
    receiver = act.receiver(item)
    stored.forget_candidates(store, task.id)
    if is_seat:
        _release(act, task)
        find_candidates_again(store, case, store.need(Activity, task.activity_id))
        case.row_version += 1
        return
    posts = {row.post_id for row in stored.candidates_of(store, task.id) if row.post_id}
    if receiver is None:
        if not posts:
            act.refuse(item, "handover-needs-receiver", f"Expected somebody for task {task.id}: no post holds it.")
        _release(act, task)
        return
    try:
        require_receiver(store, case, task, receiver, pointer=pointer_of(item))
    except RejectedError as fault:
        act.faults.extend(fault.faults)
        return
    if posts & {post.post_id for post in rows.held_posts(store, receiver.id)}:
        _release(act, task)
    else:
        give_task(store, task, receiver.id)
    content = {"task": task.id, "to": receiver.code, "reason": _sealed(act)}
    ledger.record(store, f"case:{case.id}", "task-transferred", content, actor=act.actor)
    tell_receiver(store, case, task, receiver.id)
    case.row_version += 1
    act.note(item, receiver)


def _release(act: _Act, task: Task) -> None:
    """Return a claimed task to its candidates; ending the holding may have done so already."""
    if task.status == TaskStatus.CLAIMED:
        task.status = TaskStatus.OPEN
        task.assignee_id = task.assignee_post_id = task.claimed_at = None
        task.row_version += 1
        told = {"task": task.id, "person": act.person.code}
        ledger.record(act.store, f"case:{task.case_id}", "task-handed-over", told, actor=act.actor)
        act.store.session.flush()


def _give_case(act: _Act, case: Case) -> None:
    """Make the receiver who started a running case: its later steps and reminders for the starter reach them."""
    item, receiver = f"case:{case.id}", act.receiver(f"case:{case.id}")
    if receiver is None:
        return
    if receiver.clearance not in rows.cleared_for(case.classification):
        act.refuse(item, "not-cleared", f"Expected {receiver.code} to be cleared for {case.classification} matters.")
    elif receiver.id in recused_ids(act.store, case):
        act.refuse(item, "recused", f"Expected {receiver.code} to be no party to the matter.")
    else:
        case.started_by = receiver.id
        case.row_version += 1
        content = {"before": act.person.code, "after": receiver.code, "reason": _sealed(act)}
        ledger.record(act.store, f"case:{case.id}", "starter-changed", content, actor=act.actor)
        act.note(item, receiver)


# ------------------------------------------------------------------ telling


def _sealed(act: _Act) -> Mapping[str, str]:
    return ledger.reference(ledger.seal(act.store, act.reason, "handover-reason"))


def _tell(act: _Act, *, leaves: bool) -> HandedOver:
    """Record the act in the chain of people, and tell the receivers and whoever gives rights."""
    store, counts = act.store, HandedOver(*(act.count(kind) for kind in ("post", "task", "case", "proxy")))
    content = {"person": act.person.code, "leaves": leaves, "items": act.done, "reason": _sealed(act)}
    ledger.record(store, PEOPLE, "handed-over", content, actor=act.actor)
    key = f"handover:{act.person.id}:{store.now.isoformat()}"
    for code in sorted(set(act.done.values())):
        mine = [item for item, receiver in act.done.items() if receiver == code]
        told = {"from": act.person.name, "by": act.actor.name, "count": len(mine)}
        notify(store, rows.need_person(store, code).id, "handed-over", told, key=key)
    if leaves and rows.ended_today(store, act.person.id):
        for keeper in rows.granted_everywhere(store, Role.SECADMIN):
            told = {"person": act.person.name, "code": act.person.code}
            notify(store, keeper.id, "rights-ended", told, key=key)
    return counts
