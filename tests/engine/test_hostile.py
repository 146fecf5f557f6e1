"""Files that mean harm end as a finding, an incident or a harmless run: within seconds and a few hundred megabytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from tests.engine.hostile_inputs import HOSTILE, MEMORY, SECONDS
from tests.engine.scene import definitions, process, tasks
from workflows.engine import compile_files
from workflows.engine.types import FileContent

ROOT = Path(__file__).parents[2]
_MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def outcomes():
    """Everything in one process of its own: what one of them keeps counts against all."""
    command = [sys.executable, "-m", "tests.engine.hostile_inputs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (found[-1:], done.stderr[-2000:])
    return {outcome["name"]: outcome for outcome in found}


def test_every_file_is_answered_in_time_and_memory(outcomes):
    assert list(outcomes) == list(HOSTILE)
    for outcome in outcomes.values():
        assert outcome["seconds"] < SECONDS, outcome
        # the interpreter and the 100 MB of the largest file itself come on top
        assert outcome["megabytes"] < MEMORY / _MEGABYTE + 150, outcome
        assert outcome["codes"] or outcome["verdict"], outcome


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("doctype", "xml-doctype-forbidden"),
        ("100 MB", "xml-too-large"),
        ("9 MB of attributes", "xml-too-many-attributes"),
        ("9 MB of one id", "id-invalid"),
        ("many small elements", "too-many-elements"),
        ("a hundred million instances", "multi-instance-too-large"),
        ("sub-processes within sub-processes", "nested-too-deep"),
        ("P999999999Y", "timer-invalid"),
        ("R999999999/PT0S", "timer-invalid"),
        ("a script of 100,000 lines", "script-statement-not-supported"),
        ("the same id again and again", "duplicate-id"),
        ("truncated", "xml-malformed"),
        ("binary", "xml-encoding-invalid"),
    ],
)
def test_a_bomb_is_refused_by_name(outcomes, name, code):
    assert code in outcomes[name]["codes"]


def test_reading_and_checking_take_time_by_the_size_of_the_file():
    def cost(length: int) -> float:
        names = [f"n{number}" for number in range(length)]
        arrows = "\n".join(f"{a} > {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True))
        content = definitions(process(tasks(*names), arrows))
        return min(_seconds(content) for _ in range(2))

    assert cost(4_000) < 8 * cost(1_000)


def _seconds(content: bytes) -> float:
    before = process_time()
    assert compile_files([FileContent("x.bpmn", content)]).is_accepted
    return process_time() - before
