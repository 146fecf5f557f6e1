from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.city_scene import City, open_city
from tests.databases import Databases
from tests.use_cases.law_scene import LAW, RULES, SYSTEM, activate, deploy, diagram, small, standing_law
from workflows.bundles import bundle_path, split_upload
from workflows.cases import start_case
from workflows.definitions import (
    DefinitionInvalidError,
    check_files,
    deploy_files,
    retire_definition,
    try_definition,
)
from workflows.deployment import deploy_law, read_bundle_files
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.queries.definitions import definition_diagram, list_definitions, read_definition
from workflows.store.definitions import last_version, resolve_definition
from workflows.tables import Bundle, Unit


@pytest.fixture(scope="module")
def standing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with standing_law(databases, tmp_path_factory.mktemp("standing")) as city:
        yield city


def codes(findings, severity: Severity = Severity.ERROR) -> set[str]:
    return {finding.code for finding in findings if finding.severity is severity}


def status_of(city: City, reference: str) -> str:
    return city.read(lambda store: resolve_definition(store, reference).status)


# ------------------------------------------------------------------ deploying


def test_a_deployed_process_is_a_draft_with_its_findings(city: City):
    (definition,) = deploy(city, small())

    assert (definition.key, definition.version, definition.status) == ("small", 1, "draft")
    assert city.ledger("definition:small") == ["definition-deployed"]
    assert city.read(definition_diagram, "small:1") == small()[0].content


def test_identical_bytes_make_no_new_version(city: City):
    (first,) = deploy(city, small())
    (again,) = deploy(city, list(reversed(small())))

    assert (again.id, again.version) == (first.id, 1)
    assert city.ledger("definition:small") == ["definition-deployed"]


def test_any_changed_file_makes_a_new_version(city: City):
    deploy(city, small())
    changed = [*small()[:2], FileContent("rules.yaml", RULES.replace("5", "6").encode())]

    (second,) = deploy(city, changed)

    assert second.version == 2


def test_what_bpmn_forbids_is_refused_with_every_finding_and_nothing_is_written(city: City):
    script = '<scriptTask id="S"><script>import os</script></scriptTask>'
    broken = diagram(body=f'<userTask id="Do"/>{script}<sequenceFlow id="f1" sourceRef="Start" targetRef="Nowhere"/>')

    with pytest.raises(DefinitionInvalidError) as caught:
        deploy(city, [*small("other"), FileContent("broken.bpmn", broken)])

    assert {finding.element_id for finding in caught.value.findings if finding.severity is Severity.ERROR} >= {"S"}
    assert city.read(lambda store: store.session.scalars(select(Bundle)).all()) == []
    assert city.ledger("definition:other") == []


def test_findings_of_all_kinds_of_files_come_together(standing: City):
    files = [
        FileContent("a.bpmn", b"<definitions"),
        FileContent("b.json", b"{"),
        FileContent("c.yaml", b"rules: 3"),
        FileContent("parameters.yaml", b"days: {value: 3}"),
        FileContent("d.dmn", b"<x/>"),
        FileContent("e.exe", b"MZ"),
    ]

    with pytest.raises(DefinitionInvalidError) as caught:
        deploy(standing, files)

    blamed = {finding.file for finding in caught.value.findings if finding.severity is Severity.ERROR}
    assert blamed == {"a.bpmn", "b.json", "c.yaml", "parameters.yaml", "d.dmn", "e.exe"}


def test_an_upload_without_any_process_is_refused(standing: City):
    with pytest.raises(DefinitionInvalidError) as caught:
        deploy(standing, [FileContent("f.json", b'{"components": []}')])

    assert codes(caught.value.findings) == {"process-missing"}


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        ([], "files-missing"),
        (["a.bpmn", "x/a.bpmn"], "file-twice"),
        (["a" * 301 + ".bpmn"], "file-name-malformed"),
        (["a\x00.bpmn"], "file-name-malformed"),
        ([""], "file-name-malformed"),
        ([f"{number}.bpmn" for number in range(301)], "too-many-files"),
    ],
)
def test_an_upload_that_cannot_be_a_bundle_is_refused(standing: City, paths, code):
    with pytest.raises(RejectedError) as caught:
        deploy(standing, [FileContent(path, diagram()) for path in paths])

    assert caught.value.code == code


