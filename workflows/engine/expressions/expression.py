"""Compile a text once, at upload, and evaluate it often: the only way in and out of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from workflows.engine.expressions.budget import Budget, Run
from workflows.engine.expressions.errors import ExpressionError, ExpressionSyntaxError
from workflows.engine.expressions.evaluator import INPUT, evaluate
from workflows.engine.expressions.kinds import kind, plain
from workflows.engine.expressions.names import free_names
from workflows.engine.expressions.parser import parse_expression, parse_unary_tests
from workflows.engine.expressions.registry import BUILTINS
from workflows.engine.expressions.scopes import Scope
from workflows.engine.expressions.syntax import Node
from workflows.engine.expressions.tokens import phrase_patterns

MAX_LENGTH = 4_096
PEOPLE_ZONE = ZoneInfo("Asia/Shanghai")
_PHRASES = phrase_patterns((name for name in BUILTINS if " " in name), before_call=True)
_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
_NO_NAMES: Mapping[str, Any] = {}
# Modelers write XPath as the default of every file, whatever language the expressions are in.
_READ_LANGUAGES = ("feel", "xpath", "python")


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    ``names`` are the variables it surely reads. ``possible_names`` are all that it may read, for knowing what a body
    depends on: also those in filters, which may be entries of the items, and those named like a function of the
    language (``count > 3``). ``functions`` are those it calls that are not part of the language.
    """

    text: str
    unary: bool
    names: frozenset[str]
    possible_names: frozenset[str]
    functions: frozenset[str]
    tree: Node = field(repr=False)

    def evaluate(
        self,
        scope: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
        budget: Budget = Budget(),  # noqa: B008 - frozen
        zone: tzinfo = PEOPLE_ZONE,
    ) -> Any:
        """Work out the value as plain data, or raise ``ExpressionError``. ``now`` must be aware."""
        return self.evaluate_in(begin_run(now=now, functions=functions, budget=budget, zone=zone), scope)

    def test(
        self,
        scope: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
        budget: Budget = Budget(),  # noqa: B008 - frozen
        zone: tzinfo = PEOPLE_ZONE,
    ) -> bool:
        """Decide a condition: true or false, or raise ``ExpressionError`` (``not-boolean``) with the reason."""
        run = begin_run(now=now, functions=functions, budget=budget, zone=zone)
        value = self.evaluate_in(run, scope)
        if isinstance(value, bool):
            return value
        reason = f" ({run.notes[0]})" if run.notes else ""
        raise ExpressionError("not-boolean", f"Expected true or false, but {self.text!r} is a {kind(value)}{reason}.")

    def passes(
        self,
        value: Any,
        scope: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
        budget: Budget = Budget(),  # noqa: B008 - frozen
        zone: tzinfo = PEOPLE_ZONE,
    ) -> bool:
        """Apply unary tests to ``value``; what cannot be decided does not pass."""
        run = begin_run(now=now, functions=functions, budget=budget, zone=zone)
        return self.evaluate_in(run, scope, {INPUT: value}) is True

    def evaluate_in(self, run: Run, scope: Mapping[str, Any], bound: Mapping[str, Any] = _NO_NAMES) -> Any:
        """Evaluate on what is left of a budget that several expressions share, with ``bound`` names over ``scope``."""
        try:
            return plain(evaluate(self.tree, Scope(scope).under(bound), run), run)
        except RecursionError as error:
            raise ExpressionError("expression-too-deep", "The expression is nested too deep to evaluate.") from error


def begin_run(
    *,
    now: datetime,
    functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
    budget: Budget = Budget(),  # noqa: B008 - frozen
    zone: tzinfo = PEOPLE_ZONE,
) -> Run:
    """Open a budget for one or more evaluations at the instant ``now``, which must be aware."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return Run(now=now, zone=zone, functions=functions, budget=budget, evaluate=evaluate)


def compile_expression(
    text: str,
    *,
    language: str | None = None,
    unary: bool = False,
    known_names: Iterable[str] = (),
    max_length: int = MAX_LENGTH,
) -> Expression:
    """Read ``text``, or raise ``ExpressionSyntaxError``.

    ``language`` None tells by shape; ``unary`` reads the cell of a decision table; ``known_names`` are variables
    whose names hold blanks.
    """
    if len(text) > max_length:
        message = f"Expected at most {max_length} characters, but the expression has {len(text)}."
        raise ExpressionSyntaxError("expression-too-long", message, position=max_length)
    _check_language(text, language)
    source = text if unary else _without_marker(text)
    try:
        tree = _parse(source, unary=unary, known_names=tuple(known_names))
        found = free_names(tree)
    except RecursionError as error:
        raise ExpressionSyntaxError("expression-too-deep", "The expression is nested too deep to be read.") from error
    variables = frozenset(found.certain - BUILTINS.keys() - {INPUT})
    possible = frozenset(found.certain | found.possible) - {INPUT}
    foreign = frozenset(found.functions - BUILTINS.keys())
    return Expression(text, unary, variables, possible, foreign, tree)


def _check_language(text: str, language: str | None) -> None:
    if text.lstrip().startswith(("${", "#{")):
        message = "Expressions in ${...} (JUEL) are not run yet; write the condition in FEEL, without ${ and }."
        raise ExpressionSyntaxError("expression-language-not-supported", message, position=0)
    if language and not any(known in language.lower() for known in _READ_LANGUAGES):
        message = f"Expressions in {language!r} are not run; write them in FEEL."
        raise ExpressionSyntaxError("expression-language-not-supported", message, position=0)


def _without_marker(text: str) -> str:
    """Blank the ``=`` that some modelers put before FEEL; positions stay."""
    stripped = text.lstrip()
    if not stripped.startswith("=") or stripped.startswith("=="):
        return text
    return text.replace("=", " ", 1)


def _parse(source: str, *, unary: bool, known_names: tuple[str, ...]) -> Node:
    if not source.strip():
        if unary:
            return parse_unary_tests("-", _PHRASES)
        raise ExpressionSyntaxError("expression-empty", "Expected an expression, but there is nothing.", position=0)
    if unary:
        return parse_unary_tests(source, _PHRASES, known_names)
    return parse_expression(source, _PHRASES, known_names)
