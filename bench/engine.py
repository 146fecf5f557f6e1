"""*engine*: M without a database, our engine against SpiffWorkflow as shipped: load → complete → save at each step."""

from __future__ import annotations

from collections.abc import Mapping

from bench.measuring import MILLISECONDS, Result, measure
from bench.models import M_STEPS
from bench.ours import Running, processes
from bench.spiff import Peer
from workflows.engine import Process


def run(*, pairs: int = 5, cases: int = 60) -> Result:
    """Measure ``pairs`` times ``cases`` cases of M in each engine, one right after the other."""
    law, peer = processes("m"), Peer()
    result = Result("engine", facts={"pairs": pairs, "cases": cases, "tasks a case": len(M_STEPS)})
    ours: list[float] = []
    theirs: list[float] = []
    result.facts["bytes saved after three tasks"] = {"ours": _our_case(law, 3), "SpiffWorkflow": _their_case(peer, 3)}
    for _ in range(pairs):
        ours.append(measure(lambda: [_our_case(law) for _ in range(cases)]).cpu)
        theirs.append(measure(lambda: [_their_case(peer) for _ in range(cases)]).cpu)
    tasks = cases * len(M_STEPS)
    result.add("ours against SpiffWorkflow", "×", [them / us for us, them in zip(ours, theirs, strict=True)], aim="≥ 8")
    result.add("ours, processor", "ms a task", [spent / tasks * MILLISECONDS for spent in ours])
    result.add("SpiffWorkflow, processor", "ms a task", [spent / tasks * MILLISECONDS for spent in theirs])
    return result


def _our_case(law: Mapping[str, Process], most: int | None = None) -> int:
    running = Running.begin(law, "m", {})
    for element, values in list(M_STEPS.items())[:most]:
        running.complete(element, values)
    if most is None and not running.is_completed:
        message = "Expected our case to be completed."
        raise AssertionError(message)
    return len(running.step.state)


def _their_case(peer: Peer, most: int | None = None) -> int:
    state = peer.start()
    for element, values in list(M_STEPS.items())[:most]:
        state = peer.complete(state, element, values)
    if most is None and not peer.is_completed(state):
        message = "Expected the peer's case to be completed."
        raise AssertionError(message)
    return len(state)
