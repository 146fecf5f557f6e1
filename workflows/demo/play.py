"""Play the demo city: a virtual clock that jumps from due row to due row, and people who work by their habits.

Everything goes through the use cases that the doors call, each person with their own rights. What a person will do
with a task is decided once, by seeded chance, when the task opens; the clock then goes to whatever comes first: a
timer, a person's act, or the morning of a day.
"""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

import yaml

from workflows import duties, inbox, jobs, reminders, timers, vacancies
from workflows.access import system_actor
from workflows.application import Application
from workflows.cases import start_case
from workflows.clock import SHANGHAI, VirtualClock
from workflows.demo.acts import COMPLETE, WAITING, Act, Door, Worker, WorkError
from workflows.demo.answers import Answers
from workflows.demo.habits import Habits, Plan
from workflows.demo.interventions import LEAVE, NOTHING, Interventions
from workflows.errors import WorkflowError
from workflows.ledger.checkpoints import checkpoint
from workflows.store import demo, demo_subjects
from workflows.store.demo import OpenTask
from workflows.transaction import read, run

FILE = "demo/answers.yaml"
_MORNING = time(7, 30)
_DIGESTS = 200
_MONDAY = 0
_MOST_STEPS = 30
_logger = logging.getLogger(__name__)

Appointment = tuple[datetime, Callable[[], object]]


@dataclass
class Tally:
    """What happened while playing."""

    acts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)
    timers: int = 0
    jobs: int = 0
    days: int = 0
    started: int = 0
    occurrences: int = 0


