"""Every timer fires exactly once, never early, and none that is due is left; none that should be there is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflows.demo.invariants.source import Found, Invariant, Row, Source, document, local_day, midnight, moment, shown

_SET_ASIDE = 3  # firings that failed so often wait behind an incident


@dataclass(frozen=True)
class Rung:
    """A step of the ladder of a limit: what happens, and on which working day from the last one."""

    step: str
    action: str
    workdays: int


@dataclass(frozen=True)
class Limit:
    """A deadline with what the checker needs around it."""

    id: str
    case_id: str
    rule: str
    activity_id: str | None
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    provisional: bool
    explanation: Any
    region: str
    in_escalation: bool
    case_status: str
    case_ended_at: datetime | None
    last_moved_at: datetime | None

    @property
    def last_day(self) -> date:
        told = self.explanation.get("last_day")
        return date.fromisoformat(told) if told else local_day(self.due_at)

    @property
    def kind(self) -> tuple[str, bool, str]:
        """Limits of one kind have the same ladder."""
        return self.rule, self.in_escalation, self.region


def limits(source: Source) -> list[Limit]:
    """Return every deadline."""
    found: list[Limit] = source.remember("limits", _read_limits)
    return found


def _read_limits(source: Source) -> list[Limit]:
    moved = {
        row["deadline_id"]: moment(row["at"])
        for row in source.rows("SELECT deadline_id, max(changed_at) AS at FROM deadline_change GROUP BY deadline_id")
    }
    rows = source.rows(
        "SELECT d.*, c.status AS case_status, c.ended_at, r.region, e.case_id AS escalation_id FROM deadline d"
        ' JOIN "case" c ON c.id = d.case_id LEFT JOIN region_version r ON r.id = c.region_version_id'
        " LEFT JOIN escalation e ON e.case_id = c.id OR e.case_id = c.root_case_id"
    )
    return [_limit(row, moved.get(row["id"])) for row in rows]


def _limit(row: Row, moved_at: datetime | None) -> Limit:
    return Limit(
        row["id"],
        row["case_id"],
        row["rule"],
        row["activity_id"],
        moment(row["started_at"]),
        moment(row["due_at"]),
        moment(row["done_at"]) if row["done_at"] is not None else None,
        bool(row["provisional"]),
        document(row["explanation"]),
        row["region"] or "",
        row["escalation_id"] is not None,
        row["case_status"],
        moment(row["ended_at"]) if row["ended_at"] is not None else None,
        moved_at,
    )


def ladder_timers(source: Source) -> dict[str, list[Row]]:
    """Return the ladder timers by the deadline that they belong to."""
    found: dict[str, list[Row]] = source.remember("ladder", _read_ladder)
    return found


def _read_ladder(source: Source) -> dict[str, list[Row]]:
    by_limit: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows("SELECT id, deadline_id, step, due_at, state, content FROM timer WHERE kind = 'ladder'"):
        by_limit[row["deadline_id"]].append({**row, "content": document(row["content"])})
    return by_limit


def rungs(source: Source) -> dict[tuple[str, bool, str], dict[str, Rung]]:
    """Return the ladder of every kind of limit: what any limit of that kind had."""
    found: dict[tuple[str, bool, str], dict[str, Rung]] = source.remember("rungs", _read_rungs)
    return found


def _read_rungs(source: Source) -> dict[tuple[str, bool, str], dict[str, Rung]]:
    timers = ladder_timers(source)
    ladders: dict[tuple[str, bool, str], dict[str, Rung]] = defaultdict(dict)
    for limit in limits(source):
        for timer in timers.get(limit.id, ()):
            told = timer["content"]
            ladders[limit.kind][told["step"]] = Rung(told["step"], told["action"], int(told["workdays"]))
    for (rule, in_escalation, _), ladder in list(ladders.items()):  # regions differ in days, not in rungs
        for other in [kind for kind in ladders if kind[:2] == (rule, in_escalation)]:
            for step, rung in ladder.items():
                ladders[other].setdefault(step, rung)
    return ladders


def rung_at(source: Source, limit: Limit, rung: Rung) -> datetime:
    """Return when a rung of a limit is due, by the checker's own counting of working days."""
    if rung.workdays == 0:
        return limit.due_at if rung.action == "overdue" else midnight(limit.last_day)
    at = midnight(source.working_days.step(limit.last_day, rung.workdays, limit.region))
    return max(at, limit.due_at) if rung.workdays > 0 else at


# ------------------------------------------------------------------ the invariants


def _fired_once(source: Source) -> Found:
    rows = source.rows("SELECT id, state, firings, fired_at, step FROM timer")
    faults = [
        f"定时 {row['id']}（{row['step']}）状态 {row['state']}，点火 {row['firings']} 次"
        for row in rows
        if row["firings"] != (row["state"] == "fired") or (row["fired_at"] is not None) != (row["state"] == "fired")
    ]
    twice = source.rows(
        "SELECT deadline_id, kind, step, due_at, count(*) AS number FROM timer WHERE state = 'fired'"
        " AND deadline_id IS NOT NULL GROUP BY deadline_id, kind, step, due_at HAVING count(*) > 1"
    )
    faults += [f"时限 {row['deadline_id']} 的 {row['step']} 同一时刻点火 {row['number']} 次" for row in twice]
    return Found(len(rows), tuple(faults))


