"""How a decision's answer is handed to the case: dialects shape it, or make each output a variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.run.faults import Fault

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision

SPREAD = "spread"
_MANY = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})


def shaped(value: Any, decision: Decision, shape: str) -> Any:
    """Shape an answer as ``mapDecisionResult`` says, or raise ``Fault`` when there are more results than it takes."""
    if not shape:
        return value
    results = _results(value, decision)
    match shape:
        case "singleEntry":
            return _value(_only(results, decision))
        case "singleResult":
            return _only(results, decision)
        case "collectEntries":
            return [_value(result) for result in results]
        case "resultList":
            return results
    found = _only(results, decision)
    return found if isinstance(found, Mapping) else {}


def _results(value: Any, decision: Decision) -> list[Any]:
    """List the results, each a context by output name."""
    if value is None:
        return []
    is_many = str(decision.hit_policy) in _MANY and not decision.aggregation
    found = list(value) if is_many and isinstance(value, list | tuple) else [value]
    if len(decision.outputs) != 1:
        return found
    name = decision.outputs[0].name or decision.outputs[0].id or decision.id
    return [{name: each} for each in found]


def _only(results: list[Any], decision: Decision) -> Any:
    if len(results) > 1:
        raise Fault("decision-many-results", f"Decision {decision.id} has {len(results)} results; one is expected.")
    return results[0] if results else None


def _value(result: Any) -> Any:
    if not isinstance(result, Mapping):
        return result
    return next(iter(result.values()), None)
