"""Migration: a live state goes on under a changed diagram, or is refused with every reason."""

from __future__ import annotations

import pytest

from tests.engine.migration_scene import drawn, moved
from tests.engine.scene import MESSAGE, Play, node, subprocess, tasks, timer
from workflows.engine.errors import CaseEndedError
from workflows.engine.types import ActivityKey, Complete, Outcome


def finish(play: Play) -> list[str]:
    done = []
    while play.outcome is None and play.tasks:
        key = next(iter(play.tasks))
        done.append(key.element_id)
        play.do(Complete(key))
    assert play.outcome == Outcome("completed")
    assert not play.incidents
    return done


def test_a_case_goes_on_under_a_diagram_with_a_new_step():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e", year=2026)
    play.complete("A")

    report = moved(play, drawn(tasks("A", "B", "C"), "s > A\n A > B\n B > C\n C > e"))

    assert (report.findings, report.renamed) == ((), ())
    assert list(play.tasks) == [ActivityKey("B")]
    assert play.variables["year"] == 2026
    assert finish(play) == ["B", "C"]


def test_a_renamed_element_is_found_by_the_mapping():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    play.complete("A")

    report = moved(play, drawn(tasks("A", "Neu"), "s > A\n A > Neu\n Neu > e"), B="Neu")

    assert report.renamed == ((ActivityKey("B"), ActivityKey("Neu")),)
    assert finish(play) == ["Neu"]


def test_what_holds_a_token_and_is_gone_or_another_kind_forbids_it_and_all_is_listed():
    nodes = node("parallelGateway", "p") + tasks("A", "B", "C")
    play = Play(nodes, "s > p\n p > A\n p > B\n p > C\n A > e\n B > e\n C > e")
    other = node("parallelGateway", "p") + node("manualTask", "A") + tasks("C") + node("serviceTask", "X")
    before = play.state

    report = moved(play, drawn(other, "s > p\n p > A\n p > C\n p > X\n A > e\n C > e\n X > e"))

    assert sorted((found.code, found.element_id) for found in report.findings) == [
        ("migration-element-gone", "B"),
        ("migration-kind-changed", "A"),
    ]
    assert (report.step, play.state) == (None, before)


def test_an_element_that_moved_into_a_sub_process_forbids_it():
    play = Play(tasks("A"), "s > A\n A > e")
    inner = subprocess("S", node("startEvent", "s2") + tasks("A"), "s2 > A")

    report = moved(play, drawn(inner, "s > S\n S > e"))

    assert [found.code for found in report.findings] == ["migration-scope-changed"]


def test_a_new_event_on_a_border_is_armed_and_one_that_is_gone_is_called_off():
    gone = node("boundaryEvent", "g", timer("PT5H"), attachedToRef="A")
    fresh = node("boundaryEvent", "n", MESSAGE, attachedToRef="A", cancelActivity="false")
    play = Play(tasks("A", "X") + gone, "s > A\n A > e\n g > X\n X > e")
    assert [key.element_id for key in play.timers] == ["g"]

    moved(play, drawn(tasks("A", "X") + fresh, "s > A\n A > e\n n > X\n X > e"))

    assert not play.timers
    assert list(play.waiting_for.values()) == ["msg"]
    play.deliver()
    assert play.waiting == ["A", "X"]


def test_a_timer_that_stays_keeps_its_date_and_is_told_to_be_recomputed():
    border = node("boundaryEvent", "g", timer("PT5H"), attachedToRef="A")
    play = Play(tasks("A", "X") + border, "s > A\n A > e\n g > X\n X > e")
    due = next(iter(play.timers.values()))
    later = node("boundaryEvent", "g", timer("PT9H"), attachedToRef="A")

    report = moved(play, drawn(tasks("A", "X") + later, "s > A\n A > e\n g > X\n X > e"))

    assert [(kept.activity, kept.due_at) for kept in report.timers] == [(due.activity, due.due_at)]
    play.fire("g")
    assert play.waiting == ["X"]


def test_a_token_inside_a_sub_process_and_one_at_a_join_move_too():
    nodes = node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("B", "X")
    inner = subprocess("S", node("startEvent", "s2") + tasks("A"), "s2 > A")
    arrows = "s > p\n p > S\n p > B\n S > j\n B > j\n j > X\n X > e"
    play = Play(nodes + inner, arrows)
    play.complete("B")

    moved(play, drawn(nodes + tasks("Y") + inner, arrows.replace("X > e", "X > Y\n Y > e")))

    assert play.waiting == ["A"]
    assert finish(play) == ["A", "X", "Y"]