def test_a_diagram_for_no_duty_deploys_with_warnings_and_cannot_be_put_into_force(city: City):
    plain = [FileContent("plain.bpmn", diagram("plain", task=""))]
    ((definition, findings),) = city.run(deploy_files, plain, actor=SYSTEM)

    assert {"owner-missing", "deadline-missing"} <= codes(findings, Severity.WARNING)
    with pytest.raises(DefinitionInvalidError) as caught:
        activate(city, definition)
    assert "owner-missing" in codes(caught.value.findings)
    assert status_of(city, "plain:1") == "draft"
    assert activate(city, definition, profile=Profile.STANDARD).status == "active"


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ('zc:owner="nobody" zc:form="f" zc:deadline="five" zc:clause="x"', "owner-unknown"),
        ('zc:owner="post:厨师@unit" zc:form="f" zc:deadline="five" zc:clause="x"', "owner-unknown"),
        ('zc:owner="post:经办@unit" zc:form="g" zc:deadline="five" zc:clause="x"', "form-unknown"),
        ('zc:owner="post:经办@unit" zc:form="f" zc:deadline="six" zc:clause="x"', "deadline-unknown"),
        ('zc:owner="post:经办@unit" zc:form="f" zc:deadline="five"', "clause-missing"),
    ],
)
def test_the_duty_profile_resolves_every_name(standing: City, task, code):
    findings = standing.read(check_files, small(task=task), profile=Profile.DUTY)

    (finding,) = [each for each in findings if each.severity is Severity.ERROR]
    assert (finding.code, finding.element_id) == (code, "Do")


def test_a_limit_is_tried_against_the_calendar_and_its_date_shown(standing: City):
    findings = standing.read(check_files, small(), profile=Profile.DUTY)

    (shown,) = [each for each in findings if each.code == "deadline-date"]
    assert (shown.element_id, shown.params["at"]) == ("Do", "2026-03-09")  # five working days after 2 March


def test_a_timer_is_tried_against_the_calendar_and_its_date_shown(standing: City):
    body = """
        <intermediateCatchEvent id="Wait"><timerEventDefinition>
          <timeDuration xsi:type="tFormalExpression">workdays(3)</timeDuration>
        </timerEventDefinition></intermediateCatchEvent>
        <sequenceFlow id="f1" sourceRef="Start" targetRef="Wait"/>
        <sequenceFlow id="f2" sourceRef="Wait" targetRef="End"/>"""
    files = [FileContent("t.bpmn", diagram(body=body))]

    (shown,) = [each for each in standing.read(check_files, files, profile=Profile.DUTY) if each.code == "timer-date"]

    assert (shown.element_id, shown.params["at"], shown.severity) == ("Wait", "2026-03-06 00:00", Severity.INFO)


def test_checking_writes_nothing(standing: City):
    standing.read(check_files, small("unseen"))

    assert standing.read(lambda store: last_version(store, "unseen")) == 0


# ------------------------------------------------------------------ families of one upload


def test_an_upload_is_taken_apart_by_family_and_shared_files_go_to_each():
    paths = [
        "bpmn/diagrams/a/a.bpmn",
        "bpmn/diagrams/a_b/a_b.bpmn",
        "bpmn/forms/a/x.json",
        "bpmn/deadlines/a_b.yaml",
        "bpmn/deadlines/statutory.yaml",
        "bpmn/decisions/a_b_gate.dmn",
        "bpmn/decisions/ladder.dmn",
    ]

    bundles = split_upload([FileContent(path, b"") for path in paths])

    shared = {"deadlines/statutory.yaml", "decisions/ladder.dmn"}
    assert {family: {file.path for file in files} for family, files in bundles.items()} == {
        "a": {"diagrams/a/a.bpmn", "forms/a/x.json"} | shared,
        "a_b": {"diagrams/a_b/a_b.bpmn", "deadlines/a_b.yaml", "decisions/a_b_gate.dmn"} | shared,
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.bpmn", "a.bpmn"),
        ("/x/forms/a/b.json", "forms/a/b.json"),
        ("C:\\up\\a.bpmn", "a.bpmn"),
        ("../../etc/a.bpmn", "a.bpmn"),
    ],
)
def test_a_file_keeps_only_its_place_in_the_bundle(path, expected):
    assert bundle_path(path) == expected


def test_the_shipped_law_deploys_and_a_second_start_changes_nothing(city: City):
    first = deploy_law(city.application)
    again = deploy_law(city.application)

    assert {name.split(":")[0] for name in first.definitions} == {
        "accountability",
        "dual_reporting",
        "rectification",
        "escalation",
        "responsibility_checklist",
        "checklist_problem",
    }
    assert again.is_empty


