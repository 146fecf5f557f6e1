"""Every fault of an expression: its stable code and its English sentence. `api/expression_wording.py` has the Chinese.

Codes are a contract: never renamed. A parameter may be a `Reason` of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

READING: Mapping[str, str] = {
    "expression-empty": "Expected an expression, but there is nothing.",
    "expression-too-long": "Expected at most {limit} characters, but the expression has {length}.",
    "expression-language-not-supported": "Expressions in {language} are not run; write them in FEEL, JUEL or Python.",
    "syntax": "Expected {wanted}, but found {found}.",
    "string-not-closed": "A text in quotes is not closed.",
    "escape-unknown": "There is no escape {escape} in a text.",
    "number-too-long": "A number has more than {limit} digits.",
    "number-beyond-range": "A number is beyond the range of decimal128.",
    "name-begins-with-digit": "A name cannot begin with a digit: {word}.",
    "character-unknown": "The character {character} has no meaning here.",
    "full-width-character": "The full-width {character} is not read; write {plain} instead.",
    "sign-of-another-language": "Write {word} instead of {sign}.",
    "chained-comparison": "Comparisons do not chain: join them with 'and', or use 'between'.",
    "index-zero": "Lists count from 1 in FEEL: [0] is never an item; write [1] for the first one.",
    "arguments-mixed": "Arguments are either all named or none.",
    "key-twice": "The key {key} stands twice in a context.",
    "too-many-iterators": "Expected at most {limit} iterators.",
    "unknown-type": "There is no type {type}.",
    "external-function": "A function of another language is not run.",
    "method-call": "Values have no methods; write the function first, such as upper case(x) or count(xs).",
    # texts in JUEL and Python that are not run
    "word-not-run": "{word} is not run.",
    "method-not-run": "The method {method}() is not run.",
    "function-not-run": "The function {function}() is not run.",
    "property-not-run": "{property} belongs to the machine that the diagram was made for, not to the case.",
    "arguments-not-run": "{function} is not run with these arguments.",
    "format-not-run": "Conversions and formats (!r, :.2f) in f-strings are not run.",
    "segment-not-closed": "A {opening} is not closed by a brace.",
    "segment-empty": "Expected an expression between the braces or brackets, but there is nothing.",
}

EVALUATION: Mapping[str, str] = {
    "unknown-name": "There is no variable {name}.",
    "unknown-function": "There is no function {name}.",
    "not-a-function": "Expected a function to call, but got {got}.",
    "function-arguments": "The function {function} takes the arguments {known}.",
    "function-failed": "The function {function} failed: {detail}.",
    "not-boolean": "Expected true or false, but {text} is {got}. {why}",
    "expression-too-deep": "The expression or its value is nested deeper than {limit} levels.",
    "expression-too-costly": "The expression needs more than {limit} steps.",
    "expression-result-too-large": "A text, a list or a result is larger than the {limit} allowed.",
    "value-not-plain": "An expression cannot hold a {kind}.",
    "value-too-deep": "A list is nested deeper than {limit} levels.",
    "result-not-plain": "The result of an expression cannot be {got}.",
    "pattern-too-long": "A pattern may have {limit} characters.",
    "pattern-malformed": "{pattern} is not a pattern.",
    "pattern-flags": "There are no flags {flags} of a pattern; known are s, m, i, x.",
    # what is null in FEEL and an error in another language
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
    "step-zero": "The step must not be 0.",
    "list-empty": "{operator} needs at least one item.",
}

# why something is null
NULLS: Mapping[str, str] = {
    "not-comparable": "{left} cannot be compared with {right}.",
    "out-of-range": "{operator} leaves the calendar.",
    "number-out-of-range": "the number is out of range",
    "zone-missing": "A time with a zone cannot be compared with one without.",
    "text-not-a-number": "{text} is not a number.",
    "text-not-a-range": "{text} is not a range of literals.",
    "list-of-numbers": "Expected a list of numbers.",
    "position-malformed": "A position must be a whole number other than 0.",
    "sublist-outside": "The part begins or ends outside of the list.",
    "not-entries": "Expected entries with key and value.",
    "range-end-null": "An end of a range is null.",
    "range-ends-unfit": "A range cannot go from {low} to {high}.",
    "range-not-bounded": "{function} needs bounded ranges.",
    "nothing-to-go-through": "There is nothing to go through for {name}.",
    "not-countable": "One cannot count from {low} to {high}.",
    "function-no-result": "{function} has no result: {why}.",
}

MESSAGES: Mapping[str, str] = {**READING, **EVALUATION, **NULLS}
