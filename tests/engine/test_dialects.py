"""What other tools write is mapped, told or refused by its name: never passed over."""

from __future__ import annotations

import pytest

from tests.engine.dialect_scene import extended, in_dialects, told, upload, with_element
from tests.engine.scene import MESSAGE, Play, compiled, definitions, node, process, subprocess, tasks
from workflows.engine.types import JobCreated, Profile


def job_of(compilation) -> JobCreated:
    assert compilation.is_accepted, compilation.findings
    return Play(compilation.processes["P"]).last.jobs[0]


@pytest.mark.parametrize(
    ("tag", "attributes", "topic"),
    [
        ("serviceTask", 'camunda:type="external" camunda:topic="mail-out"', "mail-out"),
        ("sendTask", 'camunda:type="external" camunda:topic="mail-out"', "mail-out"),
        ("businessRuleTask", 'camunda:type="external" camunda:topic="rules"', "rules"),
        ("serviceTask", 'flowable:type="external-worker" flowable:topic="w"', "w"),
        ("serviceTask", 'camunda:class="org.example.Bill"', "org.example.Bill"),
        ("serviceTask", 'activiti:class="org.example.Bill"', "org.example.Bill"),
        ("serviceTask", 'flowable:delegateExpression="${bill}"', "${bill}"),
        ("serviceTask", 'activiti:expression="#{bill.pay(execution)}"', "#{bill.pay(execution)}"),
        ("serviceTask", 'activiti:type="mail"', "mail"),
        ("serviceTask", 'tns:taskName="Log"', "Log"),
        ("task", 'tns:taskName="Log"', "Log"),
    ],
)
def test_work_that_another_system_does_is_a_job_for_a_worker(tag, attributes, topic):
    job = job_of(with_element(tag, attributes=attributes))

    assert (job.operation, job.headers["topic"]) == ("external", topic)


def test_a_zeebe_job_keeps_its_type_and_headers():
    inner = extended(
        '<zeebe:taskDefinition type="pay" retries="3"/>'
        '<zeebe:taskHeaders><zeebe:header key="method" value="POST"/></zeebe:taskHeaders>'
    )

    job = job_of(with_element("serviceTask", inner))

    assert (job.headers["topic"], job.headers["header:method"]) == ("pay", "POST")


def test_code_of_another_system_is_told_and_a_topic_is_not():
    coded = with_element("serviceTask", attributes='camunda:class="org.example.Bill"')
    external = with_element("serviceTask", attributes='camunda:type="external" camunda:topic="t"')

    assert told(coded) == [("vendor-code-not-run", "A")]
    assert "org.example.Bill" in coded.findings[0].message
    assert told(external) == []


def test_fields_and_operators_give_the_job_its_inputs():
    fields = extended(
        '<activiti:field name="to" stringValue="&quot;desk&quot;"/>'
        "<activiti:field name='text'><activiti:string>a\\b</activiti:string></activiti:field>"
    )
    operator = extended(
        '<spiffworkflow:serviceTaskOperator id="http/Get" resultVariable="r"><spiffworkflow:parameters>'
        '<spiffworkflow:parameter id="n" type="int" value="1 + 1"/></spiffworkflow:parameters>'
        "</spiffworkflow:serviceTaskOperator>"
    )

    assert job_of(with_element("serviceTask", fields, 'activiti:type="mail"')).payload == {
        "to": '"desk"',
        "text": "a\\b",
    }
    operated = job_of(with_element("serviceTask", operator))
    assert operated.headers["topic"] == "http/Get"
    assert operated.payload == {"n": 2}


@pytest.mark.parametrize(
    ("tag", "inner", "attributes"),
    [
        ("userTask", "", 'camunda:assignee="demo"'),
        ("userTask", "", 'flowable:candidateGroups="hr" flowable:dueDate="P1D"'),
        ("userTask", extended('<zeebe:assignmentDefinition assignee="demo"/>'), ""),
        ("userTask", extended('<camunda:formData><camunda:formField id="x"/></camunda:formData>'), ""),
        (
            "userTask",
            extended("<spiffworkflow:instructionsForEndUser>Do it.</spiffworkflow:instructionsForEndUser>"),
            "",
        ),
    ],
)
def test_who_when_and_with_which_form_is_told(tag, inner, attributes):
    found = with_element(tag, inner, attributes)

    assert told(found) == [("vendor-metadata-kept", "A")]
    assert Play(found.processes["P"]).waiting == ["A"]


