"""Methods of Python's texts, lists and dictionaries that real diagrams use: a table by name, never an attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import adopt, told
from workflows.engine.expressions.operations.python_values import same


def _context(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise ExpressionError("operand-kind", operator=f".{name}()", got=told(value))


def _text(name: str, run: Run, *values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise ExpressionError("operand-kind", operator=f".{name}()", got=told(value))
        run.text(len(value))


def _get(run: Run, value: Any, key: Any, default: Any = None) -> Any:
    entries = _context("get", value)
    return adopt(entries[key], run) if isinstance(key, str) and key in entries else default


def _keys(run: Run, value: Any) -> list[Any]:
    run.items(len(_context("keys", value)))
    return list(value)


def _values(run: Run, value: Any) -> list[Any]:
    run.items(len(_context("values", value)))
    return [adopt(entry, run) for entry in value.values()]


def _items(run: Run, value: Any) -> list[Any]:
    run.items(len(_context("items", value)))
    return [[key, adopt(entry, run)] for key, entry in value.items()]


def _count(run: Run, value: Any, wanted: Any) -> int:
    if isinstance(value, list):
        run.items(len(value))
        return sum(same(run, item, wanted) for item in value)
    _text("count", run, value, wanted)
    return int(value.count(wanted))


def _plain(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    def call(run: Run, *values: Any) -> Any:
        _text(name, run, *values)
        answer = apply(*values)
        if isinstance(answer, str):
            run.text(len(answer))
        return answer

    return call


def _replace(run: Run, value: Any, old: Any, new: Any) -> str:
    _text("replace", run, value, old, new)
    run.text(len(value) + value.count(old) * max(len(new) - len(old), 0))
    return str(value.replace(old, new))


def _split(run: Run, value: Any, delimiter: Any = None) -> list[str]:
    _text("split", run, value, *([] if delimiter is None else [delimiter]))
    if delimiter == "":
        raise ExpressionError("operand-kind", operator=".split()", got=told(delimiter))
    parts: list[str] = value.split(delimiter)
    run.items(len(parts))
    return parts


def _join(run: Run, value: Any, items: Any) -> str:
    parts = items if isinstance(items, list) else [items]
    _text("join", run, value, *parts)
    run.text(sum(map(len, parts)) + len(value) * len(parts))
    return str(value.join(parts))


METHODS: Mapping[str, Callable[..., Any]] = {
    "get": _get,
    "keys": _keys,
    "values": _values,
    "items": _items,
    "count": _count,
    "lower": _plain("lower", lambda text: text.lower()),
    "upper": _plain("upper", lambda text: text.upper()),
    "strip": _plain("strip", lambda text: text.strip()),
    "startswith": _plain("startswith", lambda text, start: text.startswith(start)),
    "endswith": _plain("endswith", lambda text, end: text.endswith(end)),
    "replace": _replace,
    "split": _split,
    "join": _join,
}
# how many arguments each may have
ARITIES: Mapping[str, tuple[int, int]] = {
    "get": (1, 2),
    "keys": (0, 0),
    "values": (0, 0),
    "items": (0, 0),
    "count": (1, 1),
    "lower": (0, 0),
    "upper": (0, 0),
    "strip": (0, 0),
    "startswith": (1, 1),
    "endswith": (1, 1),
    "replace": (2, 2),
    "split": (0, 1),
    "join": (1, 1),
}
