"""Dates that hold up: no limit in days ends on a free day, and each date is what its explanation counts to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from workflows.deadlines.recount import recount
from workflows.demo.invariants.source import Found, Invariant, Row, Source, instant, local_day, midnight, moment, shown
from workflows.demo.invariants.timers import Limit, limits

_SATURDAY = 5
_MARGIN = timedelta(days=40)


def _in_hours(limit: Limit) -> bool:
    return limit.explanation.get("last_day") is None


def _on_working_days(source: Source) -> Found:
    """Judge by the year's notice, read anew; before it is loaded, only weekends are known to be free."""
    faults, looked_at = [], 0
    for limit in limits(source):
        if _in_hours(limit) or limit.explanation["roll"] == "none":
            continue
        looked_at += 1
        last = local_day(limit.due_at - timedelta(microseconds=1))
        told = f"时限 {limit.id}（{limit.rule}）止于 {last}"
        if midnight(last + timedelta(days=1)) != limit.due_at:
            faults.append(f"{told}，却不在当日 24 时")
        elif limit.provisional or not source.working_days.knows(last):
            if last.weekday() >= _SATURDAY and not source.working_days.is_worked(last, limit.region):
                faults.append(f"{told}，是周末")
        elif not source.working_days.is_worked(last, limit.region):
            faults.append(f"{told}，不是工作日")
    return Found(looked_at, tuple(faults))


def _provisional_shown(source: Source) -> Found:
    """Look whether running dates in years without a notice are marked provisional, and others are not."""
    running = [limit for limit in limits(source) if limit.done_at is None and limit.case_ended_at is None]
    faults = []
    for limit in running:
        last = local_day(limit.due_at - timedelta(microseconds=1))
        if not source.working_days.knows(last) and not limit.provisional and not _in_hours(limit):
            faults.append(f"时限 {limit.id}（{limit.rule}）止于 {last}，当年日历没有公布，却没有标暂定")
        elif limit.provisional and source.working_days.knows(last) and source.working_days.knows(last + _MARGIN):
            faults.append(f"时限 {limit.id}（{limit.rule}）止于 {last}，日历已经公布，仍标暂定")
    return Found(len(running), tuple(faults))


def _recounted(source: Source) -> Found:
    faults, looked_at = [], 0
    for limit in limits(source):
        told = limit.explanation
        if moment(told["due_at"]) != limit.due_at:
            faults.append(f"时限 {limit.id} 的说明算到 {told['due_at']}，却写作 {shown(limit.due_at)}")
        if (
            limit.provisional
        ):  # counted by the statutory pattern, which is no notice: seen again when the year is loaded
            continue
        looked_at += 1
        first = date.fromisoformat(told["start_day"]) - _MARGIN
        worked = source.working_days.worked(first, local_day(limit.due_at) + _MARGIN, limit.region)
        faults += [
            f"时限 {limit.id}（{limit.rule}）{fault}"
            for fault in recount(told, worked).faults
            if not (fault.startswith("near_at") and _closed_before_its_year(limit))
        ]
    return Found(looked_at, tuple(faults))


def _closed_before_its_year(limit: Limit) -> bool:
    """Whether a limit was closed while a year that it rests on had no notice: nothing counts it again."""
    return (limit.done_at or limit.case_ended_at) is not None and ":p" in limit.explanation["calendar_version"]


def _repeated_dates(source: Source) -> Found:
    """Tasks and facts repeat the dates of their deadline."""
    rows = source.rows(
        "SELECT d.id, d.due_at, d.near_at, t.due_at AS task_due, t.near_at AS task_near, f.due_at AS fact_due"
        " FROM deadline d JOIN task t ON t.activity_id = d.activity_id LEFT JOIN step_fact f"
        " ON f.activity_id = d.activity_id"
    )
    faults = [
        f"时限 {row['id']} 止于 {shown(instant(row['due_at']))}，待办或统计里是 {shown(instant(row['task_due']))}"
        for row in rows
        if not (instant(row["due_at"]) == instant(row["task_due"]) == instant(row["fact_due"]))
        or instant(row["near_at"]) != instant(row["task_near"])
    ]
    return Found(len(rows), tuple(faults))


def _lights_at_closing(source: Source) -> Found:
    rows = source.rows(
        "SELECT activity_id, opened_at, near_at, due_at, closed_at, light FROM step_fact WHERE closed_at IS NOT NULL"
    )
    faults = tuple(_wrong_lights(rows))
    return Found(len(rows), faults)


def _wrong_lights(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        closed, due, near = moment(row["closed_at"]), instant(row["due_at"]), instant(row["near_at"])
        wanted = "normal"
        if due is not None and closed >= due:
            wanted = "overdue"
        elif due is not None and near is not None and near != due and closed >= near:
            wanted = "near"
        if row["light"] != wanted:
            yield f"环节 {row['activity_id']} 办结时应为 {wanted}，却记作 {row['light']}"


INVARIANTS = (
    Invariant("due-on-working-day", "按日计算的时限都止于工作日", _on_working_days),
    Invariant("provisional-shown", "日历未公布的日期都标暂定", _provisional_shown),
    Invariant("dates-recounted", "每个日期都能按说明重新数出来", _recounted),
    Invariant("dates-repeated", "待办和统计里的日期与时限一致", _repeated_dates),
    Invariant("lights-at-closing", "办结时的灯记得对", _lights_at_closing),
)
