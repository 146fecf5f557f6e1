"""Drives the cases of one conformance case: people who complete what is not held, a clock, a letter box."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from workflows.engine.errors import MessageNotExpectedError
from workflows.engine.expressions import ExpressionError
from workflows.engine.process import Process, StartPoint
from workflows.engine.run.engine import advance, next_start, start
from workflows.engine.types import (
    ActivityKey,
    ChildEscalation,
    ChildStarted,
    Command,
    Complete,
    Context,
    Deliver,
    EndChild,
    FinishJob,
    Fire,
    HistoryKind,
    Outcome,
    Start,
    Step,
    TimerSet,
)
from workflows.engine.values import from_untagged

MAX_COMMANDS = 20_000
_BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class DriverError(Exception):
    """The case cannot be driven: no such process, or it never comes to rest."""


@dataclass
class _Run:
    """One running case of the file."""

    process: Process
    state: bytes = b""
    parent: tuple[_Run, ActivityKey, int] | None = None
    tasks: dict[ActivityKey, None] = field(default_factory=dict)
    jobs: dict[ActivityKey, None] = field(default_factory=dict)
    timers: dict[tuple[ActivityKey, int], TimerSet] = field(default_factory=dict)
    awaited: dict[tuple[ActivityKey, str, str], None] = field(default_factory=dict)
    children: dict[tuple[ActivityKey, int], _Run] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    refused: set[tuple[ActivityKey, int]] = field(default_factory=set)  # cancelled, perhaps before they began
    outcome: Outcome | None = None

    def waits_for(self, kind: str, name: str) -> bool:
        """Tell whether something in the case waits for a message or signal."""
        return any((kind, name) == wanted[1:] for wanted in self.awaited)


def _without_id(processes: Mapping[str, Process]) -> Process | None:
    """Return the process of a file whose only one has no id: a case can name it as it likes."""
    whole = [process for key, process in processes.items() if "#" not in key]
    return whole[0] if len(whole) == 1 and not whole[0].attributes.get("id") else None


class Driver:
    """Plays one case to its end, or until nothing moves."""

    def __init__(self, processes: Mapping[str, Process], case: Mapping[str, Any]) -> None:
        self.processes = processes
        self.process = processes.get(str(case["process"])) or _without_id(processes)
        if self.process is None:
            raise DriverError(f"The file has no process {case['process']} that runs.")
        self.data = from_untagged(dict(case.get("data") or {}))
        self.held = set(case.get("hold") or ())
        self.actions = [list(action) for action in case.get("actions") or ()]
        self.now = _BEGIN
        self.runs: list[_Run] = []
        self.main: _Run | None = None
        self.completed: Counter[str] = Counter()
        self.incidents: list[str] = []
        self.commands = 0
        # what steps ask for is done one by one from here, so that no call of calls can exhaust the stack
        self.inbox: deque[Callable[[], None]] = deque()

    @property
    def has_ended(self) -> bool:
        return self.main is not None and self.main.outcome is not None

    def run(self) -> None:
        """Play the case."""
        if not self.process_starts_by_event:
            self._start_main(None)
        self._look_at_start_conditions()
        self._go_on()
        for action in self.actions:
            if self.has_ended:
                return
            self._act(*action)
            self._go_on()
        self.held.clear()
        self._go_on()

    @property
    def process_starts_by_event(self) -> bool:
        """Tell whether the process is deployed and waits: it has start events, but none without a trigger."""
        assert self.process is not None  # noqa: S101 - the constructor looked
        return bool(self.process.start_events) and self.process.start_event() is None

    # ------------------------------------------------------------------ actions

    def _act(self, kind: str, argument: Any = None, payload: Mapping[str, Any] | None = None) -> None:
        if kind == "msg":
            self._send(str(argument), None, from_untagged(dict(payload or {})))
        elif kind == "sig":
            self._broadcast(str(argument), None, from_untagged(dict(payload or {})))
        elif kind == "wait":
            self._wait(timedelta(microseconds=int(Decimal(str(argument)) * 1_000_000)))
        elif kind == "release":
            self.held.discard(str(argument))
        else:
            raise DriverError(f"Unknown action {kind!r}.")

    def _send(self, name: str, sender: _Run | None, payload: Mapping[str, Any], correlation: str | None = None) -> None:
        """Give a message to the case that waits for it, else to the process that it starts; else it is lost."""
        for run in self.runs:
            if run is not sender and run.outcome is None and run.waits_for("message", name):
                try:
                    self._command(run, Deliver("message", name, payload, correlation))
                except MessageNotExpectedError:
                    continue  # it carries another value than this case waits for
                return
        if self.main is None:
            point = self._start_point(lambda start: start.message == name)
            if point is not None:
                self._start_main(point)
        elif sender is not None:
            self._start_others(lambda start: start.message == name, sender, most=1, payload=payload)

    def _start_others(
        self, fits: Callable[[StartPoint], bool], sender: _Run, most: int, payload: Mapping[str, Any] | None = None
    ) -> None:
        for process in self.processes.values():
            point = next((point for point in process.start_events if fits(point)), None)
            if point is not None and process is not sender.process and most:
                most -= 1
                self._start(process, Start(dict(payload or {}), point.id, point.trigger), None)

    def _broadcast(self, name: str, sender: _Run | None, payload: Mapping[str, Any]) -> None:
        """Give a signal to every case that waits for it, and to every process that it starts."""
        for run in list(self.runs):
            if run is not sender and run.outcome is None and run.waits_for("signal", name):
                self._command(run, Deliver("signal", name, payload))
        if self.main is None:
            point = self._start_point(lambda start: start.signal == name)
            if point is not None:
                self._start_main(point)
        elif sender is not None:
            self._start_others(lambda start: start.signal == name, sender, most=len(self.processes))

    def _look_at_start_conditions(self) -> None:
        """Start a process that waits for a condition as soon as the data that it is given fulfil it."""
        if self.main is not None:
            return
        for point in self.process.start_events if self.process is not None else ():
            try:
                holds = point.condition is not None and point.condition.test(self.data, now=self.now)
            except ExpressionError:
                continue  # not decided yet
            if holds:
                self._start_main(point)
                return

    def _wait(self, span: timedelta) -> None:
        until = self.now + span
        while True:
            due = self._next_due(until)
            if due is None:
                break
            self.now = max(self.now, due)
            self._go_on()
        self.now = until

    def _next_due(self, until: datetime) -> datetime | None:
        """Find when the clock must stop next; a process that still waits for its timer is started here."""
        if self.main is None:
            return self._start_by_timer(until)
        dates = [timer.due_at for run in self._open() for timer in run.timers.values() if timer.due_at <= until]
        return min(dates, default=None)

    def _start_by_timer(self, until: datetime) -> datetime | None:
        assert self.process is not None  # noqa: S101 - the constructor looked
        for point in self.process.start_events:
            if point.timer is None:
                continue
            deployed = Context(now=_BEGIN)
            # a date that had passed when the process was deployed is due at once
            due = next_start(self.process, point.id, datetime.min.replace(tzinfo=UTC), deployed)
            if due is not None and due <= until:
                self.now = max(self.now, due)
                self._start_main(point)
                return self.now
        return None

    def _start_point(self, fits: Any) -> StartPoint | None:
        assert self.process is not None  # noqa: S101 - the constructor looked
        return next((point for point in self.process.start_events if fits(point)), None)

    # ------------------------------------------------------------------ everything automatic

    def _go_on(self) -> None:
        """Do what can be done without an action, one command after the other, until nothing moves."""
        while not self.has_ended:
            if self.inbox:
                self.inbox.popleft()()
                continue
            command = self._next_command()
            if command is None:
                return
            self._command(*command)

    def _next_command(self) -> tuple[_Run, Command] | None:
        for run in self._open():
            due = [timer for timer in run.timers.values() if timer.due_at <= self.now]
            if due:
                first = min(due, key=lambda timer: timer.due_at)
                return run, Fire(first.activity, first.occurrence)
        for run in self._open():
            for key in run.jobs:
                return run, FinishJob(key)
        for run in self._open():
            for key in run.tasks:
                if key.element_id not in self.held:
                    return run, Complete(key)
        return None

    def _open(self) -> list[_Run]:
        return [run for run in self.runs if run.outcome is None]

    # ------------------------------------------------------------------ cases

    def _start_main(self, point: StartPoint | None) -> None:
        assert self.process is not None  # noqa: S101 - the constructor looked
        command = Start(self.data) if point is None else Start(self.data, point.id, point.trigger)
        self._start(self.process, command, None, is_main=True)

    def _start(
        self, process: Process, command: Start, parent: tuple[_Run, ActivityKey, int] | None, *, is_main: bool = False
    ) -> _Run:
        self._count_command()
        run = _Run(process, parent=parent, variables=dict(command.variables))
        self.runs.append(run)
        if is_main:
            self.main = run
        if parent is not None:
            parent[0].children[parent[1], parent[2]] = run
        self._apply(run, start(process, command, Context(now=self.now)))
        return run

    def _command(self, run: _Run, command: Command) -> None:
        if run.outcome is not None:
            return
        self._count_command()
        if isinstance(command, Fire):
            run.timers.pop((command.activity, command.occurrence), None)
        self._apply(run, advance(run.process, run.state, command, Context(now=self.now)))

    def _count_command(self) -> None:
        self.commands += 1
        if self.commands > MAX_COMMANDS:
            raise DriverError(f"The case did not come to rest within {MAX_COMMANDS} commands.")

    def _apply(self, run: _Run, step: Step) -> None:
        run.state = step.state
        run.variables.update(step.variables)
        self._note_closed(run, step)
        run.tasks.update((task.activity, None) for task in step.tasks_opened)
        run.jobs.update((job.activity, None) for job in step.jobs)
        run.timers.update(((timer.activity, timer.occurrence), timer) for timer in step.timers_set)
        run.awaited.update(((each.activity, each.kind, each.name), None) for each in step.subscriptions_set)
        for incident in step.incidents:  # what has failed is not tried again: nobody repairs it here
            self.incidents.append(f"{incident.code}: {incident.message}")
            run.tasks.pop(incident.activity, None)
            run.jobs.pop(incident.activity, None)
        self._count(step)
        run.outcome = step.outcome
        for cancelled in step.children_cancelled:
            place = (cancelled.activity, cancelled.index)
            run.refused.add(place)
            self._cancel(run.children.pop(place, None))
        for thrown in step.thrown:
            if thrown.kind == "signal":
                self.inbox.append(partial(self._broadcast, thrown.name, run, thrown.payload))
            else:
                self.inbox.append(partial(self._send, thrown.name, run, thrown.payload, thrown.correlation))
        self.inbox.extend(partial(self._start_child, run, child) for child in step.children)
        self.inbox.extend(partial(self._escalate, run, escalation.code) for escalation in step.escalations)
        if step.outcome is not None:
            self.inbox.append(partial(self._end, run, step.outcome))

    def _note_closed(self, run: _Run, step: Step) -> None:
        for closed in step.closed:
            run.tasks.pop(closed.activity, None)
            run.jobs.pop(closed.activity, None)
        for cleared in step.timers_cleared:
            run.timers.pop((cleared.activity, cleared.occurrence), None)
        for gone in step.subscriptions_cleared:
            run.awaited.pop((gone.activity, gone.kind, gone.name), None)

    def _escalate(self, run: _Run, code: str | None) -> None:
        if run.parent is not None:
            parent, key, index = run.parent
            if parent.children.get((key, index)) is run:
                self._command(parent, ChildEscalation(key, index, code))

    def _start_child(self, run: _Run, child: ChildStarted) -> None:
        if (child.activity, child.index) in run.refused:
            return
        process = self.processes.get(child.called)
        if process is None:
            raise DriverError(f"The file has no process {child.called} to call.")
        self._start(process, Start(child.variables, caught=child.caught), (run, child.activity, child.index))

    def _cancel(self, run: _Run | None) -> None:
        doomed = [run] if run is not None else []
        for each in doomed:  # grows while we walk
            if each.outcome is None:
                each.outcome = Outcome("cancelled")
            doomed.extend(each.children.values())

    def _end(self, run: _Run, outcome: Outcome) -> None:
        for child in run.children.values():
            self._cancel(child)
        if run.parent is None:
            return
        parent, key, index = run.parent
        if parent.children.pop((key, index), None) is None or parent.outcome is not None:
            return
        kind = "error" if outcome.kind == "error" else "completed"
        counted_inside = key.scope_path.rpartition("/")[2].partition(":")[0] == key.element_id
        if kind == "completed" and parent.process.element(key.element_id).is_multi_instance and not counted_inside:
            self.completed[f"{key.element_id} [child]"] += 1
        self._command(parent, EndChild(key, index, kind, run.variables, outcome.code))

    def _count(self, step: Step) -> None:
        for event in step.history:
            if event.kind != HistoryKind.COMPLETED or event.activity is None:
                continue
            host = event.activity.scope_path.rpartition("/")[2].partition(":")[0]
            instance = host == event.element_id
            self.completed[f"{event.element_id} [child]" if instance else event.element_id] += 1
