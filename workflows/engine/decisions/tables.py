"""A decision table and what it answers. Reading it from a file is in ``reading``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from workflows.engine.decisions.type_names import has_type
from workflows.engine.expressions import PEOPLE_ZONE, Budget, Expression, ExpressionError, Run, begin_run
from workflows.engine.expressions.compare import equal
from workflows.engine.expressions.evaluator import INPUT
from workflows.engine.expressions.functions.collections import AGGREGATIONS

_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
_NO_NAMES: Mapping[str, Any] = {}


class DecisionError(ExpressionError):
    """A table that gives no answer for these values. ``element_id`` names the rule, input or output at fault."""

    def __init__(self, code: str, message: str, *, element_id: str = "", position: int = -1) -> None:
        super().__init__(code, message, position=position)
        self.element_id = element_id


class HitPolicy(StrEnum):
    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    COLLECT = "COLLECT"


@dataclass(frozen=True, slots=True)
class Input:
    """One column of conditions. ``variable`` is a name that cells may use for the value besides ``?``."""

    id: str
    label: str
    expression: Expression
    type_name: str = ""
    allowed: Expression | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    id: str
    name: str
    type_name: str = ""
    allowed: Expression | None = None
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    tests: tuple[Expression, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision with its table. One output answers its value, several a context by output name."""

    id: str
    name: str
    hit_policy: HitPolicy
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> frozenset[str]:
        """Give the variables that the table surely reads."""
        own = {column.variable for column in self.inputs}
        return frozenset().union(*(expression.names for expression in self._expressions())) - own

    @property
    def functions(self) -> frozenset[str]:
        """Give the functions that the table calls and the language does not have."""
        return frozenset().union(*(expression.functions for expression in self._expressions()))

    def evaluate(
        self,
        scope: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
        budget: Budget = Budget(),
        zone: tzinfo = PEOPLE_ZONE,
    ) -> Any:
        """Answer as the hit policy says, or raise ``ExpressionError``; null (an empty list) when nothing matches."""
        run = begin_run(now=now, functions=functions, budget=budget, zone=zone)
        values = [_input_value(column, scope, run) for column in self.inputs]
        matching = self._matching(values, scope, run)
        if not matching:
            return self._default(scope, run)
        match self.hit_policy:
            case HitPolicy.UNIQUE:
                return self._only(matching, scope, run)
            case HitPolicy.FIRST:
                return self._result(matching[0], scope, run)
            case HitPolicy.ANY:
                return self._agreed(matching, scope, run)
            case HitPolicy.COLLECT:
                return self._collected([self._result(rule, scope, run) for rule in matching], run)

    def _expressions(self) -> Iterable[Expression]:
        for column in self.inputs:
            yield from (known for known in (column.expression, column.allowed) if known is not None)
        for output in self.outputs:
            yield from (known for known in (output.allowed, output.default) if known is not None)
        for rule in self.rules:
            yield from (*rule.tests, *rule.results)

    def _matching(self, values: list[Any], scope: Mapping[str, Any], run: Run) -> list[Rule]:
        matching = []
        for rule in self.rules:
            if self._applies(rule, values, scope, run):
                matching.append(rule)
                if self.hit_policy is HitPolicy.FIRST:
                    break
        return matching

    def _applies(self, rule: Rule, values: list[Any], scope: Mapping[str, Any], run: Run) -> bool:
        for column, test, value in zip(self.inputs, rule.tests, values, strict=True):
            bound = {INPUT: value, column.variable: value} if column.variable else {INPUT: value}
            if _evaluate(test, scope, run, rule.id, bound) is not True:
                return False
        return True

    def _only(self, matching: list[Rule], scope: Mapping[str, Any], run: Run) -> Any:
        if len(matching) > 1:
            rules = ", ".join(rule.id for rule in matching)
            message = f"Expected one rule of {self.id!r} to match, but {len(matching)} do: {rules}."
            raise DecisionError("decision-not-unique", message, element_id=matching[1].id)
        return self._result(matching[0], scope, run)

    def _agreed(self, matching: list[Rule], scope: Mapping[str, Any], run: Run) -> Any:
        answers = [self._result(rule, scope, run) for rule in matching]
        for rule, answer in zip(matching, answers, strict=True):
            if equal(answers[0], answer, run) is not True:
                message = f"The matching rules of {self.id!r} must agree, but {matching[0].id} and {rule.id} do not."
                raise DecisionError("decision-rules-disagree", message, element_id=rule.id)
        return answers[0]

    def _collected(self, answers: list[Any], run: Run) -> Any:
        if not self.aggregation:
            return answers
        value = AGGREGATIONS[self.aggregation](run, answers)
        if value is None and answers:
            reason = run.notes[-1] if run.notes else "the values do not fit"
            message = f"{self.aggregation} of {self.id!r} has no result: {reason}."
            raise DecisionError("decision-aggregation-failed", message, element_id=self.id)
        return value

    def _default(self, scope: Mapping[str, Any], run: Run) -> Any:
        if any(output.default is not None for output in self.outputs):
            answer = self._answer([output.default for output in self.outputs], self.id, scope, run)
            return self._collected([answer], run) if self.hit_policy is HitPolicy.COLLECT else answer
        return self._collected([], run) if self.hit_policy is HitPolicy.COLLECT else None

    def _result(self, rule: Rule, scope: Mapping[str, Any], run: Run) -> Any:
        return self._answer(rule.results, rule.id, scope, run)

    def _answer(self, cells: Iterable[Expression | None], element_id: str, scope: Mapping[str, Any], run: Run) -> Any:
        values = [_evaluate(cell, scope, run, element_id) if cell is not None else None for cell in cells]
        for output, value in zip(self.outputs, values, strict=True):
            _check_output(output, value, scope, run, element_id)
        if len(values) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}


def _input_value(column: Input, scope: Mapping[str, Any], run: Run) -> Any:
    value = _evaluate(column.expression, scope, run, column.id)
    if value is None:
        return None
    if not has_type(value, column.type_name):
        message = f"Expected a {column.type_name} for {column.label!r}, but got {_shown(value)}."
        raise DecisionError("decision-input-type", message, element_id=column.id)
    if column.allowed is not None and _evaluate(column.allowed, scope, run, column.id, {INPUT: value}) is not True:
        message = f"{_shown(value)} is not among the allowed values of {column.label!r}."
        raise DecisionError("decision-input-not-allowed", message, element_id=column.id)
    return value


def _check_output(output: Output, value: Any, scope: Mapping[str, Any], run: Run, element_id: str) -> None:
    if value is None:
        return
    if not has_type(value, output.type_name):
        message = f"Expected a {output.type_name} for {output.name!r}, but got {_shown(value)}."
        raise DecisionError("decision-output-type", message, element_id=element_id)
    if output.allowed is not None and _evaluate(output.allowed, scope, run, element_id, {INPUT: value}) is not True:
        message = f"{_shown(value)} is not among the allowed values of {output.name!r}."
        raise DecisionError("decision-output-not-allowed", message, element_id=element_id)


def _evaluate(
    expression: Expression,
    scope: Mapping[str, Any],
    run: Run,
    element_id: str,
    bound: Mapping[str, Any] = _NO_NAMES,
) -> Any:
    try:
        return expression.evaluate_in(run, scope, bound)
    except DecisionError:
        raise
    except ExpressionError as error:
        raise DecisionError(error.code, error.message, element_id=element_id, position=error.position) from error


def _shown(value: Any) -> str:
    return repr(value)[:60]
