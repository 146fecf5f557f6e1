"""Work out the value of a syntax tree over plain data (DMN 1.5, 10.3.2): three-valued, pure, counted.

What FEEL calls null stays null, with a note why; an unknown name or function at the top is an ``ExpressionError``,
because a condition that silently is null would send a case the wrong way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine.expressions import syntax
from workflows.engine.expressions.arithmetic import calculate, negate
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.calls import fits, invoke
from workflows.engine.expressions.compare import all_true, any_true, compare, equal, within
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import Builtin, Closure, Foreign, Range, adopt, is_number, kind, told
from workflows.engine.expressions.loops import evaluate_comprehension, evaluate_for, evaluate_quantified
from workflows.engine.expressions.operations import OPERATIONS
from workflows.engine.expressions.operations.python_values import truth
from workflows.engine.expressions.paths import attribute
from workflows.engine.expressions.registry import BUILTINS
from workflows.engine.expressions.scopes import Scope

INPUT = "?"
_SHOWN = 60
_BOOLEAN_SHAPES = (
    syntax.Comparison,
    syntax.Logic,
    syntax.Not,
    syntax.Between,
    syntax.In,
    syntax.InstanceOf,
    syntax.Quantified,
)


def evaluate(node: syntax.Node, scope: Scope, run: Run) -> Any:
    """Work out ``node``; the answer may be a range or a function, which the caller must not let out."""
    run.spend()
    run.enter()
    try:
        return _EVALUATORS[type(node)](node, scope, run)
    except ExpressionError as error:
        if error.position < 0:
            error.position = node.position
        raise
    finally:
        run.leave()


def _literal(node: syntax.Literal, _scope: Scope, _run: Run) -> Any:
    return node.value


def _name(node: syntax.Name, scope: Scope, run: Run) -> Any:
    try:
        return adopt(scope.find(node.name), run)
    except KeyError:
        pass
    if node.variable:
        raise ExpressionError("unknown-name", position=node.position, name=node.name)
    if node.name in run.functions:
        return Foreign(node.name, run.functions[node.name])
    if node.name in ("today", "now"):
        return invoke(BUILTINS[node.name], (), {}, run)
    if node.name in BUILTINS:
        return BUILTINS[node.name]
    raise ExpressionError("unknown-name", position=node.position, name=node.name)


def _list(node: syntax.ListOf, scope: Scope, run: Run) -> Any:
    run.items(len(node.items))
    return [evaluate(item, scope, run) for item in node.items]


def _context(node: syntax.ContextOf, scope: Scope, run: Run) -> Any:
    entries: dict[str, Any] = {}
    inner = scope.under(entries)
    for key, value in node.entries:
        entries[key] = evaluate(value, inner, run)
    return entries


def _range(node: syntax.RangeOf, scope: Scope, run: Run) -> Any:
    low = evaluate(node.low, scope, run) if node.low is not None else None
    high = evaluate(node.high, scope, run) if node.high is not None else None
    if (node.low is not None and low is None) or (node.high is not None and high is None):
        run.null("range-end-null")
        return None
    if low is not None and high is not None and kind(low) != kind(high):
        run.null("range-ends-unfit", low=told(low), high=told(high))
        return None
    return Range(low, high, node.low_included, node.high_included)


def _postfix(node: syntax.Postfix, scope: Scope, run: Run) -> Any:
    steps = list(node.steps)
    if isinstance(node.base, syntax.Name) and isinstance(steps[0], syntax.Call):
        if node.base.name == "is defined" and _asks_for_missing_name(steps[0], scope, run):
            return False
        value = _called(node.base, scope, run)
    else:
        value = evaluate(node.base, scope, run)
    for step in steps:
        run.spend()
        if isinstance(step, syntax.Attribute):
            value = attribute(value, step.name, run)
        elif isinstance(step, syntax.Filter):
            value = _filter(value, step.test, scope, run)
        else:
            value = _call(value, step, scope, run)
    return value


def _called(name: syntax.Name, scope: Scope, run: Run) -> Any:
    """Find a function: names bound by the expression first, then the application's, then the language's."""
    try:
        found = scope.find(name.name)
    except KeyError:
        found = None
    if found is not None and kind(found) == "function":
        return found
    if name.name in run.functions:
        return Foreign(name.name, run.functions[name.name])
    if name.name in BUILTINS:
        return BUILTINS[name.name]
    raise ExpressionError("unknown-function", position=name.position, name=name.name)


def _asks_for_missing_name(call: syntax.Call, scope: Scope, run: Run) -> bool:
    """Answer ``is defined(x)`` before ``x`` is looked up, which would be an error."""
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], syntax.Name):
        return False
    try:
        scope.find(call.arguments[0].name)
    except KeyError:
        return call.arguments[0].name not in run.functions
    return False


def _call(function: Any, call: syntax.Call, scope: Scope, run: Run) -> Any:
    if kind(function) != "function":
        raise ExpressionError("not-a-function", position=call.position, got=told(function))
    arguments = [evaluate(argument, scope, run) for argument in call.arguments]
    named = {key: evaluate(value, scope, run) for key, value in call.named}
    try:
        return invoke(function, arguments, named, run)
    except ExpressionError as error:
        if error.position < 0:
            error.position = call.position
        raise


def _filter(value: Any, test: syntax.Node, scope: Scope, run: Run) -> Any:
    if value is None:
        return None if isinstance(test, syntax.Literal) and is_number(test.value) else []
    if isinstance(value, Mapping) and isinstance(test, syntax.Literal) and isinstance(test.value, str):
        return attribute(value, test.value, run)
    items = value if isinstance(value, list) else [value]
    run.items(len(items))
    if not items:
        return None if isinstance(test, syntax.Literal) and is_number(test.value) else []
    kept = []
    for item in items:
        answer = evaluate(test, _item_scope(item, scope, run), run)
        if is_number(answer):
            return _index(items, answer, run)
        if answer is True:
            kept.append(item)
    return kept


def _item_scope(item: Any, scope: Scope, run: Run) -> Scope:
    if not isinstance(item, Mapping):
        return scope.under({"item": item})
    entries = item if "item" in item else {**item, "item": item}
    run.spend(1 + len(entries) // 10)
    return scope.under(entries, lenient=True)


def _index(items: list[Any], position: Any, run: Run) -> Any:
    count = len(items)
    if position != int(position) or position == 0 or abs(position) > count:
        run.null("index-out-of-range", index=str(position)[:_SHOWN], count=count)
        return None
    return items[int(position) - 1] if position > 0 else items[int(position)]


def _arithmetic(node: syntax.Arithmetic, scope: Scope, run: Run) -> Any:
    value = evaluate(node.first, scope, run)
    for sign, operand in node.rest:
        value = calculate(sign, value, evaluate(operand, scope, run), run)
    return value


def _negation(node: syntax.Negation, scope: Scope, run: Run) -> Any:
    return negate(evaluate(node.operand, scope, run), run)


def _logic(node: syntax.Logic, scope: Scope, run: Run) -> bool | None:
    """Join by Kleene's tables; what decides the answer ends the work (``x != null and x.y > 1``)."""
    decisive: bool = node.operator == "or"
    unknown = False
    for operand in node.operands:
        value = evaluate(operand, scope, run)
        if value is decisive:
            return node.operator == "or"
        if not isinstance(value, bool):
            run.null("operand-kind", operator=node.operator, got=told(value))
            unknown = True
    return None if unknown else not decisive


