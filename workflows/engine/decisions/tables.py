"""A decision table and what it answers (DMN 1.5, chapter 8). Reading it from a file is in ``tables_reading``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflows.engine.decisions.faults import DecisionError
from workflows.engine.decisions.types import Types, canonical
from workflows.engine.expressions import Expression, ExpressionError, Run
from workflows.engine.expressions.compare import equal
from workflows.engine.expressions.evaluator import INPUT, position_among
from workflows.engine.expressions.functions.collections import AGGREGATIONS
from workflows.engine.expressions.scopes import Scope


class HitPolicy(StrEnum):
    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


MANY = frozenset({HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT})
BY_OUTPUT = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})


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
    """One column of results. ``allowed`` are its values in the order of their priority."""

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
class Table:
    """A decision table. One output answers its value, several a context by output name."""

    id: str
    hit_policy: HitPolicy
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    types: Types

    @property
    def names(self) -> frozenset[str]:
        """Give the variables that the table surely reads."""
        own = {column.variable for column in self.inputs}
        return frozenset().union(*(expression.names for expression in self._expressions())) - own

    @property
    def functions(self) -> frozenset[str]:
        """Give the functions that the table calls and the language does not have."""
        return frozenset().union(*(expression.functions for expression in self._expressions()))

    def evaluate(self, scope: Scope, run: Run) -> Any:
        """Answer as the hit policy says, or raise ``ExpressionError``; null (an empty list) when nothing matches."""
        values = [self._input_value(column, scope, run) for column in self.inputs]
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
            case HitPolicy.PRIORITY:
                return self._by_priority(matching, scope, run)[0]
            case HitPolicy.OUTPUT_ORDER:
                return self._by_priority(matching, scope, run)
            case HitPolicy.RULE_ORDER | HitPolicy.COLLECT:
                return self._collected([self._result(rule, scope, run) for rule in matching], run)

    def _expressions(self) -> Iterable[Expression]:
        for column in self.inputs:
            yield from (known for known in (column.expression, column.allowed) if known is not None)
        for output in self.outputs:
            yield from (known for known in (output.allowed, output.default) if known is not None)
        for rule in self.rules:
            yield from (*rule.tests, *rule.results)

    def _matching(self, values: list[Any], scope: Scope, run: Run) -> list[Rule]:
        matching = []
        for rule in self.rules:
            if self._applies(rule, values, scope, run):
                matching.append(rule)
                if self.hit_policy is HitPolicy.FIRST:
                    break
        return matching

    def _applies(self, rule: Rule, values: list[Any], scope: Scope, run: Run) -> bool:
        for column, test, value in zip(self.inputs, rule.tests, values, strict=True):
            bound = {INPUT: value, column.variable: value} if column.variable else {INPUT: value}
            if _evaluate(test, scope.under(bound), run, rule.id) is not True:
                return False
        return True

    def _only(self, matching: list[Rule], scope: Scope, run: Run) -> Any:
        if len(matching) > 1:
            rules = ", ".join(rule.id for rule in matching)
            raise DecisionError(
                "decision-not-unique", element_id=matching[1].id, decision=self.id, count=len(matching), rules=rules
            )
        return self._result(matching[0], scope, run)

    def _agreed(self, matching: list[Rule], scope: Scope, run: Run) -> Any:
        answers = [self._result(rule, scope, run) for rule in matching]
        for rule, answer in zip(matching, answers, strict=True):
            if equal(answers[0], answer, run) is not True:
                raise DecisionError(
                    "decision-rules-disagree",
                    element_id=rule.id,
                    decision=self.id,
                    first=matching[0].id,
                    second=rule.id,
                )
        return answers[0]

    def _by_priority(self, matching: list[Rule], scope: Scope, run: Run) -> list[Any]:
        """Order the answers by the place of each output among its allowed values, the first output first (8.2.8)."""
        ranked = []
        for number, rule in enumerate(matching):
            values = self._values(rule.results, rule.id, scope, run)
            places = [self._place(output, value, run) for output, value in zip(self.outputs, values, strict=True)]
            ranked.append((places, number, self._shaped(values)))
        return [answer for _, _, answer in sorted(ranked, key=lambda entry: entry[:2])]

    def _place(self, output: Output, value: Any, run: Run) -> int:
        if output.allowed is None:
            return 0
        return position_among(output.allowed.tree, value, Scope({}), run)

    def _collected(self, answers: list[Any], run: Run) -> Any:
        if not self.aggregation:
            return answers
        value = AGGREGATIONS[self.aggregation](run, answers)
        if value is None and answers:
            why = run.notes[-1] if run.notes else ""
            raise DecisionError(
                "decision-aggregation-failed",
                element_id=self.id,
                aggregation=self.aggregation,
                decision=self.id,
                why=why,
            )
        return value

    def _default(self, scope: Scope, run: Run) -> Any:
        many = self.hit_policy in MANY
        if any(output.default is not None for output in self.outputs):
            answer = self._shaped(self._values([output.default for output in self.outputs], self.id, scope, run))
            return self._collected([answer], run) if many else answer
        return self._collected([], run) if many else None

    def _result(self, rule: Rule, scope: Scope, run: Run) -> Any:
        return self._shaped(self._values(rule.results, rule.id, scope, run))

    def _values(self, cells: Iterable[Expression | None], element_id: str, scope: Scope, run: Run) -> list[Any]:
        values = [_evaluate(cell, scope, run, element_id) if cell is not None else None for cell in cells]
        for output, value in zip(self.outputs, values, strict=True):
            self._check(value, output.type_name, output.allowed, output.name, run, "output", element_id)
        return values

    def _shaped(self, values: list[Any]) -> Any:
        if len(values) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _input_value(self, column: Input, scope: Scope, run: Run) -> Any:
        value = _evaluate(column.expression, scope, run, column.id)
        self._check(value, column.type_name, column.allowed, column.label, run, "input", column.id)
        return value

    def _check(
        self, value: Any, type_name: str, allowed: Expression | None, name: str, run: Run, side: str, element_id: str
    ) -> None:
        if value is None:
            return
        told = repr(value)[:60]
        if not self.types.fits(value, type_name, run):
            raise DecisionError(
                f"decision-{side}-type", element_id=element_id, type=canonical(type_name), name=name, value=told
            )
        if allowed is not None and _evaluate(allowed, Scope({INPUT: value}), run, element_id) is not True:
            raise DecisionError(f"decision-{side}-not-allowed", element_id=element_id, name=name, value=told)


def _evaluate(expression: Expression, scope: Scope, run: Run, element_id: str) -> Any:
    try:
        return run.evaluate(expression.tree, scope, run)
    except ExpressionError as error:
        raise DecisionError.at(element_id, error) from error
