"""Files of any kind, hostile ones included: a finding for each fault, never an exception, and nothing dropped."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.scene import (
    MESSAGE,
    Play,
    codes,
    compiled,
    definitions,
    flows,
    node,
    process,
    subprocess,
    tasks,
    timer,
)
from workflows.engine import Limits, compile_files
from workflows.engine.types import FileContent, Severity

GOOD = definitions(process(tasks("A"), "s > A\n A > e"))


def findings_of(content: bytes, path: str = "test.bpmn"):
    return compile_files([FileContent(path, content)]).findings


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&c;</definitions>'
)
EXTERNAL = (
    b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&x;</definitions>'
)
DTD = b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd"><definitions/>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml-empty"),
        (b"   \n", "xml-empty"),
        (b"\x00\x01\x02\xff\xfe", "xml-"),
        (b"PK\x03\x04", "xml-malformed"),
        (b"just text", "xml-malformed"),
        (GOOD[:-30], "xml-malformed"),
        (GOOD + b"<more/>", "xml-malformed"),
        (BOMB, "xml-doctype-forbidden"),
        (EXTERNAL, "xml-doctype-forbidden"),
        (DTD, "xml-doctype-forbidden"),
        (GOOD.replace(b"UTF-8", b"EBCDIC-CP-FR"), "xml-encoding-unknown"),
        ("责成".encode("gbk") + GOOD, "xml-"),
        (b"<html/>", "not-bpmn"),
        (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/1.1"/>', "not-bpmn"),
        (b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>', "not-bpmn"),
        (b'<process xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not-bpmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "process-missing"),
        (b"<a>" * 100 + b"</a>" * 100, "xml-too-deep"),
        (b"<a>" * 300 + b"</a>" * 300, "xml-"),
    ],
)
def test_what_is_no_diagram_is_one_finding(content, code):
    found = findings_of(content)

    assert [finding.code.startswith(code) for finding in found] == [True], found
    assert found[0].severity == Severity.ERROR
    assert found[0].file == "test.bpmn"


def test_files_beyond_the_limits_are_refused():
    small = Limits(max_bytes=100)
    few = Limits(max_elements=2)

    assert [f.code for f in compile_files([FileContent("a.bpmn", GOOD)], limits=small).findings] == ["xml-too-large"]
    assert [f.code for f in compile_files([FileContent("a.bpmn", GOOD)], limits=few).findings] == ["too-many-elements"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030", "utf-8-sig"])
def test_the_encodings_of_modelers_are_read(encoding):
    text = definitions(process(node("userTask", "A", name="报送材料"), "s > A\n A > e")).decode()
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")

    compilation = compiled(text.replace("UTF-8", declared).encode(encoding))

    assert compilation.is_accepted, compilation.findings
    assert compilation.processes["P"].element("A").name == "报送材料"


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(content):
    assert not compile_files([FileContent("x.bpmn", content)]).is_accepted


@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=12))
@settings(max_examples=200, deadline=None)
def test_a_damaged_diagram_is_read_or_refused(position, length, inserted):
    content = GOOD[:position] + inserted + GOOD[position + length :]

    for finding in compile_files([FileContent("x.bpmn", content)]).findings:
        assert finding.code
        assert finding.message


@pytest.mark.parametrize("prefix", ["", "bpmn2", "semantic"])
def test_any_prefix_or_none_stands_for_bpmn(prefix):
    text = GOOD.decode()
    if prefix:
        text = text.replace("bpmn:", f"{prefix}:").replace("xmlns:bpmn=", f"xmlns:{prefix}=")
    else:
        text = text.replace("bpmn:", "").replace("xmlns:bpmn=", "xmlns=")

    assert compiled(text.encode()).is_accepted


def test_comments_processing_instructions_and_cdata_change_nothing():
    gateway = node("exclusiveGateway", "g", default="f_g_B")
    arrows = flows("s > g\n g > B\n A > e\n B > e")
    condition = (
        '<bpmn:sequenceFlow id="f" sourceRef="g" targetRef="A"><!-- why --><bpmn:conditionExpression>'
        "<![CDATA[ x >]]><!-- more --> 1 <?pi?></bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    body = node("startEvent", "s") + gateway + tasks("A", "B") + node("endEvent", "e") + arrows + condition
    compilation = compiled(definitions(f'<bpmn:process id="P" isExecutable="true">{body}</bpmn:process>'))

    assert Play(compilation.processes["P"], x=2).waiting == ["A"]


def test_references_may_be_qualified_names():
    catch = node("intermediateCatchEvent", "c", MESSAGE.replace("Msg", "tns:Msg"))
    content = definitions(process(catch, "s > c\n c > e"))

    assert compiled(content).is_accepted


def test_sequence_flows_need_no_id():
    text = GOOD.decode().replace('id="f_s_A" ', "").replace('id="f_A_e" ', "")

    play = Play(compiled(text.encode()).processes["P"])

    assert play.waiting == ["A"]
    assert [flow.is_given for flow in play.process.flows.values()] == [False, False]


@pytest.mark.parametrize("name", ["Start", "End", "Root", "root", "None", "A.BoundaryEventSplit"])
def test_no_id_collides_with_names_of_the_library(name):
    drawn = node("startEvent", name) + tasks("A")
    body = drawn + node("endEvent", "e") + flows(f"{name} > A\n A > e")

    compilation = compiled(definitions(f'<bpmn:process id="P" isExecutable="true">{body}</bpmn:process>'))

    assert Play(compilation.processes["P"]).waiting == ["A"]


@pytest.mark.parametrize(
    ("value", "accepted"), [("true", True), ("1", True), (None, True), ("false", False), ("0", False), ("yes", False)]
)
def test_executable_is_an_xsd_boolean(value, accepted):
    given_value = "" if value is None else f'isExecutable="{value}"'
    text = GOOD.decode().replace('isExecutable="true"', given_value)

    compilation = compiled(text.encode())

    assert compilation.is_accepted == accepted
    assert ("no-executable-process" in [found.code for found in compilation.errors]) == (not accepted)


def test_a_drawing_beside_an_executable_process_is_left_out():
    drawing = process(node("complexGateway", "z"), "", "Q").replace('"true"', '"false"')

    compilation = compiled(definitions(process(tasks("A"), "s > A\n A > e"), drawing))

    assert list(compilation.processes) == ["P"]
    assert ("process-not-executable", "Q") in [(found.code, found.element_id) for found in compilation.findings]


def test_an_empty_pool_beside_a_process_is_left_out_and_an_empty_file_is_refused():
    empty = '<bpmn:process id="Q" isExecutable="true"/>'

    beside = compiled(definitions(process(tasks("A"), "s > A\n A > e"), empty))
    assert beside.is_accepted
    assert [found.code for found in beside.findings] == ["process-left-empty"]
    assert list(beside.processes) == ["P"]
    assert codes(definitions(empty)) == [("process-empty", "Q")]


def test_two_files_may_use_the_same_inner_ids_but_not_the_same_process():
    called = definitions(process(node("startEvent", "s") + tasks("A"), "s > A", "Q"))
    caller = definitions(process(tasks("A") + node("callActivity", "ca", calledElement="Q"), "s > A\n A > ca\n ca > e"))

    assert compile_files([FileContent("a.bpmn", caller), FileContent("b.bpmn", called)]).is_accepted
    twice = compile_files([FileContent("a.bpmn", caller), FileContent("b.bpmn", caller)])
    assert ("process-duplicate", "b.bpmn") in [(found.code, found.file) for found in twice.errors]


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        (tasks("A", "A"), "duplicate-id", "A"),
        (tasks("A/B"), "id-invalid", "A/B"),
        (tasks("A B"), "id-invalid", "A B"),
        (tasks("A" * 101), "id-invalid", "A" * 101),
        (flows("s > nowhere"), "flow-end-unknown", "f_s_nowhere"),
        ('<bpmn:sequenceFlow sourceRef="s" targetRef="gone"/>', "flow-end-unknown", "s"),
        (flows("e > s"), "flow-into-start-event", "f_e_s"),
        (flows("e > s"), "flow-out-of-end-event", "f_e_s"),
        (subprocess("sp", tasks("X"), "") + flows("s > X"), "flow-crosses-scope", "f_s_X"),
        (subprocess("sp", node("startEvent", "x", MESSAGE), ""), "start-event-not-none", "x"),
        (subprocess("sp", node("startEvent", "x") + node("startEvent", "y"), ""), "several-none-start-events", "sp"),
        (node("userTask", "A", isForCompensation="perhaps"), "attribute-invalid", "A"),
        ('<bpmn:unheardOf id="u"/>', "element-not-supported", "u"),
    ],
)
def test_a_fault_of_structure_names_its_element(body, code, element):
    content = definitions(
        f'<bpmn:process id="P" isExecutable="true">{node("startEvent", "s")}{node("endEvent", "e")}'
        f"{flows('s > e')}{body}</bpmn:process>"
    )

    assert (code, element) in codes(content)


def test_every_fault_is_in_one_report():
    script = node("scriptTask", "A", "<bpmn:script>import os</bpmn:script>")
    drawn = script + node("intermediateCatchEvent", "B") + node("callActivity", "C")

    found = codes(definitions(process(drawn, "s > A\n A > B\n B > C\n C > nowhere")))

    assert [element for _, element in found] == ["A", "B", "C", "f_C_nowhere"]


def test_what_can_never_be_reached_and_what_may_block_are_warnings():
    gateway = node("exclusiveGateway", "g", default="f_g_B") + node("parallelGateway", "j") + tasks("A", "B", "Z")

    compilation = compiled(definitions(process(gateway, "s > g\n g > A if x\n g > B\n A > j\n B > j\n j > e\n Z > e")))

    assert compilation.is_accepted
    assert {(found.code, found.element_id) for found in compilation.findings} == {
        ("structural-deadlock", "j"),
        ("unreachable-node", "Z"),
    }


def test_a_sound_block_inside_a_choice_is_not_called_a_deadlock():
    gateways = (
        node("exclusiveGateway", "g", default="f_g_Z") + node("parallelGateway", "p") + node("parallelGateway", "j")
    )
    arrows = "s > g\n g > p if x\n g > Z\n p > A\n p > B\n A > j\n B > j\n j > e\n Z > e"

    compilation = compiled(definitions(process(gateways + tasks("A", "B", "Z"), arrows)))

    assert not compilation.findings


def test_files_of_other_kinds_are_left_alone():
    others = [FileContent("parameters.yaml", b"x: 1"), FileContent("forms/a.json", b"{")]

    assert compile_files([FileContent("a.bpmn", GOOD), *others]).is_accepted


def test_keys_of_nested_scopes_stay_within_what_is_stored():
    names = ["S" * 90 + str(number) for number in range(8)]
    inner = tasks("A")
    for name in names:
        inner = node("subProcess", name, inner)

    found = codes(definitions(process(inner, f"s > {names[-1]}\n {names[-1]} > e")))

    assert [code for code, _ in found] == ["scope-path-too-long"] * 3


def test_blanks_around_references_and_our_own_values_do_not_matter():
    table = (
        '<decision id="d" name="d"><decisionTable id="t"><input id="i"><inputExpression id="ie"><text>1</text>'
        '</inputExpression></input><output id="o" name="o"/><rule id="r"><inputEntry id="a"><text>-</text></inputEntry>'
        '<outputEntry id="b"><text>7</text></outputEntry></rule></decisionTable></decision>'
    )
    dmn = f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x">{table}</definitions>'
    drawn = node("businessRuleTask", "A", zc__decision=" d ", zc__result=" found ") + tasks("B", "C")
    drawn += node("boundaryEvent", "b", timer("PT1H"), attachedToRef=" B ")
    play = Play(drawn, "s > A; A > B; B > e; b > C; C > e", files=(FileContent("d.dmn", dmn.encode()),))

    assert play.variables == {"found": 7}
    play.fire("b")
    assert play.waiting == ["C"]


@pytest.mark.parametrize("count", ['zc:collection="[1, 2]"', 'zc:collection="[1, 2]" zc:item="x"'])
def test_a_flow_drawn_in_another_container_connects_its_nodes_all_the_same(count):
    """What a sequence flow connects are its two ends (§8.4.13); in which element it is written says nothing."""
    many, end = f"<bpmn:multiInstanceLoopCharacteristics {count}/>", node("startEvent", "s") + node("endEvent", "e")
    inner = node("startEvent", "s2") + tasks("A")
    outside = definitions(process(node("subProcess", "sp", many + inner), "s > sp; sp > e; s2 > A"))
    inside = definitions(process(node("subProcess", "sp", many + inner + flows("s > sp; sp > e; s2 > A")) + end, ""))

    for content in (outside, inside):
        processes = compiled(content).processes
        assert [child.called for child in Play(processes["P"]).children.values()] == ["P#sp", "P#sp"]
        assert Play(processes["P#sp"]).waiting == ["A"]


def test_the_expression_language_of_the_whole_file_counts_where_none_is_named():
    """Table 8.1: ``expressionLanguage`` is that of every expression of the file that names no other."""
    gateway = node("exclusiveGateway", "g", default="f_g_B") + tasks("A", "B")
    content = definitions(process(gateway, "s > g; g > A if x > 1; g > B; A > e; B > e"))
    names = {
        "http://www.mvel.org/2.0": [],  # a comparison, which means the same there
        "http://www.java.com/java": [],
        "http://groovy.codehaus.org": [("expression-language-not-supported", "f_g_A")],
        "http://www.w3.org/1999/XPath": [],  # the default of the standard, written by modelers that mean nothing by it
        "https://www.omg.org/spec/DMN/20191111/FEEL/": [],
    }

    for name, expected in names.items():
        assert codes(content.replace(b'id="Defs"', f'id="Defs" expressionLanguage="{name}"'.encode())) == expected


def test_an_id_that_makes_a_scope_lie_in_itself_is_told_and_ends_the_check():
    inner = node("userTask", "sp") + node("endEvent", "t", "<bpmn:cancelEventDefinition/>")
    found = codes(definitions(process(subprocess("sp", inner, "sp > t"), "s > sp\n sp > e")))
    assert found == [("duplicate-id", "sp")]

    nested = subprocess("sp", subprocess("sp", tasks("A"), ""), "")

    assert codes(definitions(process(nested, "s > sp\n sp > e"))) == [("duplicate-id", "sp")]


def test_attributes_mean_nothing_where_the_standard_does_not_know_them():
    drawn = node("userTask", "A", triggeredByEvent="true", instantiate="true")

    assert compiled(definitions(process(drawn, "s > A\n A > e"))).is_accepted
    for tag in ("adHocSubProcess", "transaction"):
        scope = node(tag, "A", tasks("B"), triggeredByEvent="true")
        assert ("attribute-invalid", "A") in codes(definitions(process(scope, "s > A\n A > e")))
