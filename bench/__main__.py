"""Run benchmarks, print their ratios, write ``var/bench/*.json``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import orjson

from bench import engine, flat, lists, step
from bench.machine import facts
from bench.measuring import Result

FOLDER = Path("var/bench")
BENCHMARKS: Mapping[str, Callable[..., Result]] = {
    "engine": engine.run,
    "flat": flat.run,
    "lists": lists.run,
    "step": step.run,
}
SMALL: Mapping[str, Mapping[str, object]] = {  # a look whether they run at all
    "engine": {"cases": 3},
    "flat": {"rounds": (10, 100), "siblings": (5, 20)},
    "lists": {"rows": 50},
    "step": {"cases": 2},
}


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all when left out")
    parser.add_argument("--pairs", type=int, default=5, help="how often each pair is measured")
    parser.add_argument("--small", action="store_true", help="small sizes: whether it runs, not how fast")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown or options.pairs < 1:
        parser.error(f"Expected names among {', '.join(BENCHMARKS)} and at least one pair, but got {unknown}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in options.names or BENCHMARKS:
        began = time.monotonic()
        machine = facts()
        result = BENCHMARKS[name](pairs=options.pairs, **(SMALL[name] if options.small else {}))
        report = {**asdict(result), "machine": machine, "seconds": round(time.monotonic() - began, 1)}
        (FOLDER / f"{name}.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
        _print(result, report["seconds"])


def _print(result: Result, seconds: object) -> None:
    print(f"\n{result.name} ({seconds} s)  minimum / median / maximum")
    width = max(len(line.name) for line in result.lines)
    for line in result.lines:
        aim = f"   aim {line.aim}" if line.aim else ""
        print(f"  {line.name:<{width}}  {line.spread} {line.unit}{aim}")
    for name, value in result.facts.items():
        print(f"  {name}: {value}")


if __name__ == "__main__":
    main()
