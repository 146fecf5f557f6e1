"""Nothing waits without somebody or something that it waits for."""

from __future__ import annotations

from workflows.demo.invariants.source import Found, Invariant, Source

_ALIVE = """
SELECT c.id, c.title, c.process_key, c.status FROM "case" c
WHERE c.status IN ('active', 'suspended')
  AND NOT EXISTS (SELECT 1 FROM task t WHERE t.case_id = c.id AND t.status IN ('open', 'claimed'))
  AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.case_id = c.id AND t.state = 'armed' AND t.kind = 'bpmn')
  AND NOT EXISTS (SELECT 1 FROM subscription s WHERE s.case_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM case_inbox i WHERE i.target_case_id = c.id AND i.consumed_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM job j WHERE j.case_id = c.id AND j.status = 'waiting')
  AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.case_id = c.id AND i.status = 'open')
  AND NOT EXISTS (
    SELECT 1 FROM "case" k JOIN activity a ON a.id = k.parent_activity_id
    WHERE k.parent_case_id = c.id AND k.status IN ('active', 'suspended') AND a.status = 'open')
"""

_OWNERLESS = """
SELECT t.id, t.name, t.case_id FROM task t
WHERE t.status IN ('open', 'claimed') AND t.assignee_id IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM task_candidate k WHERE k.task_id = t.id AND k.person_id IN
      (SELECT p.id FROM person p WHERE p.status = 'active'))
  AND NOT EXISTS (
    SELECT 1 FROM task_candidate k JOIN holding h ON h.post_id = k.post_id JOIN person p ON p.id = h.person_id
    WHERE k.task_id = t.id AND p.status = 'active'
      AND h.from_day <= '$today' AND (h.to_day IS NULL OR h.to_day > '$today'))
  AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.activity_id = t.activity_id AND i.status = 'open')
"""

_ABSENT_ASSIGNEE = """
SELECT t.id, t.name, p.code FROM task t JOIN person p ON p.id = t.assignee_id
WHERE t.status = 'claimed' AND (p.status <> 'active' OR (t.assignee_post_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM holding h WHERE h.post_id = t.assignee_post_id AND h.person_id = p.id
      AND h.from_day <= '$today' AND (h.to_day IS NULL OR h.to_day > '$today'))))
"""

_LOST_INCIDENTS = """
SELECT i.id, i.code FROM incident i JOIN unit u ON u.id = i.unit_id
WHERE i.status = 'open' AND NOT EXISTS (
  SELECT 1 FROM role_grant g JOIN unit over ON over.id = g.unit_id JOIN person p ON p.id = g.person_id
  WHERE g.role = i.owner_role AND p.status = 'active'
    AND g.from_day <= '$today' AND (g.to_day IS NULL OR g.to_day > '$today')
    AND substr(u.path, 1, length(over.path)) = over.path)
"""


def _count(source: Source, statement: str) -> int:
    number: int = source.rows(statement)[0]["number"]
    return number


def _alive(source: Source) -> Found:
    faults = [
        f"办件 {row['id']}（{row['process_key']}，{row['title']}）没有任何等待的事" for row in source.rows(_ALIVE)
    ]
    number = _count(source, "SELECT count(*) AS number FROM \"case\" WHERE status IN ('active', 'suspended')")
    return Found(number, tuple(faults))


def _owned(source: Source) -> Found:
    today = source.today.isoformat()
    faults = [
        f"待办 {row['id']}（{row['name']}）没有经办人，也没有能签收的人"
        for row in source.rows(_OWNERLESS.replace("$today", today))
    ]
    faults += [
        f"待办 {row['id']}（{row['name']}）的经办人 {row['code']} 已不任职"
        for row in source.rows(_ABSENT_ASSIGNEE.replace("$today", today))
    ]
    return Found(
        _count(source, "SELECT count(*) AS number FROM task WHERE status IN ('open', 'claimed')"), tuple(faults)
    )


def _incidents_owned(source: Source) -> Found:
    lost = source.rows(_LOST_INCIDENTS.replace("$today", source.today.isoformat()))
    faults = tuple(f"异常 {row['id']}（{row['code']}）没有负责的流程管理员" for row in lost)
    return Found(_count(source, "SELECT count(*) AS number FROM incident"), faults)


def _inbox_drained(source: Source) -> Found:
    rows = source.rows(
        'SELECT i.seq, i.kind, i.target_case_id FROM case_inbox i JOIN "case" c ON c.id = i.target_case_id'
        " WHERE i.consumed_at IS NULL AND (c.status <> 'suspended' OR i.kind IN ('cancel', 'resume'))"
    )
    faults = tuple(f"办件 {row['target_case_id']} 的收件 {row['seq']}（{row['kind']}）没有处理" for row in rows)
    return Found(_count(source, "SELECT count(*) AS number FROM case_inbox"), faults)


def _jobs_drained(source: Source) -> Found:
    rows = source.rows(
        'SELECT j.id, j.operation, j.status FROM job j JOIN "case" c ON c.id = j.case_id'
        " WHERE c.status = 'active' AND j.topic IS NULL AND ((j.status = 'waiting' AND j.due_at <= $now)"
        " OR (j.status = 'failed' AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.activity_id = j.activity_id)))"
    )
    faults = tuple(f"作业 {row['id']}（{row['operation']}）状态 {row['status']}，没有完成" for row in rows)
    return Found(_count(source, "SELECT count(*) AS number FROM job"), faults)


INVARIANTS = (
    Invariant("cases-alive", "未结办件都有待办、定时、等待的消息或异常", _alive),
    Invariant("tasks-owned", "每个待办都有能办的人，否则有异常", _owned),
    Invariant("incidents-owned", "每个异常都有负责的管理员", _incidents_owned),
    Invariant("inbox-drained", "办件间的来往都已处理", _inbox_drained),
    Invariant("jobs-drained", "系统作业都已完成", _jobs_drained),
)
