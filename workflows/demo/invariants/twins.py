"""Two investigations end together, parties hold nothing, and what was decided is served with a receipt."""

from __future__ import annotations

import json

from workflows.demo.invariants.source import Found, Invariant, Source

_ENDED = """
SELECT t.case_id, t.kind, t.released_at FROM track t JOIN "case" c ON c.id = t.case_id
WHERE c.status = 'completed' AND (t.released_at IS NULL OR NOT EXISTS (
  SELECT 1 FROM track o WHERE o.main_case_id = t.main_case_id AND o.kind <> t.kind
    AND o.concluded_at IS NOT NULL AND o.released_at = t.released_at))
"""
_HELD = """
SELECT t.id, t.name, p.code FROM task t JOIN "case" c ON c.id = t.case_id
JOIN recusal r ON r.root_case_id = coalesce(c.root_case_id, c.id) AND (r.task_id IS NULL OR r.task_id = t.id)
JOIN person p ON p.id = r.person_id
WHERE (t.status = 'claimed' AND t.assignee_id = r.person_id AND r.until_at IS NULL)
   OR (t.completed_by = r.person_id AND t.done_at > r.since_at AND (r.until_at IS NULL OR t.done_at < r.until_at))
"""
_OUTCOMES = """
SELECT c.id, c.title FROM "case" c WHERE c.process_key = 'accountability_outcome' AND c.status <> 'cancelled'
  AND NOT EXISTS (SELECT 1 FROM case_inbox i WHERE i.target_case_id = c.id AND i.consumed_at IS NULL)
"""
_SERVED = """
SELECT t.case_id, t.status, t.submission FROM task t JOIN "case" c ON c.id = t.case_id
WHERE c.process_key = 'accountability_outcome' AND t.element_id = 'Serve'
"""


def _together(source: Source) -> Found:
    faults = tuple(f"一查 {row['case_id']}（{row['kind']}）已结束，另一查还没有结论" for row in source.rows(_ENDED))
    return Found(len(source.rows("SELECT case_id FROM track")), faults)


def _not_held(source: Source) -> Found:
    faults = tuple(f"待办 {row['id']}（{row['name']}）由须回避的 {row['code']} 办理" for row in source.rows(_HELD))
    return Found(len(source.rows("SELECT id FROM recusal")), faults)


def _served(source: Source) -> Found:
    """Each outcome has a receipt with its service, or the service still waits."""
    good = set()
    for row in source.rows(_SERVED):
        given = json.loads(row["submission"]) if isinstance(row["submission"], str) else row["submission"]
        if row["status"] in {"open", "claimed"} or (given or {}).get("receipt"):
            good.add(row["case_id"])
    outcomes = source.rows(_OUTCOMES)
    lost = [row for row in outcomes if row["id"] not in good]
    faults = tuple(f"处理决定 {row['id']}（{row['title']}）没有送达回证，也没有在办的送达" for row in lost)
    return Found(len(outcomes), faults)


INVARIANTS = (
    Invariant("twins-together", "两查都有结论才结束", _together),
    Invariant("parties-kept-out", "当事人没有办过自己的办件", _not_held),
    Invariant("decisions-served", "处理决定都有送达回证或在办的送达", _served),
)
