"""Play a case of the real law in memory: the engine runs it, forms check what people fill in, jobs are noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.law.law_files import LAW, NOW, bundles
from workflows import engine
from workflows.deadlines.calendar_files import load_calendar
from workflows.deadlines.functions import functions
from workflows.engine.types import (
    ActivityKey,
    ActivityKind,
    ChildStarted,
    Command,
    Complete,
    Context,
    EndChild,
    FinishJob,
    Fire,
    Start,
    Step,
    TimerSet,
)
from workflows.forms.validation import Surroundings, validate

UNIT = {
    "code": "district",
    "name": "甲区委",
    "kind": "committee",
    "level": "district",
    "committee": "district",
    "discipline": "district-discipline",
    "upper_committee": "city",
    "upper_discipline": "city-discipline",
}
Operation = Callable[[Mapping[str, Any]], Any]
_CALENDAR = load_calendar(LAW / "calendars")


@dataclass
class Play:
    """One case and its child cases. ``jobs`` are the operations that ran, ``path`` the elements entered, in order."""

    family: str
    process_key: str = ""
    unit: Mapping[str, Any] = field(default_factory=lambda: UNIT)
    settings: Mapping[str, Any] = field(default_factory=dict)
    operations: Mapping[str, Operation] = field(default_factory=dict)
    now: datetime = NOW
    jobs: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    children: dict[tuple[ActivityKey, int], Play] = field(default_factory=dict)
    ended: list[Play] = field(default_factory=list)
    _state: bytes = b""
    outcome: str | None = None

    def begin(self, **variables: Any) -> Play:
        self._take(engine.start(self._process, Start(variables), self._context()))
        return self

    @property
    def _process(self) -> engine.Process:
        return bundles()[self.family].processes[self.process_key or self.family]

    @property
    def parameters(self) -> dict[str, Any]:
        defaults = {key: each.value for key, each in bundles()[self.family].parameters.items()}
        return {**defaults, **self.settings}

    @property
    def variables(self) -> Mapping[str, Any]:
        return engine.inspect(self._process, self._state).variables

    @property
    def waiting(self) -> list[str]:
        """The steps that wait for a person, by element id, sorted."""
        open_now = engine.inspect(self._process, self._state).waiting
        return sorted(each.activity.element_id for each in open_now if each.kind is ActivityKind.USER_TASK)

    @property
    def family_jobs(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The jobs of this case and of its children, ended ones first."""
        return [*self.jobs, *(job for child in (*self.ended, *self.children.values()) for job in child.jobs)]

    @property
    def timers(self) -> dict[str, TimerSet]:
        return {each.activity.element_id: each for each in engine.inspect(self._process, self._state).timers}

    def do(self, element_id: str, **values: Any) -> Play:
        """Complete the first open step with this id; its form checks the values."""
        found = next(
            each
            for each in engine.inspect(self._process, self._state).waiting
            if each.activity.element_id == element_id and each.kind is ActivityKind.USER_TASK
        )
        form = bundles()[self.family].forms[self._process.elements[element_id].form]
        scope = {**self._context().roots, **self.variables, **found.inner}
        clean = validate(form, values, Surroundings(self.now, scope, self._context().functions))
        return self.send(Complete(found.activity, clean))

    def pass_time_of(self, element_id: str) -> Play:
        """Let the timer with this id fire when it is due."""
        timer = self.timers[element_id]
        self.now = timer.due_at
        return self.send(Fire(timer.activity, timer.occurrence))

    def end_child(self, unit: str) -> Play:
        """Report to the parent that the child about ``unit`` is done."""
        key, child = next((key, each) for key, each in self.children.items() if unit in each.variables.values())
        assert child.outcome == "completed"
        self.ended.append(self.children.pop(key))
        return self.send(EndChild(key[0], key[1], "completed", dict(child.variables)))

    def send(self, command: Command) -> Play:
        self._take(engine.advance(self._process, self._state, command, self._context()))
        return self

    def _take(self, step: Step) -> None:
        assert step.incidents == (), step.incidents
        self._state = step.state
        self.outcome = step.outcome.kind if step.outcome else None
        self.path += [event.element_id for event in step.history if event.kind == "entered"]
        for child in step.children:
            self._start_child(child)
        for job in step.jobs:
            self.jobs.append((job.operation, job.payload))
            answer = self.operations.get(job.operation, lambda _: True)(job.payload)
            self.send(FinishJob(job.activity, {"result": answer}))

    def _start_child(self, child: ChildStarted) -> None:
        play = Play(self.family, child.called, self.unit, self.settings, self.operations, self.now)
        self.children[child.activity, child.index] = play
        play.begin(**child.variables)

    def _context(self) -> Context:
        rules = bundles()[self.family].deadlines
        roots = {"unit": self.unit, "parameters": self.parameters, "case": {"id": "1"}, "region": {"key": "default"}}
        return Context(self.now, roots, functions(_CALENDAR, self.now, rules, self.parameters))
