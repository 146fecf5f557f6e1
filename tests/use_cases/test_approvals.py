from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.api.two_person_scene import strict_law
from tests.city_scene import PASSWORD, START, City
from tests.use_cases.law_scene import SYSTEM, deploy, small
from tests.use_cases.test_calendars import CORRECTED_2026
from workflows import transaction
from workflows.application import open_application
from workflows.calendars import approve_calendar, load_calendar
from workflows.clock import VirtualClock
from workflows.definitions import (
    DefinitionInvalidError,
    activate_definition,
    retire_definition,
    try_definition,
)
from workflows.demo.city import load_city
from workflows.engine.types import FileContent
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.law_acts import confirm_approval, put_into_force, refuse_approval, take_out_of_force
from workflows.ledger.verification import verify
from workflows.people import create_person, grant_role
from workflows.queries.approvals import list_approvals
from workflows.queries.calendars import list_calendars
from workflows.queries.notices import list_notices
from workflows.reminders import send_digests
from workflows.settings import Settings
from workflows.store.definitions import resolve_definition
from workflows.tables import SealedValue


@pytest.fixture
def strict(database_url: str, tmp_path: Path) -> Iterator[City]:
    """A city whose law wants two persons for everything, with a second flow administrator."""
    law = strict_law(tmp_path)
    cheap = Settings(var=tmp_path, database_url=database_url, law=law, password_memory_kib=8, password_passes=1)
    clock = VirtualClock(START)
    application = open_application(cheap, clock)
    root = transaction.run(application, load_city, password=PASSWORD).root
    city = City(application, clock)
    city.run(create_person, "second", username="second", name="第二管理员", actor=city.actor("sysadmin"))
    city.run(grant_role, "second", "flowadmin", root, actor=city.actor("secadmin"))
    deploy(city, small())
    yield city
    application.database.dispose()


def status(city: City, reference: str = "small:1") -> str:
    return city.read(lambda store: resolve_definition(store, reference).status)


def requests(city: City, *, status: str | None = None):
    return list(city.read(list_approvals, actor=city.actor("flowadmin"), status=status).items)


def ask(city: City, who: str = "flowadmin", version: int = 1) -> str:
    outcome = city.run(put_into_force, "small", version, actor=city.actor(who), reason="新文件已印发")
    assert outcome.approval is not None
    return outcome.approval.id


def test_by_default_one_person_puts_a_version_into_force_and_out_of_it(city: City):
    deploy(city, small())
    administrator = city.actor("flowadmin")

    done = city.run(put_into_force, "small", 1, actor=administrator)
    gone = city.run(take_out_of_force, "small", 1, actor=administrator)

    assert (done.approval, gone.approval) == (None, None)
    assert status(city) == "retired"
    assert requests(city) == []


def test_activation_waits_until_another_person_confirms_it(strict: City):
    request = ask(strict)

    assert status(strict) == "draft"
    (row,) = requests(strict, status="waiting")
    assert (row.act, row.subject, row.reason, row.may_decide) == ("activation", "small:1", "新文件已印发", False)
    assert strict.read(list_approvals, actor=strict.actor("second")).items[0].may_decide

    strict.run(confirm_approval, request, actor=strict.actor("second"))

    assert status(strict) == "active"
    assert [row.status for row in requests(strict)] == ["confirmed"]
    kinds = strict.ledger("definition:small")
    assert kinds == ["definition-deployed", "approval-asked", "approval-confirmed", "definition-activated"]
    assert not strict.read(verify, None).faults


def test_who_may_decide_is_told_of_a_request_and_who_asked_of_the_decision(strict: City):
    def told(who: str) -> list[tuple[str, str]]:
        rows = strict.read(list_notices, actor=strict.actor(who)).items
        return [(row.kind, str(row.content["by"])) for row in rows if row.kind.startswith("approval-")]

    asker, other = (strict.actor(name).name for name in ("flowadmin", "second"))
    refused = ask(strict)
    day = strict.clock.now().date()
    assert strict.run(send_digests, day) > 0
    (digest,) = (row for row in strict.read(list_notices, actor=strict.actor("second")).items if row.kind == "digest")
    assert [(line["kind"], line["title"]) for line in digest.content["lines"]] == [("approval", "小流程 small:1")]
    strict.run(refuse_approval, refused, "不妥", actor=strict.actor("second"))
    strict.run(confirm_approval, ask(strict), actor=strict.actor("second"))

    assert told("second") == [("approval-asked", asker)] * 2
    assert told("flowadmin") == [("approval-confirmed", other), ("approval-refused", other)]
    assert told("clerk") == []
    assert strict.run(send_digests, day + timedelta(days=1)) == 0, "nothing waits any more"


def test_whoever_asked_can_neither_confirm_nor_refuse(strict: City):
    request, asker = ask(strict), strict.actor("flowadmin")

    for decide in (
        lambda: strict.run(confirm_approval, request, actor=asker),
        lambda: strict.run(refuse_approval, request, "不妥", actor=asker),
    ):
        with pytest.raises(NotAllowedError) as caught:
            decide()
        assert caught.value.code == "second-person-required"

    assert [row.status for row in requests(strict)] == ["waiting"]
    assert status(strict) == "draft"


@pytest.mark.parametrize("who", ["clerk", "supervisor", "auditor", "sysadmin"])
def test_others_may_not_decide(strict: City, who: str):
    request = ask(strict)

    with pytest.raises(NotAllowedError) as caught:
        strict.run(confirm_approval, request, actor=strict.actor(who))

    assert caught.value.code == "missing-role"


