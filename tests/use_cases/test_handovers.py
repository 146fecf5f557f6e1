"""Proxies, and the hand-over of everything that somebody holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.city_scene import City, add_case, add_task
from tests.use_cases.test_people import claimed_task, task
from workflows import people as people_cases
from workflows.errors import NotAllowedError, RejectedError, WorkflowError
from workflows.handovers import hand_everything_over
from workflows.proxies import end_proxy, grant_proxy
from workflows.queries.belongings import belongings_of
from workflows.queries.holdings import posts_of_unit, profile_of
from workflows.store import Store, people
from workflows.tables import Case, LedgerEvent, Notice, Person, Proxy, TaskCandidate, TaskStatus, new_id

WEEK = date(2026, 3, 9)


def person_of(city: City, code: str) -> Person:
    return city.read(lambda store: people.need_person(store, code))


def in_name(store: Store, unit: str, person: str) -> str:
    """A task that names a person and no post."""
    task_id = add_task(store, add_case(store, unit), unit, "经办")
    for row in store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task_id)):
        store.session.delete(row)
    store.add(TaskCandidate(id=new_id(), task_id=task_id, person_id=people.need_person(store, person).id))
    return task_id


# ------------------------------------------------------------------ proxies


def test_a_holder_names_who_stands_in_and_takes_it_back(city: City):
    holder, deputy = city.holder("ws", "书记"), city.holder("ws", "经办")

    proxy = city.run(grant_proxy, deputy.code, "ws", "书记", to_day=WEEK, ground="外出学习", actor=holder)

    assert deputy.code in city.holder_codes("ws", "书记")
    (row,) = [each for each in city.read(posts_of_unit, "ws") if each.key == "书记"]
    assert [(each.person, each.proxy_id) for each in row.periods if each.proxy_id] == [(deputy.code, proxy.id)]
    city.run(end_proxy, proxy.id, actor=deputy)
    assert deputy.code not in city.holder_codes("ws", "书记")
    assert city.ledger("people")[-2:] == ["proxy-granted", "proxy-ended"]


def test_what_was_claimed_by_a_proxy_returns_when_it_ends(city: City):
    holder, deputy = city.holder("ws", "书记"), city.holder("ws", "经办")
    proxy = city.run(grant_proxy, deputy.code, "ws", "书记", to_day=WEEK, ground="外出学习", actor=holder)
    username = person_of(city, deputy.code).username
    claimed = claimed_task(city, "ws", "书记", username)
    city.pass_time(days=1)

    city.run(end_proxy, proxy.id, actor=holder)

    assert task(city, claimed).status == TaskStatus.OPEN
    assert city.read(lambda store: store.need(Proxy, proxy.id)).to_day == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to_day": date(2026, 3, 2)}, "proxy-period"),
        ({"from_day": date(2026, 3, 1)}, "proxy-period"),
        ({"ground": " "}, "invalid-request"),
        ({"ground": "a\0"}, "invalid-request"),
        ({"person": "holder"}, "proxy-overlaps"),
        ({"key": "巡视员"}, "post-not-found"),
        ({"person": "p999"}, "person-not-found"),
    ],
)
def test_a_bad_proxy_is_refused_by_name(city: City, changed: dict[str, Any], code: str):
    holder = city.holder("ws", "书记")
    given: dict[str, Any] = {
        "person": city.holder("ws", "经办").code,
        "key": "书记",
        "to_day": WEEK,
        "ground": "外出学习",
    } | changed
    person = holder.code if given.pop("person") == "holder" else changed.get("person", city.holder("ws", "经办").code)

    with pytest.raises(WorkflowError) as refused:
        city.run(grant_proxy, person, "ws", given.pop("key"), actor=holder, **given)

    assert refused.value.code == code


def test_nobody_names_a_proxy_for_the_post_of_others(city: City):
    stranger, deputy = city.holder("yc", "书记"), city.holder("ws", "经办")
    given: dict[str, Any] = {"to_day": WEEK, "ground": "外出学习"}
    city.run(grant_proxy, deputy.code, "ws", "书记", actor=city.holder("ws", "书记"), **given)

    for actor in (stranger, city.actor(person_of(city, deputy.code).username), city.actor("secadmin")):
        with pytest.raises(NotAllowedError):
            city.run(grant_proxy, stranger.code, "ws", "书记", actor=actor, **given)


# ------------------------------------------------------------------ hand-over


def furnish(city: City) -> tuple[str, str, dict[str, str]]:
    """Somebody who holds a post, a claimed task, a task in their name, a case they started, and stands in."""
    leaver, heir = city.holder("ws", "经办"), city.holder("ws", "分管领导")
    username = person_of(city, leaver.code).username
    made = {"claimed": claimed_task(city, "ws", "经办", username)}
    made["named"] = city.run(in_name, "ws", leaver.code)

    def start(store: Store) -> str:
        case_id = add_case(store, "ws")
        store.need(Case, case_id).started_by = leaver.person_id
        return case_id

    made["case"] = city.run(start)
    given: dict[str, Any] = {"to_day": WEEK, "ground": "外出学习", "actor": city.actor("sysadmin")}
    made["proxy"] = city.run(grant_proxy, leaver.code, "ws", "书记", **given).id
    return leaver.code, heir.code, made


def test_everything_goes_on_in_one_act(city: City):
    leaver, heir, made = furnish(city)
    sysadmin = city.actor("sysadmin")
    shown = city.read(belongings_of, leaver, actor=sysadmin)
    assert {each.item for each in shown.items} == {
        "post:ws/经办",
        f"proxy:{made['proxy']}",
        f"task:{made['claimed']}",
        f"task:{made['named']}",
        f"case:{made['case']}",
    }
    assert [each.needs_receiver for each in shown.items if each.item == f"task:{made['named']}"] == [True]

    counts = city.run(hand_everything_over, leaver, to=heir, reason="调任", leaves=True, actor=sysadmin)

    assert (counts.posts, counts.tasks, counts.cases, counts.proxies) == (1, 2, 1, 1)
    assert person_of(city, leaver).status == "left"
    assert city.read(belongings_of, leaver, actor=sysadmin).items == ()
    assert heir in city.holder_codes("ws", "经办")
    assert heir in city.holder_codes("ws", "书记")
    heir_id = person_of(city, heir).id
    assert city.read(lambda store: store.need(Case, made["case"])).started_by == heir_id
    by_post, in_person = task(city, made["claimed"]), task(city, made["named"])
    assert (by_post.status, in_person.status) == (TaskStatus.OPEN, TaskStatus.OPEN)
    rows = city.read(
        lambda store: list(
            store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id.in_([by_post.id, in_person.id])))
        )
    )
    assert {(row.task_id, row.person_id is None) for row in rows} == {(by_post.id, True), (in_person.id, False)}
    assert city.ledger("people")[-1] == "handed-over"
    assert city.ledger(f"case:{made['case']}")[-1] == "starter-changed"
    notices = city.read(
        lambda store: [n.kind for n in store.session.scalars(select(Notice).where(Notice.person_id == heir_id))]
    )
    assert notices.count("handed-over") == 1
    told = city.read(
        lambda store: store.session.scalars(select(LedgerEvent.content).where(LedgerEvent.kind == "handed-over")).one()
    )
    assert "调任" not in told, "Reasons are sealed."


def test_items_go_to_different_people_and_to_nobody(city: City):
    leaver, heir, made = furnish(city)
    second = city.holder("ws", "书记").code
    receivers = {f"task:{made['named']}": second, "post:ws/经办": heir}

    city.run(hand_everything_over, leaver, receivers=receivers, reason="轮岗", actor=city.actor("sysadmin"))

    assert person_of(city, leaver).status == "active"
    assert leaver not in city.holder_codes("ws", "经办")
    assert city.read(lambda store: store.session.scalars(select(Proxy.id).where(Proxy.id == made["proxy"])).all()) == []
    assert city.read(lambda store: store.need(Case, made["case"])).started_by == person_of(city, leaver).id
    row = city.read(
        lambda store: store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == made["named"])).one()
    )
    assert row.person_id == person_of(city, second).id


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        ({"reason": " ", "to": "heir"}, "invalid-request", "/reason"),
        ({"reason": "调任", "to": "p999"}, "handover-refused", "/to"),
        ({"reason": "调任", "to": "leaver"}, "handover-refused", "/to"),
        ({"reason": "调任"}, "handover-refused", "/receivers/task:"),
        (
            {"reason": "调任", "receivers": {"post:ws/经办": "nobody-here"}},
            "handover-refused",
            "/receivers/post:ws~1经办",
        ),
    ],
)
def test_a_hand_over_that_is_refused_keeps_nothing(city: City, given: dict[str, Any], code: str, pointer: str):
    leaver, heir, made = furnish(city)
    names = {"heir": heir, "leaver": leaver}
    before = city.ledger("people")

    to = names.get(given.get("to", ""), given.get("to"))
    with pytest.raises(RejectedError) as refused:
        city.run(hand_everything_over, leaver, actor=city.actor("sysadmin"), leaves=True, **{**given, "to": to})

    assert refused.value.code == code
    assert any(fault.pointer.startswith(pointer) for fault in refused.value.faults)
    assert city.ledger("people") == before
    assert task(city, made["claimed"]).status == TaskStatus.CLAIMED


def test_only_the_system_administrator_hands_over_and_never_themself(city: City):
    leaver, heir, _ = furnish(city)
    for username in ("clerk", "secadmin", "flowadmin", "auditor", "supervisor"):
        with pytest.raises(NotAllowedError):
            city.run(hand_everything_over, leaver, to=heir, reason="调任", actor=city.actor(username))
        with pytest.raises(NotAllowedError):
            city.read(belongings_of, leaver, actor=city.actor(username))

    with pytest.raises(NotAllowedError):
        city.run(hand_everything_over, city.code("sysadmin"), to=heir, reason="调任", actor=city.actor("sysadmin"))


def test_who_leaves_with_roles_is_told_to_whoever_gives_rights(city: City):
    sysadmin, secadmin = city.actor("sysadmin"), city.actor("secadmin")
    leaver, heir = city.code("supervisor"), city.holder("ws", "经办").code
    assert city.read(belongings_of, leaver, actor=sysadmin).roles

    city.pass_time(days=1)
    city.run(hand_everything_over, leaver, to=heir, reason="退休", leaves=True, actor=sysadmin)

    found = select(Notice.kind).where(Notice.person_id == secadmin.person_id)
    assert "rights-ended" in city.read(lambda store: list(store.session.scalars(found)))
    assert city.read(profile_of, leaver, actor=secadmin).account.grants[0].state == "past"  # type: ignore[union-attr]
    assert city.read(profile_of, leaver, actor=city.actor("clerk")).account is None


def test_a_holding_to_come_goes_on_for_its_own_time(city: City):
    leaver, heir = city.holder("ws", "经办").code, city.holder("yc", "经办").code
    sysadmin, begins = city.actor("sysadmin"), WEEK + timedelta(days=7)
    city.run(people_cases.assign_post, leaver, "ws", "分管领导", from_day=begins, actor=sysadmin)

    city.run(hand_everything_over, leaver, to=heir, reason="调任", leaves=True, actor=sysadmin)

    mine = {
        each.post: each.from_day for each in city.read(profile_of, heir, actor=sysadmin).periods if each.unit == "ws"
    }
    assert mine == {"经办": date(2026, 3, 2), "分管领导": begins}
