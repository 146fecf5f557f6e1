"""Ways to damage a played database: what is done to it, and the invariant that must name it."""

from __future__ import annotations

IN_DAY = "strftime('%Y-%m-%d %H:%M:%S.000000', datetime({}, '{}'))"
OVERDUE = "SELECT case_id FROM escalation WHERE kind = 'overdue'"
DECIDED = f"({OVERDUE} AND decided_at IS NOT NULL LIMIT 1)"
ENDED = "SELECT id FROM \"case\" WHERE status = 'completed'"
ACTIVE = "SELECT id FROM \"case\" WHERE status = 'active'"

PUBLISHED = "SELECT case_id FROM checklist WHERE in_force_at IS NOT NULL"
PROBLEM = (
    "INSERT INTO problem SELECT 'p', l.id, l.unit_id, l.year, 'p', NULL, 'x', 'y', 'normal', 0, l.inspector_id, c.id,"
    ' l.created_at, NULL, {rectification}, NULL, {closed} FROM checklist l, "case" c'
    " WHERE c.process_key = 'dual_reporting' LIMIT 1"
)
RECTIFICATION = "(SELECT id FROM \"case\" WHERE process_key = 'rectification' AND status = '{}' LIMIT 1)"
# what is done to the database -> the invariant that must name it
DAMAGES: dict[str, tuple[str, list[str]]] = {
    "a timer of a ladder is deleted": (
        "ladder-complete",
        ["DELETE FROM timer WHERE step = (SELECT step FROM timer WHERE step LIKE '%:escalate-1' LIMIT 1)"],
    ),
    "an armed timer is deleted where one was taken back before": (
        "ladder-complete",
        [
            (
                "INSERT INTO timer SELECT 'old', case_id, host_activity_id, deadline_id, kind, step, occurrence + 9,"
                " due_at, provisional, rule, content, 'cancelled', armed_at, NULL, 0, 0 FROM timer"
                " WHERE state = 'armed' AND step LIKE '%:escalate-1' LIMIT 1"
            ),
            ("DELETE FROM timer WHERE state = 'armed' AND step = (SELECT step FROM timer WHERE id = 'old')"),
        ],
    ),
    "a timer of the diagram is deleted": (
        "events-armed",
        ["DELETE FROM timer WHERE id = (SELECT id FROM timer WHERE kind = 'bpmn' AND state = 'armed' LIMIT 1)"],
    ),
    "a timer fired twice": (
        "timers-fired-once",
        ["UPDATE timer SET firings = 2 WHERE id = (SELECT id FROM timer WHERE state = 'fired' LIMIT 1)"],
    ),
    "a timer fired twice by two rows": (
        "timers-fired-once",
        [
            (
                "INSERT INTO timer SELECT 'two', case_id, host_activity_id, deadline_id, kind, step, occurrence + 9,"
                " due_at, provisional, rule, content, state, armed_at, fired_at, firings, faults"
                " FROM timer WHERE state = 'fired' AND kind = 'ladder' LIMIT 1"
            )
        ],
    ),
    "a timer fired early": (
        "timers-never-early",
        [
            (
                f"UPDATE timer SET fired_at = {IN_DAY.format('due_at', '-1 hour')}"
                " WHERE id = (SELECT id FROM timer WHERE state = 'fired' LIMIT 1)"
            )
        ],
    ),
    "a due timer is left": (
        "timers-none-left",
        [
            (
                "UPDATE timer SET state = 'armed', fired_at = NULL, firings = 0 WHERE id ="
                f" (SELECT id FROM timer WHERE state = 'fired' AND case_id IN ({ACTIVE}) LIMIT 1)"
            )
        ],
    ),
    "a rung stands on another day": (
        "ladder-on-its-day",
        [
            (
                f"UPDATE timer SET due_at = {IN_DAY.format('due_at', '+1 day')} WHERE id = (SELECT t.id FROM timer t"
                " JOIN deadline d ON d.id = t.deadline_id WHERE t.state = 'armed' AND d.provisional = 0 LIMIT 1)"
            )
        ],
    ),
    "an open task has no candidates": (
        "tasks-owned",
        ["DELETE FROM task_candidate WHERE task_id = (SELECT id FROM task WHERE status = 'open' LIMIT 1)"],
    ),
    "an assignee has left": (
        "tasks-owned",
        [
            (
                "UPDATE task SET status = 'claimed', assignee_post_id = NULL, assignee_id ="
                " (SELECT id FROM person WHERE username = 'p010')"
                " WHERE id = (SELECT id FROM task WHERE status = 'open' LIMIT 1)"
            ),
            "UPDATE person SET status = 'left' WHERE username = 'p010'",
        ],
    ),
    "a case waits for nothing": (
        "cases-alive",
        [f"UPDATE \"case\" SET status = 'active', ended_at = NULL WHERE id = ({ENDED} LIMIT 1)"],
    ),
    "an incident has no owner": (
        "incidents-owned",
        [
            (
                "INSERT INTO incident (id, case_id, element_id, code, message, owner_role, unit_id, status, opened_at)"
                " SELECT 'lost', id, '', 'job-failed', '', 'nobody', unit_id, 'open', started_at FROM \"case\" LIMIT 1"
            )
        ],
    ),
    "an inbox row is left": (
        "inbox-drained",
        ["UPDATE case_inbox SET consumed_at = NULL WHERE seq = (SELECT max(seq) FROM case_inbox)"],
    ),
    "a job is left": (
        "jobs-drained",
        [
            (
                "UPDATE job SET status = 'waiting', done_at = NULL"
                f" WHERE id = (SELECT id FROM job WHERE case_id IN ({ACTIVE}) LIMIT 1)"
            )
        ],
    ),
    "an escalation is missing": (
        "overdue-escalated",
        [
            f"DELETE FROM escalation_stage WHERE escalation_id IN ({OVERDUE})",
            "DELETE FROM escalation WHERE kind = 'overdue'",
        ],
    ),
    "an escalation is not decided": (
        "escalations-decided",
        [
            (
                "UPDATE escalation SET decided_at = NULL, decided_by = NULL, outcome = NULL, at_ladder_end = 0"
                f" WHERE case_id = {DECIDED}"
            )
        ],
    ),
    "an escalation was decided by nobody": (
        "escalations-decided",
        [f"UPDATE escalation SET decided_by = NULL WHERE case_id = {DECIDED}"],
    ),
    "a level was passed up into nothing": (
        "escalations-decided",
        [
            (
                "UPDATE escalation_stage SET result = 'passed_up', closed_at = opened_at WHERE escalation_id ="
                f" (SELECT e.case_id FROM escalation e WHERE e.at_ladder_end = 0 AND e.case_id IN ({ACTIVE}) AND EXISTS"
                " (SELECT 1 FROM escalation_stage s WHERE s.escalation_id = e.case_id) LIMIT 1)"
            )
        ],
    ),
    "an escalation escalates": (
        "escalations-no-cascade",
        ["UPDATE escalation SET source_case_id = (SELECT max(case_id) FROM escalation)"],
    ),
    "a limit ends on a Saturday": (
        "due-on-working-day",
        ["UPDATE deadline SET due_at = '2026-12-05 16:00:00.000000' WHERE id = (SELECT id FROM deadline LIMIT 1)"],
    ),
    "a limit ends on a holiday": (
        "due-on-working-day",
        [
            (
                "UPDATE deadline SET due_at = '2027-01-01 16:00:00.000000'"
                " WHERE id = (SELECT id FROM deadline WHERE provisional = 0 LIMIT 1)"
            )
        ],
    ),
    "a provisional date is not marked": (
        "provisional-shown",
        [
            "UPDATE calendar_version SET approved_at = NULL WHERE year = 2027",
            "UPDATE deadline SET provisional = 0",
        ],
    ),
    "a date was moved without a count": (
        "dates-recounted",
        ["UPDATE deadline SET due_at = '2026-11-27 16:00:00.000000' WHERE id = (SELECT max(id) FROM deadline)"],
    ),
    "an explanation counts otherwise": (
        "dates-recounted",
        [
            (
                "UPDATE deadline SET explanation = json_set(explanation, '$.segments[0].amount',"
                " json_extract(explanation, '$.segments[0].amount') + 1) WHERE id = (SELECT id FROM deadline"
                " WHERE provisional = 0 AND json_extract(explanation, '$.segments[0].amount') > 1 LIMIT 1)"
            )
        ],
    ),
    "a task tells another date": (
        "dates-repeated",
        [
            (
                f"UPDATE task SET due_at = {IN_DAY.format('due_at', '+1 day')}"
                " WHERE id = (SELECT id FROM task WHERE due_at IS NOT NULL LIMIT 1)"
            )
        ],
    ),
    "a light at closing is wrong": (
        "lights-at-closing",
        [
            (
                "UPDATE step_fact SET light = 'normal' WHERE activity_id ="
                " (SELECT activity_id FROM step_fact WHERE light = 'overdue' LIMIT 1)"
            )
        ],
    ),
    "a completed case has an open task": (
        "ended-is-closed",
        [
            (
                "UPDATE task SET status = 'open', done_at = NULL"
                f" WHERE id = (SELECT id FROM task WHERE case_id IN ({ENDED}) LIMIT 1)"
            )
        ],
    ),
    "a task and its step disagree": (
        "task-agrees-with-activity",
        [
            (
                "UPDATE activity SET status = 'cancelled' WHERE id ="
                " (SELECT activity_id FROM task WHERE status = 'completed' LIMIT 1)"
            )
        ],
    ),
    "an occurrence is doubled": (
        "occurrence-once",
        [
            (
                "INSERT INTO occurrence SELECT 'doubled', duty_id, period || ' ', unit_id, opens_on, due_at, 'skipped',"
                " reason, created_at FROM occurrence LIMIT 1"
            )
        ],
    ),
    "an occurrence has lost its case": (
        "occurrence-once",
        ['UPDATE "case" SET occurrence_id = NULL WHERE occurrence_id = (SELECT min(id) FROM occurrence)'],
    ),
    "a byte of the ledger is changed": (
        "ledger-chains",
        [
            (
                "UPDATE ledger_event SET content = replace(content, '\"late\":false', '\"late\":true ')"
                " WHERE id = (SELECT min(id) FROM ledger_event WHERE kind = 'task-completed')"
            )
        ],
    ),
    "a row of the ledger is dropped": (
        "ledger-chains",
        ["DELETE FROM ledger_event WHERE stream LIKE 'case:%' AND seq = 2"],
    ),
    "the end of the ledger is cut off": (
        "ledger-checkpoints",
        [
            "DELETE FROM ledger_event WHERE stream = 'calendar'",
            "DELETE FROM ledger_head WHERE stream = 'calendar'",
        ],
    ),
    "a checkpoint is forged": (
        "ledger-checkpoints",
        ["UPDATE ledger_checkpoint SET signature = zeroblob(64) WHERE id = (SELECT max(id) FROM ledger_checkpoint)"],
    ),
    "a track ended before its twin had a conclusion": (
        "twins-together",
        [
            (
                "INSERT INTO track SELECT id, id, 'person', started_at, NULL, NULL, 0, NULL, NULL FROM \"case\""
                " WHERE status = 'completed' LIMIT 1"
            )
        ],
    ),
    "a party completed a task of their own case": (
        "parties-kept-out",
        [
            (
                "INSERT INTO recusal SELECT 'r', coalesce(c.root_case_id, c.id), c.id, NULL, t.completed_by,"
                " '2026-01-01 00:00:00.000000', NULL FROM task t JOIN \"case\" c ON c.id = t.case_id"
                " WHERE t.completed_by IS NOT NULL LIMIT 1"
            )
        ],
    ),
    "a decision was never served": (
        "decisions-served",
        [
            (
                "UPDATE \"case\" SET process_key = 'accountability_outcome' WHERE id ="
                " (SELECT min(case_id) FROM task WHERE status = 'completed')"
            )
        ],
    ),
    "an opinion is rewritten": (
        "ledger-sealed",
        ["UPDATE sealed_value SET value = value || '。' WHERE id = (SELECT min(id) FROM sealed_value)"],
    ),
    "a task was completed without the ledger": (
        "ledger-completions",
        ["DELETE FROM ledger_event WHERE id = (SELECT max(id) FROM ledger_event WHERE kind = 'task-completed')"],
    ),
    "a late task gives no reason": (
        "ledger-completions",
        ["UPDATE task SET late_reason_id = NULL"],
    ),
    "a case ended without the ledger": (
        "ledger-cases",
        ["DELETE FROM ledger_event WHERE id = (SELECT max(id) FROM ledger_event WHERE kind = 'case-ended')"],
    ),
    "a signature under a published list is missing": (
        "lists-signed",
        [f"DELETE FROM signature WHERE id = (SELECT id FROM signature WHERE case_id IN ({PUBLISHED}) LIMIT 1)"],
    ),
    "a row is changed behind the back of those who signed it": (
        "lists-signed",
        [
            (
                "UPDATE checklist_row SET measure = measure || '。' WHERE id = (SELECT r.id FROM checklist_row r"
                " JOIN checklist l ON l.id = r.checklist_id"
                " WHERE l.in_force_at IS NOT NULL AND r.valid_to IS NULL LIMIT 1)"
            )
        ],
    ),
    "a row is held by nobody": (
        "rows-held",
        ["UPDATE checklist_row SET holder_post = '' WHERE id = (SELECT id FROM checklist_row LIMIT 1)"],
    ),
    "a row in force is performed by no case": (
        "rows-held",
        [
            (
                "UPDATE \"case\" SET business_key = 'elsewhere' WHERE id ="
                " (SELECT id FROM \"case\" WHERE process_key = 'checklist_row' LIMIT 1)"
            )
        ],
    ),
    "a problem is struck off while its rectification runs": (
        "problems-rectified",
        [
            PROBLEM.format(
                rectification=RECTIFICATION.format("active"),
                closed="l.created_at",
            )
        ],
    ),
    "a problem is left open after its rectification": (
        "problems-rectified",
        [
            PROBLEM.format(
                rectification=RECTIFICATION.format("completed"),
                closed="NULL",
            )
        ],
    ),
    "a problem opened no rectification": ("problems-rectified", [PROBLEM.format(rectification="NULL", closed="NULL")]),
}