class Play:
    """One play on one database. ``progress`` is called after each day.

    ``door`` does a share of the completions over HTTP. ``appointments`` are done at their time. ``events`` is how
    many cases come up on a working day, as the data say when None. ``leaves`` says of a task that opened whether it is
    left to a visitor; tasks tell which of the ``accounts`` may take them.
    """

    def __init__(
        self,
        application: Application,
        clock: VirtualClock,
        *,
        seed: int,
        door: Door | None = None,
        progress: Callable[[date], None] | None = None,
        appointments: Iterable[Appointment] = (),
        events: float | None = None,
        accounts: tuple[str, ...] = (),
        leaves: Callable[[OpenTask], bool] | None = None,
    ) -> None:
        content: Mapping[str, Any] = yaml.safe_load((application.settings.law / FILE).read_text(encoding="utf-8"))
        self._application, self._clock, self._data = application, clock, content
        self._chance = Random(seed)  # noqa: S311 - a play, not a secret
        answers = Answers(content, self._chance)
        self._worker = Worker(application, answers, self._chance, content["habits"], door)
        self._interventions = Interventions(application, content, self._chance)
        self._habits = Habits(content["habits"], self._chance, read(application, demo.calendar))
        self._progress = progress
        self._events = float(content["events"]["per_workday"]) if events is None else events
        self._accounts, self._leaves = accounts, leaves
        self._planned: list[tuple[datetime, int, Callable[[], None]]] = []
        self._known: set[str] = set()
        self._looked_at = datetime.fromtimestamp(0, SHANGHAI)
        self._number = self._matters = 0
        self.tally = Tally(corrected=self._worker.corrected)
        for at, appointment in appointments:
            self._push(at, partial(self._meet, appointment))

    def run_until(self, end: datetime) -> Tally:
        """Play to ``end``. What falls due at the same instant happens in order: timers, then people, then the day."""
        due = self._settle()
        morning = self._next_morning(self._clock.now())
        while True:
            upcoming = [morning, end, *([due] if due else []), *([self._planned[0][0]] if self._planned else [])]
            self._clock.move_to(min(upcoming))
            if self._clock.now() >= end:
                self._settle()
                return self.tally
            due = self._settle()
            while self._planned and self._planned[0][0] <= self._clock.now():
                heapq.heappop(self._planned)[2]()
                due = self._settle()
            if self._clock.now() >= morning:
                due = self._begin_day()
                morning = self._next_morning(morning)

    def at(self, moment: datetime, appointment: Callable[[], object]) -> None:
        """Make a further appointment."""
        self._push(moment, partial(self._meet, appointment))

    def bring(self, case_id: str, element_id: str) -> str:
        """Have everything done in a case at once until a step waits; return its task. Named accounts come first."""
        for _ in range(_MOST_STEPS):
            self._run_dry()
            waiting = read(self._application, demo.waiting_in, case_id)
            for task_id, waits_at in waiting:
                if waits_at == element_id:
                    return task_id
            for task_id, _waits_at in waiting:
                self._worker.do(Act(COMPLETE, task_id), self._accounts)
        message = f"Expected case {case_id} to reach {element_id}."
        raise LookupError(message)

    def work(self, act: Act) -> None:
        """Have an act done now; named accounts come first."""
        self._worker.do(act, self._accounts)

    def vacate(self) -> None:
        """Let somebody leave whose post nobody else holds, for good."""
        self._interventions.do(Act(LEAVE))

    # ------------------------------------------------------------------ the house

    def _settle(self) -> datetime | None:
        """Let the house run dry, look what opened, and return when it has something to do next."""
        while True:
            found, news = read(self._application, demo.outlook, self._looked_at, self._accounts)
            if news is not None:
                self._plan_all(news)
                return found.next_due
            self._work_off(found)

    def _run_dry(self) -> None:
        """Let timers, inboxes and jobs do what is due."""
        while not demo.quiet(found := read(self._application, demo.situation), self._clock.now()):
            self._work_off(found)

    def _work_off(self, found: demo.Situation) -> None:
        if found.has_inboxes:
            inbox.advance_waiting(self._application)
        elif found.has_jobs:
            self.tally.jobs += jobs.run_due(self._application)
        else:
            self.tally.timers += timers.fire_due(self._application)

    def _begin_day(self) -> datetime | None:
        today = self._clock.now().astimezone(SHANGHAI).date()
        self.tally.days += 1
        self._habits.calendar = read(self._application, demo.calendar)
        self.tally.occurrences += duties.generate_all(self._application, today, actor=system_actor("play")).opened
        vacancies.look_after_holders(self._application, _DIGESTS)
        if self._habits.calendar.is_workday(today).workday:
            run(self._application, reminders.send_digests, today)
            self._raise_events()
            self._raise_matter()
            for act in self._interventions.of_today():
                self._push(self._habits.office_hour(today), partial(self._intervene, act))
        if today.weekday() == _MONDAY:
            run(self._application, checkpoint)
        due = self._settle()
        if self._progress is not None:
            self._progress(today)
        return due

    def _next_morning(self, after: datetime) -> datetime:
        local = after.astimezone(SHANGHAI)
        day = local.date() if local.time() < _MORNING else local.date() + timedelta(days=1)
        return datetime.combine(day, _MORNING, SHANGHAI)

    def _raise_events(self) -> None:
        """Start what events bring: about so many cases a working day, each supervised by the unit above."""
        events = self._data["events"]
        number = int(self._events) + (self._chance.random() < self._events % 1)
        for _ in range(number):
            subject = read(self._application, demo_subjects.pick_subject, self._chance.random(), list(events["kinds"]))
            if subject is None:
                return
            variables = {
                "supervising_unit": subject[1],
                "source_title": self._chance.choice(self._data["texts"]["source_title"]),
                "source_kind": self._chance.choice(events["source_kinds"]),
            }
            self._start_case(str(events["definition"]), subject[0], variables)

    def _raise_matter(self) -> None:
        """Now and then a clue leads to two investigations: of somebody at a unit, and of its head."""
        told = self._data["matters"]
        if self._chance.random() >= told["per_workday"]:
            return
        place = self._chance.choice(told["places"])
        found = read(self._application, demo_subjects.people_of, place["unit"], place["subject"], told["posts"])
        if found is None:
            return
        unit_id, (party, leader) = found
        self._matters += 1
        variables = {
            "trigger": "clue",
            "fact_key": f"演练-{self._clock.now():%Y%m%d}-{self._matters}",
            "matter_title": self._chance.choice(self._data["texts"]["matter_title"]),
            "subject_unit": place["subject"],
            "matter_kind": self._chance.choice(told["kinds"]),
            "amount": self._chance.choice(told["amounts"]),
            "severity": "serious",
            "months": 0,
            "spread": 0,
            "parties": [party],
            "leaders": [leader],
        }
        self._start_case(str(told["definition"]), unit_id, variables)

    def _start_case(self, definition: str, unit_id: str, variables: Mapping[str, Any]) -> None:
        try:
            run(
                self._application,
                start_case,
                definition=definition,
                unit_id=unit_id,
                variables=variables,
                actor=system_actor("play"),
            )
            self.tally.started += 1
        except WorkflowError as fault:
            self.tally.refused[f"start:{fault.code}"] += 1

    def _meet(self, appointment: Callable[[], object]) -> None:
        appointment()
        self._habits.calendar = read(self._application, demo.calendar)

    # ------------------------------------------------------------------ the people

    def _plan_all(self, found: demo.News) -> None:
        """Plan what people will do about what is new since the last look."""
        since, self._looked_at = self._looked_at, self._clock.now()
        for task in found.opened:
            if task.id not in self._known and not (self._leaves and self._leaves(task)):
                self._plan(self._habits.plan(task, self._clock.now()))
            self._known.add(task.id)
        for task in found.urged:
            told = f"urged:{task.id}:{since.date()}"
            if told not in self._known:
                self._plan(self._habits.answer(task, self._clock.now()))
            self._known.add(told)

    def _plan(self, plan: Plan) -> None:
        for at, act in plan:
            self._push(at, partial(self._work, act))

    def _push(self, at: datetime, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._planned, (at, self._number, act))

    def _work(self, act: Act) -> None:
        try:
            done = self._worker.do(act)
        except WorkError as fault:
            self._refuse(act, fault)
            return
        self.tally.acts[done] += 1
        if done == WAITING and act.kind == COMPLETE:
            again = self._habits.some_workdays_on(self._clock.now(), "answer_workdays")
            self._push(again, partial(self._work, act))

    def _intervene(self, act: Act) -> None:
        try:
            following = self._interventions.do(act)
        except WorkError as fault:
            if fault.code != NOTHING:
                self._refuse(act, fault)
            return
        self.tally.acts[act.kind] += 1
        for habit, then in following:
            at = self._habits.some_workdays_on(self._clock.now(), habit)
            self._push(at, partial(self._intervene, then))

    def _refuse(self, act: Act, fault: WorkError) -> None:
        self.tally.refused[f"{act.kind}:{fault}"] += 1
        _logger.info("an act was refused", extra={"action": "act_refused", "subject": act.subject, "code": fault.code})
