from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.city_scene import City, add_case, add_task, open_city
from tests.databases import Databases
from workflows import people as use_cases
from workflows.access import system_actor
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WorkflowError, WrongStateError
from workflows.people import NewUnit
from workflows.queries.paging import decode_cursor, encode_cursor
from workflows.queries.people import list_people, list_units
from workflows.store import Store, people
from workflows.tables import Case, Draft, Person, Task, TaskStatus

UNIT = NewUnit("xx", "中共新区委", "committee", "district", parent="yt")


def claimed_task(city: City, unit: str, post: str, username: str) -> str:
    """A task of a unit that somebody claimed by a post, with a draft."""
    actor = city.actor(username)

    def write(store: Store) -> str:
        seat = people.find_post(store, people.need_unit(store, unit).id, post)
        assert seat is not None
        task_id = add_task(
            store,
            add_case(store, unit),
            unit,
            post,
            status=TaskStatus.CLAIMED,
            assignee_id=actor.person_id,
            assignee_post_id=seat.id,
            claimed_at=store.now,
        )
        store.add(Draft(task_id=task_id, person_id=actor.person_id or "", content={"a": 1}, saved_at=store.now))
        return task_id

    return city.run(write)


def task(city: City, task_id: str) -> Task:
    return city.read(lambda store: store.need(Task, task_id))


# ------------------------------------------------------------------ units, posts, people


def test_a_unit_a_post_and_a_person_are_made_and_told(city: City):
    sysadmin = city.actor("sysadmin")

    city.run(use_cases.create_unit, UNIT, actor=sysadmin)
    city.run(use_cases.create_post, "xx", "书记", name="新区委书记", actor=sysadmin)
    city.run(use_cases.create_person, "n001", username="new.one".replace(".", "-"), name="舒知远", actor=sysadmin)
    city.run(use_cases.assign_post, "n001", "xx", "书记", actor=sysadmin)

    assert city.holder_codes("xx", "书记") == ["n001"]
    assert city.read(lambda store: people.need_unit(store, "xx").path) == "/yt/xx/"
    assert city.ledger("people")[1:] == ["unit-created", "post-created", "person-created", "post-assigned"]


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        (use_cases.create_unit, (NewUnit("ws", "甲", "committee", "town", parent="yt"),), "unit-code-taken"),
        (use_cases.create_unit, (NewUnit("Ünit", "甲", "committee", "town", parent="yt"),), "bad-code"),
        (use_cases.create_unit, (NewUnit("a/b", "甲", "committee", "town", parent="yt"),), "bad-code"),
        (use_cases.create_unit, (NewUnit("x", " ", "committee", "town", parent="yt"),), "invalid-request"),
        (use_cases.create_unit, (NewUnit("x", "甲", "committee", "town", parent="nowhere"),), "unit-not-found"),
        (use_cases.assign_post, ("p001", "ws", "书记", date(2026, 3, 2), date(2026, 3, 2)), "holding-period"),
        (use_cases.assign_post, ("p999", "ws", "书记"), "person-not-found"),
        (use_cases.assign_post, ("p001", "ws", "行政首长"), "post-not-found"),
        (use_cases.assign_post, ("p001", "yt", "书记"), "holding-overlaps"),
        (use_cases.end_holding, ("p001", "ws", "书记"), "holding-not-found"),
        (use_cases.end_holding, ("p001", "yt", "书记", date(2026, 3, 1)), "holding-end-past"),
    ],
)
def test_bad_input_is_refused_by_name_and_changes_nothing(city: City, call: Any, arguments: tuple[Any, ...], code: str):
    names = {use_cases.assign_post: ("from_day", "to_day"), use_cases.end_holding: ("to_day",)}.get(call, ())
    plain, days = arguments[:3], dict(zip(names, arguments[3:], strict=False))

    with pytest.raises(WorkflowError) as refused:
        city.run(call, *plain, actor=city.actor("sysadmin"), **days)

    assert refused.value.code == code
    assert city.ledger("people") == ["city-loaded"]


