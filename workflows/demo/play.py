"""Play the demo city: a virtual clock that jumps from due row to due row, and people who work by their habits.

Everything goes through the use cases that the doors call, each person with their own rights. What a person will do
with a task is decided once, by seeded chance, when the task opens; the clock then goes to whatever comes first: a
timer, a person's act, or the morning of a day.
"""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import yaml

from workflows import duties, inbox, jobs, reminders, timers
from workflows.access import system_actor
from workflows.application import Application
from workflows.cases import start_case
from workflows.clock import SHANGHAI, VirtualClock
from workflows.demo.acts import Act, Worker, WorkFault
from workflows.demo.answers import Answers
from workflows.errors import WorkflowError
from workflows.store import demo
from workflows.transaction import read, run

FILE = "demo/answers.yaml"
_MORNING, _DIGEST = time(7, 30), time(8, 0)
_logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """What happened while playing."""

    acts: Counter[str] = field(default_factory=Counter)
    timers: int = 0
    jobs: int = 0
    days: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Play:
    """One play on one database. ``worker`` does the acts; ``progress`` is called after each day."""

    def __init__(
        self,
        application: Application,
        clock: VirtualClock,
        *,
        seed: int,
        worker: Worker | None = None,
        progress: Callable[[date], None] | None = None,
        leave_from: datetime | None = None,
    ) -> None:
        content = yaml.safe_load((application.settings.law / FILE).read_text(encoding="utf-8"))
        self._application, self._clock = application, clock
        self._chance = Random(seed)  # noqa: S311 - a play, not a secret
        self._data: Mapping[str, Any] = content
        answers = Answers(content, self._chance)
        self._worker = worker or Worker(application, answers, self._chance, content)
        self._worker.adopt(answers, self._chance)
        self._progress = progress
        self._leave_from = leave_from  # tasks of named accounts that open later are left to the visitor
        self._planned: list[tuple[datetime, int, Act]] = []
        self._known: set[str] = set()
        self._number = 0
        self.tally = Tally()

    def run_until(self, end: datetime) -> Tally:
        """Play to ``end``. What falls due at the same instant happens in order: timers, then people, then the day."""
        self._settle()
        morning = self._next_morning(self._clock.now())
        while True:
            upcoming = [morning, end]
            due = read(self._application, demo.next_timer)
            if due is not None:
                upcoming.append(due)
            if self._planned:
                upcoming.append(self._planned[0][0])
            self._clock.move_to(min(upcoming))
            if self._clock.now() >= end:
                self._settle()
                return self.tally
            self._settle()
            while self._planned and self._planned[0][0] <= self._clock.now():
                self._act(heapq.heappop(self._planned)[2])
            if self._clock.now() >= morning:
                self._begin_day()
                morning = self._next_morning(morning)

    # ------------------------------------------------------------------ the house

    def _settle(self) -> None:
        """Let timers, jobs and inboxes run dry, then look what opened."""
        while True:
            fired = timers.fire_due(self._application)
            done = jobs.run_due(self._application)
            moved = inbox.advance_waiting(self._application)
            self.tally.timers += fired
            self.tally.jobs += done
            if not fired + done + moved:
                break
        self._look()

    def _begin_day(self) -> None:
        today = self._clock.now().astimezone(SHANGHAI).date()
        self.tally.days += 1
        duties.generate_all(self._application, today, actor=system_actor("play"))
        if read(self._application, demo.is_workday, today):
            run(self._application, reminders.send_digests, today)
            self._raise_events()
        self._settle()
        if self._progress is not None:
            self._progress(today)

    def _next_morning(self, after: datetime) -> datetime:
        local = after.astimezone(SHANGHAI)
        day = local.date() if local.time() < _MORNING else local.date() + timedelta(days=1)
        return datetime.combine(day, _MORNING, SHANGHAI)

    def _raise_events(self) -> None:
        """Start what events bring: about so many cases a working day, each supervised by the unit above."""
        events = self._data["events"]
        number = int(events["per_workday"]) + (self._chance.random() < events["per_workday"] % 1)
        for _ in range(number):
            subject = read(self._application, demo.pick_subject, self._chance.random(), list(events["kinds"]))
            if subject is None:
                return
            unit_id, supervising = subject
            kinds = ["inspection", "tour", "assessment", "audit", "npc", "public"]
            variables = {
                "supervising_unit": supervising,
                "source_title": self._chance.choice(self._data["texts"]["source_title"]),
                "source_kind": self._chance.choice(kinds),
            }
            try:
                run(
                    self._application,
                    start_case,
                    definition=str(events["definition"]),
                    unit_id=unit_id,
                    variables=variables,
                    actor=system_actor("play"),
                )
            except WorkflowError as fault:
                self.tally.refused[fault.code] += 1

    # ------------------------------------------------------------------ the people

    def _look(self) -> None:
        """Plan what people will do with the tasks that opened since the last look."""
        for task in read(self._application, demo.open_tasks):
            if task.id in self._known:
                continue
            self._known.add(task.id)
            self._plan(task)

    def _plan(self, task: demo.OpenTask) -> None:
        if self._leave_from is not None and task.for_account and task.started_at >= self._leave_from:
            return
        habits = self._data["habits"]["supervisor" if task.decides else "clerk"]
        kind = self._chance.choices(list(habits), list(habits.values()))[0]
        if kind == "never":
            return
        at = self._moment(task, kind)
        if self._chance.random() < self._data["habits"]["extension"] and task.due_at and not task.in_escalation:
            self._push(self._clock.now() + timedelta(minutes=20), Act("extend", task.id))
        self._push(at, Act("complete", task.id))

    def _push(self, at: datetime, act: Act) -> None:
        self._number += 1
        heapq.heappush(self._planned, (at, self._number, act))

    def _moment(self, task: demo.OpenTask, kind: str) -> datetime:
        now = self._clock.now()
        due = task.due_at or now + timedelta(days=5)
        if kind == "late":
            low, high = self._data["habits"]["late_workdays"]
            day = read(self._application, demo.shift_workdays, due, self._chance.randint(low, high))
            return self._office_hour(day)
        if kind == "last_day":
            return max(now, self._office_hour((due - timedelta(seconds=1)).astimezone(SHANGHAI).date()))
        share = self._chance.random() ** 2  # most people begin soon
        wanted = now + (due - now) * share * 0.8
        return max(now, min(self._office_hour(wanted.astimezone(SHANGHAI).date()), due - timedelta(minutes=5)))

    def _office_hour(self, day: date) -> datetime:
        low, high = self._data["habits"]["busy_hours"]
        at = time(self._chance.randint(low, high - 1), self._chance.randint(0, 59))
        return datetime.combine(day, at, SHANGHAI)

    def _act(self, act: Act) -> None:
        try:
            self.tally.acts[self._worker.do(act)] += 1
        except WorkFault as fault:
            self.tally.refused[f"{act.kind}:{fault}"] += 1
            _logger.info("an act was refused", extra={"action": "act_refused", "task": act.task_id, "code": str(fault)})
        self._settle()