def _never_early(source: Source) -> Found:
    rows = source.rows("SELECT id, due_at, fired_at FROM timer WHERE fired_at IS NOT NULL")
    faults = [
        f"定时 {row['id']} 应于 {shown(moment(row['due_at']))}，却于 {shown(moment(row['fired_at']))} 点火"
        for row in rows
        if moment(row["fired_at"]) < moment(row["due_at"])
    ]
    return Found(len(rows), tuple(faults))


def _none_left(source: Source) -> Found:
    rows = source.rows(
        "SELECT t.id, t.due_at, t.faults, t.case_id, (SELECT count(*) FROM incident i WHERE i.case_id = t.case_id"
        " AND i.status = 'open') AS incidents FROM timer t JOIN \"case\" c ON c.id = t.case_id"
        " WHERE t.state = 'armed' AND t.due_at <= $now AND c.status = 'active'"
    )
    faults = [
        f"定时 {row['id']} 已于 {shown(moment(row['due_at']))} 到期，仍未点火"
        for row in rows
        if row["faults"] < _SET_ASIDE or not row["incidents"]
    ]
    armed = source.rows("SELECT count(*) AS number FROM timer WHERE state = 'armed'")[0]["number"]
    return Found(armed, tuple(faults))


def _ladders_complete(source: Source) -> Found:
    """Look whether each limit has the timers that others of its kind have, a running one armed or fired.

    Reminders that came too late to help may lack.
    """
    timers, ladders, faults = ladder_timers(source), rungs(source), []
    for limit in limits(source):
        is_running = limit.done_at is None and limit.case_ended_at is None
        counted = {"armed", "fired"} if is_running else {"armed", "fired", "cancelled"}
        have = {timer["content"]["step"] for timer in timers.get(limit.id, ()) if timer["state"] in counted}
        known = max(limit.started_at, limit.last_moved_at or limit.started_at)
        for rung in ladders.get(limit.kind, {}).values():
            if rung.step in have or (rung.action == "remind" and _came_too_late(source, limit, rung, known)):
                continue
            faults.append(f"时限 {limit.id}（{limit.rule}）缺少定时 {rung.step}")
    return Found(sum(map(len, timers.values())), tuple(faults))


def _came_too_late(source: Source, limit: Limit, rung: Rung, known: datetime) -> bool:
    """Whether the day of a reminder had passed when its limit was known; across years that day may have moved since."""
    began = date.fromisoformat(limit.explanation["start_day"])
    return began.year != limit.last_day.year or rung_at(source, limit, rung) <= known


def _rungs_on_their_day(source: Source) -> Found:
    """Look whether each armed rung stands where the ladder's offset in working days puts it."""
    timers, ladders, faults, looked_at = ladder_timers(source), rungs(source), [], 0
    for limit in limits(source):
        for timer in timers.get(limit.id, ()):
            if timer["state"] != "armed" or limit.provisional:
                continue
            rung = ladders[limit.kind][timer["content"]["step"]]
            wanted = rung_at(source, limit, rung)
            if not source.working_days.knows(local_day(wanted)):
                continue  # counted by the statutory pattern until the year's notice comes
            looked_at += 1
            if moment(timer["due_at"]) != wanted:
                told = f"定于 {shown(moment(timer['due_at']))}，应为 {shown(wanted)}"
                faults.append(f"时限 {limit.id}（{limit.rule}）的 {rung.step} {told}")
    return Found(looked_at, tuple(faults))


def _events_armed(source: Source) -> Found:
    """Where one activity of an element had a timer of the diagram, each has: armed for as long as it is open."""
    timers = source.rows(
        "SELECT t.id, t.host_activity_id, t.step, t.state, a.element_id, c.process_key FROM timer t"
        " JOIN activity a ON a.id = t.host_activity_id JOIN \"case\" c ON c.id = t.case_id WHERE t.kind = 'bpmn'"
    )
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    have: dict[str, dict[str, str]] = defaultdict(dict)
    for row in timers:
        event = _event_of(row["step"])
        wanted[row["process_key"], row["element_id"]].add(event)
        if have[row["host_activity_id"]].get(event) != "armed":
            have[row["host_activity_id"]][event] = row["state"]
    activities = source.rows(
        'SELECT a.id, a.element_id, a.status, c.process_key FROM activity a JOIN "case" c ON c.id = a.case_id'
    )
    faults = []
    for row in activities:
        for event in sorted(wanted.get((row["process_key"], row["element_id"]), ())):
            state = have[row["id"]].get(event)
            if state is None:
                faults.append(f"环节 {row['element_id']}（{row['id']}）缺少流程定时 {event}")
            elif state == "armed" and row["status"] != "open":
                faults.append(f"环节 {row['element_id']}（{row['id']}）已结束，定时 {event} 仍在等待")
    return Found(len(timers), tuple(faults))


def _event_of(step: str) -> str:
    """Return the element of an activity key as text: scope|element:iteration:attempt."""
    return step.rsplit("|", 1)[-1].split(":", 1)[0]


INVARIANTS = (
    Invariant("timers-fired-once", "每个定时恰好点火一次", _fired_once),
    Invariant("timers-never-early", "没有定时提前点火", _never_early),
    Invariant("timers-none-left", "没有到期而未点火的定时", _none_left),
    Invariant("ladder-complete", "每个时限的提醒、逾期、督办定时齐全", _ladders_complete),
    Invariant("ladder-on-its-day", "梯级定时落在规定的工作日", _rungs_on_their_day),
    Invariant("events-armed", "流程图上的定时齐全", _events_armed),
)