def test_posts_and_people_are_made_once(city: City):
    sysadmin = city.actor("sysadmin")

    with pytest.raises(RejectedError) as post:
        city.run(use_cases.create_post, "ws", "书记", name="又一个书记", actor=sysadmin)
    with pytest.raises(RejectedError) as key:
        city.run(use_cases.create_post, "ws", "巡视员", name="巡视员", actor=sysadmin)
    with pytest.raises(RejectedError) as person:
        city.run(use_cases.create_person, "n001", username="clerk", name="舒知远", actor=sysadmin)

    assert [each.value.code for each in (post, key, person)] == ["post-exists", "post-key", "person-exists"]


@pytest.mark.parametrize("username", ["clerk", "supervisor", "flowadmin", "auditor", "secadmin"])
def test_only_the_system_administrator_changes_the_organisation(city: City, username: str):
    actor = city.actor(username)
    attempts: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (use_cases.create_unit, (UNIT,), {}),
        (use_cases.create_post, ("ws", "经办"), {"name": "经办"}),
        (use_cases.create_person, ("n001",), {"username": "n001", "name": "舒知远"}),
        (use_cases.assign_post, ("p001", "ws", "书记"), {}),
        (use_cases.end_holding, ("p001", "yt", "书记"), {}),
        (use_cases.leave, ("p001",), {}),
    ]
    for call, arguments, named in attempts:
        with pytest.raises(NotAllowedError):
            city.run(call, *arguments, actor=actor, **named)
    assert city.ledger("people") == ["city-loaded"]


# ------------------------------------------------------------------ holdings


def test_people_hold_posts_as_of_a_day(city: City):
    sysadmin = city.actor("sysadmin")
    city.run(
        use_cases.assign_post, "p001", "ws", "书记", actor=sysadmin, from_day=date(2026, 4, 1), to_day=date(2026, 5, 1)
    )

    def on(store: Store, day: date) -> bool:
        post = people.find_post(store, people.need_unit(store, "ws").id, "书记")
        return post is not None and "p001" in {each.code for each in people.holders(store, [post.id], day)}

    seen = [city.read(on, date(2026, month, day)) for month, day in ((3, 31), (4, 1), (4, 30), (5, 1))]
    assert seen == [False, True, True, False]


def test_a_holding_ends_at_midnight_in_shanghai_not_in_london(city: City):
    sysadmin, clerk = city.actor("sysadmin"), city.code("clerk")
    city.run(use_cases.end_holding, clerk, "ws", "经办", actor=sysadmin, to_day=date(2026, 3, 3))

    city.pass_time(hours=14, minutes=59)
    assert clerk in city.holder_codes("ws", "经办")
    city.pass_time(minutes=1)
    assert clerk not in city.holder_codes("ws", "经办")


def test_the_tasks_that_a_leaver_claimed_return_to_the_post_with_their_draft(city: City):
    task_id = claimed_task(city, "ws", "经办", "clerk")

    city.run(use_cases.end_holding, city.code("clerk"), "ws", "经办", actor=city.actor("sysadmin"))

    returned = task(city, task_id)
    assert (returned.status, returned.assignee_id, returned.assignee_post_id) == (TaskStatus.OPEN, None, None)
    assert returned.row_version == 2
    assert city.read(lambda store: store.need(Draft, task_id).content) == {"a": 1}
    assert city.ledger(f"case:{returned.case_id}") == ["task-handed-over"]


def test_a_holding_that_ends_later_hands_over_on_its_day_and_once(city: City):
    task_id = claimed_task(city, "ws", "经办", "clerk")
    city.run(
        use_cases.end_holding, city.code("clerk"), "ws", "经办", actor=city.actor("sysadmin"), to_day=date(2026, 3, 5)
    )
    assert city.run(use_cases.hand_over, actor=system_actor()) == 0
    assert task(city, task_id).status == TaskStatus.CLAIMED

    city.pass_time(days=3)

    assert city.run(use_cases.hand_over, actor=system_actor()) == 1
    assert city.run(use_cases.hand_over, actor=system_actor()) == 0
    assert task(city, task_id).status == TaskStatus.OPEN


