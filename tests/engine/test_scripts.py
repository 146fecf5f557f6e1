"""Script tasks: lines of a few kinds, evaluated and never run as a program (BPMN 2.0.2 §10.3.3, §13.3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.scene import Play, codes, compiled, definitions, flows, node, process, tasks
from workflows.engine.types import Outcome


def script(text: str, node_id: str = "A", **attributes: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return node("scriptTask", node_id, f"<bpmn:script>{escaped}</bpmn:script>", **attributes)


def play(text: str, fmt: str = "python", **variables: Any) -> Play:
    return Play(script(text, scriptFormat=fmt) + tasks("B"), "s > A\n A > B\n B > e", **variables)


def test_lines_are_carried_out_in_order_and_see_what_was_written_before():
    done = play("\n        x = n + 1\n        # a remark = 5\n        y = x * 2; z = [x, y]\n", n=1)
    assert done.variables == {"n": 1, "x": 2, "y": 4, "z": [2, 4]}
    assert done.waiting == ["B"]


def test_a_value_may_go_over_several_lines_inside_brackets():
    done = play('xs = [\n  1,\n  2  # two\n]\nt = "a;b # no remark"')

    assert done.variables == {"xs": [1, 2], "t": "a;b # no remark"}


def test_counting_up_appending_and_deleting_have_their_meaning():
    done = play("n += 2\nn *= 3\nxs.append(n)\ndel gone", n=1, xs=[0], gone="x")

    assert done.variables == {"n": 9, "xs": [0, 9], "gone": None}
    assert done.waiting == ["B"]


def test_a_false_assertion_is_an_incident_and_writes_nothing():
    done = play('n = n + 1\nassert n > limit, "too small"', n=1, limit=5)
    assert list(done.incidents.values()) == ["assertion-failed"]
    assert "too small" in done.last.incidents[0].message
    assert done.variables == {"n": 1, "limit": 5}

    done.set(limit=0)
    done.retry("A")

    assert done.waiting == ["B"]
    assert done.variables["n"] == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("assert n - 1", "assertion-failed"),
        ("x = missing", "unknown-name"),
        ("del missing", "script-name-unknown"),
        ("n.append(1)", "script-not-a-list"),
    ],
)
def test_a_line_that_fails_is_an_incident(line, code):
    done = play(line, n=1)

    assert list(done.incidents.values()) == [code]


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "print(1)",
        "for x in xs: y = x",
        "if x: y = 1",
        "def f(): pass",
        "exec('x')",
        "__import__('os').system('touch /tmp/x')",
        "x.y = 1",
        "x['k'] = 1",
        "1 + 1",
        "xs.remove(1)",
        "lambda: 0",
    ],
)
def test_any_other_line_is_refused_by_name(line):
    drawn = process(script(line), "s > A\n A > e")

    assert codes(definitions(drawn)) == [("script-statement-not-supported", "A")]


@pytest.mark.parametrize("language", ["groovy", "javascript", "text/javascript", "http://www.java.com/java", "ruby"])
def test_another_language_is_refused_by_name(language):
    drawn = process(script("x = 1", scriptFormat=language), "s > A\n A > e")

    found = compiled(definitions(drawn)).errors

    assert [finding.code for finding in found] == ["script-language-not-supported"]
    assert language in found[0].message


@pytest.mark.parametrize("language", ["", "python", "Python", "text/x-python"])
def test_a_script_without_a_format_is_read_as_lines(language):
    given = {"scriptFormat": language} if language else {}
    done = Play(script("y = 1", **given), "s > A\n A > e")

    assert done.variables == {"y": 1}
    assert done.outcome == Outcome("completed")


def test_a_script_in_feel_is_one_expression_with_a_result():
    done = Play(script("if n > 1 then 2\n else 3", scriptFormat="feel", zc__result="r"), "s > A\n A > e", n=5)

    assert done.variables == {"n": 5, "r": 2}


def test_a_lone_expression_goes_to_the_result_variable():
    done = Play(script("n + 1", scriptFormat="python", zc__result="r"), "s > A\n A > e", n=5)
    assert done.variables == {"n": 5, "r": 6}

    drawn = process(script("n = 1\ndel n", zc__result="r"), "s > A\n A > e")

    assert codes(definitions(drawn)) == [("script-statement-not-supported", "A")]


def test_a_script_task_without_a_script_does_nothing_and_says_so():
    found = compiled(definitions(process(node("scriptTask", "A"), "s > A\n A > e")))
    assert [finding.code for finding in found.findings] == ["script-missing"]

    assert Play(node("scriptTask", "A"), "s > A\n A > e").outcome == Outcome("completed")


def test_a_fault_in_an_expression_is_told_at_upload():
    assert codes(definitions(process(script("x = (1"), "s > A\n A > e"))) == [("expression-invalid", "A")]


def test_a_script_that_changes_the_state_of_the_case_keeps_its_body_inside():
    body = node("startEvent", "s2") + script("total = total + x", "A2") + node("endEvent", "e2")
    loop = node("multiInstanceLoopCharacteristics", "ml", zc__collection="xs", zc__item="x").replace(' id="ml"', "")
    flow = flows("s2 > A2; A2 > e2")
    done = Play(node("subProcess", "sp", loop + body + flow), "s > sp\n sp > e", xs=[1, 2, 3], total=0)

    assert done.outcome == Outcome("completed")
    assert done.variables["total"] == 6


def test_a_script_without_end_is_refused():
    for text in ("x = 1\n" * 100_000, "x = " + "(" * 30_000):
        assert codes(definitions(process(script(text), "s > A\n A > e"))) == [("script-statement-not-supported", "A")]

    deep = process(script("x = " + "(" * 4_000), "s > A\n A > e")

    assert [code for code, _ in codes(definitions(deep))] == ["expression-invalid"]