def test_a_change_in_one_family_versions_only_that_one(city_under_law: City):
    files = [
        FileContent(file.path, file.content + b"\n" if file.path == "deadlines/rectification.yaml" else file.content)
        for file in read_bundle_files(LAW)
    ]

    deployed = deploy(city_under_law, files)

    versions = {definition.key: definition.version for definition in deployed}
    assert versions == {**dict.fromkeys(versions, 1), "rectification": 2}


# ------------------------------------------------------------------ in and out of force


def test_activating_a_version_retires_the_one_before_whose_cases_run_on(city_under_law: City):
    activate(city_under_law, deploy(city_under_law, small())[0])
    unit = city_under_law.read(lambda store: store.session.scalars(select(Unit.id).limit(1)).one())
    case = city_under_law.run(start_case, definition="small", unit_id=unit, actor=SYSTEM)
    (second,) = deploy(city_under_law, small(documentation="改过"))

    activate(city_under_law, second)

    assert [status_of(city_under_law, name) for name in ("small:1", "small:2", "small")] == [
        "retired",
        "active",
        "active",
    ]
    page = city_under_law.read(list_definitions, actor=SYSTEM, key="small")
    assert [(row.version, row.running) for row in page.items] == [(2, 0), (1, 1)]
    assert case.definition_id != second.id
    assert city_under_law.ledger("definition:small")[-2:] == ["definition-retired", "definition-activated"]


def test_activating_twice_changes_nothing(city: City):
    (definition,) = deploy(city, small())
    activate(city, definition)
    activate(city, definition)

    assert city.ledger("definition:small") == ["definition-deployed", "definition-activated"]


def test_a_trial_runs_only_when_it_is_named(city: City):
    deploy(city, small())

    trial = city.run(try_definition, "small", 1, actor=SYSTEM)

    assert trial.status == "trial"
    with pytest.raises(NotFoundError):
        city.read(resolve_definition, "small")
    assert city.read(resolve_definition, "small:1").id == trial.id


@pytest.mark.parametrize("verb", ["activate", "try"])
def test_a_retired_version_stays_retired(city: City, verb):
    (definition,) = deploy(city, small())
    city.run(retire_definition, "small", 1, actor=SYSTEM)

    with pytest.raises(WrongStateError) as caught:
        activate(city, definition) if verb == "activate" else city.run(try_definition, "small", 1, actor=SYSTEM)

    assert caught.value.code == "definition-retired"


def test_retiring_twice_changes_nothing(city: City):
    deploy(city, small())
    city.run(retire_definition, "small", 1, actor=SYSTEM)
    city.run(retire_definition, "small", 1, actor=SYSTEM)

    assert city.ledger("definition:small") == ["definition-deployed", "definition-retired"]


@pytest.mark.parametrize(
    "reference",
    [
        "",
        ":",
        "small",
        "small:",
        "small:x",
        "small:2",
        "small:-1",
        "small:1:1",
        "other:1",
        "small:99999999999",
        "small:１",
    ],
)
def test_a_reference_to_no_version_is_not_found(standing: City, reference):
    if not standing.read(lambda store: last_version(store, "small")):
        deploy(standing, small())

    with pytest.raises(NotFoundError) as caught:
        standing.read(resolve_definition, reference)

    assert caught.value.code == "definition-not-found"


@pytest.mark.parametrize("username", ["clerk", "supervisor", "auditor", "sysadmin", "secadmin"])
def test_only_the_flow_administrator_deploys(standing: City, username):
    with pytest.raises(NotAllowedError):
        deploy(standing, small(), actor=standing.actor(username))


def test_a_version_names_who_deployed_it(city: City):
    assert deploy(city, small(), actor=city.actor("flowadmin"))[0].created_by is not None


def test_two_people_activating_at_once_leave_one_version_in_force(databases: Databases, tmp_path: Path):
    with open_city(databases, "postgresql", tmp_path) as city:
        versions = [deploy(city, small(documentation=name))[0] for name in ("一", "二", "三", "四")]

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda version: activate(city, version), versions))

        page = city.read(list_definitions, actor=SYSTEM, key="small")
        assert sorted(row.status for row in page.items) == ["active", "retired", "retired", "retired"]


# ------------------------------------------------------------------ reading


def test_a_version_tells_its_steps_parameters_and_files(standing: City):
    told = standing.read(read_definition, "rectification", actor=SYSTEM)

    assert {"Plan", "Verify"} <= {step.element_id for step in told.steps}
    assert any(parameter.by_editor for parameter in told.parameters)
    assert "diagrams/rectification/rectification.bpmn" in {file.path for file in told.files}
    assert all(isinstance(finding, Finding) for finding in told.findings)
