"""What must hold at every instant, asked of the tables alone: no engine, no use case (reliability.md C1).

Each line of the answer names a rule and the row that breaks it; an empty answer is a sound database.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from workflows.ledger.verification import verify
from workflows.store import Store

RULES = {
    "a timer fired more than once, or early": """
        SELECT id FROM timer WHERE firings > 1 OR (state = 'fired') <> (firings = 1) OR fired_at < due_at""",
    "a timer waits at a closed case": """
        SELECT t.id FROM timer t JOIN "case" c ON c.id = t.case_id
        WHERE t.state = 'armed' AND c.status IN ('completed', 'cancelled')""",
    "a timer hangs on a closed activity": """
        SELECT t.id FROM timer t JOIN activity a ON a.id = t.host_activity_id
        WHERE t.state = 'armed' AND a.status <> 'open'""",
    "a task is open where its activity is not, or closed where it is open": """
        SELECT t.id FROM task t JOIN activity a ON a.id = t.activity_id
        WHERE (a.status = 'open') <> (t.status IN ('open', 'claimed'))""",
    "an activity is open in a closed case": """
        SELECT a.id FROM activity a JOIN "case" c ON c.id = a.case_id
        WHERE a.status = 'open' AND c.status IN ('completed', 'cancelled')""",
    "a limit runs where its work is done": """
        SELECT d.id FROM deadline d JOIN "case" c ON c.id = d.case_id LEFT JOIN activity a ON a.id = d.activity_id
        WHERE d.done_at IS NULL AND (c.status IN ('completed', 'cancelled') OR a.status <> 'open')""",
    "a task shows other dates than its limit": """
        SELECT t.id FROM task t JOIN deadline d ON d.activity_id = t.activity_id
        WHERE t.due_at <> d.due_at OR t.near_at <> d.near_at OR t.provisional <> d.provisional""",
    "an open task has neither candidate nor assignee nor incident": """
        SELECT t.id FROM task t WHERE t.status IN ('open', 'claimed') AND t.assignee_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM task_candidate k WHERE k.task_id = t.id)
        AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.activity_id = t.activity_id AND i.status = 'open')""",
    "a running case waits for nothing": """
        SELECT c.id FROM "case" c WHERE c.status = 'active'
        AND NOT EXISTS (SELECT 1 FROM task t WHERE t.case_id = c.id AND t.status IN ('open', 'claimed'))
        AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.case_id = c.id AND t.state = 'armed' AND t.kind = 'bpmn')
        AND NOT EXISTS (SELECT 1 FROM subscription s WHERE s.case_id = c.id)
        AND NOT EXISTS (SELECT 1 FROM job j WHERE j.case_id = c.id AND j.status = 'waiting')
        AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.case_id = c.id AND i.status = 'open')
        AND NOT EXISTS (SELECT 1 FROM case_inbox b WHERE b.target_case_id = c.id AND b.consumed_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM "case" k WHERE k.parent_case_id = c.id AND k.status IN ('active', 'suspended'))
        AND NOT EXISTS (SELECT 1 FROM case_inbox b JOIN "case" k ON k.id = b.source_case_id
                        WHERE b.target_case_id = c.id AND b.consumed_at IS NULL)""",
    "a completion is not exactly once in the ledger": """
        SELECT t.id FROM task t WHERE t.completed_by IS NOT NULL AND t.status = 'completed'
        AND 1 <> (SELECT count(*) FROM ledger_event e WHERE e.stream = 'case:' || t.case_id
                  AND e.kind = 'task-completed' AND e.content LIKE '%"task":"' || t.id || '"%')""",
    "the ledger tells of a completion that is none": """
        SELECT e.stream FROM ledger_event e WHERE e.kind = 'task-completed' AND NOT EXISTS (
            SELECT 1 FROM task t WHERE t.status = 'completed' AND e.stream = 'case:' || t.case_id
            AND e.content LIKE '%"task":"' || t.id || '"%')""",
    "an escalation is closed where its case runs, or open where it ended": """
        SELECT e.case_id FROM escalation e JOIN "case" c ON c.id = e.case_id
        WHERE (e.closed_at IS NULL) <> (c.status IN ('active', 'suspended'))""",
    "a case knows less than its source": """
        SELECT c.id FROM "case" c JOIN "case" p ON p.id = c.parent_case_id
        WHERE p.classification = 'confidential' AND c.classification <> 'confidential'""",
    "a fact is open where its step is closed, or closed where it is open": """
        SELECT f.activity_id FROM step_fact f JOIN activity a ON a.id = f.activity_id
        WHERE (f.closed_at IS NULL) <> (a.status = 'open')""",
}


def violations(store: Store) -> list[str]:
    """Every broken rule with the first rows that break it."""
    return list(_broken(store))


def _broken(store: Store) -> Iterator[str]:
    for rule, statement in RULES.items():
        for (row,) in store.session.execute(text(statement)).fetchmany(3):
            yield f"{rule}: {row}"
    report = verify(store)
    for fault in report.faults:
        yield f"the ledger does not verify: {fault}"