def _not(node: syntax.Not, scope: Scope, run: Run) -> bool | None:
    value = evaluate(node.operand, scope, run)
    if isinstance(value, bool):
        return not value
    run.null("operand-kind", operator="not", got=told(value))
    return None


def _comparison(node: syntax.Comparison, scope: Scope, run: Run) -> bool | None:
    return compare(node.operator, evaluate(node.left, scope, run), evaluate(node.right, scope, run), run)


def _between(node: syntax.Between, scope: Scope, run: Run) -> bool | None:
    low, high = evaluate(node.low, scope, run), evaluate(node.high, scope, run)
    value = evaluate(node.value, scope, run)
    return all_true([compare(">=", value, low, run), compare("<=", value, high, run)])


def _in(node: syntax.In, scope: Scope, run: Run) -> bool | None:
    value = evaluate(node.value, scope, run)
    return any_true([passes(test, value, scope, run) for test in node.tests])


def passes(test: syntax.Test, value: Any, scope: Scope, run: Run) -> bool | None:
    """Apply one unary test to ``value`` (DMN 1.5, 10.3.2.8 and grammar rules 7 to 17)."""
    inner = scope.under({INPUT: value})
    condition = test.condition
    if isinstance(condition, syntax.UnaryComparison):
        return compare(condition.operator, value, evaluate(condition.operand, inner, run), run)
    expected = evaluate(condition, inner, run)
    if test.uses_input:
        return expected if isinstance(expected, bool) else None
    if isinstance(expected, bool) and _is_answer(condition, value):
        return expected
    return matches(value, expected, run)


def _is_answer(condition: syntax.Node, value: Any) -> bool:
    """Tell: a computed truth is the answer, but a variable that is true is what a boolean input is compared with."""
    if isinstance(condition, syntax.Literal):
        return False
    return isinstance(condition, _BOOLEAN_SHAPES) or not isinstance(value, bool)


