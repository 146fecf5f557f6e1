"""Functions on contexts (DMN 1.5, 10.3.4.11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import Builtin, adopt, told


def _get_value(run: Run, context: Any, key: Any) -> Any:
    value = context
    for name in key if isinstance(key, list) else [key]:
        if not isinstance(value, Mapping) or not isinstance(name, str) or name not in value:
            run.null("entry-missing", key=str(name)[:60])
            return None
        value = adopt(value[name], run)
    return value


def _get_entries(run: Run, context: Any) -> list[dict[str, Any]] | None:
    if not isinstance(context, Mapping):
        run.null("operand-kind", operator="get entries", got=told(context))
        return None
    run.items(len(context))
    return [{"key": key, "value": adopt(value, run)} for key, value in context.items()]


def _context(run: Run, entries: Any) -> dict[str, Any] | None:
    made: dict[str, Any] = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        run.spend()
        if not isinstance(entry, Mapping) or not isinstance(entry.get("key"), str) or "value" not in entry:
            run.null("not-entries")
            return None
        if entry["key"] in made:
            run.null("key-twice", key=entry["key"])
            return None
        made[entry["key"]] = adopt(entry["value"], run)
    return made


def _context_put(run: Run, context: Any, key: Any, value: Any) -> dict[str, Any] | None:
    keys = key if isinstance(key, list) else [key]
    if not isinstance(context, Mapping) or not keys or not all(isinstance(name, str) for name in keys):
        run.null("operands-unfit", operator="context put", left=told(context), right=told(key))
        return None
    run.items(len(context))
    if len(keys) > 1:
        run.enter()
        inner = context.get(keys[0], {})
        value = _context_put(run, inner if isinstance(inner, Mapping) else {}, keys[1:], value)
        run.leave()
    return {**context, keys[0]: value}


def _context_merge(run: Run, contexts: Any) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for context in contexts if isinstance(contexts, list) else [contexts]:
        if not isinstance(context, Mapping):
            run.null("operand-kind", operator="context merge", got=told(context))
            return None
        run.items(len(context))
        merged.update(context)
    return merged


FUNCTIONS = (
    Builtin("get value", (("m", "key"), ("context", "key"), ("context", "keys")), _get_value),
    Builtin("get entries", (("m",), ("context",)), _get_entries),
    Builtin("context", (("entries",),), _context),
    Builtin("context put", (("context", "key", "value"), ("context", "keys", "value")), _context_put),
    Builtin("context merge", (("contexts",),), _context_merge),
)
