"""Counts for the report: by family, unit, light, month and outcome. Plain SQL, like the invariants."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from workflows.demo.invariants.source import Source, instant, local_day, moment

_FAMILY = "JOIN definition d ON d.id = c.definition_id"


def count_everything(source: Source) -> dict[str, Any]:
    """Return the tables of the report."""
    return {
        "totals": _totals(source),
        "families": {
            row["key"]: row["name"] for row in source.rows("SELECT key, name FROM definition ORDER BY version")
        },
        "cases": source.rows(
            f'SELECT d.key AS family, c.status, count(*) AS number FROM "case" c {_FAMILY}'  # noqa: S608 - own text
            " WHERE c.root_case_id IS NULL GROUP BY d.key, c.status ORDER BY d.key, c.status"
        ),
        "lights": _lights(source),
        "units": _units(source),
        "months": _months(source),
        "escalations": source.rows(
            "SELECT kind, coalesce(outcome, status) AS outcome, level, at_ladder_end, count(*) AS number"
            " FROM escalation GROUP BY kind, coalesce(outcome, status), level, at_ladder_end"
            " ORDER BY kind, 2, level"
        ),
        "moves": source.rows("SELECT ground, count(*) AS number FROM deadline_change GROUP BY ground ORDER BY ground"),
        "occurrences": source.rows(
            "SELECT o.duty_id, d.title, o.period, o.status, count(*) AS number FROM occurrence o"
            " JOIN duty d ON d.id = o.duty_id GROUP BY o.duty_id, d.title, o.period, o.status ORDER BY 1, 3, 4"
        ),
        "incidents": source.rows(
            "SELECT code, status, count(*) AS number FROM incident GROUP BY code, status ORDER BY code, status"
        ),
        "acts": source.rows(
            "SELECT kind, via, count(*) AS number FROM ledger_event GROUP BY kind, via ORDER BY kind, via"
        ),
        "at_ladder_end": _at_ladder_end(source),
    }


def _at_ladder_end(source: Source) -> list[dict[str, Any]]:
    """Return the escalations that stand at the ladder's end with who must decide: a post, or people by name."""
    people: dict[str, list[str]] = defaultdict(list)
    for row in source.rows(
        "SELECT t.activity_id, p.name FROM task t JOIN task_candidate k ON k.task_id = t.id"
        " JOIN person p ON p.id = k.person_id WHERE t.status IN ('open', 'claimed') ORDER BY p.code"
    ):
        people[row["activity_id"]].append(row["name"])
    rows = source.rows(
        "SELECT c.title, u.name AS unit, p.name AS decider, e.decide_by, e.decision_activity_id FROM escalation e"
        ' JOIN "case" c ON c.id = e.case_id JOIN unit u ON u.id = e.unit_id'
        " LEFT JOIN post p ON p.id = e.decider_post_id"
        " WHERE e.closed_at IS NULL AND e.decided_at IS NULL AND c.status = 'active' AND e.at_ladder_end"
        " ORDER BY e.decide_by"
    )
    return [{**row, "decider": row["decider"] or "、".join(people[row["decision_activity_id"]])} for row in rows]


def _totals(source: Source) -> dict[str, int]:
    tables = (
        "case",
        "task",
        "timer",
        "escalation",
        "deadline",
        "ledger_event",
        "ledger_checkpoint",
        "notice",
        "person",
    )
    counted = {}
    for table in tables:
        counted[table] = source.rows(f'SELECT count(*) AS number FROM "{table}"')[0]["number"]  # noqa: S608 - own names
    counted["timers_fired"] = source.rows("SELECT count(*) AS number FROM timer WHERE state = 'fired'")[0]["number"]
    counted["unit"] = source.rows("SELECT count(*) AS number FROM unit")[0]["number"]
    return counted


def _steps(source: Source) -> list[tuple[str, str, str, str]]:
    """Return family, unit, month of opening and light of every human step: at closing, or now."""
    found = []
    for row in source.rows(
        "SELECT f.family, u.name AS unit, f.opened_at, f.near_at, f.due_at, f.closed_at, f.closing, f.light"
        " FROM step_fact f JOIN unit u ON u.id = f.unit_id"
    ):
        light = _light(source, row)
        found.append((row["family"], row["unit"], str(local_day(moment(row["opened_at"])))[:7], light))
    return found


def _light(source: Source, row: Any) -> str:
    if row["closed_at"] is not None:
        return "late" if row["light"] == "overdue" else "in_time"
    due, near = instant(row["due_at"]), instant(row["near_at"])
    if due is not None and due <= source.now:
        return "overdue"
    return "near" if due is not None and near is not None and near <= source.now and near != due else "normal"


def _lights(source: Source) -> list[dict[str, Any]]:
    counted = Counter((family, light) for family, _, _, light in source.remember("steps", _steps))
    return [{"family": family, "light": light, "number": number} for (family, light), number in sorted(counted.items())]


def _units(source: Source) -> list[dict[str, Any]]:
    counted = Counter((unit, light) for _, unit, _, light in source.remember("steps", _steps))
    return [{"unit": unit, "light": light, "number": number} for (unit, light), number in sorted(counted.items())]


def _months(source: Source) -> list[dict[str, Any]]:
    counted = Counter((month, light) for _, _, month, light in source.remember("steps", _steps))
    return [{"month": month, "light": light, "number": number} for (month, light), number in sorted(counted.items())]
