from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.duties import Duty, all_duties
from scheduler.embedded import start_embedded
from scheduler.loops import Runner
from tests.scheduling.house import count, environment, open_house
from workflows import heartbeats
from workflows.application import Application, open_application
from workflows.settings import Settings
from workflows.transaction import read, run

FIRED = "timer WHERE state = 'fired' AND firings = 1"
ENDED = "\"case\" WHERE status = 'completed'"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", database_url=database_url, scheduler_seconds=1)


@pytest.fixture
def application(settings: Settings) -> Iterator[Application]:
    opened = open_application(settings)
    yield opened
    opened.database.dispose()


def duty_named(application: Application, name: str) -> Duty:
    return next(duty for duty in all_duties(application.settings) if duty.name == name)


def test_two_schedulers_on_one_database_fire_each_timer_once(settings, application):
    open_house(settings, cases=24).database.dispose()
    command = [sys.executable, "-m", "tests.scheduling.house"]

    both = [subprocess.Popen(command, env=environment(settings), stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert count(application, FIRED) == count(application, "timer") == 48
    assert count(application, ENDED) == 24
    assert count(application, "incident") == 0
    assert count(application, "element_history WHERE kind = 'entered' AND element_id = 'finish'") <= 24


def test_a_scheduler_killed_in_the_middle_loses_nothing_and_repeats_nothing(settings, application):
    open_house(settings, cases=24).database.dispose()
    command = [sys.executable, "-m", "tests.scheduling.house"]

    for _ in range(2):
        victim = subprocess.Popen(command, env=environment(settings), stderr=subprocess.DEVNULL)
        fired = count(application, FIRED)
        while victim.poll() is None and count(application, FIRED) < fired + 10:
            pass
        victim.kill()
        victim.wait()
    subprocess.run(command, env=environment(settings), check=True, capture_output=True)

    assert count(application, FIRED) == count(application, "timer") == 48
    assert count(application, ENDED) == 24


def test_the_scheduler_as_a_process_does_what_is_due_and_stops_when_told(settings, application):
    open_house(settings, cases=3).database.dispose()
    command = [sys.executable, "-m", "scheduler"]
    entries, told = [], False
    with subprocess.Popen(command, env=environment(settings), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            entries.append(json.loads(line))
            if not told and count(application, ENDED) == 3:
                process.send_signal(signal.SIGTERM)
                told = True

    assert process.returncode == 0
    actions = [entry.get("action") for entry in entries]
    assert actions[0] == "scheduler_started"
    assert actions[-1] == "scheduler_stopped"
    assert count(application, FIRED) == 6
    assert {entry["level"] for entry in entries} == {"info"}, entries


def test_a_wrong_setting_stops_the_scheduler_before_it_starts(settings):
    wrong = {**environment(settings), "ZECHENG_SHEDULER": "1"}

    done = subprocess.run([sys.executable, "-m", "scheduler"], env=wrong, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "ZECHENG_SHEDULER" in done.stderr


def test_a_duty_that_fails_stops_neither_itself_nor_the_others(application, caplog):
    rounds = []

    def fail(_application: Application) -> int:
        rounds.append("bad")
        raise RuntimeError("Expected a server, but there is none.")

    def work(_application: Application) -> int:
        rounds.append("good")
        return 0

    duties = [Duty("bad", 1, fail, alone=True), Duty("good", 1, work)]
    runner = Runner(application, duties)
    with caplog.at_level(logging.ERROR):
        results = [runner.tick(duty) for duty in duties * 2]

    assert results == [0, 0, 0, 0]
    assert rounds == ["bad", "good", "bad", "good"]
    assert [record.action for record in caplog.records] == ["duty_fault", "duty_fault"]
    assert all(record.exc_info for record in caplog.records)
    assert read(application, heartbeats.last_run, "bad") is None
    assert read(application, heartbeats.last_run, "good") is not None


def test_a_duty_works_until_nothing_is_left(application):
    left = [5, 5, 2, 0, 9]
    duty = Duty("x", 1, lambda _: left.pop(0))

    assert Runner(application, [duty]).tick(duty) == 12
    assert left == [9]


def test_a_duty_for_one_runner_is_left_to_whoever_holds_it(application):
    ran = []

    def work(_application: Application) -> int:
        ran.append("x")
        return 0

    duty = Duty("digests", 60, work, alone=True)
    run(application, heartbeats.acquire, "digests", "another", 60)

    Runner(application, [duty]).tick(duty)
    assert ran == []

    run(application, heartbeats.release, "digests", "another")
    Runner(application, [duty]).tick(duty)
    assert ran == ["x"]


def test_a_stopped_runner_begins_no_further_batch(application):
    runner: Runner
    ran = []

    def work(_application: Application) -> int:
        ran.append("x")
        runner.stop()
        return 5

    duty = Duty("x", 1, work)
    runner = Runner(application, [duty])

    assert runner.tick(duty) == 5
    assert ran == ["x"]


@pytest.mark.parametrize(
    "name", ["timers", "inbox", "jobs", "outbox", "digests", "holders", "occurrences", "checkpoint", "tidying"]
)
def test_every_duty_runs_on_an_empty_house(application, name, caplog):
    duty = duty_named(application, name)

    assert Runner(application, [duty]).tick(duty) == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert read(application, heartbeats.last_run, name) is not None


def test_the_embedded_scheduler_runs_every_duty_at_once_and_stops(application):
    runner = start_embedded(application)
    assert runner is not None
    names = {duty.name for duty in all_duties(application.settings)}

    while read(application, heartbeats.watchdog).beats.keys() != names:
        pass
    runner.stop()

    assert not runner._clockwork.running


def test_without_the_setting_nothing_ticks_in_the_web_process(settings):
    quiet = Settings(var=settings.var, database_url=settings.database_url, scheduler="none")

    assert start_embedded(open_application(quiet)) is None
