from __future__ import annotations

import threading
from datetime import timedelta

from workflows import heartbeats
from workflows.store import Store
from workflows.tables import Case, CaseInbox, Incident, Outbox, Timer
from workflows.transaction import read, run


def test_a_lease_keeps_others_away_until_it_ends_or_is_given_back(application, clock):
    assert run(application, heartbeats.acquire, "digests", "one", 60)
    assert run(application, heartbeats.acquire, "digests", "one", 60)
    assert not run(application, heartbeats.acquire, "digests", "two", 60)
    assert run(application, heartbeats.acquire, "checkpoint", "two", 60)

    clock.move_to(clock.now() + timedelta(seconds=60))
    assert run(application, heartbeats.acquire, "digests", "two", 60)

    run(application, heartbeats.release, "digests", "one")
    assert not run(application, heartbeats.acquire, "digests", "one", 60)
    run(application, heartbeats.release, "digests", "two")
    assert run(application, heartbeats.acquire, "digests", "one", 60)


def test_of_eight_runners_at_once_one_gets_the_lease(application):
    gate = threading.Barrier(8)
    got: list[bool] = []

    def ask(name: str) -> None:
        gate.wait()
        got.append(run(application, heartbeats.acquire, "digests", name, 60))

    threads = [threading.Thread(target=ask, args=[f"runner {number}"]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == [False] * 7 + [True]


def test_a_beat_tells_when_a_duty_last_ran(application, clock):
    assert read(application, heartbeats.last_run, "timers") is None

    run(application, heartbeats.beat, "timers", "3")
    clock.move_to(clock.now() + timedelta(seconds=5))
    run(application, heartbeats.beat, "timers", "0")

    assert read(application, heartbeats.last_run, "timers") == clock.now()


def test_an_idle_house_is_not_late(application, clock):
    lateness = read(application, heartbeats.watchdog)

    assert lateness.seconds(clock.now()) == {"timer": 0, "inbox": 0, "job": 0, "mail": 0}
    assert (lateness.faulty_timers, lateness.failed_mails, lateness.failed_jobs, lateness.open_incidents) == (
        0,
        0,
        0,
        0,
    )


def test_the_watchdog_tells_how_late_each_kind_of_work_is(application, clock, office):
    def leave_work(store: Store) -> None:
        store.add(CaseInbox(target_case_id=office.case.id, kind="message", payload={}, key="k", created_at=store.now))
        for number, state in enumerate(["waiting", "failed"]):
            store.add(
                Outbox(key=str(number), channel="mail", address="a@b.test", content={}, state=state, due_at=store.now)
            )
        store.need(Timer, office.timers[1].id).faults = 3
        store.add(
            Incident(
                case_id=office.case.id, element_id="write", code="x", message="y", owner_role="flowadmin",
                unit_id=office.unit.id, status="open", opened_at=store.now,
            )
        )  # fmt: skip

    run(application, leave_work)
    run(application, heartbeats.beat, "timers")
    clock.move_to(clock.now() + timedelta(minutes=90))

    lateness = read(application, heartbeats.watchdog)
    assert lateness.seconds(clock.now()) == {"timer": 5400, "inbox": 5400, "job": 0, "mail": 5400}
    assert (lateness.faulty_timers, lateness.failed_mails, lateness.open_incidents) == (1, 1, 1)
    assert list(lateness.beats) == ["timers"]


def test_timers_of_a_suspended_case_are_not_late(application, clock, office):
    def suspend(store: Store) -> None:
        store.need(Case, office.case.id).status = "suspended"

    run(application, suspend)
    clock.move_to(clock.now() + timedelta(days=1))

    assert read(application, heartbeats.watchdog).timer_due_at is None
