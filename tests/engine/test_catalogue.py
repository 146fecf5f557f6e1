"""Codes of findings are a contract: each is said somewhere, and each that is said has its words."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from workflows.engine.check.catalogue import MESSAGES, NOT_SUPPORTED

ENGINE = Path(__file__).parents[2] / "workflows" / "engine"
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in [
        *ENGINE.glob("check/*.py"),
        *ENGINE.glob("dialects/*.py"),
        *ENGINE.glob("read/*.py"),
        ENGINE / "texts.py",
        ENGINE / "scripts.py",
    ]
    if path.name != "catalogue.py"
)
BUILT = {f"{kind}-{end}" for kind in ("message", "signal", "error", "escalation") for end in ("missing", "unknown")}
BUILT |= {"error-code-missing", "escalation-code-missing", "message-name-missing", "signal-name-missing"}
BUILT |= {f"{name}-missing" for name in ("owner", "deadline", "clause", "form")}
BUILT |= {f"{name}-unknown" for name in ("owner", "deadline", "form", "operation", "copy")}


def test_every_code_of_the_catalogue_is_said_somewhere():
    said = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', SOURCES))

    assert set(MESSAGES) <= said | BUILT


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_a_message_is_a_sentence_that_names_its_element(code):
    _, message, hint = MESSAGES[code]

    assert message.endswith((".", "}"))
    assert not hint or hint.endswith(".")
    named = {name for _, name, _, _ in Formatter().parse(message) if name}
    assert named & {"element", "count", "namespace"} or code in ("process-missing", "no-executable-process")


def test_a_construct_that_is_not_run_says_so_in_its_code():
    assert all(code.endswith("-not-supported") for code in NOT_SUPPORTED)
