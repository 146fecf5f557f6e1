"""How large the five lists can grow: every unit of a grown city draws up, signs and publishes its list in one run.

The same use cases as ever, as fast as the house goes: no habits, nobody is late, every form filled in by the data of
the demo. Time is taken for each step of the way, so that a step that costs more the more there are shows.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import yaml

from workflows import duties, inbox, jobs, timers
from workflows.access import system_actor
from workflows.application import Application, open_application
from workflows.cases import start_case
from workflows.clock import SHANGHAI, VirtualClock
from workflows.database import forgo_durability, migrate
from workflows.demo.acts import COMPLETE, Act, Worker
from workflows.demo.answers import Answers
from workflows.demo.city import load_city
from workflows.demo.play import FILE
from workflows.demo.year import BEGIN, DatabaseNotEmptyError
from workflows.deployment import deploy_law
from workflows.duty_files import duty_from
from workflows.relations import relations_of
from workflows.settings import Settings
from workflows.store import Store, checklist_figures, demo, demo_subjects
from workflows.store import duties as duty_rows
from workflows.tables import Duty
from workflows.transaction import read, run

FAMILY, DUTY = "responsibility_checklist", "d3_122"
_SEED = 3000
_MOST_DAYS = 60
_ON_TIME = {"claim_first": 0.0, "over_http": 0.0}


@dataclass
class Figures:
    """What a run did and how long it took, in seconds. ``steps`` are completions by the name of the step.

    ``cpu``: of this process alone, which tells the same on a busy machine.
    """

    units: int = 0
    people: int = 0
    set_up: float = 0.0
    opening: float = 0.0
    completing: float = 0.0
    house: float = 0.0
    cpu: float = 0.0
    steps: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    rows: dict[str, int] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    pace: list[tuple[int, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Return the time from the first list to the last in force."""
        return self.opening + self.completing + self.house


def publish_all(settings: Settings, *, units: int, password: str, progress: Callable[[int], None]) -> Figures:
    """Play the beginning of a year in a city of at least ``units`` until every list is in force, or raise.

    ``progress`` is told the number of completions now and then.
    """
    began = time.monotonic()
    migrate(settings.url)
    clock = VirtualClock(datetime(BEGIN.year, BEGIN.month, BEGIN.day, 8, tzinfo=SHANGHAI))
    application = open_application(settings, clock)
    forgo_durability(application.database)  # a run that is cut short is made again
    if read(application, demo_subjects.has_units):
        application.database.dispose()
        raise DatabaseNotEmptyError
    deploy_law(application)
    city = run(application, load_city, password=password, year=BEGIN.year, units=units)
    found = Figures(units=city.units, people=city.people, set_up=time.monotonic() - began)
    used = time.process_time()
    _Run(application, clock, found, progress).play()
    found.cpu = time.process_time() - used
    found.rows, found.lists = read(application, _counts)
    application.database.dispose()
    return found


def _counts(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    return checklist_figures.rows_of_tables(store), checklist_figures.lists_by_status(store)


def _units_without(store: Store) -> list[str]:
    """Return the units that the duty is for and that their region's scheme leaves out: here they all take part."""
    row = duty_from(store.need(Duty, DUTY).content)
    day = store.now.astimezone(SHANGHAI).date()
    known = checklist_figures.units_with_case(store, FAMILY)
    found = [unit for unit in duty_rows.open_units(store, row.kinds, row.levels, day) if unit.id not in known]
    return [unit.id for unit in found if all(relations_of(store, unit).get(name) for name in row.has)]


def _start(store: Store, unit_id: str) -> None:
    variables = {"year": BEGIN.year}
    start_case(store, definition=FAMILY, unit_id=unit_id, variables=variables, actor=system_actor("play"))


class _Run:
    def __init__(
        self, application: Application, clock: VirtualClock, found: Figures, progress: Callable[[int], None]
    ) -> None:
        content: dict[str, Any] = yaml.safe_load((application.settings.law / FILE).read_text(encoding="utf-8"))
        choices = {"review_outcome": "pass", "endorse": "endorse", "publicity_scope": "system"}
        content["fields"] = {**content["fields"], **{key: {value: 1.0} for key, value in choices.items()}}
        content["choices"] = {**content["choices"], "return": 0, "amend": 0}
        chance = Random(_SEED)  # noqa: S311 - a play, not a secret
        habits = {**content["habits"], **_ON_TIME}
        self._worker = Worker(application, Answers(content, chance), chance, habits)
        self._application, self._clock, self._found, self._progress = application, clock, found, progress
        self._since = datetime.fromtimestamp(0, SHANGHAI)
        self._done = 0

    def play(self) -> None:
        """Open every list, then let people and the house work until no list is under way."""
        began = time.monotonic()
        today = self._clock.now().astimezone(SHANGHAI).date()
        duties.generate_all(self._application, today, actor=system_actor("play"))
        for unit_id in read(self._application, _units_without):
            run(self._application, _start, unit_id)
        self._found.opening = time.monotonic() - began
        for _ in range(_MOST_DAYS):
            self._day()
            if read(self._application, checklist_figures.all_in_force):
                return
            self._clock.move_to(self._clock.now() + timedelta(days=1))

    def _day(self) -> None:
        """Work until nothing of the drawing up waits today."""
        while True:
            began = time.monotonic()
            self._settle()
            self._found.house += time.monotonic() - began
            waiting = read(self._application, checklist_figures.waiting_steps)
            if not waiting:
                return
            began = time.monotonic()
            for task_id, name in waiting:
                self._complete(task_id, name)
            self._found.completing += time.monotonic() - began

    def _complete(self, task_id: str, name: str) -> None:
        done = self._worker.do(Act(COMPLETE, task_id))
        counted = self._found.steps if done.startswith("completed") else self._found.refused
        counted[name if counted is self._found.steps else done] += 1
        self._done += 1
        if self._done % 500 == 0:
            self._found.pace.append((self._done, self._found.seconds))
            self._progress(self._done)

    def _settle(self) -> None:
        while True:
            found = read(self._application, demo.situation)
            if found.has_inboxes:
                inbox.advance_waiting(self._application)
            elif found.has_jobs:
                jobs.run_due(self._application)
            elif found.next_due is not None and found.next_due <= self._clock.now():
                timers.fire_due(self._application)
            else:
                return
