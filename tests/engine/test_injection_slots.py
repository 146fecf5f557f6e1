"""Every payload in every slot of a diagram and of a decision: a finding or an incident, and no file left behind."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from tests.engine.decisions.conftest import NAMESPACE
from tests.engine.scene import Play, compiled, definitions, flows, node, timer
from workflows.engine.decisions import read_decisions
from workflows.engine.expressions import ExpressionError
from workflows.engine.types import FileContent

NOW = datetime(2026, 10, 1, tzinfo=UTC)
LINES = (Path(__file__).parent / "expressions" / "payloads.txt").read_text(encoding="utf-8").splitlines()
PAYLOADS = [line for line in LINES if line and not line.startswith("## ")]
LANGUAGES = ("", "python", "juel", "http://www.w3.org/1999/XPath")
SCOPE: dict[str, Any] = {"x": 1, "text": "a", "xs": [1, 2], "c": {"a": 1}}


def slots(text: str, language: str) -> dict[str, str]:
    """Draw one branch for each place of a diagram where an expression stands."""
    spoken = f" language={quoteattr(language)}" if language else ""
    body = escape(text)
    cardinality = f"<bpmn:loopCardinality{spoken}>{body}</bpmn:loopCardinality>"
    counted = "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
    completion = f"<bpmn:completionCondition{spoken}>{body}</bpmn:completionCondition>"
    many = "<bpmn:multiInstanceLoopCharacteristics{}>{}</bpmn:multiInstanceLoopCharacteristics>"
    collection = f' zc:collection={quoteattr(text)} zc:item="it"'
    return {
        "timer": node("intermediateCatchEvent", "n", timer(body).replace("timeDuration>", f"timeDuration{spoken}>", 1)),
        "date": node("intermediateCatchEvent", "n", timer(body, "timeDate")),
        "cycle": node("intermediateCatchEvent", "n", timer(body, "timeCycle")),
        "cardinality": node("task", "n", many.format("", cardinality)),
        "completion": node("task", "n", many.format("", counted + completion)),
        "collection": node("task", "n", many.format(collection, "")),
        "condition": f'<bpmn:exclusiveGateway id="n" default="f_n_e"/><bpmn:task id="m"/><bpmn:sequenceFlow id="c" '
        f'sourceRef="n" targetRef="m"><bpmn:conditionExpression{spoken}>{body}</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow>" + flows("m > e"),
    }


def play(drawn: str) -> None:
    """Upload a diagram, and run it when it is accepted."""
    body = node("startEvent", "s") + drawn + node("endEvent", "e") + flows("s > n; n > e")
    content = definitions(f'<bpmn:process id="P" isExecutable="true">{body}</bpmn:process>')
    compilation = compiled(content)
    if compilation.is_accepted:
        Play(compilation.processes["P"], **SCOPE)
    else:
        assert all(found.element_id for found in compilation.errors)


def decide(text: str, language: str) -> None:
    """Put the payload into every cell of a table and into a literal expression, and ask both."""
    cell = f"<text>{escape(text)}</text>"
    said = f" expressionLanguage={quoteattr(language)}" if language else ""
    for place in ("input", "test", "result", "values", "default"):
        cells = dict.fromkeys(("input", "test", "result", "values", "default"), "<text>1</text>") | {place: cell}
        table = (
            f"<decisionTable{said}><input id='i'><inputExpression>{cells['input']}</inputExpression><inputValues>"
            f"{cells['values']}</inputValues></input><output id='o'><defaultOutputEntry>{cells['default']}"
            f"</defaultOutputEntry></output><rule id='r'><inputEntry>{cells['test']}</inputEntry><outputEntry>"
            f"{cells['result']}</outputEntry></rule></decisionTable>"
        )
        ask(table)
    ask(f"<literalExpression{said}>{cell}</literalExpression>")


def ask(logic: str) -> None:
    content = f'<definitions xmlns="{NAMESPACE}" id="d"><decision id="q" name="q">{logic}</decision></definitions>'
    decisions, findings = read_decisions(FileContent("t.dmn", content.encode()))
    assert decisions or findings
    for decision in decisions:
        with suppress(ExpressionError):
            decision.evaluate(SCOPE, now=NOW)


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("shift", range(3))
def test_no_payload_leaves_a_file_behind_in_any_slot(tmp_path, monkeypatch, shift):
    """Each payload meets three of the slots and languages, so that every slot and language meets many of them."""
    monkeypatch.chdir(tmp_path)

    for number, line in enumerate(PAYLOADS):
        text, language = canaried(line, tmp_path), LANGUAGES[(number + shift) % len(LANGUAGES)]
        drawn = list(slots(text, language).values())
        started = time.process_time()
        play(drawn[(number + 3 * shift) % len(drawn)])
        assert time.process_time() - started < 5
        assert list(tmp_path.iterdir()) == [], text


def test_no_payload_leaves_a_file_behind_in_a_decision(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    for number, line in enumerate(PAYLOADS):
        started = time.process_time()
        decide(canaried(line, tmp_path), LANGUAGES[number % len(LANGUAGES)])
        assert time.process_time() - started < 5
        assert list(tmp_path.iterdir()) == [], line


def canaried(line: str, folder: Path) -> str:
    return line.replace("CANARY", str(folder / "canary"))


def test_the_canary_would_be_seen(tmp_path):
    (tmp_path / "canary").write_text("x")

    assert list(tmp_path.iterdir())
