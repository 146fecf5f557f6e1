"""Runs a file of conformance cases on a virtual clock: upload, drive, compare. No database, no city, no real time.

The driver does what the cases' README says: it completes every open human task that is not held, then takes the
next action. The state is what ``advance`` returned as bytes, so it is serialised and reloaded between every two
commands. Child cases and messages between the cases of one file are handled here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workflows.engine.check.duty import ProfileChecks
from workflows.engine.compilation import compile_files
from workflows.engine.conform_driver import Driver, DriverError
from workflows.engine.errors import EngineError
from workflows.engine.types import FileContent, Finding, Severity

ReadDiagram = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case. ``finding`` is the first error of a refusal, ``why`` says what was expected."""

    id: str
    verdict: str  # right refused wrong
    why: str = ""
    finding: Finding | None = None

    @property
    def refused_element(self) -> str | None:
        return self.finding.element_id if self.verdict == "refused" and self.finding is not None else None


def conform(cases: Sequence[Mapping[str, Any]], read_diagram: ReadDiagram) -> dict[str, Any]:
    """Run all cases; ``read_diagram`` gives the bytes of a case's diagram. Never raises for what a case holds."""
    verdicts = [run_case(case, read_diagram) for case in cases]
    counted = Counter(verdict.verdict for verdict in verdicts)
    return {
        "cases": [
            {
                "id": verdict.id,
                "verdict": verdict.verdict,
                "why": verdict.why,
                "refused_element": verdict.refused_element,
            }
            for verdict in verdicts
        ],
        "summary": {"total": len(verdicts), **{name: counted[name] for name in ("right", "refused", "wrong")}},
    }


def run_case(case: Mapping[str, Any], read_diagram: ReadDiagram) -> Verdict:
    """Run one case."""
    case_id = str(case.get("id", ""))
    try:
        content = read_diagram(str(case["diagram"]))
        return _judge(case_id, case, content)
    except (DriverError, EngineError, OSError, LookupError, TypeError, ValueError) as error:
        return Verdict(case_id, "wrong", f"{type(error).__name__}: {error}")


def _judge(case_id: str, case: Mapping[str, Any], content: bytes) -> Verdict:
    compilation = compile_files([FileContent("case.bpmn", content)], check=ProfileChecks(functions=()))
    if not compilation.is_accepted:
        return _refusal(case_id, compilation.errors)
    driver = Driver(compilation.processes, case)
    driver.run()
    faults = list(differences(case, driver))
    return Verdict(case_id, "wrong" if faults else "right", "; ".join(faults))


def _refusal(case_id: str, errors: Sequence[Finding]) -> Verdict:
    named = [finding for finding in errors if finding.element_id and finding.severity == Severity.ERROR]
    if not named:
        return Verdict(case_id, "wrong", f"refused without naming an element: {errors[0].message}", errors[0])
    return Verdict(case_id, "refused", f"{named[0].code}: {named[0].message}", named[0])


class Played(Protocol):
    """A case that has been played, by whatever engine."""

    @property
    def completed(self) -> Counter[str]:
        """How often each element was completed."""

    @property
    def has_ended(self) -> bool:
        """Whether the case has ended."""

    @property
    def incidents(self) -> list[str]:
        """What went wrong while it ran."""


def differences(case: Mapping[str, Any], driver: Played) -> list[str]:
    """List what is otherwise than the case expects; nothing when it is right."""
    completed = driver.completed
    faults = [f"{name} was not completed" for name in case.get("must_complete") or () if not completed[name]]
    faults += [f"{name} was completed" for name in case.get("must_not_complete") or () if completed[name]]
    for name, expected in (case.get("counts") or {}).items():
        if completed[name] != expected:
            faults.append(f"{name} was completed {completed[name]} times, not {expected}")
    ends = case.get("ends")
    if ends is not None and driver.has_ended != bool(ends):
        faults.append("the case has not ended" if ends else "the case has ended")
    if faults:
        faults += [f"incident {incident}" for incident in driver.incidents]
    return faults
