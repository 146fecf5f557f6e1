"""What a duty needs beyond BPMN, extensions of vendors, and expressions that call what nobody provides."""

from __future__ import annotations

import pytest

from tests.engine.scene import Play, compiled, definitions, node, process, tasks, timer
from workflows.engine import ProfileChecks
from workflows.engine.reasons import Reason
from workflows.engine.types import Profile, Severity

UNKNOWN = Reason("unknown", "unknown")
COMPLETE = {
    "zc__owner": "post:书记",
    "zc__deadline": "report.submit",
    "zc__clause": "第三条",
    "zc__form": "f/a",
}


def duty(nodes: str, check: ProfileChecks | None = None, **attributes: str):
    content = definitions(process(nodes, "s > A\n A > e", **attributes))
    return [(found.code, found.element_id) for found in compiled(content, profile=Profile.DUTY, check=check).errors]


def test_a_duty_is_complete_when_owner_limit_clause_and_form_are_there():
    assert duty(node("userTask", "A", **COMPLETE), zc__clause="第一条") == []


@pytest.mark.parametrize("missing", ["owner", "deadline", "clause", "form"])
def test_what_a_step_lacks_is_named(missing):
    given = {name: value for name, value in COMPLETE.items() if name != f"zc__{missing}"}

    assert duty(node("userTask", "A", **given), zc__clause="1") == [(f"{missing}-missing", "A")]


def test_a_process_rests_on_a_clause_too():
    assert duty(node("userTask", "A", **COMPLETE)) == [("clause-missing", "P")]


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (ProfileChecks(owner=lambda text: Reason("no", f"no {text}")), "owner-unknown"),
        (ProfileChecks(deadline=lambda text: Reason("no", f"no {text}")), "deadline-unknown"),
        (ProfileChecks(form=lambda text: Reason("no", f"no {text}")), "form-unknown"),
    ],
)
def test_what_the_application_cannot_resolve_is_named(check, code):
    assert duty(node("userTask", "A", **COMPLETE), check, zc__clause="1") == [(code, "A")]


def test_operations_and_limits_of_timers_are_resolved_too():
    check = ProfileChecks(operation=lambda name: UNKNOWN, deadline=lambda rule: UNKNOWN)
    job = node("serviceTask", "A", zc__operation="fly")
    border = node("intermediateCatchEvent", "A", '<bpmn:timerEventDefinition zc:deadline="r"/>')

    assert duty(job, check, zc__clause="1") == [("operation-unknown", "A")]
    assert duty(border, check, zc__clause="1") == [("deadline-unknown", "A")]


def test_the_standard_profile_asks_for_none_of_this():
    assert compiled(definitions(process(tasks("A"), "s > A\n A > e"))).findings == ()


def test_a_process_outside_the_bundle_can_be_called_when_the_application_knows_it():
    content = definitions(process(node("callActivity", "A", calledElement="Far"), "s > A\n A > e"))

    assert not compiled(content).is_accepted
    assert compiled(content, check=ProfileChecks(process=lambda name: name == "Far")).is_accepted


def test_a_misspelt_attribute_of_ours_does_not_go_unseen():
    found = compiled(definitions(process(node("userTask", "A", zc__ownr="post:书记"), "s > A\n A > e"))).findings

    assert [(finding.code, finding.severity) for finding in found] == [("own-extension-unknown", Severity.WARNING)]


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ("camunda__assignee", "vendor-metadata-kept"),
        ("camunda__formKey", "vendor-metadata-kept"),
        ("camunda__somethingNew", "vendor-extension-unheard"),
        ("camunda__inputOutput", "vendor-extension-not-supported"),
        ("camunda__asyncBefore", "vendor-extension-ignored"),
    ],
)
def test_what_a_vendor_says_is_refused_or_listed_never_dropped(attribute, code):
    found = compiled(definitions(process(node("userTask", "A", **{attribute: "x"}), "s > A\n A > e"))).findings

    assert [(finding.code, finding.element_id) for finding in found] == [(code, "A")]
    assert attribute.partition("__")[2] in found[0].message


def test_the_older_namespace_of_a_vendor_is_the_vendor_s_too():
    drawn = definitions(process(node("userTask", "A", camunda__assignee="x"), "s > A\n A > e"))

    found = compiled(drawn.replace(b"http://camunda.org/schema/1.0/bpmn", b"http://camunda.org/bpmn")).findings

    assert [(finding.code, finding.element_id) for finding in found] == [("vendor-metadata-kept", "A")]


def test_listeners_and_mappings_inside_extension_elements_are_seen():
    inner = '<bpmn:extensionElements><camunda:taskListener event="create"/></bpmn:extensionElements>'

    found = compiled(definitions(process(node("userTask", "A", inner), "s > A\n A > e"))).findings

    assert [(finding.code, finding.severity) for finding in found] == [("vendor-listener-not-run", Severity.WARNING)]
    assert found[0].construct == "camunda:taskListener"


def test_an_unknown_namespace_is_listed_once():
    text = definitions(process(tasks("A", "B"), "s > A\n A > B\n B > e")).decode()
    text = text.replace("<bpmn:userTask ", '<bpmn:userTask xmlns:q="urn:q" q:colour="red" ')

    found = compiled(text.encode()).findings

    assert [(finding.code, finding.severity) for finding in found] == [("unknown-namespace", Severity.WARNING)]


def test_functions_that_nobody_provides_are_refused_at_upload():
    content = definitions(process(node("intermediateCatchEvent", "c", timer("workdays(5)")), "s > c\n c > e"))

    assert compiled(content, check=ProfileChecks(functions={"workdays"})).is_accepted
    refused = compiled(content, check=ProfileChecks(functions=()))
    assert [(found.code, found.element_id) for found in refused.errors] == [("expression-function-unknown", "c")]


def test_the_application_reads_all_of_an_element():
    drawn = node(
        "userTask", "A", "<bpmn:documentation>要报两份</bpmn:documentation>", name="报送", zc__sign="true", **COMPLETE
    )
    found = Play(drawn, "s > A\n A > e").process.element("A")

    assert (found.owner, found.form, found.deadline, found.clause) == ("post:书记", "f/a", "report.submit", "第三条")
    assert (found.name, found.type, found.documentation, found.signs) == ("报送", "userTask", "要报两份", True)
    assert (found.incoming, found.outgoing) == (("f_s_A",), ("f_A_e",))
