"""A waiting timer is planned anew, from when it was armed; what has begun to repeat keeps its beat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.engine.migration_scene import drawn, moved
from tests.engine.scene import NOW, Play, node, tasks, timer
from workflows.engine import inspect, retime
from workflows.engine.errors import StaleTimerError, TimerNotCountableError
from workflows.engine.types import ActivityKey

FLOWS = "s > W\n W > e"


def waits(text: str) -> str:
    return node("intermediateCatchEvent", "W", timer(text))


def test_a_timer_is_planned_by_the_new_diagram_from_when_it_was_armed():
    play = Play(waits("PT1H"), FLOWS)
    play.wait(minutes=30)
    new = drawn(waits("PT3H"), FLOWS)
    moved(play, new)

    found = retime(new, play.state, ActivityKey("W"), 1, replace(play.context, now=NOW))

    assert found is not None
    state, told = found
    assert (told.due_at, told.expression, told.occurrence) == (NOW + timedelta(hours=3), "PT3H", 1)
    assert inspect(new, state).timers[0].due_at == NOW + timedelta(hours=3)
    assert inspect(new, play.state).timers[0].due_at == NOW + timedelta(hours=1)


def test_a_cycle_that_has_fired_keeps_its_beat():
    border = node("boundaryEvent", "B", timer("R5/PT1H", "timeCycle"), attachedToRef="A", cancelActivity="false")
    play = Play(tasks("A", "C") + border, "s > A\n A > e\n B > C\n C > e")
    (armed,) = inspect(play.process, play.state).timers
    assert retime(play.process, play.state, armed.activity, armed.occurrence, play.context) is not None
    play.wait(minutes=61)
    (armed,) = inspect(play.process, play.state).timers

    assert retime(play.process, play.state, armed.activity, armed.occurrence, play.context) is None


def test_what_is_not_armed_or_cannot_be_worked_out_is_told():
    play = Play(waits("PT1H"), FLOWS)
    new = drawn(waits("=nothing_of_this_name"), FLOWS)

    with pytest.raises(StaleTimerError):
        retime(play.process, play.state, ActivityKey("Other"), 1, play.context)
    with pytest.raises(TimerNotCountableError):
        retime(new, play.state, ActivityKey("W"), 1, play.context)
