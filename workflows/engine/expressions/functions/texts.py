"""Functions on texts (DMN 1.5, 10.3.4.3). Patterns run on RE2, whose time is linear in the text: none is a bomb."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import re2  # type: ignore[import-untyped]

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import Builtin, is_number, kind, told
from workflows.engine.iso8601 import YearsMonths, format_duration
from workflows.engine.values import format_date_time, format_time

_MAX_PATTERN = 1_000
_MAX_MEMORY = 1 << 20


def _length(run: Run, text: Any) -> int | None:
    return len(text) if _all_texts(run, "string length", text) else None


def _substring(run: Run, text: Any, start: Any, length: Any = None) -> str | None:
    if not _all_texts(run, "substring", text) or not is_number(start) or start == 0:
        return None
    if length is not None and (not is_number(length) or length < 1):
        return None
    first = int(start) - 1 if start > 0 else len(text) + int(start)
    if first < 0:
        return None
    return str(text[first:] if length is None else text[first : first + int(length)])


def _upper(run: Run, text: Any) -> str | None:
    return _made(run, text.upper()) if _all_texts(run, "upper case", text) else None


def _lower(run: Run, text: Any) -> str | None:
    return _made(run, text.lower()) if _all_texts(run, "lower case", text) else None


def _trim(run: Run, text: Any) -> str | None:
    return str(text.strip()) if _all_texts(run, "trim", text) else None


def _before(run: Run, text: Any, match: Any) -> str | None:
    if not _all_texts(run, "substring before", text, match):
        return None
    head, found, _ = text.partition(match) if match else ("", "", "")
    return str(head) if found else ""


def _after(run: Run, text: Any, match: Any) -> str | None:
    if not _all_texts(run, "substring after", text, match):
        return None
    return str(text.partition(match)[2]) if match else str(text)


def _contains(run: Run, text: Any, match: Any) -> bool | None:
    return bool(match in text) if _all_texts(run, "contains", text, match) else None


def _starts(run: Run, text: Any, match: Any) -> bool | None:
    return bool(text.startswith(match)) if _all_texts(run, "starts with", text, match) else None


def _ends(run: Run, text: Any, match: Any) -> bool | None:
    return bool(text.endswith(match)) if _all_texts(run, "ends with", text, match) else None


def _matches(run: Run, text: Any, pattern: Any, flags: Any = "") -> bool | None:
    if not _all_texts(run, "matches", text, pattern, flags or ""):
        return None
    return _pattern(run, pattern, flags or "", text).search(text) is not None


def _replace(run: Run, text: Any, pattern: Any, replacement: Any, flags: Any = "") -> str | None:
    if not _all_texts(run, "replace", text, pattern, replacement, flags or ""):
        return None
    compiled = _pattern(run, pattern, flags or "", text)
    parts: list[str] = []
    done = size = 0
    for found in compiled.finditer(text):
        parts += [text[done : found.start()], _filled(found, replacement)]
        size += len(parts[-2]) + len(parts[-1])
        run.text(size)
        run.spend(1 + len(parts[-1]) // 10)
        done = found.end()
    return _made(run, "".join([*parts, text[done:]]))


def _filled(found: Any, replacement: str) -> str:
    r"""Put groups into ``$0``..``$9``; ``\$`` and ``\\`` stand for themselves (XPath fn:replace)."""
    filled: list[str] = []
    position = 0
    while position < len(replacement):
        character, following = replacement[position], replacement[position + 1 : position + 2]
        if character == "\\" and following:
            filled.append(following)
            position += 2
        elif character == "$" and following in set("0123456789"):
            number = int(following)
            filled.append((found.group(number) or "") if number <= found.re.groups else "")
            position += 2
        else:
            filled.append(character)
            position += 1
    return "".join(filled)


def _split(run: Run, text: Any, delimiter: Any) -> list[str] | None:
    if not _all_texts(run, "split", text, delimiter):
        return None
    parts: list[str] = []
    done = 0
    for found in _pattern(run, delimiter, "", text).finditer(text):
        if found.end() == found.start():
            continue
        run.spend()
        parts.append(text[done : found.start()])
        done = found.end()
    run.items(len(parts) + 1)
    return [*parts, text[done:]]


def _pattern(run: Run, pattern: str, flags: str, text: str) -> Any:
    if len(pattern) > _MAX_PATTERN:
        raise ExpressionError("pattern-too-long", limit=_MAX_PATTERN)
    if not set(flags) <= set("smix"):
        raise ExpressionError("pattern-flags", flags=flags[:20])
    run.spend(10 + len(pattern) + len(text) // 10)
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    options.dot_nl = "s" in flags
    options.case_sensitive = "i" not in flags
    source = "".join(pattern.split()) if "x" in flags else pattern
    try:
        return re2.compile(f"(?m){source}" if "m" in flags else source, options)
    except re2.error as error:
        raise ExpressionError("pattern-malformed", pattern=pattern[:200]) from error


def _join(run: Run, items: Any, delimiter: Any = "", *_: Any) -> str | None:
    parts = items if isinstance(items, list) else [items]
    if not _all_texts(run, "string join", *(part for part in parts if part is not None), delimiter or ""):
        return None
    texts = [part for part in parts if part is not None]
    run.items(len(texts))
    run.text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)


def _string(run: Run, value: Any) -> str | None:
    return None if value is None else _made(run, written(value, run))


def written(value: Any, run: Run, *, quoted: bool = False) -> str:
    """Write ``value`` as FEEL's ``string`` does; texts inside lists and contexts stand in quotes."""
    run.spend()
    run.enter()
    try:
        if isinstance(value, str):
            run.text(len(value))
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if quoted else value
        return _written_other(value, run)
    finally:
        run.leave()


