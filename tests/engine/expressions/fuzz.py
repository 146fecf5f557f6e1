"""Fuzz the three readers and what they read: ``python -m tests.engine.expressions.fuzz 1000000``.

With `atheris` (from PyPI, not among our libraries) the texts are guided by coverage, else by mutation of seeds. An
execution reads one text as FEEL, cell, JUEL, Python or undeclared, and evaluates it; whatever is not an
``ExpressionError`` or plain data, takes seconds or makes memory grow is a fault.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from workflows.engine.expressions import Budget, ExpressionError, compile_expression
from workflows.engine.values import dumps

NOW = datetime(2026, 10, 1, tzinfo=UTC)
BUDGET = Budget(steps=5_000, text=5_000, items=1_000)
SCOPE = {
    "x": 2, "y": Decimal("1.5"), "s": "abc", "t": True, "n": None, "xs": [3, 1, 2], "c": {"a": 1, "b": {"k": "v"}},
    "rows": [{"n": 1, "ok": True}, {"n": 2, "ok": False}], "day": date(2026, 10, 1), "d": timedelta(hours=30),
    "at": NOW, "execution": {"x": 1},
}  # fmt: skip
_COMMON = (
    "( ) ( ) [ ] { } , : . + - * / ** % == != < <= > >= and or not in 1 2.5 -1 'a' \"b\" x y s t n xs c rows day d at"
)
_WORDS = {
    "feel": _COMMON
    + " = .. if then else for return some every satisfies between instance of function null true number list<number>"
    ' @"P1D" @"2026-10-01" date( time( duration( string( count( sum( sort( matches( replace( split( context( get value('
    " date and time( years and months duration( before( overlaps( partial item ? range( list replace( context put(",
    "juel": _COMMON + " ${ } #{ ? && || ! empty div mod eq ne lt gt le ge null true .size() .equals( .contains( .get("
    " execution. getVariable('x') hasVariable('q') .isEmpty() ${x} text \\${",
    "python": _COMMON
    + " // is None True False if else for in not in len( sum( min( max( sorted( range( str( int( round( any("
    " f'{x}' r'a' ::"
    " .get( .items() .split( .join( .upper() [0] [1:] lambda := enumerate( zip( reverse=True",
}
_LANGUAGES: tuple[tuple[str, str | None, bool], ...] = (
    ("feel", "feel", False),
    ("feel", None, True),
    ("juel", "juel", False),
    ("python", "python", False),
    ("feel", None, False),
    ("juel", None, False),
    ("python", None, False),
    ("feel", "http://www.w3.org/1999/XPath", False),
)
VOCABULARY = {language: words.split(" ") for language, words in _WORDS.items()}
VALID = """
if x > 1 and s = "abc" then xs[item > 1] else [x, y]
for i in 1..3, j in xs return i * j + count(partial)
some r in rows satisfies r.n = 2 and not(r.ok)
{a: x, b: a + 1}.b between 1 and 5
sort(xs, function(a, b) a < b)[-1] in [1..3]
date("2026-10-01") + duration("P1M") > day
replace(s, "b+", "[$0]") != substring(string: s, start position: 2)
c instance of context and day.year = 2026 or x in (1, > 5)
${x > 1 && !empty xs ? c.b.k : xs[0]}
Hello ${s.toUpperCase()} and #{execution.getVariable('x') mod 2}
${not (t eq false) or n == null and rows[0].n le 2}
[r['n'] * 2 for r in rows if r['ok'] and x in {1, 2}]
f'{s} {x + 1}' if t and not n else s[::-1].upper()
sum(i for i in xs) // 2 ** x < max(xs) <= 10 or c.get('z', 1)
{k: str(v) for k, v in c.items() if k != 'b'}
> 5, [1..3], not("a", "b")
""".strip().splitlines()
SLOWEST = 5.0  # seconds
GROWTH = 100  # megabytes


class FuzzError(AssertionError):
    """A text did something else than fail or give plain data."""


def text_of(data: bytes) -> tuple[str, str | None, bool]:
    """Make a text of bytes: raw characters, or words of the language, one for each byte."""
    if not data:
        return "", None, False
    words, declared, unary = _LANGUAGES[data[0] & 7]
    if data[0] & 8:
        return data[1:].decode("utf-8", "replace"), declared, unary
    vocabulary = VOCABULARY[words]
    glue = "" if data[0] & 16 else " "
    text = glue.join(vocabulary[byte % len(vocabulary)] for byte in data[1:])
    if words == "juel" and data[0] & 32:
        text = "${" + text + "}"
    return text, declared, unary


def execute(data: bytes) -> str:
    """Read and evaluate one text; give the code of its fault, or ``value``, or raise ``FuzzError``."""
    text, declared, unary = text_of(data)
    started = time.perf_counter()
    try:
        expression = compile_expression(text, language=declared, unary=unary)
        if unary:
            answer: Any = expression.passes(2, SCOPE, now=NOW, budget=BUDGET)
        else:
            answer = expression.evaluate(SCOPE, now=NOW, budget=BUDGET)
        dumps(answer)
        outcome = "value"
    except ExpressionError as error:
        outcome = error.code
        if not error.message or error.position > len(text):
            raise FuzzError(f"{text!r}: {error.code} without words or beyond the text") from error
    except Exception as error:
        raise FuzzError(f"{text!r} ({declared}): {error!r}") from error
    if time.perf_counter() - started > SLOWEST:
        raise FuzzError(f"{text!r} took {time.perf_counter() - started:.1f} s")
    return outcome


def seeds() -> list[bytes]:
    """Give the texts that mutation begins with: the payloads of the injection tests, in every language."""
    lines = (Path(__file__).parent / "payloads.txt").read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line and not line.startswith("## ")] + VALID * 10
    return [bytes([8 | language]) + text.encode() for text in texts for language in range(8)]


def mutate(data: bytes, others: list[bytes], source: random.Random) -> bytes:
    """Change some bytes, cut some out, double some, or join two texts."""
    made = bytearray(data)
    for _ in range(source.randint(1, 6)):
        place, choice = source.randrange(1, len(made) + 1), source.randrange(12)
        if choice == 0:
            made[place:place] = source.randbytes(source.randint(1, 4))
        elif choice == 1:
            del made[place : place + source.randint(1, 8)]
        elif choice == 2:
            made[place : place + 1] = source.randbytes(1)
        elif choice == 3:
            made[place:place] = made[place : place + source.randint(1, 20)]
        elif choice > 4:
            word = source.choice(VOCABULARY[source.choice(("feel", "juel", "python"))])
            made[place : place + source.choice((0, 1, len(word)))] = word.encode()
        else:
            other = source.choice(others)
            made[place:] = other[source.randrange(len(other) + 1) :]
    return bytes(made[:400])


def by_mutation(executions: int, seed: int = 1) -> Counter[str]:
    """Run ``executions`` texts made of seeds and of words; count how they ended."""
    source = random.Random(seed)
    pool = seeds()
    outcomes: Counter[str] = Counter()
    for number in range(executions):
        if number % 3 == 0:
            made = bytes([source.randrange(256) & ~8]) + source.randbytes(source.randint(1, 9))
        else:
            made = mutate(source.choice(pool), pool, source)
        outcomes[execute(made)] += 1
    return outcomes


def megabytes() -> float:
    """Give the most memory that the process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _guided(executions: int) -> None:
    atheris: Any = importlib.import_module("atheris")  # optional: not among our libraries
    for name in [name for name in sys.modules if name.startswith("workflows.engine")]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["workflows.engine"]):
        instrumented = importlib.import_module("workflows.engine.expressions")
    names = ("Budget", "ExpressionError", "compile_expression")
    globals().update({name: getattr(instrumented, name) for name in names})
    globals()["dumps"] = importlib.import_module("workflows.engine.values").dumps
    folder = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, data in enumerate(seeds()):
        (folder / f"seed-{number}").write_bytes(data)
    options = [f"-runs={executions}", "-max_len=300", "-timeout=10", "-rss_limit_mb=2000", "-print_final_stats=1"]
    options.append(f"-artifact_prefix={folder}/")
    atheris.Setup([sys.argv[0], *options, str(folder)], execute_one)
    atheris.Fuzz()


def execute_one(data: bytes) -> None:
    """Execute for a fuzzer that wants no answer."""
    execute(data)


def main(executions: int) -> None:
    """Fuzz, print the figures, and fail when memory grew."""
    if importlib.util.find_spec("atheris") is not None and "--mutation" not in sys.argv:
        _guided(executions)
        return
    by_mutation(min(20_000, executions))
    before, started = megabytes(), time.perf_counter()
    outcomes = by_mutation(executions, seed=2)
    seconds = time.perf_counter() - started
    grown = megabytes() - before
    print(f"{executions} executions in {seconds:.0f} s, {outcomes['value']} values, {len(outcomes)} outcomes")
    print(f"memory grew by {grown:.1f} MB to {megabytes():.0f} MB")
    print(outcomes.most_common(60))
    if grown > GROWTH:
        raise FuzzError(f"memory grew by {grown:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
