"""What is late is escalated, and what is escalated is decided, passed up, or stands named at the ladder's end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from workflows.demo.invariants.source import Found, Invariant, Row, Source, instant, moment, shown
from workflows.demo.invariants.timers import Limit, limits, rung_at, rungs

_PASSED = {"passed_up", "recused"}


def _escalated(source: Source) -> Found:
    """Each step that ran past a rung that escalates has an escalation which was open then or began then."""
    about: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows("SELECT source_deadline_id, created_at, closed_at FROM escalation WHERE kind = 'overdue'"):
        about[row["source_deadline_id"]].append(row)
    held, faults, looked_at = _held(source), [], 0
    for limit in limits(source):
        if limit.in_escalation:
            continue
        end = limit.done_at or limit.case_ended_at or source.now
        for rung in rungs(source).get(limit.kind, {}).values():
            if rung.action != "escalate":
                continue
            at = _once_running(held.get(limit.case_id, ()), rung_at(source, limit, rung))
            if at is None or end <= at or (limit.last_moved_at is not None and limit.last_moved_at >= at):
                continue
            looked_at += 1
            if not any(_stood_at(row, at) for row in about[limit.id]):
                faults.append(f"时限 {limit.id}（{limit.rule}）{shown(at)} 应提出督办（{rung.step}），却没有")
    return Found(looked_at, tuple(faults))


def _stood_at(row: Row, at: datetime) -> bool:
    closed = instant(row["closed_at"])
    return moment(row["created_at"]) >= at or closed is None or closed >= at


def _held(source: Source) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """Return when cases were suspended, told by the ledger."""
    found: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for row in source.rows(
        "SELECT stream, kind, at FROM ledger_event WHERE kind IN ('case-suspended', 'case-resumed')"
        " ORDER BY stream, seq"
    ):
        spans = found[row["stream"].removeprefix("case:")]
        if row["kind"] == "case-suspended":
            spans.append((moment(row["at"]), None))
        elif spans:
            spans[-1] = (spans[-1][0], moment(row["at"]))
    return found


def _once_running(spans: list[tuple[datetime, datetime | None]] | tuple[()], at: datetime) -> datetime | None:
    """Return when something due at ``at`` could happen: not while the case was held; None: it still is."""
    for begin, end in spans:
        if begin <= at and (end is None or at < end):
            return end
    return at


def _decided(source: Source) -> Found:
    rows = source.rows(
        "SELECT e.case_id, e.kind, e.status, e.level, e.at_ladder_end, e.decider_post_id, e.decided_at, e.decided_by,"
        ' e.outcome, e.closed_at, c.status AS case_status FROM escalation e JOIN "case" c ON c.id = e.case_id'
    )
    waiting: dict[str, list[Row]] = defaultdict(list)
    for task in source.rows(
        'SELECT coalesce(c.root_case_id, c.id) AS root, t.due_at FROM task t JOIN "case" c ON c.id = t.case_id'
        " WHERE t.status IN ('open', 'claimed')"
    ):
        waiting[task["root"]].append(task)
    stages: dict[str, list[Row]] = defaultdict(list)
    for stage in source.rows("SELECT * FROM escalation_stage ORDER BY escalation_id, level"):
        stages[stage["escalation_id"]].append(stage)
    faults = [
        f"督办 {row['case_id']}（{row['kind']}）{fault}"
        for row in rows
        for fault in _undecided(source, row, stages[row["case_id"]], waiting[row["case_id"]])
    ]
    return Found(len(rows), tuple(faults))


def _undecided(source: Source, row: Row, stages: list[Row], waiting: list[Row]) -> Iterator[str]:
    yield from _broken_stages(source, row, stages)
    if row["decided_at"] is not None:
        if row["decided_by"] is None or not row["outcome"]:
            yield "有决定时间，却没有决定人或决定"
        return
    if row["case_status"] == "cancelled":
        return
    if row["closed_at"] is not None:
        yield "没有决定就办结了"
    elif row["at_ladder_end"]:
        if row["decider_post_id"] is None and not waiting:
            yield "到了阶梯终点，却没有点名"
    elif row["case_status"] == "active" and not any(_is_running(source, task) for task in waiting):
        yield f"停在第 {row['level']} 级，没有决定，也没有上送"


def _is_running(source: Source, task: Row) -> bool:
    due = instant(task["due_at"])
    return due is None or due > source.now


def _broken_stages(source: Source, row: Row, stages: list[Row]) -> Iterator[str]:
    last = max((stage["level"] for stage in stages), default=0)
    for stage in stages:
        due = instant(stage["decide_by"])
        if stage["result"] in _PASSED and stage["level"] == last and row["case_status"] == "active":
            if not row["at_ladder_end"]:
                yield f"第 {stage['level']} 级已上送，却没有上一级"
        elif stage["result"] is None and stage["level"] < last:
            yield f"第 {stage['level']} 级没有结果，却有更高一级"
        elif stage["result"] is None and _has_run_out(source, row, due):
            yield f"第 {stage['level']} 级应于 {shown(due)} 前决定，没有决定，也没有上送"


def _has_run_out(source: Source, row: Row, due: datetime | None) -> bool:
    return due is not None and due <= source.now and not row["at_ladder_end"] and row["case_status"] == "active"


def _no_cascade(source: Source) -> Found:
    rows = source.rows(
        'SELECT e.case_id FROM escalation e JOIN "case" c ON c.id = e.source_case_id'
        " WHERE EXISTS (SELECT 1 FROM escalation o WHERE o.case_id = c.id OR o.case_id = c.root_case_id)"
    )
    number = source.rows("SELECT count(*) AS number FROM escalation")[0]["number"]
    return Found(number, tuple(f"督办 {row['case_id']} 是由督办的环节引起的" for row in rows))


def late_limits(source: Source) -> list[Limit]:
    """Return the limits that were not met."""
    return [limit for limit in limits(source) if (limit.done_at or limit.case_ended_at or source.now) >= limit.due_at]


INVARIANTS = (
    Invariant("overdue-escalated", "逾期的环节按阶梯都有督办", _escalated),
    Invariant("escalations-decided", "督办有决定、有上送，或在阶梯终点点名", _decided),
    Invariant("escalations-no-cascade", "督办的环节不再引起督办", _no_cascade),
)