def _written_other(value: Any, run: Run) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | Decimal):
        return format(Decimal(value), "f")
    if isinstance(value, list):
        return _made(run, "[" + ", ".join(written(item, run, quoted=True) for item in value) + "]")
    moment = _written_moment(value)
    if moment is not None:
        return moment
    if kind(value) == "context":
        entries = (f"{key}: {written(item, run, quoted=True)}" for key, item in value.items())
        return _made(run, "{" + ", ".join(entries) + "}")
    if kind(value) == "range":
        low, high = (written(end, run, quoted=True) if end is not None else "" for end in (value.low, value.high))
        return f"{'[' if value.low_included else '('}{low}..{high}{']' if value.high_included else ')'}"
    if kind(value) == "due date":
        return format_date_time(value.at)
    return "function"


def _written_moment(value: Any) -> str | None:
    if isinstance(value, datetime):
        return format_date_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return format_time(value)
    if isinstance(value, timedelta | YearsMonths):
        return format_duration(value)
    return None


def _made(run: Run, text: str) -> str:
    run.text(len(text))
    return text


def _all_texts(run: Run, name: str, *values: Any) -> bool:
    for value in values:
        if not isinstance(value, str):
            run.null("operand-kind", operator=name, got=told(value))
            return False
        run.spend(1 + len(value) // 1_000)
    return True


FUNCTIONS = (
    Builtin("string", (("from",),), _string),
    Builtin("string length", (("string",),), _length),
    Builtin("substring", (("string", "start position", "length?"),), _substring),
    Builtin("upper case", (("string",),), _upper),
    Builtin("lower case", (("string",),), _lower),
    Builtin("trim", (("string",),), _trim),
    Builtin("substring before", (("string", "match"),), _before),
    Builtin("substring after", (("string", "match"),), _after),
    Builtin("contains", (("string", "match"),), _contains),
    Builtin("starts with", (("string", "match"),), _starts),
    Builtin("ends with", (("string", "match"),), _ends),
    Builtin("matches", (("input", "pattern", "flags?"),), _matches),
    Builtin("replace", (("input", "pattern", "replacement", "flags?"),), _replace),
    Builtin("split", (("string", "delimiter"),), _split),
    Builtin("string join", (("list", "delimiter?"),), _join),
)