def test_a_case_in_use_is_handed_over_the_next_time(databases: Databases, tmp_path: Path):
    with open_city(databases, "postgresql", tmp_path) as city:
        task_id = claimed_task(city, "ws", "经办", "clerk")
        case_id = task(city, task_id).case_id

        with Session(city.application.database) as other:
            other.execute(select(Case).where(Case.id == case_id).with_for_update())
            city.run(use_cases.end_holding, city.code("clerk"), "ws", "经办", actor=city.actor("sysadmin"))
            assert task(city, task_id).status == TaskStatus.CLAIMED

        assert city.run(use_cases.hand_over, actor=system_actor()) == 1


def test_the_tasks_of_those_who_stay_stay_theirs(city: City):
    task_id = claimed_task(city, "ws", "经办", "clerk")
    other = next(code for code in city.holder_codes("ws", "经办") if code != city.code("clerk"))

    city.run(use_cases.end_holding, other, "ws", "经办", actor=city.actor("sysadmin"))

    assert task(city, task_id).status == TaskStatus.CLAIMED


def test_a_holding_assigned_by_mistake_today_is_taken_back(city: City):
    sysadmin = city.actor("sysadmin")
    city.run(use_cases.assign_post, "p001", "ws", "书记", actor=sysadmin)
    city.run(use_cases.end_holding, "p001", "ws", "书记", actor=sysadmin)

    assert "p001" not in city.holder_codes("ws", "书记")
    with pytest.raises(NotFoundError):
        city.run(use_cases.end_holding, "p001", "ws", "书记", actor=sysadmin)


def test_who_leaves_loses_posts_roles_and_tasks_but_not_history(city: City):
    task_id, code = claimed_task(city, "ws", "经办", "clerk"), city.code("clerk")

    city.run(use_cases.leave, code, actor=city.actor("sysadmin"))

    gone = city.actor("clerk")
    assert (gone.posts, gone.roles) == ((), ())
    assert task(city, task_id).status == TaskStatus.OPEN
    assert city.read(lambda store: len(people.holdings_of(store, gone.person_id or ""))) == 1
    with pytest.raises(WrongStateError):
        city.run(use_cases.assign_post, code, "ws", "书记", actor=city.actor("sysadmin"))


# ------------------------------------------------------------------ rights


def test_roles_are_granted_over_a_subtree_revoked_and_granted_again(city: City):
    secadmin, code = city.actor("secadmin"), city.code("clerk")

    city.run(use_cases.grant_role, code, "supervisor", "ws", actor=secadmin)
    assert city.actor("clerk").has_role("supervisor", unit_path="/yt/ws/ws-yl/")
    assert not city.actor("clerk").has_role("supervisor", unit_path="/yt/yc/")

    city.run(use_cases.revoke_role, code, "supervisor", "ws", actor=secadmin)
    assert not city.actor("clerk").has_role("supervisor")
    city.run(use_cases.grant_role, code, "supervisor", "ws", actor=secadmin)
    assert city.ledger("access") == ["role-granted", "role-revoked", "role-granted"]


@pytest.mark.parametrize(
    ("holder", "role"),
    [("sysadmin", "secadmin"), ("sysadmin", "auditor"), ("secadmin", "auditor"), ("auditor", "sysadmin")],
)
def test_nobody_is_two_of_the_three_administrators(city: City, holder: str, role: str):
    other = city.read(
        lambda store: (
            store.session.scalars(select(Person).where(Person.code.in_(city.holder_codes("yt-ban", "安全保密管理员"))))
            .all()[-1]
            .id
        )
    )
    giver = city.read(people.actor_of, other)

    with pytest.raises(RejectedError) as refused:
        city.run(use_cases.grant_role, city.code(holder), role, "ws", actor=giver)

    assert refused.value.code == "roles-separated"


def test_nobody_gives_rights_to_themself(city: City):
    secadmin = city.actor("secadmin")

    with pytest.raises(NotAllowedError):
        city.run(use_cases.grant_role, secadmin.code, "supervisor", "ws", actor=secadmin)
    with pytest.raises(NotAllowedError):
        city.run(use_cases.set_clearance, secadmin.code, "confidential", actor=secadmin)


