"""The first start gives every named account real work, survives an interruption, and later starts add nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from scheduler.duties import all_duties
from workflows.application import Application, open_application
from workflows.clock import SHANGHAI, VirtualClock
from workflows.database import migrate
from workflows.demo import first_start
from workflows.demo.first_start import start_city
from workflows.demo.judging import judge
from workflows.settings import Settings
from workflows.transaction import read

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=SHANGHAI)
DAYS = 45
PASSWORD = "an-invented-password"


class Interrupted(BaseException):
    """The power went off."""


def opened(folder: Path, now: datetime) -> Application:
    settings = Settings(var=folder, scheduler="none", password_memory_kib=8, password_passes=1)
    migrate(settings.url)
    return open_application(settings, VirtualClock(now))


def rows(application: Application, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in read(application, lambda store: store.session.execute(text(statement)).all())]


def waiting_for(application: Application, username: str) -> list[tuple[Any, ...]]:
    return rows(
        application,
        "SELECT t.name, t.due_at, t.near_at, (SELECT count(*) FROM escalation e WHERE e.source_activity_id ="
        " t.activity_id), (SELECT a.attempt FROM activity a WHERE a.id = t.activity_id) FROM task t"
        " JOIN task_candidate k ON k.task_id = t.id JOIN holding h ON h.post_id = k.post_id"
        f" JOIN person p ON p.id = h.person_id WHERE p.username = '{username}' AND t.status IN ('open', 'claimed')",
    )


@pytest.fixture(scope="module")
def started(tmp_path_factory) -> Iterator[Application]:
    application = opened(tmp_path_factory.mktemp("first_start"), NOW)
    start_city(application, password=PASSWORD, days=DAYS)
    yield application
    application.database.dispose()


def test_the_clerk_finds_work_that_is_open_near_overdue_escalated_and_returned(started):
    utc = (NOW - timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S.000000")
    work = waiting_for(started, "clerk")

    assert [row for row in work if row[2] > utc], "something is normal"
    assert [row for row in work if row[2] <= utc < row[1]], "something is near"
    assert [row for row in work if row[1] <= utc], "something is overdue"
    assert [row for row in work if row[3]], "something is escalated"
    assert [row for row in work if row[4] > 1], "something came back"


def test_the_supervisor_finds_decisions_and_has_decided(started):
    work = waiting_for(started, "supervisor")
    done = rows(
        started,
        "SELECT count(*) FROM escalation e JOIN person p ON p.id = e.decided_by WHERE p.username = 'supervisor'",
    )

    assert [row for row in work if row[0] == "决定"]
    assert done[0][0] >= 1


def test_the_administrator_finds_an_incident(started):
    assert rows(started, "SELECT count(*) FROM incident WHERE status = 'open' AND code = 'no-candidate'")[0][0] >= 1


def test_all_families_are_there_outside_the_season_of_reports(started):
    families = rows(started, 'SELECT DISTINCT d.key FROM "case" c JOIN definition d ON d.id = c.definition_id')

    known = {"dual_reporting", "rectification", "escalation", "responsibility_checklist"}
    assert known <= {family for (family,) in families}


def test_nothing_happened_after_the_present_moment(started):
    last = rows(started, "SELECT max(at) FROM ledger_event")[0][0]

    assert str(last) <= (NOW - timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S.999999")


def test_the_past_holds_every_invariant(started):
    judgement = judge(started.settings.url, started.settings.var / "keys", NOW)

    assert [(each.key, each.faults) for each in judgement.verdicts if not each.holds] == []


def test_a_second_start_plays_nothing_and_adds_nothing(started):
    before = rows(started, "SELECT count(*) FROM ledger_event")

    again = start_city(started, password=PASSWORD)

    assert again.tally is None
    assert again.deployment.is_empty
    assert rows(started, "SELECT count(*) FROM ledger_event") == before


def test_an_interrupted_first_start_goes_on_where_it_stopped(tmp_path):
    application = opened(tmp_path, NOW)

    def cut(day, first, last):
        if day == first + timedelta(days=4):
            raise Interrupted

    with pytest.raises(Interrupted):
        start_city(application, password=PASSWORD, days=10, progress=cut)
    stopped = rows(application, "SELECT max(at), count(*) FROM ledger_event")[0]
    application.database.dispose()

    application = opened(tmp_path, NOW)
    again = start_city(application, password=PASSWORD, days=10)
    judgement = judge(application.settings.url, tmp_path / "keys", NOW)
    ended = rows(application, f"SELECT count(*) FROM ledger_event WHERE kind = '{first_start.ENDED}'")

    assert again.tally is not None
    assert rows(application, f"SELECT count(*) FROM ledger_event WHERE at <= '{stopped[0]}'")[0][0] >= stopped[1]
    assert ended == [(1,)]
    assert rows(application, "SELECT count(*) FROM unit") == [(74,)]
    assert judgement.holds, [(each.key, each.faults) for each in judgement.verdicts if not each.holds]
    assert start_city(application, password=PASSWORD).tally is None
    application.database.dispose()


def test_a_start_months_later_catches_up_by_the_scheduler_alone(tmp_path):
    application = opened(tmp_path, NOW)
    start_city(application, password=PASSWORD, days=10)
    later = NOW + timedelta(days=170)  # the season of reports has begun meanwhile
    application.database.dispose()
    application = opened(tmp_path, later)

    assert start_city(application, password=PASSWORD).tally is None
    duties = [duty for duty in all_duties(application.settings) if duty.name != "outbox"]
    while sum(duty.work(application) for duty in duties):
        pass
    judgement = judge(application.settings.url, tmp_path / "keys", later)

    assert judgement.holds, [(each.key, each.faults) for each in judgement.verdicts if not each.holds]
    assert rows(application, "SELECT count(*) FROM occurrence")[0][0] > 40
    application.database.dispose()
