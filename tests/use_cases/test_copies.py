"""Copies 抄送: sent by the diagram or by who works on a case; they give the right to read, and nothing else."""

from __future__ import annotations

import pytest

from tests.world import CLERK, CLERK_2, HEAD, OFFICE, SUPERVISOR, World
from workflows.copies import copy_case, mark_copy_read
from workflows.errors import NotAllowedError, NotFoundError, RejectedError
from workflows.queries.case_filters import CaseFilter
from workflows.queries.cases import case_row, list_cases
from workflows.queries.copies import CopyRow, list_copies, readers_of_case, unread_copies
from workflows.queries.tasks import submissions_of_case
from workflows.tables import Notice
from workflows.tasks import Submission, claim_task

STRANGER = "p219"  # of another district


def received(world: World, who: str, *, unread: bool | None = None) -> list[CopyRow]:
    return list(world.read(list_copies, CaseFilter(), actor=world.actor(who), unread=unread).items)


def test_a_diagram_sends_copies_as_a_case_begins_and_with_the_end_of_a_step(world: World):
    case = world.start("copied")
    (first,) = received(world, HEAD)
    world.task("拟稿").complete(CLERK, answer="ws-caizheng")
    (second,) = received(world, OFFICE)

    assert (first.case.id, first.step, first.sent_by_name, first.read_at) == (case, None, None, None)
    assert (second.case.id, second.step) == (case, "拟稿")
    assert world.kinds(case).count("case-copied") == 2
    assert [notice.kind for notice in world.rows(Notice, case_id=case)] == ["case-copied"] * 2
    assert {reader.name for reader in world.read(readers_of_case, case, actor=world.actor(CLERK))} == {
        world.actor(HEAD).name,
        world.actor(OFFICE).name,
    }
    world.check()


def test_whom_a_copy_does_not_find_is_told_and_stops_nothing(world: World):
    case = world.start("copied")
    world.task("拟稿").complete(CLERK, answer="nowhere")
    world.task("审核").complete(CLERK)

    assert world.case(case).status == "completed"
    assert world.kinds(case).count("copy-not-sent") == 2
    assert world.incidents(case) == []


def test_who_got_a_copy_reads_the_whole_case_and_does_nothing_with_it(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, submission=Submission({"answer": "同意"}, copies=[world.code(STRANGER)]))
    task, reader = world.task("审核"), world.actor(STRANGER)

    assert world.read(case_row, case, actor=reader).id == case
    assert [row.id for row in world.read(list_cases, CaseFilter(), actor=reader).items] == [case]
    assert [each.row.name for each in world.read(submissions_of_case, case, actor=reader)] == ["拟稿"]
    with pytest.raises(NotAllowedError):
        world.run(claim_task, task.id, actor=reader)
    with pytest.raises(NotAllowedError) as told:
        world.run(copy_case, case, [world.code(CLERK_2)], actor=reader)
    assert told.value.code == "not-participant"
    (copy,) = received(world, STRANGER)
    assert (copy.step, copy.sent_by_name) == ("拟稿", world.actor(CLERK).name)
    assert world.rows(Notice, case_id=case, kind="case-copied")[0].content["by"] == world.actor(CLERK).name


def test_a_copy_is_read_once_by_who_got_it_and_the_ledger_says_when(world: World):
    case = world.start("approval")
    sent = world.run(copy_case, case, [world.code(OFFICE), world.code(OFFICE)], actor=world.actor(SUPERVISOR))
    again = world.run(copy_case, case, [world.code(OFFICE)], actor=world.actor(CLERK))
    (copy,) = received(world, OFFICE, unread=True)

    with pytest.raises(NotFoundError):
        world.run(mark_copy_read, copy.id, actor=world.actor(CLERK))
    world.run(mark_copy_read, copy.id, actor=world.actor(OFFICE))
    world.run(mark_copy_read, copy.id, actor=world.actor(OFFICE))

    assert (sent, again) == (1, 0)
    assert received(world, OFFICE, unread=True) == []
    assert received(world, OFFICE, unread=False)[0].read_at == world.now
    assert world.read(unread_copies, actor=world.actor(OFFICE), most=9) == 0
    assert world.kinds(case).count("copy-read") == 1
    world.check()


def test_who_may_not_read_a_case_gets_no_copy_of_it(world: World):
    secret = world.start("secret", as_=SUPERVISOR)
    about = world.start("recusing", as_=CLERK_2, parties=[world.code(CLERK)], registrar=[])
    wrongs = {}
    for case, sender, code in (
        (secret, SUPERVISOR, world.code(STRANGER)),
        (about, CLERK_2, world.code(CLERK)),
        (about, CLERK_2, "nobody-of-this-name"),
    ):
        with pytest.raises((RejectedError, NotFoundError)) as told:
            world.run(copy_case, case, [code], actor=world.actor(sender))
        wrongs[code] = told.value.faults[0].code if isinstance(told.value, RejectedError) else told.value.code

    assert set(wrongs.values()) <= {"reader-not-cleared", "reader-recused", "no-such-person", "case-not-found"}
    assert wrongs["nobody-of-this-name"] == "no-such-person"
    assert wrongs[world.code(CLERK)] == "reader-recused"


def test_a_party_loses_sight_of_what_was_sent_to_them(world: World):
    case = world.start("recusing", as_=CLERK_2, parties=[], registrar=[])
    world.run(copy_case, case, [world.code(HEAD)], actor=world.actor(CLERK_2))
    (copy,) = received(world, HEAD)
    world.task("登记当事人").complete(CLERK_2, parties=[world.code(HEAD)])

    assert received(world, HEAD) == []
    with pytest.raises(NotFoundError):
        world.run(mark_copy_read, copy.id, actor=world.actor(HEAD))
