from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from workflows.logging import configure_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    target = io.StringIO()
    configure_logging(target)
    yield target
    root.handlers[:] = before
    root.setLevel(level)


def entries(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_entry_is_one_line_with_sentence_action_and_ids(stream):
    logging.getLogger("workflows.timers").info("a timer fired", extra={"action": "timer_fired", "timer": "t-1"})

    (entry,) = entries(stream)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "a timer fired",
        "action": "timer_fired",
        "timer": "t-1",
        "level": "info",
        "logger": "workflows.timers",
    }


def test_a_line_break_cannot_forge_an_entry(stream):
    logging.getLogger("x").warning("refused", extra={"name_of_file": 'a\n{"event": "forged"}'})

    assert [entry["event"] for entry in entries(stream)] == ["refused"]


def test_a_fault_comes_with_its_traceback(stream):
    try:
        int("Expected a number.")
    except ValueError:
        logging.getLogger("x").exception("failed")

    (entry,) = entries(stream)
    assert "Traceback" in entry["exception"]
    assert "Expected a number." in entry["exception"]


def test_a_long_text_is_cut(stream):
    logging.getLogger("x").info("long", extra={"value": "长" * 5000})

    assert len(entries(stream)[0]["value"]) == 2000


def test_configuring_twice_writes_once(stream):
    configure_logging(stream)
    logging.getLogger("x").info("once")

    assert len(entries(stream)) == 1
