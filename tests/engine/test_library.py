"""SpiffWorkflow moves the tokens, and nothing else of it runs: no evaluation, no clock, no prediction."""

from __future__ import annotations

import builtins
import json
import subprocess as child
import sys
from collections import Counter
from pathlib import Path

import pytest
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task

from tests.engine.scene import Play, node, subprocess, tasks, timer
from workflows.engine.conform import run_case

HERE = Path(__file__).parents[1] / "conformance"
CASES = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))


class Forbidden:
    """Stands where SpiffWorkflow's modules look for something that they must not use."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *_: object, **__: object) -> None:
        raise AssertionError(f"SpiffWorkflow used {self.name}")

    def __getattr__(self, name: str) -> None:
        raise AssertionError(f"SpiffWorkflow used {self.name}.{name}")


@pytest.fixture
def without_eval_and_clock(monkeypatch):
    """Inside every loaded module of SpiffWorkflow, eval, exec, compile and the wall clock raise."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "SpiffWorkflow":
            for forbidden in ("eval", "exec", "compile"):
                monkeypatch.setattr(module, forbidden, Forbidden(forbidden), raising=False)
            for clock in ("datetime", "time", "date"):
                if hasattr(module, clock):
                    monkeypatch.setattr(module, clock, Forbidden(clock))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_no_case_makes_the_library_evaluate_or_look_at_the_clock(case, without_eval_and_clock):
    verdict = run_case(case, lambda diagram: (HERE / diagram).read_bytes())

    assert verdict.verdict in ("right", "refused"), verdict.why


def test_nothing_of_a_diagram_is_evaluated_as_python(monkeypatch):
    calls: list[str] = []
    for name in ("eval", "exec"):
        genuine = getattr(builtins, name)

        def watched(*args, _genuine=genuine, _name=name, **kwargs):
            caller = sys._getframe(1).f_globals.get("__name__", "")
            if caller.startswith(("SpiffWorkflow", "workflows")):
                calls.append(f"{_name} in {caller}")
            return _genuine(*args, **kwargs)

        monkeypatch.setattr(builtins, name, watched)
    gateway = node("exclusiveGateway", "g", default="f_g_B")
    evil = "__import__('os').system('true') = 0"

    with pytest.raises(AssertionError, match=r"expression-(invalid|function-unknown)"):
        Play(gateway + tasks("A", "B"), f"s > g\n g > A if {evil}\n g > B\n A > e\n B > e")

    assert calls == []


def test_the_modules_that_evaluate_are_not_even_loaded():
    """The library's parsers, script engines and timers stay on the disk: nothing here imports them."""
    code = (
        "import sys, workflows.engine\n"
        "print([name for name in sys.modules if name.startswith('SpiffWorkflow.bpmn') "
        "or name.startswith('SpiffWorkflow.dmn')])"
    )

    found = child.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_tokens_move_through_the_task_tree_of_the_library(monkeypatch):
    counted: Counter[str] = Counter()
    for owner, name in ((Task, "run"), (Task, "complete"), (Task, "_ready"), (TaskSpec, "_update")):
        genuine = getattr(owner, name)

        def watched(self, *args, _genuine=genuine, _name=name, **kwargs):
            counted[_name] += 1
            return _genuine(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, watched)
    play = Play(
        subprocess("sp", tasks("A"), "") + node("intermediateCatchEvent", "c", timer("PT1H")), "s>sp; sp>c; c>e"
    )
    play.complete("A")
    play.fire("c")

    assert counted["run"] == 5
    assert counted["complete"] == 5
    assert counted["_ready"] == counted["_update"] == 5


def test_only_what_is_alive_is_in_the_tree():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")

    for element in ("A", "B"):
        rows = json.loads(play.state)["t"]
        assert [row[1] for row in rows] == ["#", element]
        play.complete(element)

    assert [row[1] for row in json.loads(play.state)["t"]] == ["#"]