def test_a_branch_added_to_a_split_that_was_passed_does_not_starve_its_join():
    nodes = node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("A", "B")
    arrows = "s > p\n p > A\n p > B\n A > j\n B > j\n j > e"
    play = Play(nodes, arrows)
    play.complete("A")

    moved(play, drawn(nodes + tasks("C"), arrows + "\n p > C\n C > j"))

    assert finish(play) == ["B"]


def test_rounds_and_attempts_go_on_in_other_pieces_of_the_diagram():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    play.complete("A")
    play.send_back("B", "A")
    seen = set(play.open)
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="B")

    moved(play, drawn(tasks("A", "B") + border, "s > A\n A > B\n B > e\n b > e"))
    play.complete("A")
    seen |= set(play.tasks)
    play.send_back("B", "A")

    assert play.waiting == ["A"]
    assert not set(play.tasks) & seen
    assert finish(play) == ["A", "B"]


def test_a_join_that_has_all_it_needs_under_the_new_diagram_goes_on():
    nodes = node("exclusiveGateway", "g", default="f_g_A") + node("parallelGateway", "j") + tasks("A", "B", "X")
    play = Play(nodes, "s > g\n g > A\n g > B if false\n A > j\n B > j\n j > X\n X > e")
    play.complete("A")
    assert list(play.incidents.values()) == ["deadlock"]

    moved(play, drawn(nodes, "s > g\n g > A\n g > B if false\n A > j\n B > e\n j > X\n X > e"))

    assert not play.incidents
    assert finish(play) == ["X"]


def test_a_task_that_lay_behind_and_lies_ahead_now_opens_under_a_key_of_its_own():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    seen = set(play.tasks)
    play.complete("A")
    seen |= set(play.tasks)

    report = moved(play, drawn(tasks("A", "B"), "s > B\n B > A\n A > e"))
    assert report.renamed == ((ActivityKey("B"), ActivityKey("B", attempt=2)),)
    play.complete("B")

    assert play.waiting == ["A"]
    assert not set(play.tasks) & seen
    assert finish(play) == ["A"]


def test_a_border_taken_from_a_step_that_is_done_renames_nothing():
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="A")
    play = Play(tasks("A", "B", "C") + border, "s > A\n A > B\n B > C\n C > e\n b > e")
    play.complete("A")

    report = moved(play, drawn(tasks("A", "B", "C"), "s > A\n A > B\n B > C\n C > e"))

    assert (report.findings, report.renamed) == ((), ())
    assert finish(play) == ["B", "C"]


def test_an_event_in_the_flow_waits_for_what_the_new_diagram_says():
    play = Play(node("intermediateCatchEvent", "M", MESSAGE), "s > M\n M > e")
    other = node("intermediateCatchEvent", "N", MESSAGE.replace("Msg", "Other"))

    moved(play, drawn(other, "s > N\n N > e"), M="N")

    assert play.awaited == {(ActivityKey("N"), "message", "other")}
    play.deliver("other")
    assert play.outcome == Outcome("completed")


def test_a_receive_task_waits_for_a_new_message():
    play = Play(node("receiveTask", "R", messageRef="Msg"), "s > R\n R > e")

    moved(play, drawn(node("receiveTask", "R", messageRef="Other"), "s > R\n R > e"))

    assert play.awaited == {(ActivityKey("R"), "message", "other")}
    play.deliver("other")
    assert play.outcome == Outcome("completed")


def test_an_event_added_behind_an_event_gateway_waits_too():
    first = node("eventBasedGateway", "g") + node("intermediateCatchEvent", "M", MESSAGE)
    wait = node("intermediateCatchEvent", "t", timer("PT1H"))
    play = Play(first + wait, "s > g\n g > M\n g > t\n M > e\n t > e")
    other = node("intermediateCatchEvent", "O", MESSAGE.replace("Msg", "Other"))

    report = moved(play, drawn(first + wait + other, "s > g\n g > M\n g > t\n g > O\n M > e\n t > e\n O > e"))
    assert [kept.activity.element_id for kept in report.timers] == ["t"]
    play.deliver("other")

    assert play.outcome == Outcome("completed")
    assert (play.awaited, play.armed) == (set(), set())


def test_an_event_that_an_event_gateway_does_not_lead_to_any_more_forbids_it():
    nodes = node("eventBasedGateway", "g") + "".join(
        node("intermediateCatchEvent", name, message)
        for name, message in (("M", MESSAGE), ("O", MESSAGE.replace("Msg", "Other")), ("t", timer("PT1H")))
    )
    play = Play(nodes, "s > g\n g > M\n g > O\n g > t\n M > e\n O > e\n t > e")

    report = moved(play, drawn(nodes, "s > g\n g > M\n g > O\n M > t\n O > e\n t > e"))

    assert [(found.code, found.element_id) for found in report.findings] == [("migration-scope-changed", "t")]


