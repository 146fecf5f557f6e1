"""Start events that wait by themselves: each date opens one case, while in force, for the unit that is drawn."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.world import UNIT, World, values_of
from workflows import start_events
from workflows.access import system_actor
from workflows.broadcasts import broadcast_signal, tell_data
from workflows.definitions import DefinitionInvalidError, activate_definition, check_files, retire_definition
from workflows.engine.types import FileContent, Profile
from workflows.errors import NotAllowedError, WrongStateError
from workflows.heartbeats import watchdog
from workflows.messages import Letter, send_message
from workflows.store import people
from workflows.tables import Case, StartTrigger, Unit

_OPEN = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" id="d" '
    'targetNamespace="urn:zecheng:tests"><signal id="S" name="响"/><message id="M" name="来"/>'
)


def timer(kind: str, said: str) -> str:
    return f"<timerEventDefinition><{kind}>{said}</{kind}></timerEventDefinition>"


def diagram(key: str, *starts: str, note: str = "", process: str = f"""zc:unit='"{UNIT}"'""") -> FileContent:
    drawn = "".join(
        f'<startEvent id="s{number}" {given.partition("|")[0]}>{given.partition("|")[2]}</startEvent>'
        f'<sequenceFlow id="f{number}" sourceRef="s{number}" targetRef="T"/>'
        for number, given in enumerate(starts)
    )
    work = '<userTask id="T" name="办" zc:owner="post:经办@unit"/>'
    content = (
        f'{_OPEN}<process id="{key}" name="{key}" isExecutable="true" {process}>'
        f"<documentation>{note}</documentation>{drawn}{work}</process></definitions>"
    )
    return FileContent(f"diagrams/{key}/{key}.bpmn", content.encode())


def cases(world: World, key: str) -> list[Case]:
    return sorted(world.rows(Case, process_key=key), key=lambda case: case.started_at)


def execute(world: World, statement: str, **values: object) -> None:
    with world.application.database.begin() as connection:
        connection.execute(text(statement), values)


def row(world: World, **columns: object) -> StartTrigger:
    found: StartTrigger = world.one(StartTrigger, **columns)
    return found


def root(world: World) -> str:
    return next(str(unit.id) for unit in world.rows(Unit) if unit.parent_id is None)


def unit_id(world: World, code: str = UNIT) -> str:
    return world.read(lambda store: people.need_unit(store, code).id)


def test_a_cycle_opens_a_case_at_each_of_its_dates_and_no_more(world: World):
    begun = world.now
    world.deploy(diagram("hourly", "|" + timer("timeCycle", "R3/PT1H")))

    world.let_pass(minutes=59)
    assert cases(world, "hourly") == []
    world.let_pass(hours=9)

    found = cases(world, "hourly")
    assert [case.started_at - begun for case in found] == [timedelta(hours=hour) for hour in (1, 2, 3)]
    assert {(case.unit_id, case.started_by) for case in found} == {(unit_id(world), None)}
    assert world.names(found[0].id) == ["办"]
    watched = row(world, process_key="hourly")
    assert (watched.state, watched.due_at, watched.starts) == ("over", None, 3)
    assert watched.last_case_id == found[2].id
    world.check()


def test_after_a_downtime_every_date_is_caught_up_or_only_the_last_as_the_diagram_says(world: World):
    world.deploy(
        diagram("all", "|" + timer("timeCycle", "R/PT1H")),
        diagram("last", 'zc:catchUp="last"|' + timer("timeCycle", "0 * * * *")),
    )
    world.sleep_until(world.now + timedelta(hours=5, minutes=30))

    world.settle()

    assert (len(cases(world, "all")), len(cases(world, "last"))) == (5, 1)
    assert row(world, process_key="last").due_at == world.now + timedelta(minutes=30)
    world.let_pass(hours=1)
    assert (len(cases(world, "all")), len(cases(world, "last"))) == (6, 2)


def test_several_starts_of_one_process_each_open_cases(world: World):
    condition = '<conditionalEventDefinition><condition>today() >= date("2026-03-03")</condition>'
    world.deploy(
        diagram(
            "many",
            "|" + timer("timeDate", "2026-03-02T10:00:00+08:00"),
            "|" + timer("timeCycle", "R1/PT2H") + '<signalEventDefinition signalRef="S"/>',
            '|<messageEventDefinition messageRef="M"/>',
            f"|{condition}</conditionalEventDefinition>",
        )
    )

    world.let_pass(hours=3)
    assert len(cases(world, "many")) == 2
    world.let_pass(hours=24)
    assert len(cases(world, "many")) == 3
    world.let_pass(hours=24)
    assert len(cases(world, "many")) == 3  # the condition has not stopped holding
    world.run(broadcast_signal, "响", {"from": "外面"}, unit_id=None, actor=system_actor("test"))
    world.run(send_message, Letter("来", {"from": "信"}), unit_id=None, actor=system_actor("test"))

    found = cases(world, "many")
    assert [values_of(world, case.id).get("from") for case in found] == [None, None, None, "外面", "信"]
    assert {case.unit_id for case in found} == {unit_id(world)}
    world.check()


def test_what_is_out_of_force_starts_nothing_and_what_replaces_it_goes_on_where_it_says_the_same(world: World):
    def starts(cycle: str, note: str) -> FileContent:
        return diagram("kept", "|" + timer("timeCycle", "R3/PT1H"), "|" + timer("timeCycle", cycle), note=note)

    world.deploy(starts("R2/PT10H", "一"))
    world.let_pass(minutes=90)
    assert len(cases(world, "kept")) == 1

    world.deploy(starts("R2/PT2H", "二"))
    assert {each.state for each in world.rows(StartTrigger, process_key="kept")} == {"dropped", "armed"}
    world.let_pass(minutes=60)
    assert len(cases(world, "kept")) == 2  # the second hour of the count that went on
    world.let_pass(minutes=60)
    assert len(cases(world, "kept")) == 4  # its third, and the new timer's first

    world.run(retire_definition, "kept", 2, actor=system_actor("test"))
    world.let_pass(hours=24)
    assert len(cases(world, "kept")) == 4
    assert {each.state for each in world.rows(StartTrigger, process_key="kept")} == {"dropped"}


def test_what_is_retired_starts_nothing_though_its_file_is_in_force(world: World):
    signal = '|<signalEventDefinition signalRef="S"/>'
    world.deploy(*(FileContent(f"{key}.bpmn", diagram(key, signal).content) for key in ("one", "two")))
    world.run(retire_definition, "two", 1, actor=system_actor("test"))

    world.run(broadcast_signal, "响", {}, unit_id=None, actor=system_actor("test"))

    assert (len(cases(world, "one")), len(cases(world, "two"))) == (1, 0)


def test_drafts_start_nothing(world: World):
    found = world.run(check_files, [diagram("draft", "|" + timer("timeCycle", "R/PT1H"))])
    assert {finding.code for finding in found} >= {"timer-date"}

    world.let_pass(hours=3)
    assert world.rows(StartTrigger, process_key="draft") == []


def test_a_case_without_a_named_unit_belongs_to_the_root_of_the_organisation(world: World):
    world.deploy(diagram("rooted", "|" + timer("timeDuration", "PT1H"), process=""))

    world.let_pass(hours=1)

    assert [case.unit_id for case in cases(world, "rooted")] == [root(world)]


@pytest.mark.parametrize("unit", ['"nowhere"', "7", "missing", "1 +"])
def test_a_unit_that_cannot_be_told_is_found_at_upload_and_refused_in_force(world: World, unit: str):
    file = diagram("astray", "|" + timer("timeCycle", "R/PT1H"), process=f"zc:unit='{unit}'")
    found = [finding for finding in world.run(check_files, [file]) if finding.code == "start-unit-unknown"]
    assert [(finding.element_id, str(finding.severity)) for finding in found] == [("s0", "warning")]

    with pytest.raises(DefinitionInvalidError, match="tell the unit of the cases"):
        world.deploy(file)


def test_wrong_words_at_a_start_are_found_at_upload(world: World):
    condition = "<conditionalEventDefinition><condition>total > 5</condition></conditionalEventDefinition>"
    file = diagram("wrong", 'zc:catchUp="never"|' + timer("timeCycle", "R/PT1H"), f"|{condition}")
    unreadable = diagram("unread", "|" + timer("timeDate", "when"))

    codes = {(finding.code, finding.element_id) for finding in world.run(check_files, [file, unreadable])}

    assert codes >= {
        ("start-catch-up-unknown", "s0"),
        ("start-condition-needs-data", "s1"),
        ("start-timer-unknown", "s0"),
    }


def test_data_that_are_told_start_what_they_fulfil(world: World):
    condition = "<conditionalEventDefinition><condition>total > 5</condition></conditionalEventDefinition>"
    world.deploy(diagram("counted", f"|{condition}", process=""))

    def tell(**values: object) -> tuple[Case, ...]:
        return world.run(tell_data, values, unit_id=unit_id(world), actor=system_actor("test")).opened

    assert tell(total=5) == ()
    assert tell(other=9) == ()
    (case,) = tell(total=6)

    assert (case.process_key, values_of(world, case.id)["total"]) == ("counted", 6)
    assert world.let_pass(hours=1) == 0
    with pytest.raises(WrongStateError, match="Expected a unit"):
        world.run(tell_data, {"total": 6}, unit_id=None, actor=system_actor("test"))
    with pytest.raises(NotAllowedError):
        world.run(tell_data, {"total": 6}, unit_id=unit_id(world), actor=world.actor("p161"))


def test_a_start_that_fails_is_told_and_tried_again(world: World, caplog: pytest.LogCaptureFixture):
    begun = world.now
    world.deploy(diagram("later", "|" + timer("timeDuration", "PT1H")))
    watched = row(world, process_key="later")
    execute(world, "UPDATE unit SET code = 'moved' WHERE code = :code", code=UNIT)

    with caplog.at_level(logging.CRITICAL):
        world.let_pass(hours=1)
    assert (row(world, id=watched.id).faults, cases(world, "later")) == (1, [])
    assert "no unit" in row(world, id=watched.id).fault
    assert row(world, id=watched.id).due_at == begun + timedelta(hours=1)
    assert world.run(watchdog).timer_due_at == begun + timedelta(hours=1)

    execute(world, "UPDATE unit SET code = :code WHERE code = 'moved'", code=UNIT)
    world.let_pass(minutes=5)
    assert len(cases(world, "later")) == 1
    assert (row(world, id=watched.id).faults, row(world, id=watched.id).fault) == (0, "")


def test_definitions_in_force_from_before_are_armed_later(world: World):
    world.deploy(diagram("old", "|" + timer("timeDuration", "PT1H")))
    execute(world, "DELETE FROM start_trigger WHERE process_key = 'old'")

    assert world.run(start_events.arm_missing) > 0
    world.run(start_events.arm_missing)
    world.let_pass(hours=1)

    assert len(cases(world, "old")) == 1


def test_activating_again_changes_nothing(world: World):
    file = diagram("once", "|" + timer("timeDuration", "PT1H"))
    world.deploy(file)
    world.let_pass(minutes=30)
    world.run(activate_definition, "once", 1, actor=system_actor("test"), profile=Profile.STANDARD)

    world.let_pass(minutes=30)

    assert len(cases(world, "once")) == 1
