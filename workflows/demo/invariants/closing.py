"""What ended has ended, what is open is open everywhere, and nothing exists twice."""

from __future__ import annotations

from workflows.demo.invariants.source import Found, Invariant, Source

_STILL_OPEN = """
SELECT c.id, c.status, '待办' AS what FROM "case" c JOIN task t ON t.case_id = c.id
  WHERE c.status IN ('completed', 'cancelled') AND t.status IN ('open', 'claimed')
UNION ALL SELECT c.id, c.status, '环节' FROM "case" c JOIN activity a ON a.case_id = c.id
  WHERE c.status IN ('completed', 'cancelled') AND a.status = 'open'
UNION ALL SELECT c.id, c.status, '定时' FROM "case" c JOIN timer t ON t.case_id = c.id
  WHERE c.status IN ('completed', 'cancelled') AND t.state = 'armed'
UNION ALL SELECT c.id, c.status, '作业' FROM "case" c JOIN job j ON j.case_id = c.id
  WHERE c.status IN ('completed', 'cancelled') AND j.status = 'waiting'
UNION ALL SELECT c.id, c.status, '时限' FROM "case" c JOIN deadline d ON d.case_id = c.id
  WHERE c.status IN ('completed', 'cancelled') AND d.done_at IS NULL
UNION ALL SELECT c.id, c.status, '订阅' FROM "case" c JOIN subscription s ON s.case_id = c.id
  WHERE c.status IN ('completed', 'cancelled')
UNION ALL SELECT c.id, c.status, '子办件' FROM "case" c JOIN "case" k ON k.parent_case_id = c.id
  WHERE c.status IN ('completed', 'cancelled') AND k.status IN ('active', 'suspended')
"""

_DISAGREEING = """
SELECT t.id, t.name, t.status, a.status AS activity FROM task t JOIN activity a ON a.id = t.activity_id
WHERE (t.status IN ('open', 'claimed')) <> (a.status = 'open')
   OR (t.status = 'completed') <> (a.status = 'completed')
   OR (t.done_at IS NULL) <> (a.closed_at IS NULL) OR t.done_at <> a.closed_at OR t.case_id <> a.case_id
"""

_DEADLINES_DISAGREEING = """
SELECT d.id, d.rule FROM deadline d JOIN activity a ON a.id = d.activity_id
WHERE (d.done_at IS NULL) <> (a.status = 'open')
"""

_FACTLESS = """
SELECT t.id, t.name FROM task t JOIN activity a ON a.id = t.activity_id
LEFT JOIN step_fact f ON f.activity_id = t.activity_id
WHERE f.activity_id IS NULL OR (f.closed_at IS NULL) <> (a.closed_at IS NULL)
"""

_OCCURRED_TWICE = """
SELECT o.duty_id, o.opens_on, u.code, count(*) AS number FROM occurrence o LEFT JOIN unit u ON u.id = o.unit_id
GROUP BY o.duty_id, o.opens_on, o.unit_id, u.code HAVING count(*) > 1
"""

_OCCURRENCES_WITHOUT_CASE = """
SELECT o.duty_id, o.period, o.status, count(c.id) AS cases FROM occurrence o
LEFT JOIN "case" c ON c.occurrence_id = o.id GROUP BY o.id, o.duty_id, o.period, o.status
HAVING (o.status = 'open' AND count(c.id) <> 1) OR (o.status = 'skipped' AND count(c.id) <> 0)
"""


def _number(source: Source, statement: str) -> int:
    number: int = source.rows(statement)[0]["number"]
    return number


def _ended(source: Source) -> Found:
    rows = source.rows(_STILL_OPEN)
    faults = tuple(f"办件 {row['id']} 已{row['status']}，仍有没有了结的{row['what']}" for row in rows)
    return Found(
        _number(source, "SELECT count(*) AS number FROM \"case\" WHERE status IN ('completed', 'cancelled')"), faults
    )


def _agreeing(source: Source) -> Found:
    faults = [
        f"待办 {row['id']}（{row['name']}）是 {row['status']}，环节却是 {row['activity']}"
        for row in source.rows(_DISAGREEING)
    ]
    faults += [f"时限 {row['id']}（{row['rule']}）与环节的起止不一致" for row in source.rows(_DEADLINES_DISAGREEING)]
    faults += [f"待办 {row['id']}（{row['name']}）没有与之一致的统计行" for row in source.rows(_FACTLESS)]
    return Found(_number(source, "SELECT count(*) AS number FROM task"), tuple(faults))


def _occurrences(source: Source) -> Found:
    faults = [
        f"责任事项 {row['duty_id']} {row['opens_on']} 为 {row['code']} 开了 {row['number']} 次"
        for row in source.rows(_OCCURRED_TWICE)
    ]
    faults += [
        f"责任事项 {row['duty_id']} {row['period']}（{row['status']}）有 {row['cases']} 件办件"
        for row in source.rows(_OCCURRENCES_WITHOUT_CASE)
    ]
    return Found(_number(source, "SELECT count(*) AS number FROM occurrence"), tuple(faults))


INVARIANTS = (
    Invariant("ended-is-closed", "办结的办件没有任何未了结的事", _ended),
    Invariant("task-agrees-with-activity", "待办、环节、时限、统计的状态一致", _agreeing),
    Invariant("occurrence-once", "每个责任单位每期恰好一件", _occurrences),
)
