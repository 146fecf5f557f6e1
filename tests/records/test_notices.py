from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from workflows import notices
from workflows.store import notices as rows
from workflows.store.people import actor_of
from workflows.transaction import read, run


def test_the_same_key_reaches_a_person_once_and_another_person_too(application, office):
    for person in (office.clerk, office.clerk, office.other):
        run(application, notices.notify, person.id, "task-urged", {"n": Decimal("1.5")}, key="urge:1")

    assert read(application, rows.count_unread, office.clerk.id) == 1
    assert read(application, rows.count_unread, office.other.id) == 1


def test_reading_marks_only_ones_own_notices(application, office):
    mine, other = (
        run(application, notices.notify, person.id, "x", {}, key="k") for person in (office.clerk, office.other)
    )
    actor = read(application, actor_of, office.clerk.id)

    assert run(application, notices.mark_read, [mine.id, other.id], actor=actor) == 1
    assert run(application, notices.mark_read, [mine.id, other.id], actor=actor) == 0
    assert read(application, rows.count_unread, office.other.id) == 1


def test_notices_come_newest_first_in_pages(application, office):
    made = [run(application, notices.notify, office.clerk.id, "x", {}, key=str(number)).id for number in range(5)]

    first = read(application, rows.latest, office.clerk.id, limit=3)
    rest = read(application, rows.latest, office.clerk.id, after=first[-1].id, limit=3)

    assert [notice.id for notice in (*first, *rest)] == sorted(made, reverse=True)


def test_notices_read_long_ago_are_forgotten_and_unread_ones_are_not(application, office, clock):
    for number in range(2):
        run(application, notices.notify, office.clerk.id, "x", {}, key=str(number))
    actor = read(application, actor_of, office.clerk.id)
    (newest, _) = read(application, rows.latest, office.clerk.id)
    run(application, notices.mark_read, [newest.id], actor=actor)
    clock.move_to(clock.now() + timedelta(days=401))

    assert run(application, notices.purge_read) == 1
    assert run(application, notices.mark_all_read, actor=actor) == 1