def countersign(order: str) -> str:
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{order}">'
        "<bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )
    return node("userTask", "V", loop)


def test_a_running_countersign_keeps_its_signers_and_their_number():
    play = Play(countersign("false"), "s > V\n V > e")
    play.complete("V")

    moved(play, drawn(countersign("false") + tasks("Z"), "s > V\n V > Z\n Z > e"))

    assert finish(play) == ["V", "V", "Z"]


def test_a_countersign_at_once_does_not_become_one_by_one():
    play = Play(countersign("true"), "s > V\n V > e")

    report = moved(play, drawn(countersign("false"), "s > V\n V > e"))

    assert {found.code for found in report.findings} == {"migration-kind-changed"}


def handler(name: str, message: str) -> str:
    start = node("startEvent", f"{name}_s", message, isInterrupting="false")
    return subprocess(name, start + tasks(f"{name}_T"), f"{name}_s > {name}_T", triggeredByEvent="true")


def test_handlers_are_called_off_and_begin_to_listen_and_one_that_runs_forbids_it():
    old, new = handler("H", MESSAGE), handler("K", MESSAGE.replace("Msg", "Other"))
    play, running = Play(tasks("A") + old, "s > A\n A > e"), Play(tasks("A") + old, "s > A\n A > e")
    running.deliver()

    moved(play, drawn(tasks("A") + new, "s > A\n A > e"))
    report = moved(running, drawn(tasks("A") + new, "s > A\n A > e"))

    assert {name for _, _, name in play.awaited} == {"other"}
    play.deliver("other")
    assert play.waiting == ["A", "K_T"]
    assert {found.element_id for found in report.findings} == {"H", "H_T"}


def test_a_step_that_waits_for_a_direct_return_still_gets_it_back():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    play.complete("A")
    play.send_back("B", "A", direct=True)
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="B", cancelActivity="false")

    moved(
        play,
        drawn(tasks("A", "M", "Neu") + border.replace('"B"', '"Neu"'), "s > A\n A > M\n M > Neu\n Neu > e\n b > e"),
        B="Neu",
    )

    assert (play.waiting, play.awaited) == (["A"], set())
    play.complete("A")
    assert (play.waiting, len(play.awaited)) == (["Neu"], 1)
    assert finish(play) == ["Neu"]


def test_an_ad_hoc_sub_process_offers_what_was_added():
    play = Play(node("adHocSubProcess", "S", tasks("A", "B")), "s > S\n S > e")
    play.complete("A")

    moved(play, drawn(node("adHocSubProcess", "S", tasks("A", "B", "C")), "s > S\n S > e"))

    assert play.waiting == ["B", "C"]
    assert finish(play) == ["B", "C"]


def test_two_steps_that_become_one_are_done_twice_under_two_keys():
    nodes = node("parallelGateway", "p") + tasks("A", "B")
    play = Play(nodes, "s > p\n p > A\n p > B\n A > e\n B > e")

    report = moved(play, drawn(tasks("C"), "s > C\n C > e"), A="C", B="C")

    assert len({now for _, now in report.renamed}) == len(report.renamed) == 2
    assert finish(play) == ["C", "C"]


def test_a_mapping_from_or_to_nothing_is_told():
    play = Play(tasks("A"), "s > A\n A > e")

    report = moved(play, drawn(tasks("A"), "s > A\n A > e"), Q="A", A="Q")

    assert [(found.code, found.element_id) for found in report.findings] == [
        ("migration-mapping-unknown", "A"),
        ("migration-mapping-unknown", "Q"),
        ("migration-element-gone", "A"),
    ]


def test_a_new_timer_whose_date_cannot_be_worked_out_forbids_it():
    play = Play(tasks("A"), "s > A\n A > e")
    border = node("boundaryEvent", "b", timer("=unknown_name"), attachedToRef="A")

    report = moved(play, drawn(tasks("A") + border, "s > A\n A > e\n b > e"))

    assert [(found.code, found.element_id) for found in report.findings] == [("migration-event-fault", "A")]
    assert report.step is None


def test_a_case_that_has_ended_is_not_moved():
    play = Play(tasks("A"), "s > A\n A > e")
    play.complete("A")

    with pytest.raises(CaseEndedError):
        moved(play, play.process)