def test_a_refusal_needs_a_reason_and_changes_nothing_but_the_request(strict: City):
    request, second = ask(strict), strict.actor("second")

    with pytest.raises(RejectedError):
        strict.run(refuse_approval, request, "  ", actor=second)
    strict.run(refuse_approval, request, "依据不足", actor=second)

    assert status(strict) == "draft"
    (row,) = requests(strict)
    assert (row.status, row.note, row.decided_by) == ("refused", "依据不足", "第二管理员")
    with pytest.raises(WrongStateError) as caught:
        strict.run(confirm_approval, request, actor=second)
    assert caught.value.code == "approval-refused"
    assert ask(strict, "second") != request


def test_one_request_waits_for_a_version_at_a_time_and_needs_a_reason(strict: City):
    with pytest.raises(RejectedError) as caught:
        strict.run(put_into_force, "small", 1, actor=strict.actor("flowadmin"))
    assert [fault.pointer for fault in caught.value.faults] == ["/reason"]
    ask(strict)

    with pytest.raises(WrongStateError) as again:
        strict.run(put_into_force, "small", 1, actor=strict.actor("second"), reason="也要")

    assert again.value.code == "approval-waiting"


def test_a_request_lapses_when_a_newer_draft_comes(strict: City):
    request = ask(strict)

    deploy(strict, small(documentation="改过的环节"))

    (row,) = requests(strict)
    assert (row.status, row.note, row.decided_by) == ("lapsed", "newer-draft", None)
    with pytest.raises(WrongStateError) as caught:
        strict.run(confirm_approval, request, actor=strict.actor("second"))
    assert caught.value.code == "approval-lapsed"
    assert "approval-lapsed" in strict.ledger("definition:small")


def test_a_version_is_judged_when_it_is_asked_for_and_again_when_it_is_confirmed(strict: City):
    deploy(strict, [FileContent("bare.bpmn", small("bare", task="")[0].content)])

    with pytest.raises(DefinitionInvalidError):
        strict.run(put_into_force, "bare", 1, actor=strict.actor("flowadmin"), reason="试试")

    assert requests(strict) == []


def test_retirement_waits_too_and_trial_does_not(strict: City):
    strict.run(activate_definition, "small", 1, actor=SYSTEM)
    deploy(strict, small(documentation="改过的环节"))
    strict.run(try_definition, "small", 2, actor=strict.actor("flowadmin"))

    outcome = strict.run(take_out_of_force, "small", 1, actor=strict.actor("flowadmin"), reason="规定废止")
    assert outcome.approval is not None
    assert status(strict) == "active"
    strict.run(confirm_approval, outcome.approval.id, actor=strict.actor("second"))

    assert status(strict) == "retired"


def test_no_door_gets_around_the_rule_by_the_plain_act(strict: City):
    administrator = strict.actor("flowadmin")

    with pytest.raises(NotAllowedError) as caught:
        strict.run(activate_definition, "small", 1, actor=administrator)
    assert caught.value.code == "second-person-required"
    strict.run(activate_definition, "small", 1, actor=SYSTEM)
    with pytest.raises(NotAllowedError):
        strict.run(retire_definition, "small", 1, actor=administrator)

    assert status(strict) == "active"


def test_what_was_asked_for_lapses_when_the_system_does_it_first(strict: City):
    ask(strict)

    strict.run(activate_definition, "small", 1, actor=SYSTEM)

    assert [(row.status, row.note) for row in requests(strict)] == [("lapsed", "activated")]
    again = strict.run(put_into_force, "small", 1, actor=strict.actor("flowadmin"), reason="再来")
    assert again.approval is None


def test_a_correction_of_the_calendar_is_such_a_request(city: City):
    loading = city.run(load_calendar, CORRECTED_2026, actor=SYSTEM)
    (row,) = requests(city)
    assert (row.act, row.subject, row.status) == ("calendar_correction", loading.version.id, "waiting")

    city.run(confirm_approval, row.id, actor=city.actor("flowadmin"))

    assert city.ledger("calendar")[-3:] == ["approval-asked", "approval-confirmed", "calendar-approved"]
    assert not city.read(list_calendars).items[0].waits


def test_a_refused_correction_waits_no_more_and_may_be_loaded_again(city: City):
    loading = city.run(load_calendar, CORRECTED_2026, actor=SYSTEM)
    city.run(refuse_approval, requests(city)[0].id, "没有依据", actor=city.actor("flowadmin"))
    assert not city.read(list_calendars).items[0].waits
    with pytest.raises(WrongStateError):
        city.run(approve_calendar, loading.version.id, actor=city.actor("flowadmin"))

    again = city.run(load_calendar, CORRECTED_2026, actor=SYSTEM)

    assert again.waits
    assert again.version.id == loading.version.id
    assert city.read(list_calendars).items[0].waits


def test_a_newer_version_of_a_year_overtakes_one_that_waits(city: City):
    city.run(load_calendar, CORRECTED_2026, actor=SYSTEM)

    city.run(load_calendar, CORRECTED_2026.replace("version: 2", "version: 3"), actor=SYSTEM)

    assert [(row.status, row.note) for row in requests(city)] == [("waiting", ""), ("lapsed", "newer-version")]


def test_reasons_enter_the_ledger_sealed(strict: City):
    ask(strict)

    values = strict.read(lambda store: list(store.session.query(SealedValue)))

    assert [(value.purpose, value.value) for value in values] == [("approval-reason", "新文件已印发")]


def test_an_unknown_request_is_not_found(city: City):
    with pytest.raises(NotFoundError) as caught:
        city.run(confirm_approval, "nope", actor=city.actor("flowadmin"))

    assert caught.value.code == "approval-not-found"