@pytest.mark.parametrize("username", ["clerk", "supervisor", "flowadmin", "auditor", "sysadmin"])
def test_only_the_security_administrator_gives_rights(city: City, username: str):
    actor = city.actor(username)

    with pytest.raises(NotAllowedError):
        city.run(use_cases.grant_role, "p001", "clerk", "ws", actor=actor)
    with pytest.raises(NotAllowedError):
        city.run(use_cases.revoke_role, "p001", "supervisor", "yt", actor=actor)
    with pytest.raises(NotAllowedError):
        city.run(use_cases.set_clearance, "p001", "public", actor=actor)
    assert city.ledger("access") == []


@pytest.mark.parametrize(
    ("role", "from_day", "code"),
    [
        ("emperor", None, "unknown-role"),
        ("clerk", date(2026, 3, 1), "grant-period"),
        ("supervisor", None, "role-already-granted"),
    ],
)
def test_grants_that_make_no_sense_are_refused(city: City, role: str, from_day: date | None, code: str):
    with pytest.raises(RejectedError) as refused:
        city.run(use_cases.grant_role, "p001", role, "yt", actor=city.actor("secadmin"), from_day=from_day)

    assert refused.value.code == code


def test_clearance_is_set_and_told(city: City):
    city.run(use_cases.set_clearance, city.code("clerk"), "confidential", actor=city.actor("secadmin"))

    assert city.actor("clerk").clearance == "confidential"
    assert city.ledger("access") == ["clearance-set"]


# ------------------------------------------------------------------ lists


def test_units_are_listed_parents_first_page_by_page(city: City):
    pages, after = [], None
    while True:
        page = city.read(list_units, after=after, limit=20)
        pages.append(page)
        if (after := page.next) is None:
            break
    codes = [unit.code for page in pages for unit in page.items]

    assert [len(page.items) for page in pages] == [20, 20, 20, 14]
    assert len(set(codes)) == 74
    assert all(
        unit.parent is None or codes.index(unit.parent) < codes.index(unit.code)
        for page in pages
        for unit in page.items
    )


def test_units_and_people_are_found_by_subtree_and_name(city: City):
    below = city.read(list_units, under="ws-yl")
    named = city.read(list_units, q="财政局")
    there = city.read(list_people, unit="ws-yl-c1")

    assert [unit.code for unit in below.items] == ["ws-yl", "ws-yl-c1", "ws-yl-jw"]
    assert {unit.code for unit in named.items} == {
        "yt-caizheng",
        "ws-caizheng",
        "yc-caizheng",
        "yl-caizheng",
        "sj-caizheng",
    }
    assert sorted(post.key for person in there.items for post in person.posts) == ["书记", "办公室主任", "经办"]
    assert city.read(list_units, q="%").items == ()


def test_people_are_listed_by_code_without_account_data(city: City):
    first = city.read(list_people, limit=200)
    second = city.read(list_people, limit=200, after=first.next)

    assert [len(first.items), len(second.items), second.next] == [200, 200, None]
    assert not hasattr(first.items[0], "username")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "ü",
        "e30",
        encode_cursor(["a", "b"]),
        encode_cursor([1]),
        encode_cursor([None]),
        encode_cursor(["a\0"]),
    ],
)
def test_a_forged_cursor_is_refused(city: City, cursor: str):
    with pytest.raises(RejectedError) as refused:
        city.read(list_people, after=cursor)

    assert refused.value.code == "bad-cursor"


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_one_to_two_hundred_rows(city: City, limit: int):
    with pytest.raises(RejectedError) as refused:
        city.read(list_units, limit=limit)

    assert refused.value.code == "limit-out-of-range"


def test_a_cursor_keeps_its_values():
    day, text = date(2026, 3, 2), "三"

    assert decode_cursor(encode_cursor([day, text, 7]), [date, str, int]) == (day, text, 7)
