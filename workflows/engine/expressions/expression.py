"""Compile a text once, at upload, and evaluate it often: the only way in and out of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from workflows.engine.expressions.budget import Budget, Run
from workflows.engine.expressions.cursor import MAX_NESTING
from workflows.engine.expressions.errors import ExpressionError, ExpressionSyntaxError
from workflows.engine.expressions.evaluator import INPUT, evaluate
from workflows.engine.expressions.java import parse_java
from workflows.engine.expressions.juel import parse_template
from workflows.engine.expressions.kinds import plain, told
from workflows.engine.expressions.languages import FEEL, JAVA, JUEL, MVEL, PYTHON, choose_language
from workflows.engine.expressions.names import Names, free_names
from workflows.engine.expressions.operations.python_values import truth
from workflows.engine.expressions.parser import parse_expression, parse_unary_tests
from workflows.engine.expressions.pythonic import parse_python
from workflows.engine.expressions.registry import BUILTINS
from workflows.engine.expressions.scopes import Scope
from workflows.engine.expressions.syntax import Node
from workflows.engine.expressions.tokens import phrase_patterns

MAX_LENGTH = 4_096
PEOPLE_ZONE = ZoneInfo("Asia/Shanghai")
_PHRASES = phrase_patterns((name for name in BUILTINS if " " in name), before_call=True)
_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
_SHOWN = 200
_SHORT = 200  # texts up to this length are kept as compiled
_NO_NAMES: Mapping[str, Any] = {}
# faults that say "this is no FEEL"; the others are FEEL with an error in it
_NOT_FEEL = frozenset({"syntax", "character-unknown", "string-not-closed", "method-call"})


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
    language: str = FEEL

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
        """Decide a condition, or raise ``ExpressionError`` (``not-boolean``) with the reason; Python's has a truth."""
        run = begin_run(now=now, functions=functions, budget=budget, zone=zone)
        value = self.evaluate_in(run, scope)
        if isinstance(value, bool):
            return value
        if self.language == PYTHON:
            return truth(run, value)
        why = run.notes[0] if run.notes else ""
        raise ExpressionError("not-boolean", text=self.text[:_SHOWN], got=told(value), why=why)

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
            raise ExpressionError("expression-too-deep", limit=run.budget.depth) from error


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

    ``language`` is what the file declares; None tells by shape. ``unary`` reads the cell of a decision table;
    ``known_names`` are variables whose names hold blanks.
    """
    if len(text) > max_length:
        raise ExpressionSyntaxError("expression-too-long", position=max_length, limit=max_length, length=len(text))
    known = tuple(known_names)
    if len(text) > _SHORT:
        return _compile(text, language or "", unary=unary, known_names=known)
    return _compile_once(text, language or "", unary=unary, known_names=known)


def _compile(text: str, declared: str, *, unary: bool, known_names: tuple[str, ...]) -> Expression:
    try:
        spoken, tree, found = _read(text, declared, unary=unary, known_names=known_names)
    except RecursionError as error:
        raise ExpressionSyntaxError("expression-too-deep", limit=MAX_NESTING) from error
    variables = frozenset((found.certain - BUILTINS.keys() - {INPUT}) | found.variables)
    possible = frozenset(found.certain | found.possible) - {INPUT}
    foreign = frozenset(found.functions - BUILTINS.keys())
    return Expression(text, unary, variables, possible, foreign, tree, spoken)


# a bundle is read several times on its way into force, and versions of it differ in few texts
_compile_once = lru_cache(maxsize=4_096)(_compile)


def _read(text: str, declared: str, *, unary: bool, known_names: tuple[str, ...]) -> tuple[str, Node, Names]:
    """Read ``text`` in the language that it declares or has the shape of; tell which one and what names it reads."""
    spoken = choose_language(text, declared, unary=unary)
    if spoken in (JAVA, MVEL):
        tree = parse_java(text, compares_identity=spoken == JAVA)
        return JUEL, tree, free_names(tree)
    if spoken in (JUEL, PYTHON):
        tree = parse_template(text) if spoken == JUEL else parse_python(text)[0]
        return spoken, tree, free_names(tree)
    source = text if unary else _without_marker(text)
    try:
        tree = _parse(source, unary=unary, known_names=known_names)
        return FEEL, tree, free_names(tree)
    except ExpressionSyntaxError as error:
        other = _as_python(text, error) if spoken != FEEL and not unary else None
        if other is None:
            raise
        return PYTHON, other, free_names(other)


def _as_python(text: str, error: ExpressionSyntaxError) -> Node | None:
    """Read as Python what cannot be FEEL; None where one of the two would count from 0 and the other from 1."""
    if error.code not in _NOT_FEEL:
        return None
    try:
        tree, counts_from_zero = parse_python(text)
    except ExpressionSyntaxError:
        return None
    return None if counts_from_zero else tree


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
        raise ExpressionSyntaxError("expression-empty", position=0)
    if unary:
        return parse_unary_tests(source, _PHRASES, known_names)
    return parse_expression(source, _PHRASES, known_names)
