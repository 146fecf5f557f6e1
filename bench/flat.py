"""*flat*: what a step costs after much has happened, and among many siblings, against one at the beginning.

A state holds what is alive and nothing else, and each body of a multi-instance is a case of its own: so the
ten-thousandth round and the thousandth sibling must cost what the tenth costs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.measuring import MILLISECONDS, Result, measure
from bench.ours import CONTEXT, processes
from bench.town import Town, build, open_town
from workflows import engine
from workflows.engine import Process
from workflows.engine.types import ActivityKey, Complete, Start

_AIM = "≤ 1.2"


def run(
    *, pairs: int = 5, rounds: Sequence[int] = (10, 1_000, 10_000), siblings: Sequence[int] = (10, 1_000)
) -> Result:
    """Measure steps after ``rounds`` in the engine and (but the last) in the house, and among ``siblings``."""
    result = Result("flat", facts={"pairs": pairs, "rounds": list(rounds), "siblings": list(siblings)})
    _rounds_in_engine(result, rounds, pairs)
    with tempfile.TemporaryDirectory(prefix="zecheng-bench-") as name:
        url = f"sqlite:///{name}/house.db"
        build(url, Path(name))
        with open_town(url, Path(name)) as town:
            _rounds_in_house(result, town, rounds[:2], pairs)
            _siblings_in_house(result, town, siblings, pairs)
    return result


def _rounds_in_engine(result: Result, rounds: Sequence[int], pairs: int, steps: int = 200) -> None:
    process = processes("rounds")["rounds"]
    states = _states(process, rounds)
    spent: dict[int, list[float]] = {number: [] for number in rounds}
    for _ in range(pairs):
        for number, state in states.items():
            took = measure(partial(_advance_often, process, state, _round(number), steps))
            spent[number].append(took.cpu / steps * MILLISECONDS)
    _compare(result, "engine, rounds", spent)


def _advance_often(process: Process, state: bytes, command: Complete, times: int) -> None:
    for _ in range(times):
        engine.advance(process, state, command, CONTEXT)


def _states(process: Process, rounds: Sequence[int]) -> Mapping[int, bytes]:
    """Return the state after each number of rounds, on the way to the largest."""
    state = engine.start(process, Start({}), CONTEXT).state
    states = {}
    for number in range(max(rounds) + 1):
        if number in rounds:
            states[number] = state
        state = engine.advance(process, state, _round(number), CONTEXT).state
    return states


def _round(number: int) -> Complete:
    return Complete(ActivityKey("Round", iteration=number), {})


def _rounds_in_house(result: Result, town: Town, rounds: Sequence[int], pairs: int, steps: int = 10) -> None:
    """Let cases go round, then measure further rounds of each, in turns."""
    cases = {number: town.start("rounds") for number in rounds}
    for number, case_id in cases.items():
        _go_round(town, case_id, number)
    spent: dict[int, list[float]] = {number: [] for number in rounds}
    for _ in range(pairs):
        for number, case_id in cases.items():
            spent[number].append(_go_round(town, case_id, steps) / steps * MILLISECONDS)
    _compare(result, "use case, rounds", spent)


def _go_round(town: Town, case_id: str, times: int) -> float:
    spent = 0.0
    for _ in range(times):
        (task_id,) = town.open_tasks("Round", case_id)
        spent += measure(partial(town.complete_all, [task_id], {}), clean=False).cpu
    return spent


def _siblings_in_house(result: Result, town: Town, siblings: Sequence[int], pairs: int, steps: int = 5) -> None:
    """Start cases with few and many siblings, then complete some of each, in turns."""
    spent: dict[int, list[float]] = {number: [] for number in siblings}
    waiting: dict[int, list[str]] = {}
    for number in siblings:
        needed = pairs * steps
        waiting[number] = []
        known = set(town.open_tasks("Part"))
        while len(waiting[number]) < needed:
            town.start("siblings", items=list(range(number)))
            fresh = [task for task in town.open_tasks("Part") if task not in known]
            known.update(fresh)
            waiting[number] += fresh[: max(1, number // 2)]  # the last one would end the parent
    for pair in range(pairs):
        for number, tasks in waiting.items():
            batch = tasks[pair * steps : (pair + 1) * steps]
            took = measure(partial(town.complete_all, batch, {}))
            spent[number].append(took.cpu / steps * MILLISECONDS)
    _compare(result, "use case, siblings", spent)


def _compare(result: Result, name: str, spent: Mapping[int, Sequence[float]]) -> None:
    """Add what the smallest size costs, and each larger one against it, pair by pair."""
    first, *larger = spent
    result.add(f"{name}: after {first:,}", "ms a step", spent[first])
    for number in larger:
        ratios = [much / little for much, little in zip(spent[number], spent[first], strict=True)]
        result.add(f"{name}: {number:,} against {first:,}", "×", ratios, aim=_AIM)
