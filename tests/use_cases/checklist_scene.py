"""A year's list of 望舒区财政局: drawn up, reviewed, signed, publicised, in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.world import UNIT, World, values_of
from workflows import evidence
from workflows.tables import Checklist, ChecklistStatus

FAMILY = "responsibility_checklist"


def row(kind: str, post: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "duty": "每季度专题研究",
        "measure": "召开党组会并形成纪要",
        "due_on": "2026-06-30",
        "holder_post": post,
        "evidence": "会议纪要",
        **more,
    }


ROWS = (row("subject", "书记"), row("leadership", "书记"), row("leadership", "副书记"), row("supervision", "书记"))
ENDORSE: dict[str, Any] = {"endorse": "endorse", "endorse_note": "按清单履责", "endorse_signature": True}
PASS: dict[str, Any] = {"review_checks": ["complete"], "review_outcome": "pass", "review_note": "齐全"}
PUBLICITY: dict[str, Any] = {"publicity_scope": "system", "publicity_place": "公告栏", "publicity_workdays": 3}
CHECK: dict[str, Any] = {"check_way": "papers", "checked_on": "2026-09-01", "check_summary": "总体较好", "problems": []}
PROBLEM: dict[str, Any] = {"fact": "未开专题会", "basis": "责任制规定", "severity": "normal", "trace_needed": "no"}


def begun(world: World, *, year: int = 2026, unit: str = UNIT) -> str:
    return world.start(FAMILY, unit=unit, as_=None, year=year)


def drafted(world: World, case: str, rows: Any = ROWS) -> None:
    world.task("编制清单", case=case).complete(rows=list(rows))
    world.settle()


def signing(world: World, *, rows: Any = ROWS, year: int = 2026, unit: str = UNIT) -> str:
    case = begun(world, year=year, unit=unit)
    drafted(world, case, rows)
    world.task("完整性审核", case=case).complete(**PASS)
    world.settle()
    return case


def signed(world: World, **more: Any) -> str:
    case = signing(world, **more)
    for task in world.tasks("签字背书", case=case):
        task.complete(**ENDORSE)
    world.settle()
    return case


def publicised(world: World, scope: str = "system", **more: Any) -> str:
    case = signed(world, **more)
    world.task("确定公示", case=case).complete(**{**PUBLICITY, "publicity_scope": scope})
    world.settle()
    return case


def in_force(world: World, **more: Any) -> str:
    case = publicised(world, **more)
    world.let_pass(days=6)
    assert list_of(world, case).status == ChecklistStatus.IN_FORCE
    return case


def list_of(world: World, case: str) -> Checklist:
    found: Checklist = world.one(Checklist, case_id=case)
    return found


def attach(world: World, case: str, as_: str) -> str:
    file = evidence.receive_file(world.application, name="纪要.pdf", content=b"%PDF-1.4\n%%EOF\n")
    return world.run(evidence.add_attachment, case, file=file, actor=world.actor(as_)).id


def perform(world: World, case: str) -> None:
    """Have one row done and confirmed."""
    task = world.task("履责", case=case)
    who = task.candidates()[0]
    task.complete(
        who, row_report="已召开", done_on="2026-05-01", row_evidence=[attach(world, case, who)], row_result="done"
    )
    world.task("确认", case=case).complete(confirm_outcome="pass", confirm_note="属实")
    world.settle()


def variables(world: World, case: str) -> Any:
    return values_of(world, case)


WEEK = timedelta(days=7)