def test_people_are_kept_beside_the_element():
    found = with_element("userTask", attributes='camunda:assignee="demo" camunda:formKey="leave"')

    element = found.processes["P"].element("A")
    assert element.attributes["people:assignee"] == "demo"
    assert element.attributes["people:formKey"] == "leave"


def test_a_potential_owner_of_the_standard_is_told():
    assert told(with_element("userTask", "<bpmn:potentialOwner/>")) == [("resource-role-kept", "A")]


@pytest.mark.parametrize(
    ("tag", "inner", "attributes"),
    [
        ("serviceTask", "", 'camunda:unheardOf="x"'),
        ("callActivity", extended("<flowable:unheardOf/>"), 'calledElement="P"'),
        ("userTask", extended("<flowable:eventType>x</flowable:eventType>"), ""),
        ("userTask", "", 'camunda:expression="${x}"'),
        ("callActivity", "", 'calledElement="P" camunda:variableMappingClass="x"'),
        (
            "callActivity",
            extended('<camunda:in sourceExpression="${x}" targetExpression="${y}"/>'),
            'calledElement="P"',
        ),
        ("callActivity", "", 'calledElement="P" tns:waitForCompletion="false"'),
        ("serviceTask", "", 'flowable:type="case"'),
        ("serviceTask", extended('<zeebe:taskDefinition type="=kind"/>'), ""),
        ("businessRuleTask", "", 'camunda:decisionRef="${d}"'),
        ("userTask", extended('<camunda:taskListener event="create"><camunda:script/></camunda:taskListener>'), ""),
        (
            "userTask",
            extended("<camunda:executionListener event='end' expression=\"${execution.setVariable('x', 1)}\"/>"),
            "",
        ),
        (
            "userTask",
            extended(
                '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:script/></camunda:inputParameter>'
                "</camunda:inputOutput>"
            ),
            "",
        ),
        ("userTask", extended("<tns:onEntry-script><tns:script>x();</tns:script></tns:onEntry-script>"), ""),
        ("manualTask", extended("<spiffworkflow:preScript>import os</spiffworkflow:preScript>"), ""),
    ],
)
def test_what_would_change_flow_or_data_is_refused_by_name(tag, inner, attributes):
    found = with_element(tag, inner, attributes)

    assert ("vendor-extension-not-supported", "A") in told(found)


def test_a_listener_in_code_is_a_warning_and_in_the_duty_profile_an_error():
    drawn = node("userTask", "A", extended('<camunda:taskListener event="create" class="org.example.Log"/>'))
    content = definitions(process(drawn, "s > A\n A > e"))

    assert told(compiled(content)) == [("vendor-listener-not-run", "A")]
    assert compiled(content).is_accepted
    strict = compiled(content, profile=Profile.DUTY)
    assert ("vendor-extension-not-supported", "A") in [(found.code, found.element_id) for found in strict.errors]


def test_words_that_importers_put_into_an_engine_s_namespace_are_told_where_no_work_is_bound():
    found = with_element("userTask", extended("<flowable:buttons/>"), 'flowable:dataType="USERS"')

    assert told(found) == [("vendor-extension-unheard", "A")]
    assert found.is_accepted


def test_nothing_of_layout_history_or_queues_matters():
    found = with_element("userTask", attributes='camunda:asyncBefore="true" camunda:exclusive="false"')

    assert told(found) == [("vendor-extension-ignored", "A")]


# ---------------------------------------------------------------------- data


