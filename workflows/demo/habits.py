"""When demo people do what: early, on the last day, late or never, in office hours, by seeded chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from workflows.clock import SHANGHAI
from workflows.deadlines.calendar import Calendar
from workflows.demo.acts import Act
from workflows.store.demo import OpenTask

Plan = Sequence[tuple[datetime, Act]]
_WITHOUT_LIMIT = timedelta(days=5)
_ASKS_AFTER = timedelta(minutes=20)
_BEFORE_THE_END = timedelta(minutes=5)


class Habits:
    """Draws plans. ``calendar`` is of the present day's law: set it whenever that may have changed."""

    def __init__(self, data: Mapping[str, Any], chance: Random, calendar: Calendar) -> None:
        self._data = data
        self._chance = chance
        self.calendar = calendar

    def plan(self, task: OpenTask, now: datetime) -> Plan:
        """Return what somebody will do with a task that has just opened; nothing when they never will."""
        usual = self._data["supervisor" if task.decides else "clerk"]
        kinds = self._data.get("steps", {}).get(task.element, usual)
        kind = self._chance.choices(list(kinds), list(kinds.values()))[0]
        asks = self._chance.random() < self._data["extension"] and task.due_at is not None and not task.in_escalation
        if kind == "never":
            return ()
        asking = [(now + _ASKS_AFTER, Act("extend", task.id))] if asks else []
        return [*asking, (self._moment(task, kind, now), Act("complete", task.id))]

    def answer(self, task: OpenTask, now: datetime) -> Plan:
        """Return what somebody will do with a late task after a decision about it."""
        if self._chance.random() >= self._data["answers_decision"]:
            return ()
        return [(self.some_workdays_on(now, "answer_workdays"), Act("complete", task.id))]

    def some_workdays_on(self, now: datetime, key: str) -> datetime:
        """Return an office hour some working days after today."""
        low, high = self._data[key]
        return self.office_hour(self._workday_after(now, self._chance.randint(low, high)))

    def office_hour(self, day: date) -> datetime:
        """Return a moment of a day on which people are in their offices."""
        low, high = self._data["busy_hours"]
        at = time(self._chance.randint(low, high - 1), self._chance.randint(0, 59))
        return datetime.combine(day, at, SHANGHAI)

    def _workday_after(self, now: datetime, number: int) -> date:
        return self.calendar.step_workdays(now.astimezone(SHANGHAI).date(), number)

    def _moment(self, task: OpenTask, kind: str, now: datetime) -> datetime:
        due = task.due_at or now + _WITHOUT_LIMIT
        last = (due - timedelta(seconds=1)).astimezone(SHANGHAI).date()
        if kind == "late":
            low, high = self._data["late_workdays"]
            return max(now, self.office_hour(self.calendar.step_workdays(last, self._chance.randint(low, high))))
        if kind == "last_day":
            return max(now, self.office_hour(last))
        share = self._chance.random() ** 2  # most people begin soon
        wanted = (now + (due - now) * share * 0.8).astimezone(SHANGHAI).date()
        at = self.office_hour(self.calendar.workday_on_or_after(wanted))
        return max(now, min(at, due - _BEFORE_THE_END))
