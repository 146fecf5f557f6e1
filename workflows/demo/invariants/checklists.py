"""The five lists: the published was signed by every seat as it stands, rows are held, problems close by mail."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from workflows.demo.invariants.source import Found, Invariant, Row, Source, document

_DOCUMENT = b"\x06"  # the prefix of what is hashed as a document

_PUBLISHED = """
SELECT l.id, l.case_id, l.year, l.status, l.version, l.digest, l.algorithm, l.seats, u.code AS unit FROM checklist l
JOIN unit u ON u.id = l.unit_id WHERE l.publicised_at IS NOT NULL OR l.in_force_at IS NOT NULL ORDER BY l.id
"""

_ROWS = """
SELECT r.checklist_id, r.no, r.kind, r.duty, r.measure, r.due_on, r.holder_post, p.code AS holder, r.evidence,
  u.code AS unit, r.key FROM checklist_row r JOIN unit u ON u.id = r.unit_id LEFT JOIN person p ON p.id = r.holder_id
WHERE r.valid_to IS NULL ORDER BY r.checklist_id, r.sort, r.no
"""

_SIGNATURES = """
SELECT s.case_id, s.content, s.algorithm, a.attempt, a.opened_at, s.person_id FROM signature s
JOIN activity a ON a.id = s.activity_id JOIN checklist l ON l.case_id = s.case_id
"""

_UNHELD = """
SELECT r.id, r.key FROM checklist_row r JOIN checklist l ON l.id = r.checklist_id
WHERE r.holder_post = '' OR r.owner = '' OR r.due_on IS NULL
"""

# A list that was sent back begins its rows anew, in another attempt of the step that opens them.
_UNPERFORMED = """
SELECT r.key, count(c.id) AS cases FROM checklist_row r JOIN checklist l ON l.id = r.checklist_id
LEFT JOIN "case" c ON c.business_key = r.key AND c.process_key = 'checklist_row' AND c.parent_case_id = l.case_id
WHERE r.valid_to IS NULL AND l.in_force_at IS NOT NULL GROUP BY r.id, r.key
HAVING count(c.id) = 0 OR count(c.id) > count(DISTINCT c.parent_activity_id)
  OR sum(CASE WHEN c.status IN ('active', 'suspended') THEN 1 ELSE 0 END) > 1
"""

_IN_FORCE_TWICE = """
SELECT u.code, count(*) AS number FROM checklist l JOIN unit u ON u.id = l.unit_id WHERE l.status = 'in_force'
GROUP BY u.code HAVING count(*) > 1
"""

_PROBLEMS = """
SELECT p.number, p.closed_at, p.rectification_case_id, r.status AS rectification, c.status AS waiting,
  (SELECT count(*) FROM job j WHERE j.case_id = p.case_id AND j.status = 'waiting')
  + (SELECT count(*) FROM incident i WHERE i.case_id = p.case_id AND i.status = 'open')
  + (SELECT count(*) FROM case_inbox b WHERE b.target_case_id = p.case_id AND b.consumed_at IS NULL) AS under_way
FROM problem p JOIN "case" c ON c.id = p.case_id LEFT JOIN "case" r ON r.id = p.rectification_case_id
"""


def _hash(algorithm: str, value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.new(algorithm, _DOCUMENT + text).hexdigest()


def _told(row: Row) -> dict[str, Any]:
    names = ("no", "kind", "duty", "measure", "holder_post", "holder", "evidence", "unit")
    return {name: row[name] for name in names} | {"due_on": str(row["due_on"])[:10]}


def _rows(source: Source) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows(_ROWS):
        found[row["checklist_id"]].append(row)
    return found


def _signed(source: Source) -> Found:
    lists, rows = source.rows(_PUBLISHED), _rows(source)
    signatures: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows(_SIGNATURES):
        signatures[row["case_id"]].append(row)
    faults = [fault for each in lists for fault in _faults_of(each, rows[each["id"]], signatures[each["case_id"]])]
    return Found(len(lists), tuple(faults))


def _faults_of(each: Row, rows: list[Row], signatures: list[Row]) -> Iterator[str]:
    """Yield what contradicts that a list was signed by every seat exactly as it stands."""
    name = f"清单 {each['unit']}/{each['year']}"
    if _hash(each["algorithm"], {"rows": [_told(row) for row in rows]}) != each["digest"]:
        yield f"{name} 的项目与登记的摘要不符"
    seats = document(each["seats"])
    shown = {"digest": each["digest"], "seats": [seat["seat"] for seat in seats], "version": each["version"]}
    mark = _hash(each["algorithm"], shown)
    fitting = {
        row["person_id"] for row in signatures if document(row["content"]).get("read", {}).get("signing") == mark
    }
    if not seats or len(fitting) < len(seats):
        yield f"{name} 应有 {len(seats)} 人在现有摘要上签字，只有 {len(fitting)} 人"


def _held(source: Source) -> Found:
    faults = [f"清单项目 {row['key']} 没有责任人或时限" for row in source.rows(_UNHELD)]
    faults += [f"清单项目 {row['key']} 有 {row['cases']} 件履责办件" for row in source.rows(_UNPERFORMED)]
    faults += [f"{row['code']} 同时有 {row['number']} 份生效的清单" for row in source.rows(_IN_FORCE_TWICE)]
    number: int = source.rows("SELECT count(*) AS number FROM checklist_row")[0]["number"]
    return Found(number, tuple(faults))


def _rectified(source: Source) -> Found:
    problems = source.rows(_PROBLEMS)
    faults = []
    for row in problems:
        is_done, is_closed = row["rectification"] == "completed", row["closed_at"] is not None
        is_under_way = row["under_way"] or row["waiting"] == "cancelled"  # by somebody's decision
        if row["rectification_case_id"] is None and not is_under_way:
            faults.append(f"问题 {row['number']} 没有整改")
        elif is_closed and not is_done:
            faults.append(f"问题 {row['number']} 已销号，整改没有办结")
        elif is_done and not is_closed and not is_under_way:
            faults.append(f"问题 {row['number']} 的整改已办结，问题没有销号")
    return Found(len(problems), tuple(faults))


INVARIANTS = (
    Invariant("lists-signed", "公示和生效的清单，每一席都在现有全文的摘要上签了字", _signed),
    Invariant("rows-held", "清单项目都有责任人、时限和一件履责办件，每个单位只有一份生效", _held),
    Invariant("problems-rectified", "每个问题都有整改，整改办结才销号", _rectified),
)
