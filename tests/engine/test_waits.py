"""An event that waits for a variable which nothing in the file writes is told at upload."""

from __future__ import annotations

import pytest

from tests.engine.scene import compiled, definitions, node, process, timer


def found(event: str, before: str = "") -> list[tuple[str, str]]:
    drawn = before + node("intermediateCatchEvent", "t", event)
    arrows = "s > A\n A > t\n t > e" if before else "s > t\n t > e"
    compilation = compiled(definitions(process(drawn, arrows)))
    assert compilation.is_accepted
    return [(each.element_id, str(each.params["names"])) for each in compilation.findings if "names" in each.params]


def condition(text: str) -> str:
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"


def script(text: str) -> str:
    return node("scriptTask", "A", f"<bpmn:script>{text}</bpmn:script>")


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (timer("五天"), "五天"),
        (timer("five_days"), "five_days"),
        (condition("amuont > 3 and amount > 1"), "amuont"),
        (condition("${amuont > amount}"), "amuont"),
    ],
)
def test_a_name_that_is_written_nowhere_is_told(event, names):
    assert found(event, script("amount = 5")) == [("t", names)]


@pytest.mark.parametrize(
    "event",
    [
        timer("P5D"),
        timer("limit"),
        timer("${somewhere}H"),
        condition("limit > 3"),
        condition("today() = today() and case.limit = null"),
    ],
)
def test_what_the_file_writes_or_the_engine_knows_is_not(event):
    assert found(event, script("limit = 5")) == []
