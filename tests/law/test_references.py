"""Whatever a diagram names is there, and nothing is there that no diagram names."""

from __future__ import annotations

import pytest

from tests.law.law_files import EDITOR, FAMILIES, LAW, NOW, bundles, steps
from workflows.candidates import parse_owner
from workflows.engine.expressions import compile_expression
from workflows.engine.types import Severity
from workflows.forms.fields import FieldType
from workflows.operations import OPERATIONS
from workflows.organisation import load_organisation

every_family = pytest.mark.parametrize("family", FAMILIES)
HUMAN = {"userTask", "manualTask"}
ASKING = set(FieldType) - {FieldType.TEXT, FieldType.NOTE, FieldType.GROUP, FieldType.CHECKBOX, FieldType.SIGNATURE}


@every_family
def test_the_duty_profile_finds_owners_limits_forms_and_decisions(family: str) -> None:
    """The one remark allowed: the recipients of a report are few, so their steps stay inside its case."""
    findings = [finding for finding in bundles()[family].findings if finding.severity is not Severity.INFO]

    assert {finding.code for finding in findings} <= {"multi-instance-not-isolated"}


@every_family
def test_every_owner_is_read_with_the_words_of_the_organisation(family: str) -> None:
    organisation = load_organisation(LAW)

    for step in steps(family):
        if step.type in HUMAN:
            assert parse_owner(step.owner, organisation).alternatives


@every_family
def test_no_step_asks_only_to_be_completed(family: str) -> None:
    for step in steps(family):
        if step.type in HUMAN:
            form = bundles()[family].forms[step.form]
            asked = [field for field in form.walk() if field.asks and field.type in ASKING]
            assert len(asked) >= 2, step.id
            assert any(field.required or field.min_items for field in asked), step.id


@every_family
def test_a_step_that_signs_asks_for_a_signature_and_one_that_asks_for_it_signs(family: str) -> None:
    for step in steps(family):
        if step.type in HUMAN:
            fields = bundles()[family].forms[step.form].walk()
            assert step.signs == any(field.type is FieldType.SIGNATURE for field in fields), step.id


@every_family
def test_every_form_limit_and_decision_of_the_family_is_used(family: str) -> None:
    contents = bundles()[family]
    own = list(steps(family))
    forms = {step.form for step in own if step.form}
    decisions = {step.attributes.get("zc:decision") for step in own if step.type == "businessRuleTask"}
    rules = {step.deadline for step in own} | {event.deadline for step in own for event in step.events}
    rules |= {process.deadline for process in contents.processes.values()}

    assert set(contents.forms) == forms
    assert {key for key in contents.decisions if key.startswith(family)} == decisions
    assert {key for key in contents.deadlines if key.startswith(f"{family}_")} == rules - {""}


@every_family
def test_service_steps_name_operations_that_exist(family: str) -> None:
    named = {step.attributes["zc:operation"] for step in steps(family) if step.type == "serviceTask"}

    assert named
    assert named <= set(OPERATIONS)


@every_family
def test_a_parameter_repeats_the_limit_that_it_may_replace(family: str) -> None:
    contents = bundles()[family]

    for key, rule in contents.deadlines.items():
        if key.startswith(f"{family}_") and rule.parameter:
            assert contents.parameters[rule.parameter].value == rule.amount, key
        elif key.startswith(f"{family}_"):
            assert rule.anchor is not None, key


@every_family
def test_every_parameter_is_read_by_a_limit_a_table_a_diagram_or_a_duty(family: str) -> None:
    contents = bundles()[family]
    read = {rule.parameter for rule in contents.deadlines.values()}
    folders = [LAW / "diagrams" / family, LAW / "decisions", LAW / "duties"]
    texts = [
        path.read_text()
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".bpmn", ".dmn"} or path.parent.name == "duties"
    ]

    for key, parameter in contents.parameters.items():
        assert parameter.label.strip()
        mentioned = any(f"parameters.{key}" in text or f"parameter: {key}" in text for text in texts)
        assert key in read or mentioned, key


@every_family
def test_titles_conditions_and_inputs_compile(family: str) -> None:
    contents = bundles()[family]
    expressions = [process.title for process in contents.processes.values()]
    expressions += [flow.condition for process in contents.processes.values() for flow in process.flows.values()]

    for text in filter(None, expressions):
        assert compile_expression(text).names is not None


@every_family
def test_a_condition_never_holds_by_chance_a_default_stands_beside_it(family: str) -> None:
    for process in bundles()[family].processes.values():
        for flow in process.flows.values():
            assert not (flow.condition and flow.is_default), flow.id
            source = process.elements[flow.source]
            if source.type == "exclusiveGateway" and len(source.outgoing) > 1:
                assert bool(flow.condition) != flow.is_default, flow.id


def test_the_editor_never_cites_an_article() -> None:
    for contents in bundles().values():
        for parameter in contents.parameters.values():
            assert parameter.source == EDITOR or not parameter.by_editor


@every_family
def test_a_limit_whose_lateness_the_diagram_answers_itself_raises_no_escalation(family: str) -> None:
    """An interrupting boundary timer under the step's own rule is the answer: the ladder must leave that rule out."""
    contents = bundles()[family]
    own = {step.id: step for step in steps(family)}
    answered = {
        event.deadline
        for step in own.values()
        for event in step.events
        if step.type == "boundaryEvent"
        and step.attributes.get("cancelActivity", "true") == "true"
        and event.deadline == own[step.attached_to].deadline
    }
    parameters = {key: each.value for key, each in contents.parameters.items()}

    def rises(rule: str) -> bool:
        names = {"scope": "step", "in_escalation": False, "rule": rule, "parameters": parameters}
        rungs: list[dict[str, object]] = contents.decisions["reminder_ladder"].evaluate(names, now=NOW)
        return any(rung["action"] == "escalate" for rung in rungs)

    assert {rule for rule in answered if rises(rule)} == set()
    assert all(rises(step.deadline) for step in own.values() if step.type in HUMAN and step.deadline not in answered)
