"""The first start: the last ninety days of the demo city up to this very moment, so that every account finds work.

The past is played on a virtual clock through the same use cases as the year; then some cases are brought to where
the named accounts find them: open, near, overdue, escalated, sent back, done. The ledger says when a play began and
when it ended, so a start that was interrupted goes on where it stopped, and a city with a history is left alone:
what fell due while nobody served is the scheduler's, by the declared policies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import yaml

from workflows import ledger
from workflows.access import system_actor
from workflows.application import Application
from workflows.cases import start_case
from workflows.clock import SHANGHAI, VirtualClock
from workflows.deadlines.calendar import Calendar
from workflows.demo.acts import COMPLETE, EXTEND, Act
from workflows.demo.city import LoadedCity, load_city
from workflows.demo.play import FILE, Play, Tally
from workflows.deployment import Deployment, deploy_law
from workflows.handing import return_task
from workflows.ledger.checkpoints import checkpoint
from workflows.store import Store, demo, demo_subjects, people
from workflows.store.demo import OpenTask
from workflows.transaction import read, run

BEGAN, LEFT, ENDED = "demo-began", "demo-case-left", "demo-ended"
_STREAM = "config"
_SEED = 90
_AT = time(10, 0)


@dataclass(frozen=True)
class Started:
    """What a start found and did. ``tally`` is None where nothing had to be played."""

    deployment: Deployment
    city: LoadedCity
    tally: Tally | None = None


def start_city(
    application: Application,
    *,
    password: str,
    days: int | None = None,
    progress: Callable[[date, date, date], None] | None = None,
) -> Started:
    """Deploy the law, load the city, and on its first start play its past up to now.

    ``days`` is how long the past is, as the data say when None. ``progress`` is told the day, the first and the last
    one. A city that was loaded without a past gets none.
    """
    content = yaml.safe_load((application.settings.law / FILE).read_text(encoding="utf-8"))
    now = application.clock.now()
    begin = read(application, _resume_at)
    is_fresh = begin is None and not read(application, demo_subjects.has_units)
    if is_fresh:
        day = (now - timedelta(days=days or content["first_start"]["days"])).astimezone(SHANGHAI).date()
        begin = datetime.combine(day, time.min, SHANGHAI)
    if begin is None:
        return Started(deploy_law(application), run(application, load_city, password=password))
    clock = VirtualClock(begin)
    past = Application(application.settings, application.database, clock, application.law, application.wake)
    deployment = deploy_law(past)
    city = run(past, _found_city, password=password)
    first = begin.astimezone(SHANGHAI).date()
    last = now.astimezone(SHANGHAI).date()
    tell = partial(_tell, progress, first, last) if progress is not None else None
    tally = _Past(past, clock, content, now, tell).play(is_whole=is_fresh)
    return Started(deployment, city, tally)


def _tell(progress: Callable[[date, date, date], None], first: date, last: date, day: date) -> None:
    progress(day, first, last)


def _resume_at(store: Store) -> datetime | None:
    """Return where a play that began and did not end has come to."""
    if demo.told(store, _STREAM, BEGAN) and not demo.told(store, _STREAM, ENDED):
        return demo.last_act(store)
    return None


def _found_city(store: Store, *, password: str) -> LoadedCity:
    """Load the city and say that its past begins, in one transaction."""
    city = load_city(store, password=password)
    if not demo.told(store, _STREAM, BEGAN):
        ledger.record(store, _STREAM, BEGAN, {"begins": store.now.isoformat()}, actor=system_actor("demo"))
    return city


def _end(store: Store) -> None:
    ledger.record(store, _STREAM, ENDED, {}, actor=system_actor("demo"))


def _leave(store: Store, case_id: str) -> None:
    ledger.record(store, _STREAM, LEFT, {"case": case_id}, actor=system_actor("demo"))


def _left_cases(store: Store) -> list[str]:
    return [content["case"] for content in demo.told(store, _STREAM, LEFT)]


class _Past:
    """The past of the city, with the scenes for its named accounts."""

    def __init__(
        self,
        application: Application,
        clock: VirtualClock,
        content: Mapping[str, Any],
        now: datetime,
        progress: Callable[[date], None] | None,
    ) -> None:
        self._application, self._now = application, now
        told = self._told = content["first_start"]
        self._texts = content["texts"]
        self._left = set(read(application, _left_cases))  # cases whose tasks nobody touches: the visitor will
        self._quiet_from = now - timedelta(days=told["quiet_days"])
        self._calendar: Calendar = read(application, demo.calendar)
        self._play = Play(
            application,
            clock,
            seed=_SEED,
            progress=progress,
            events=float(told["per_workday"]),
            accounts=tuple(told["accounts"]),
            leaves=self._is_left,
        )

    def play(self, *, is_whole: bool) -> Tally:
        """Play up to now, with the scenes unless the past goes on after an interruption that may have had them."""
        for scene in self._told["scenes"]:
            self._arrange(scene["workdays_ago"], partial(self._set, scene), is_whole=is_whole)
        self._arrange(self._told["vacancy_workdays_ago"], self._play.vacate, is_whole=is_whole)
        self._arrange(self._told["reports"]["workdays_ago"], self._report, is_whole=is_whole)
        tally = self._play.run_until(self._now)
        run(self._application, _end)
        run(self._application, checkpoint)
        return tally

    def _arrange(self, workdays_ago: int, scene: Callable[[], object], *, is_whole: bool) -> None:
        today = self._now.astimezone(SHANGHAI).date()
        at = datetime.combine(self._calendar.step_workdays(today, -workdays_ago), _AT, SHANGHAI)
        if is_whole or at > self._application.clock.now():
            self._play.at(at, scene)

    def _is_left(self, task: OpenTask) -> bool:
        return bool(task.cases & self._left) or (task.account is not None and task.started_at >= self._quiet_from)

    def _set(self, scene: Mapping[str, Any]) -> None:
        """Start a case, bring it to where it waits, and leave it as the scene says."""
        unit_id, supervising = read(self._application, _supervised, scene["unit"])
        variables = {
            "supervising_unit": supervising,
            "source_title": self._texts["source_title"][0],
            "source_kind": "inspection",
        }
        case_id = run(self._application, _start, self._told["definition"], unit_id, variables)
        task_id = self._play.bring(case_id, scene["bring_to"])
        if scene["then"] == "return":
            actor = read(self._application, _actor_for, task_id)
            run(self._application, return_task, task_id, "previous", self._texts["return_reason"][0], actor=actor)
        elif scene["then"] == "extend":
            self._play.work(Act(EXTEND, task_id))
        if "decided_workdays_ago" in scene:
            self._arrange(scene["decided_workdays_ago"], partial(self._decide, case_id), is_whole=True)
        if scene["then"] != "resume":
            self._left.add(case_id)
            run(self._application, _leave, case_id)

    def _decide(self, case_id: str) -> None:
        """Have the escalations about a case decided, by a named account where one may."""
        for task_id in read(self._application, demo.waiting_about, case_id):
            self._play.work(Act(COMPLETE, task_id))

    def _report(self) -> None:
        """Open some yearly reports by hand where the season of reports is not in this past."""
        today = self._now.astimezone(SHANGHAI).date()
        in_season = (today.month, today.day) >= tuple(self._told["reports"]["season_begins"])
        if in_season or read(self._application, demo_subjects.has_cases_of, "dual_reporting"):
            return
        year = self._application.clock.now().astimezone(SHANGHAI).year - 1
        for code in self._told["reports"]["units"]:
            unit_id = read(self._application, _unit_id, code)
            run(self._application, _start, "dual_reporting", unit_id, {"year": year})


def _start(store: Store, definition: str, unit_id: str, variables: Mapping[str, Any]) -> str:
    case = start_case(store, definition=definition, unit_id=unit_id, variables=variables, actor=system_actor("demo"))
    return case.id


def _supervised(store: Store, code: str) -> tuple[str, str]:
    found = demo_subjects.supervised(store, people.need_unit(store, code))
    if found is None:
        message = f"Expected somebody to supervise {code}."
        raise LookupError(message)
    return found


def _unit_id(store: Store, code: str) -> str:
    return people.need_unit(store, code).id


def _actor_for(store: Store, task_id: str) -> Any:
    found = demo.task_for_work(store, task_id, 0.0)
    if isinstance(found, demo.Work):
        return found.actor
    message = f"Expected somebody to work on task {task_id}."
    raise LookupError(message)
