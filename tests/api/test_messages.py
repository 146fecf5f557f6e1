"""Messages from outside to a case that is found by what they carry, over HTTP."""

from __future__ import annotations

from tests.api.door_scene import Door, problem
from workflows.engine.types import FileContent

WAITS = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="urn:zecheng:tests">'
    '<message id="M" name="回函"><extensionElements><zeebe:subscription correlationKey="=number"/></extensionElements>'
    '</message><message id="N" name="来信"/><process id="letters" name="来信" isExecutable="true"><startEvent id="s"/>'
    '<startEvent id="n"><messageEventDefinition messageRef="N"/></startEvent>'
    '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="M"/></intermediateCatchEvent>'
    '<endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/>'
    '<sequenceFlow id="h" sourceRef="n" targetRef="c"/><sequenceFlow id="g" sourceRef="c" targetRef="e"/>'
    "</process></definitions>"
).encode()


def test_a_message_finds_its_case_by_what_it_carries(door: Door):
    flowadmin = door.caller("flowadmin")
    door.deploy(FileContent("letters.bpmn", WAITS))
    first, second, twin = (
        door.start(flowadmin, "ws", "letters", variables={"number": number})["id"] for number in (1, 2, 2)
    )

    problem(flowadmin.post("/messages", {"name": "回函", "correlation": 3}), 409, "message-not-expected")
    problem(flowadmin.post("/messages", {"name": "回函", "correlation": 2}), 409, "message-ambiguous")
    problem(flowadmin.post("/messages", {"name": "回函"}), 409, "message-not-expected")
    problem(
        flowadmin.post(f"/cases/{second}/messages", {"name": "回函", "correlation": 1}), 409, "message-not-expected"
    )
    taken = flowadmin.post("/messages", {"name": "回函", "correlation": 1.0, "payload": {"amount": 5}})

    assert (taken.json["id"], taken.json["status"]) == (first, "completed")
    assert (
        flowadmin.post(f"/cases/{second}/messages", {"name": "回函", "correlation": [2]}).json["status"] == "completed"
    )
    assert flowadmin.post("/messages", {"name": "回函", "correlation": 2}).json["id"] == twin


def test_a_message_that_nobody_waits_for_opens_a_case_for_the_unit_named(door: Door):
    flowadmin = door.caller("flowadmin")
    door.deploy(FileContent("letters.bpmn", WAITS))
    sent = {"name": "来信", "payload": {"number": "甲"}}

    problem(flowadmin.post("/messages", sent), 409, "message-needs-unit")
    opened = flowadmin.post("/messages", {**sent, "unit": "ws"})

    assert (opened.json["unit"], opened.json["status"]) == ("ws", "active")
    assert flowadmin.post("/messages", {"name": "回函", "correlation": "甲"}).json["id"] == opened.json["id"]


def test_only_who_administers_processes_sends_messages(door: Door):
    problem(door.caller("clerk").post("/messages", {"name": "来信"}), 403, "missing-role")


def test_programs_throw_signals_and_tell_data_and_see_what_they_opened(door: Door):
    flowadmin = door.caller("flowadmin")
    event = '<signalEventDefinition signalRef="S"/>'
    condition = "<conditionalEventDefinition><condition>total &gt; 5</condition></conditionalEventDefinition>"
    content = WAITS.replace(b'<message id="N"', b'<signal id="S" name="alarm"/><message id="N"')
    content = content.replace(b'<messageEventDefinition messageRef="N"/>', event.encode())
    content = content.replace(b'<messageEventDefinition messageRef="M"/>', event.encode())
    content = content.replace(b'<startEvent id="s"/>', f'<startEvent id="s">{condition}</startEvent>'.encode())
    cycle = "<timerEventDefinition><timeCycle>R2/PT1H</timeCycle></timerEventDefinition>"
    timed = content.replace(b'"letters"', b'"timed"').replace(event.encode(), cycle.encode(), 1)
    door.deploy(FileContent("letters.bpmn", content))
    door.deploy(FileContent("timed.bpmn", timed))

    problem(flowadmin.post("/signals", {"name": "alarm"}), 409, "signal-needs-unit")
    problem(flowadmin.post("/signals", {"name": "alarm", "unit": "nowhere"}), 404, "unit-not-found")
    problem(flowadmin.post("/conditions", {}), 422, "invalid-request")
    told = flowadmin.post("/conditions", {"variables": {"total": 6}, "unit": "ws"}).json
    assert [each["definition"] for each in told["opened"]] == ["letters", "timed"]
    heard = flowadmin.post("/signals", {"name": "alarm", "unit": "ws"}).json

    assert (heard["told"], [each["definition"] for each in heard["opened"]]) == (2, ["letters"])
    assert flowadmin.get(f"/cases/{told['opened'][0]['id']}").json["status"] == "completed"
    starts = flowadmin.get("/definitions/timed/1").json["starts"]
    assert [(each["element_id"], each["kind"], each["state"]) for each in starts] == [
        ("n", "timer", "armed"),
        ("s", "condition", "armed"),
    ]
    assert starts[0]["next_at"].endswith("+08:00")
    assert starts[1]["next_at"] is None


def test_an_incident_is_told_in_the_language_of_the_reader(door: Door):
    flowadmin = door.caller("flowadmin")
    wait = "<timerEventDefinition><timeDuration>missing</timeDuration></timerEventDefinition>"
    content = WAITS.replace(b'<messageEventDefinition messageRef="M"/>', wait.encode())
    door.deploy(FileContent("letters.bpmn", content))
    case = door.start(flowadmin, "ws", "letters")["id"]

    (chinese,) = flowadmin.get(f"/incidents?case={case}").json["items"]
    (english,) = flowadmin.get(f"/incidents?case={case}", headers={"Accept-Language": "en"}).json["items"]

    assert (chinese["code"], chinese["params"]["why"]["params"]) == ("unknown-name", {"name": "missing"})
    assert chinese["detail"].startswith("missing：")
    assert "missing" in english["detail"]
    assert english["detail"] != chinese["detail"]
    assert english["message"] == chinese["message"] == "missing: There is no variable missing."
