"""Every finding on a DMN file: its stable code, how bad it is, what it says and what to do about it.

`api/decision_wording.py` has the Chinese words. ``{element}`` is the element's name or id. Codes are never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.check.catalogue import MESSAGES
from workflows.engine.types import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING
_CORRECT = "Correct the file."

FINDINGS: Mapping[str, tuple[Severity, str, str]] = {
    "dmn-namespace": (ERROR, "Expected DMN 1.1 to 1.6 definitions, but got <{root}>.", "Export the file as DMN."),
    "dmn-no-decision": (ERROR, "The file holds no decision.", "Draw at least one decision."),
    "dmn-import": (ERROR, "{element} refers to another model, which is not read.", "Put both into one file."),
    "dmn-missing-id": (ERROR, "A {construct} has no id.", "Give every element an id of its own."),
    "dmn-duplicate-id": (ERROR, "The id {element} is used more than once.", "Give every element an id of its own."),
    "dmn-no-table": (ERROR, "{element} has no logic.", "Give it a decision table or an expression."),
    "dmn-logic-incomplete": (ERROR, "The {construct} of {element} lacks its {part}.", "Complete it."),
    "dmn-requirement-unknown": (ERROR, "{element} requires {reference}, which is not in the file.", _CORRECT),
    "dmn-cycle": (ERROR, "{element} requires itself, directly or through others.", "Break the circle."),
    "dmn-too-deep": (ERROR, "{element} stands at the end of more than 40 decisions.", "Join some of them."),
    "dmn-required-broken": (ERROR, "{element} requires something that has a fault itself.", "Correct that first."),
    "dmn-function-kind": (ERROR, "{element} is a function in {kind}, which is not run.", "Write it in FEEL."),
    "dmn-hit-policy": (ERROR, "There is no hit policy {hit_policy}.", "Use one of DMN 1.5."),
    "dmn-aggregation": (
        ERROR,
        "{aggregation} of {element} does not fit: SUM, COUNT, MIN and MAX belong to COLLECT with one output.",
        _CORRECT,
    ),
    "dmn-priority-without-values": (
        ERROR,
        "{hit_policy} orders by the allowed values of the outputs, and {element} has none.",
        "List the values of an output, the most important one first.",
    ),
    "dmn-no-output": (ERROR, "The decision table {element} has no output.", "Give it one."),
    "dmn-output-names": (ERROR, "Several outputs of {element} need names, each its own.", "Name them."),
    "dmn-input-expression": (ERROR, "The input {element} has no expression.", "Say what it looks at."),
    "dmn-rule-width": (
        ERROR,
        "Rule {rule} has {tests} inputs and {results} outputs; the table has {inputs} and {outputs}.",
        "Fill in every cell.",
    ),
    "dmn-type-not-checked": (
        WARNING,
        "Values of {element} are not checked against the type {type}, which is not defined.",
        "Define the type, or use one of FEEL's.",
    ),
    **{code: MESSAGES[code] for code in ("expression-invalid", "expression-language-not-supported")},
}
