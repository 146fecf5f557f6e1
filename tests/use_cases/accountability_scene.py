"""A matter 一案双查 in the district: its discipline commission investigates a bureau. Steps with valid answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.world import CLERK, HEAD, UNIT, Handle, World, values_of
from workflows.evidence import add_attachment, receive_file
from workflows.store import Store, people
from workflows.tables import Attachment, Case, Track

HOUSE = "ws-jw"  # the discipline commission of the district
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FACT = {"title": "违规审批三笔支出", "statement": "抽查发现三笔支出审批手续不全。", "source": "凭证"}


def holder(world: World, unit: str, post: str, number: int = 0) -> str:
    """The user name of who holds a post."""

    def find(store: Store) -> str:
        found = people.find_post(store, people.need_unit(store, unit).id, post)
        assert found is not None
        return people.holders(store, [found.id])[number].username

    return world.read(find)


def matter(world: World, **variables: Any) -> str:
    """A case that the system opens with nothing but what it knows."""
    case = world.start("accountability", unit=HOUSE, as_=None, **variables)
    world.settle()
    return case


def registration(world: World, **changed: Any) -> dict[str, Any]:
    told = {
        "trigger": "clue",
        "fact_key": "线索-2026-001",
        "matter_title": "财政局违规支出",
        "subject_unit": UNIT,
        "matter_kind": "corruption",
        "amount": 300,
        "severity": "serious",
        "months": 0,
        "spread": 0,
        "parties": [world.code(CLERK)],
        "leaders": [world.code(HEAD)],
        "clue": "群众反映支出不实。",
        "facts": [FACT],
    }
    return {**told, **changed}


def opened(world: World, **changed: Any) -> str:
    """A matter whose two investigations have begun."""
    case = matter(world)
    do(world, "登记", case, **registration(world, **changed))
    do(world, "立案审批", case, approve_outcome="open", approve_note="线索具体，立案。", approve_signature=True)
    return case


def do(world: World, name: str, case: str | None = None, *, as_: str | None = None, **values: Any) -> Handle:
    """Complete the open step with this name and let what follows happen."""
    task = world.task(name, case=case).complete(as_, **values)
    world.settle()
    return task


def track(world: World, case: str, kind: str) -> str:
    """The latest track of a kind."""
    statement = select(Track.case_id).where(Track.main_case_id == case, Track.kind == kind)
    found = world.read(lambda store: list(store.session.scalars(statement.order_by(Track.case_id))))
    return found[-1]


def findings(world: World, case: str, finding: str) -> list[dict[str, Any]]:
    rows = values_of(world, case)["findings"]
    return [{"no": row["no"], "title": row["title"], "finding": finding, "basis": "凭证和询问笔录"} for row in rows]


def bring_person(world: World, case: str, *, finding: str = "true", liability: str = "direct", **more: Any) -> str:
    """Bring the person's track to its check."""
    own = track(world, case, "person")
    do(world, "调查取证", own, **{"person_plan": "调取凭证、询问经办。", "new_facts": [], **more})
    heard = {"heard_on": "2026-03-03", "heard_place": "谈话室", "heard_statement": "认可。", "heard_accepted": "yes"}
    do(world, "听取当事人陈述", own, **heard, heard_reason="与凭证一致")
    result = {"person": world.code(CLERK), "liability": liability, "measure": "discipline", "reason": "违规审批"}
    if liability == "none":
        result["measure"] = "none"
    rows = findings(world, own, finding)
    do(world, "作出结论", own, person_results=[result], findings=rows, person_opinion="负直接责任。")
    return own


def bring_leader(world: World, case: str, *, finding: str = "true", performed: str = "none", **more: Any) -> str:
    """Bring the leaders' track to its check."""
    own = track(world, case, "leader")
    do(world, "倒查取证", own, **{"leader_plan": "调取会议记录。", "new_facts": [], **more})
    talk = {"talked_on": "2026-03-03", "talked_place": "谈话室", "talked_record": "说明情况。", "talked_admits": "yes"}
    do(world, "与相关领导谈话", own, **talk, talked_reason="认可")
    row = {"person": world.code(HEAD), "role": "party_head", "performed": performed, "duty_basis": "没有研究部署"}
    do(world, "认定履责情况", own, leader_rows=[{**row, "measure": "talk"}], assess_note="见笔录")
    rows = findings(world, own, finding)
    do(world, "作出结论", own, findings=rows, leader_overall="liable", leader_opinion="负主体责任。")
    return own


def pass_check(world: World, own: str, outcome: str = "pass") -> None:
    do(world, "审核结论", own, check_outcome=outcome, check_note="证据充分。", check_signature=True)


def concluded(world: World, **changed: Any) -> str:
    """A matter whose two investigations have both ended."""
    case = opened(world)
    for own in (bring_person(world, case, **changed), bring_leader(world, case)):
        pass_check(world, own)
    return case


def deliberate(world: World, case: str, outcome: str = "accept", **more: Any) -> None:
    told = {"deliberated_on": "2026-03-10", "deliberated_by": "全体委员", "deliberation_note": "同意两查结论。"}
    do(world, "集体审议", case, **{**told, "deliberation_outcome": outcome, **more})


def decide(world: World, case: str, outcome: str = "approve", *, as_: str | None = None) -> None:
    rows = [
        {
            "person": world.code(CLERK),
            "responsibility": "当事人直接责任",
            "measure": "discipline",
            "reason": "违规审批",
        },
        {"person": world.code(HEAD), "responsibility": "主体责任", "measure": "talk", "reason": "没有研究部署"},
    ]
    told = {
        "decision_no": "望纪决〔2026〕1号",
        "decision_scope": "unit",
        "decide_note": "同意。",
        "decide_signature": True,
    }
    do(world, "处理决定", case, as_=as_, decisions=rows, decide_outcome=outcome, **told)


def decided(world: World) -> str:
    case = concluded(world)
    deliberate(world, case)
    decide(world, case)
    return case


def outcome_of(world: World, case: str, username: str) -> str:
    """The case of the outcome for one person."""
    rows = world.rows(Case, parent_case_id=case, process_key="accountability_outcome")
    return next(str(row.id) for row in rows if values_of(world, row.id)["person"] == world.code(username))


def receipt(world: World, case: str) -> str:
    """A file in a case: a signed receipt."""
    own = world.task("送达决定", case=case)
    actor = world.actor(own.candidates()[0])
    file = receive_file(world.application, name="送达回证.pdf", content=PDF)
    added: Attachment = world.run(add_attachment, case, file=file, actor=actor)
    return added.id


def serve(world: World, own: str) -> None:
    told = {"served_on": "2026-03-11", "served_how": "direct", "served_by": "两名承办人", "receipt_signed": "signed"}
    do(world, "送达决定", own, **told, receipt=[receipt(world, own)])


def execute(world: World, own: str) -> None:
    told = {"executed_on": "2026-03-12", "executed_document": "文书1号", "executed_note": "已执行。"}
    do(world, "执行处理决定", own, **told)
