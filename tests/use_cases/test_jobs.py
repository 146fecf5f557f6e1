"""Service jobs: run after the transaction that reached them, tried again with pauses, then an incident."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from tests.world import CLERK, CLERK_2, FLOWADMIN, SUPERVISOR, World, values_of
from workflows import jobs
from workflows.cases import cancel_case, start_case, suspend_case
from workflows.engine.types import SetVariables
from workflows.incidents import retry_incident
from workflows.running import carry_out
from workflows.store import cases as stored
from workflows.store import people
from workflows.tables import Job, Notice


def begin(world: World, recipients: object) -> str:
    """Start a case whose job nobody has run yet."""
    unit = world.read(lambda store: people.need_unit(store, "ws-caizheng").id)
    variables = {"recipients": recipients}
    return world.run(start_case, definition="telling", unit_id=unit, variables=variables, actor=world.actor(CLERK)).id


def test_a_job_waits_until_the_transaction_that_reached_it_is_committed(world: World):
    case = begin(world, "post:经办@unit")

    assert world.one(Job, case_id=case).status == "waiting"
    assert world.rows(Notice) == []


def test_a_job_takes_effect_once_and_its_answer_goes_on(world: World):
    case = begin(world, "post:经办@unit")

    assert jobs.run_due(world.application) == 1
    assert jobs.run_due(world.application) == 0
    world.run(jobs.run_job, world.one(Job, case_id=case).id)

    assert {notice.person_id for notice in world.rows(Notice)} == {
        world.actor(username).person_id for username in (CLERK, CLERK_2)
    }
    assert values_of(world, case)["told"] == 2
    assert world.names(case) == ["之后"]
    world.check()


@pytest.mark.parametrize("recipients", [None, 7, "", "post:", "nonsense", ["post:经办@unit"]])
def test_wrong_inputs_fail_the_job_and_nothing_else(world: World, recipients, caplog: pytest.LogCaptureFixture):
    bad = begin(world, recipients)
    good = begin(world, "post:经办@unit")

    with caplog.at_level(logging.CRITICAL):
        world.settle()

    assert world.names(good) == ["之后"]
    job = world.one(Job, case_id=bad)
    assert (job.status, job.attempts) == ("waiting", 1)
    assert job.due_at > world.now
    assert job.error
    world.check()


def test_a_job_that_keeps_failing_waits_longer_each_time_then_behind_an_incident(
    world: World, caplog: pytest.LogCaptureFixture
):
    case = begin(world, "nonsense")
    pauses = []
    with caplog.at_level(logging.CRITICAL):
        while world.one(Job, case_id=case).status == "waiting":
            jobs.run_due(world.application)
            job = world.one(Job, case_id=case)
            pauses.append(job.due_at - world.now)
            world.sleep_until(job.due_at)

    assert pauses == sorted(pauses)
    assert (job.status, job.attempts) == ("failed", 5)
    assert [incident.code for incident in world.incidents(case)] == ["job-failed"]
    world.check()


def test_a_mended_job_runs_when_its_incident_is_retried(world: World, caplog: pytest.LogCaptureFixture):
    case = begin(world, "var:who")
    with caplog.at_level(logging.CRITICAL):
        for _ in range(6):
            jobs.run_due(world.application)
            world.sleep_until(world.now + timedelta(hours=2))

    def mend(store):
        job = store.need(Job, world.one(Job, case_id=case).id)
        if job.status == "failed":
            job.payload = {**job.payload, "input": {**job.payload["input"], "recipients": "post:经办@unit"}}

    world.run(mend)
    for incident in world.incidents(case):
        world.run(retry_incident, incident.id, actor=world.actor(FLOWADMIN))
    world.settle()

    assert world.names(case) == ["之后"]
    assert world.incidents(case) == []


def test_jobs_of_suspended_and_cancelled_cases_do_not_run(world: World):
    held, ended = begin(world, "post:经办@unit"), begin(world, "post:经办@unit")
    world.run(suspend_case, held, "等待", actor=world.actor(SUPERVISOR))
    world.run(cancel_case, ended, "不办了", actor=world.actor(SUPERVISOR))

    assert jobs.run_due(world.application) == 0
    world.run(jobs.run_job, world.one(Job, case_id=held).id)

    assert [world.one(Job, case_id=case).status for case in (held, ended)] == ["waiting", "cancelled"]
    assert world.rows(Notice) == []


def test_a_variable_set_meanwhile_does_not_change_what_the_job_was_given(world: World):
    case = begin(world, "post:经办@unit")

    def change(store):
        carry_out(store, stored.lock_case(store, case), SetVariables({"recipients": "x"}), actor=world.actor(CLERK))

    world.run(change)
    world.settle()

    assert world.names(case) == ["之后"]
