"""The five lists through the real house: seats, versions, publicity, rows, problems, archive."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.use_cases.checklist_scene import (
    CHECK,
    ENDORSE,
    PASS,
    PROBLEM,
    ROWS,
    begun,
    drafted,
    in_force,
    list_of,
    perform,
    publicised,
    row,
    signing,
    variables,
)
from tests.world import UNIT, World
from workflows import people as organisation
from workflows.cases import cancel_case
from workflows.checklists.objections import raise_objection
from workflows.checklists.problems import Found, open_problems, report_problem
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.signing import fits
from workflows.store import Store
from workflows.tables import (
    Case,
    CaseLink,
    ChecklistObjection,
    ChecklistRow,
    Notice,
    Problem,
    Signature,
    Task,
)
from workflows.vacancies import look_after_holders


def _rows(world: World, case: str) -> list[ChecklistRow]:
    found = world.rows(ChecklistRow, checklist_id=list_of(world, case).id)
    return sorted(found, key=lambda each: (int(each.no), each.version))


def test_a_list_comes_into_force_with_a_case_for_each_row(world: World) -> None:
    case = in_force(world)

    children = world.rows(Case, parent_case_id=case)
    assert [each.no for each in _rows(world, case)] == ["1", "2", "3", "4"]
    assert sorted(child.business_key for child in children) == [each.key for each in _rows(world, case)]
    assert len(variables(world, case)["endorsements"]) == 3
    assert world.incidents() == []
    world.check()


def test_a_row_is_held_by_who_the_list_names_and_done_when_it_is_confirmed(world: World) -> None:
    in_force(world)
    leader = world.one(Case, business_key=f"{UNIT}/2026/3")

    assert world.task("履责", case=leader.id).candidates() == [
        world.holder(UNIT, "副书记").code,
    ]
    perform(world, leader.id)

    assert world.case(leader.id).status == "completed"
    world.check()


def test_a_changed_row_is_a_new_version_and_the_old_one_keeps_its_time(world: World) -> None:
    case = signing(world)
    first = list_of(world, case).digest
    world.let_pass(hours=1)
    for task in world.tasks("签字背书", case=case):
        task.complete(**{**ENDORSE, "endorse": "amend"})
    world.settle()

    kept = [{**each, "no": str(number)} for number, each in enumerate(ROWS, 1)]
    kept[1] = {**kept[1], "measure": "每月一次"}
    drafted(world, case, [*kept[:3], row("supervision", "书记", duty="新的一项")])

    told = [(each.no, each.version, each.measure == "每月一次", each.valid_to is None) for each in _rows(world, case)]
    assert told == [
        ("1", 1, False, True),
        ("2", 1, False, False),
        ("2", 2, True, True),
        ("3", 1, False, True),
        ("4", 1, False, False),
        ("4", 2, False, True),
    ]
    assert list_of(world, case).version == 2
    assert list_of(world, case).digest != first


# ---------------------------------------------------------------------- signing


def test_each_member_and_the_commissions_head_has_one_seat(world: World) -> None:
    case = signing(world)

    seats = [task.candidates() for task in world.tasks("签字背书", case=case)]
    team = [world.holder(UNIT, "书记"), world.holder(UNIT, "副书记"), world.holder("ws-jw", "书记")]
    assert sorted(seats) == sorted([actor.code] for actor in team)


def test_a_signature_is_over_the_rows_that_were_shown(world: World) -> None:
    case = signing(world)
    task = world.tasks("签字背书", case=case)[0]
    name, title = task.row.name, world.case(case).title
    task.complete(**ENDORSE)

    signature = world.one(Signature, case_id=case)
    assert signature.content["read"]["signing"] != signature.content["read"]["rows"]
    assert not fits(signature, {"task": name, "case": title, "values": {}})


def test_who_leaves_passes_the_seat_to_the_successor(world: World) -> None:
    case = signing(world)
    leaver = world.holder(UNIT, "副书记")
    heir = world.code("p163")
    admin = world.actor("sysadmin")
    world.run(organisation.end_holding, leaver.code, UNIT, "副书记", actor=admin)
    look_after_holders(world.application, 100)
    assert [each.code for each in world.incidents(case)] == ["no-candidate"]

    world.run(organisation.assign_post, heir, UNIT, "副书记", actor=admin)
    look_after_holders(world.application, 100)

    waiting = {tuple(task.candidates()) for task in world.tasks("签字背书", case=case)}
    assert ("p163",) in waiting
    assert (leaver.code,) not in waiting
    for task in world.tasks("签字背书", case=case):
        task.complete(**ENDORSE)
    world.settle()
    assert world.names(case) == ["确定公示"]


def test_a_seat_is_handed_to_nobody_else(world: World) -> None:
    """Whoever is transferred a seat would sign twice, once for another member of the team."""
    case = signing(world)
    head, deputy = world.holder(UNIT, "书记").code, world.holder(UNIT, "副书记").code
    seat = next(task for task in world.tasks("签字背书", case=case) if task.candidates() == [head])

    with pytest.raises(RejectedError) as told:
        seat.transfer(deputy, head)

    assert told.value.code == "seat-is-personal"
    assert seat.candidates() == [head]
    world.check()


def test_nobody_signs_on_the_seat_of_another(world: World) -> None:
    case = signing(world)
    head = world.holder(UNIT, "书记").code
    foreign = next(task for task in world.tasks("签字背书", case=case) if task.candidates() != [head])

    with pytest.raises((NotAllowedError, NotFoundError)):
        foreign.complete(head, **ENDORSE)


def test_signing_needs_a_fresh_password(world: World) -> None:
    from workflows.tasks import Submission  # noqa: PLC0415 - for this test alone

    task = world.tasks("签字背书", case=signing(world))[0]

    with pytest.raises(NotAllowedError) as refused:
        task.complete(submission=Submission(ENDORSE))

    assert refused.value.code == "confirmation-required"


# ---------------------------------------------------------------------- publicity


def _objector(world: World) -> Any:
    return world.holder(UNIT, "经办")


def test_an_objection_is_answered_before_the_list_comes_into_force(world: World) -> None:
    case = publicised(world)
    world.run(raise_objection, list_of(world, case).id, "措施太笼统", actor=_objector(world), row_no="1")
    world.let_pass(days=6)
    assert world.names(case) == ["处理意见"]

    answers = [{"number": 1, "outcome": "dismiss", "reply": "已写明"}]
    world.task("处理意见", case=case).complete(answers=answers, objections_note="已核实")
    world.settle()

    assert list_of(world, case).status == "in_force"
    told = world.rows(Notice, person_id=_objector(world).person_id, kind="objection-answered")
    assert len(told) == 1
    assert "措施太笼统" not in world.told(case)


def test_an_upheld_objection_brings_a_new_draft_that_is_signed_anew(world: World) -> None:
    case = publicised(world)
    world.run(raise_objection, list_of(world, case).id, "漏了一项", actor=_objector(world))
    world.let_pass(days=6)
    answers = [{"number": 1, "outcome": "uphold", "reply": "采纳"}]
    world.task("处理意见", case=case).complete(answers=answers, objections_note="已核实")
    world.settle()

    drafted(world, case)
    world.task("完整性审核", case=case).complete(**PASS)
    world.settle()

    assert len(world.tasks("签字背书", case=case)) == 3
    assert list_of(world, case).scope is None


@pytest.mark.parametrize(
    ("text", "row_no", "pointer"), [(" ", None, "/text"), ("长" * 2001, None, "/text"), ("好", "99", "/row")]
)
def test_an_objection_needs_words_and_a_row_that_exists(
    world: World, text: str, row_no: str | None, pointer: str
) -> None:
    case = publicised(world)

    with pytest.raises(RejectedError) as refused:
        world.run(raise_objection, list_of(world, case).id, text, actor=_objector(world), row_no=row_no)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert world.rows(ChecklistObjection) == []


def test_who_is_outside_the_scope_knows_nothing_of_the_list(world: World) -> None:
    case = publicised(world, scope="unit")

    with pytest.raises(NotFoundError):
        world.run(raise_objection, list_of(world, case).id, "路过", actor=world.holder("yc", "经办"))


def test_after_the_publicity_no_objection_is_taken(world: World) -> None:
    case = in_force(world)

    with pytest.raises(WrongStateError) as refused:
        world.run(raise_objection, list_of(world, case).id, "晚了", actor=_objector(world))

    assert refused.value.code == "not-in-publicity"


# ---------------------------------------------------------------------- problems


def _found(world: World) -> tuple[str, Problem]:
    case = in_force(world)
    inspector = world.holder("ws-jw", "经办")
    world.run(report_problem, list_of(world, case).id, Found("未开专题会", "责任制规定", row_no="1"), actor=inspector)
    world.settle()
    problem: Problem = world.one(Problem)
    return case, problem


def test_a_check_writes_problems_each_with_its_rectification(world: World) -> None:
    case = in_force(world)
    world.let_pass(days=92)
    study = world.task("专题研究", case=case)
    study.complete(study_on="2026-06-20", study_topics="履责", study_acts=["deployed"], study_note="分工")
    world.settle()
    world.task("检查监督", case=case).complete(**{**CHECK, "problems": [PROBLEM, {**PROBLEM, "fact": "记录不全"}]})
    world.settle()

    problems = world.rows(Problem)
    assert sorted(each.number for each in problems) == [f"{UNIT}/2026/001", f"{UNIT}/2026/002"]
    opened = [world.case(each.rectification_case_id) for each in problems]
    assert {each.process_key for each in opened} == {"rectification"}
    assert world.incidents() == []
    world.check()

    again = _find_again(world, case, {**PROBLEM, "fact": "记录不全 "}, {**PROBLEM, "fact": "台账缺页"})
    assert again == [f"{UNIT}/2026/002", f"{UNIT}/2026/003"], "a row that an older form brings again is that problem"
    assert len(world.rows(Problem)) == 3


def _find_again(world: World, case: str, *rows: dict[str, Any]) -> list[str]:
    inputs = {"checklist": list_of(world, case).id, "supervising_unit": "ws-jw", "problems": list(rows)}

    def find(store: Store) -> list[str]:
        numbers: list[str] = open_problems(store, store.need(Case, case), inputs)
        return numbers

    return world.run(find)


def test_a_problem_stays_open_until_its_rectification_has_ended(world: World) -> None:
    _, problem = _found(world)
    assert problem.closed_at is None

    waiting = world.case(problem.case_id)
    link = world.one(CaseLink, source_case_id=waiting.id)
    assert (link.message, link.target_case_id) == ("rectification_ended", problem.rectification_case_id)
    assert world.names(waiting.id) == []


def test_a_cancelled_rectification_leaves_the_problem_open_and_asks_for_another(world: World) -> None:
    from workflows.access import system_actor  # noqa: PLC0415 - for this test alone

    _, problem = _found(world)
    world.run(cancel_case, str(problem.rectification_case_id), "并案", actor=system_actor("test"))
    world.settle()

    task = world.task("重新确定整改", case=problem.case_id)
    task.complete(redirect_reason="并案", redirect_on="2026-04-01", redirect_note="重新下达")
    world.settle()

    again: Problem = world.one(Problem)
    assert again.closed_at is None
    assert again.rectification_case_id != problem.rectification_case_id
    world.check()


@pytest.mark.parametrize(
    ("found", "pointer"),
    [
        (Found("", "规定"), "/fact"),
        (Found("事实", "长" * 201), "/basis"),
        (Found("事实", "规定", severity="huge"), "/severity"),
        (Found("事实", "规定", row_no="99"), "/row"),
    ],
)
def test_a_problem_is_refused_with_every_fault(world: World, found: Found, pointer: str) -> None:
    case = in_force(world)

    with pytest.raises(RejectedError) as refused:
        world.run(report_problem, list_of(world, case).id, found, actor=world.holder("ws-jw", "经办"))

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert world.rows(Problem) == []


def test_only_who_inspects_or_supervises_reports_a_problem(world: World) -> None:
    case = in_force(world)

    with pytest.raises(NotAllowedError):
        world.run(report_problem, list_of(world, case).id, Found("事实", "规定"), actor=_objector(world))


# ---------------------------------------------------------------------- years


def test_the_next_years_list_archives_this_one_when_it_comes_into_force(world: World) -> None:
    first = in_force(world)
    rows = [{**each, "due_on": "2027-06-30"} for each in ROWS]
    second = in_force(world, year=2027, rows=rows)

    assert list_of(world, first).status == "archived"
    assert list_of(world, second).status == "in_force"
    assert variables(world, second)["book"]["previous"] == 2026
    assert len(world.rows(Task, name="履责")) == 8


def test_a_second_list_of_the_same_year_is_an_incident_and_writes_nothing(world: World) -> None:
    begun(world)
    second = begun(world)
    for _ in range(5):
        world.let_pass(hours=1)

    assert [each.code for each in world.incidents(second)] == ["job-failed"]


def test_a_leap_day_moves_to_the_28th() -> None:
    from workflows.checklists.rows import _same_day  # noqa: PLC0415 - for this test alone

    assert _same_day(date(2028, 2, 29), 2029) == date(2029, 2, 28)