def test_a_collection_of_camunda_makes_instances_that_count_from_zero():
    loop = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="xs" camunda:elementVariable="x"/>'
    process_of = with_element("userTask", loop).processes["P"]

    opened = Play(process_of, xs=["a", "b"]).last.tasks_opened

    assert [(task.loop_counter, task.inner["x"]) for task in opened] == [(0, "a"), (1, "b")]


def test_a_collection_of_zeebe_counts_from_one_and_collects():
    inner = (
        "<bpmn:multiInstanceLoopCharacteristics>"
        + extended(
            '<zeebe:loopCharacteristics inputCollection="=xs" inputElement="x" outputCollection="ys"'
            ' outputElement="=x * 2"/>'
        )
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )
    play = Play(with_element("userTask", inner).processes["P"], xs=[1, 2])
    assert [task.loop_counter for task in play.last.tasks_opened] == [1, 2]

    play.complete("A")
    play.complete("A")

    assert play.variables["ys"] == [2, 4]


def test_lists_and_maps_of_input_parameters_are_kept_as_such():
    inner = extended(
        '<camunda:inputOutput><camunda:inputParameter name="a"><camunda:list><camunda:value>1</camunda:value>'
        '</camunda:list></camunda:inputParameter><camunda:inputParameter name="b"><camunda:map>'
        '<camunda:entry key="k">v</camunda:entry></camunda:map></camunda:inputParameter></camunda:inputOutput>'
    )

    assert Play(with_element("userTask", inner).processes["P"]).last.tasks_opened[0].inner == {
        "a": ["1"],
        "b": {"k": "v"},
    }


@pytest.mark.parametrize(
    ("mapping", "given"),
    [
        ('<camunda:in source="x" target="y"/>', {"y": 1}),
        ('<camunda:in sourceExpression="const" target="y"/>', {"y": "const"}),
        ('<camunda:in variables="all"/>', {"x": 1}),
        ('<camunda:in businessKey="#{execution.processBusinessKey}"/>', {}),
    ],
)
def test_what_goes_into_a_call(mapping, given):
    called = process(node("startEvent", "qs") + tasks("Q1"), "qs > Q1", "Q")
    drawn = node("callActivity", "A", extended(mapping), calledElement="Q")

    play = Play(upload(drawn, "s > A\n A > e", called).processes["P"], x=1)

    assert dict(next(iter(play.children.values())).variables) == given


def test_zeebe_calls_pass_everything_both_ways():
    called = process(node("startEvent", "qs") + tasks("Q1"), "qs > Q1", "Q")
    drawn = node("callActivity", "A", extended('<zeebe:calledElement processId="Q"/>'))
    play = Play(upload(drawn, "s > A\n A > e", called).processes["P"], x=1)
    assert dict(next(iter(play.children.values())).variables) == {"x": 1}

    play.end_child("A", z=2)

    assert play.variables["z"] == 2


def test_the_initiator_is_whoever_started():
    drawn = node("startEvent", "s").replace("<bpmn:startEvent ", '<bpmn:startEvent flowable:initiator="boss" ')
    play = Play(upload(drawn + tasks("A")).processes["P"])

    assert play.variables == {"boss": None}


def test_data_objects_of_activiti_begin_with_their_values_unless_given():
    data = "".join(
        f'<bpmn:dataObject id="{name}" name="{name}" itemSubjectRef="xsd:{kind}">'
        + extended(f"<activiti:value>{value}</activiti:value>")
        + "</bpmn:dataObject>"
        for name, kind, value in (("n", "int", "5"), ("t", "string", "5"), ("b", "boolean", "true"), ("x", "int", "9"))
    )

    play = Play(upload(data + node("startEvent", "s") + tasks("A")).processes["P"], x=1)

    assert play.variables == {"n": 5, "t": "5", "b": True, "x": 1}


def test_a_script_of_zeebe_is_computed():
    drawn = node("scriptTask", "A", extended('<zeebe:script expression="=x + 1" resultVariable="y"/>'))

    assert Play(upload(drawn).processes["P"], x=1).variables["y"] == 2