def matches(value: Any, expected: Any, run: Run) -> bool | None:
    """Say whether ``value`` is ``expected``, or lies in it when it is a range or a list."""
    if isinstance(expected, Range):
        return within(value, expected, run)
    if isinstance(expected, list):
        run.items(len(expected))
        if isinstance(value, list) and equal(value, expected, run):
            return True
        return True in [_is_member(value, item, run) for item in expected]
    return equal(value, expected, run)


def _is_member(value: Any, item: Any, run: Run) -> bool | None:
    if isinstance(item, Range) and not isinstance(value, Range):
        return within(value, item, run)
    return equal(value, item, run) if kind(value) == kind(item) else False


def _unary_tests(node: syntax.UnaryTests, scope: Scope, run: Run) -> bool | None:
    if not node.tests:
        return True
    value = scope.find(INPUT)
    answer = any_true([passes(test, adopt(value, run), scope, run) for test in node.tests])
    if not node.negated or answer is None:
        return answer
    return not answer


def position_among(node: syntax.Node, value: Any, scope: Scope, run: Run) -> int:
    """Give the place of the first of the unary tests that ``value`` passes; their number when it passes none."""
    tests = node.tests if isinstance(node, syntax.UnaryTests) else ()
    for place, test in enumerate(tests):
        if passes(test, value, scope, run) is True:
            return place
    return len(tests)


def _instance_of(node: syntax.InstanceOf, scope: Scope, run: Run) -> bool:
    return _is_instance(evaluate(node.value, scope, run), node.type_name, run)


def _is_instance(value: Any, wanted: syntax.TypeName, run: Run) -> bool:
    if wanted.name in ("Any", "Null"):
        return (value is None) == (wanted.name == "Null")
    if kind(value) != wanted.name:
        return False
    if wanted.entries:
        parts = ((adopt(value.get(key), run), of) for key, of in wanted.entries)
        return all(_is_instance(part, of, run) for part, of in parts)
    if wanted.parameters is not None:
        return _takes(value, len(wanted.parameters))
    if wanted.argument is None:
        return True
    items = value if isinstance(value, list) else [end for end in (value.low, value.high) if end is not None]
    run.items(len(items))
    return all(_is_instance(item, wanted.argument, run) for item in items)


def _takes(function: Any, count: int) -> bool:
    """Say whether a function has so many parameters; their types are not declared anywhere at run time."""
    if isinstance(function, Builtin):
        return any(fits(signature, count) for signature in function.signatures)
    return not isinstance(function, Closure) or len(function.parameters) == count


def _if(node: syntax.If, scope: Scope, run: Run) -> Any:
    chosen = node.then if evaluate(node.condition, scope, run) is True else node.otherwise
    return evaluate(chosen, scope, run)


def _operation(node: syntax.Operation, scope: Scope, run: Run) -> Any:
    return OPERATIONS[node.name](run, *[evaluate(operand, scope, run) for operand in node.operands])


def _fold(node: syntax.Fold, scope: Scope, run: Run) -> Any:
    value = evaluate(node.first, scope, run)
    for name, operand in node.rest:
        value = OPERATIONS[name](run, value, evaluate(operand, scope, run))
    return value


def _native(node: syntax.Native, scope: Scope, run: Run) -> Any:
    return node.apply(scope, run)


def _pick(node: syntax.Pick, scope: Scope, run: Run) -> Any:
    value = None
    for operand in node.operands:
        value = evaluate(operand, scope, run)
        if truth(run, value) is (node.operator == "or"):
            return value
    return value


def _function(node: syntax.FunctionOf, scope: Scope, _run: Run) -> Closure:
    return Closure(node.parameters, node.body, scope)


_EVALUATORS: Mapping[type[syntax.Node], Callable[[Any, Scope, Run], Any]] = {
    syntax.Literal: _literal,
    syntax.Name: _name,
    syntax.ListOf: _list,
    syntax.ContextOf: _context,
    syntax.RangeOf: _range,
    syntax.Postfix: _postfix,
    syntax.Arithmetic: _arithmetic,
    syntax.Negation: _negation,
    syntax.Logic: _logic,
    syntax.Not: _not,
    syntax.Comparison: _comparison,
    syntax.Between: _between,
    syntax.In: _in,
    syntax.InstanceOf: _instance_of,
    syntax.If: _if,
    syntax.For: evaluate_for,
    syntax.Quantified: evaluate_quantified,
    syntax.Comprehension: evaluate_comprehension,
    syntax.Operation: _operation,
    syntax.Fold: _fold,
    syntax.Pick: _pick,
    syntax.Native: _native,
    syntax.FunctionOf: _function,
    syntax.UnaryTests: _unary_tests,
}
