"""What an attacker writes where a condition is expected: refused, an error with a code, or plain data. Never more."""

from __future__ import annotations

import builtins
import io
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.engine.expressions import Budget, ExpressionError, compile_expression
from workflows.engine.values import dumps

NOW = datetime(2026, 10, 1, tzinfo=UTC)
PAYLOADS = [
    line
    for line in (Path(__file__).parent / "payloads.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("## ")
]


class Guarded:
    """An object of the application that a careless caller put into the variables."""

    secret = "s3cret"

    def __call__(self) -> str:
        raise AssertionError("an object was called")

    def __getattr__(self, name: str) -> str:
        raise AssertionError(f"the attribute {name} was read")


@pytest.fixture(autouse=True)
def _closed_doors(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("an expression reached the machine")

    for owner, name in [
        (builtins, "eval"),
        (builtins, "exec"),
        (builtins, "input"),
        (builtins, "breakpoint"),
        (io, "open"),
        (os, "system"),
        (os, "popen"),
        (subprocess, "Popen"),
    ]:
        monkeypatch.setattr(owner, name, refuse)


def outcome(text: str, *, unary: bool) -> object:
    scope = {"x": 1, "text": "a", "xs": [1, 2], "c": {"a": 1}, "o": Guarded()}
    try:
        expression = compile_expression(text, unary=unary)
        budget = Budget(steps=20_000)
        if unary:
            return expression.passes("a", scope, now=NOW, budget=budget)
        return expression.evaluate(scope, now=NOW, budget=budget)
    except ExpressionError as error:
        return error


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("unary", [False, True], ids=["expression", "cell"])
@pytest.mark.parametrize("text", PAYLOADS)
def test_no_payload_does_more_than_fail_or_give_plain_data(text, unary):
    answer = outcome(text, unary=unary)

    if isinstance(answer, ExpressionError):
        assert answer.code
    else:
        written = dumps(answer)
        assert "s3cret" not in written
        assert "root:" not in written
        assert "<class" not in written


def test_the_doors_are_really_closed():
    with pytest.raises(AssertionError, match="reached the machine"):
        eval("1")


def test_an_object_among_the_variables_is_refused_untouched():
    for text in ("o", "o.secret", "o()", "[o]", "string(o)", "o = o", "{a: o}", "o.x.y", "count(o)"):
        answer = outcome(text, unary=False)

        assert isinstance(answer, ExpressionError)


@pytest.mark.parametrize(
    "name",
    [
        "__class__",
        "__dict__",
        "__init__",
        "mro",
        "format",
        "upper",
        "append",
        "real",
        "imag",
        "tzinfo",
        "keys",
        "items",
    ],
)
@pytest.mark.parametrize("value", ["text", 1, 1.5, [1], {"a": 1}, True, None, NOW])
def test_no_attribute_of_a_python_object_is_reachable(name, value):
    answer = compile_expression(f"v.{name}").evaluate({"v": value}, now=NOW)

    assert answer in (None, [None])