def test_inputs_of_zeebe_are_variables_of_the_task_and_outputs_leave_it():
    inner = extended(
        '<zeebe:ioMapping><zeebe:input source="=x + 1" target="y"/><zeebe:output source="=z * y" target="r"/>'
        "</zeebe:ioMapping>"
    )
    play = Play(with_element("userTask", inner).processes["P"], x=2)
    assert play.last.tasks_opened[0].inner == {"y": 3}

    play.complete("A", z=5)

    assert play.variables["r"] == 15
    assert "y" not in play.variables
    assert "z" not in play.variables


def test_an_output_that_cannot_be_computed_is_an_incident_and_can_be_retried():
    inner = extended('<zeebe:ioMapping><zeebe:output source="=zz" target="r"/></zeebe:ioMapping>')
    play = Play(with_element("userTask", inner).processes["P"])
    play.complete("A")
    assert list(play.incidents.values()) == ["unknown-name"]
    assert play.outcome is None

    play.set(zz=1)
    play.retry("A")

    assert play.variables["r"] == 1
    assert play.outcome is not None


def test_an_assignment_before_and_after_a_task_of_spiff():
    inner = extended(
        "<spiffworkflow:preScript>a = x + 1</spiffworkflow:preScript><spiffworkflow:postScript>b = a * 2"
        "</spiffworkflow:postScript>"
    )
    play = Play(with_element("manualTask", inner).processes["P"], x=1)
    assert play.variables["a"] == 2

    play.complete("A")

    assert play.variables["b"] == 4


# ---------------------------------------------------------------------- references and messages


def test_a_reference_to_nothing_is_read_as_a_code_in_the_family_only():
    drawn = process(
        node("endEvent", "e", '<bpmn:errorEventDefinition errorRef="E9"/>') + tasks("A"), "s > A\n A > e", "P"
    )
    family = drawn.replace('<bpmn:userTask id="A"', '<bpmn:userTask id="A" camunda:assignee="x"')

    assert ("error-unknown", "e") in told(compiled(definitions(drawn)))
    accepted = compiled(definitions(family))
    assert ("reference-read-as-name", "e") in told(accepted)
    play = Play(accepted.processes["P"])
    play.complete("A")
    assert play.outcome is not None
    assert play.outcome.code == "E9"


def test_an_event_without_a_message_waits_and_is_told():
    drawn = node("intermediateCatchEvent", "A", "<bpmn:messageEventDefinition/>")

    found = upload(drawn)

    assert told(found) == [("message-unnamed", "A")]
    assert Play(found.processes["P"]).outcome is None


def test_a_message_flow_tells_which_message_is_meant():
    throwing = process(node("intermediateThrowEvent", "A", MESSAGE), "s > A\n A > e")
    catching = process(
        node("startEvent", "qs") + node("intermediateCatchEvent", "qc", "<bpmn:messageEventDefinition/>"),
        "qs > qc",
        "Q",
    )
    collaboration = (
        '<bpmn:collaboration id="c"><bpmn:messageFlow id="mf" sourceRef="A" targetRef="qc"/></bpmn:collaboration>'
    )
    found = compiled(in_dialects(definitions(throwing, catching, collaboration)))

    assert found.is_accepted
    assert list(Play(found.processes["Q"]).waiting_for.values()) == ["msg"]


@pytest.mark.parametrize(
    ("kind", "ref", "code"), [("error", 'errorRef="Err"', "E1"), ("escalation", 'escalationRef="Esc"', "C1")]
)
def test_an_event_keeps_the_code_that_it_catches(kind, ref, code):
    thrown = node("startEvent", "is") + node("endEvent", "ie", f"<bpmn:{kind}EventDefinition {ref}/>")
    caught = f'<bpmn:{kind}EventDefinition camunda:{kind}CodeVariable="caught"/>'
    border = node("boundaryEvent", "B", caught, attachedToRef="Sub")
    drawn = subprocess("Sub", thrown, "is > ie") + border + tasks("A")

    compilation = upload(drawn, "s > Sub; Sub > e; B > A; A > e")

    play = Play(compilation.processes["P"])
    assert play.waiting == ["A"]
    assert play.variables["caught"] == code
