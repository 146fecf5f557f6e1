"""Every fault of an expression: its stable code and its English sentence. `api/reason_wording.py` has the Chinese ones.

Codes are a contract: never renamed. A parameter may be a `Reason` of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    # what cannot be read
    "key-twice": "The key {key} stands twice in a context.",
    # texts in JUEL and Python that are not run
    "expression-language-not-supported": "Expressions in {language} are not run; write them in FEEL, JUEL or Python.",
    "word-not-run": "{word} is not run.",
    "method-not-run": "The method {method}() is not run.",
    "function-not-run": "The function {function}() is not run.",
    "property-not-run": "{property} belongs to the machine that the diagram was made for, not to the case.",
    "arguments-not-run": "{function} is not run with these arguments.",
    "format-not-run": "Conversions and formats (!r, :.2f) in f-strings are not run.",
    "escape-unknown": "There is no escape {escape} in a text.",
    "segment-not-closed": "A {opening} is not closed by a brace.",
    "segment-empty": "Expected an expression between the braces, but there is nothing.",
    # values that do not fit, where the language raises an error
    "operand-kind": "{operator} was given {got}.",
    "operands-unfit": "{operator} has no meaning between {left} and {right}.",
    "no-order": "There is no order between {left} and {right}.",
    "no-result": "{operator} has no result for these numbers.",
    "not-a-number": "Expected a number, but got {got}.",
    "not-a-truth": "Expected true or false, but got {got}.",
    "index-out-of-range": "There is no item {index} in {count} items.",
    "entry-missing": "There is no entry {key}.",
    "part-missing": "{got} has no part {name}.",
    "not-taken-apart": "Expected a list of {expected} to take apart, but got {got}.",
    "not-iterable": "One cannot go through {got}.",
    "too-many-iterators": "Expected at most {limit} iterators.",
    "step-zero": "The step must not be 0.",
    "list-empty": "{operator} needs at least one item.",
}
