"""BPMN as a pure function: the only package that knows SpiffWorkflow and lxml.

Four stages, each testable alone: **read** (bytes → neutral model), **check** (all findings), **build** (neutral model
→ nets of our own task specs) and **run** (state + command → ``Step``). No database, no clock but the one passed in,
nothing of a diagram is ever evaluated as Python. What may cross the border stands in ``types`` and ``process``.
"""

from __future__ import annotations

from workflows.engine.check.duty import ProfileChecks
from workflows.engine.compilation import compile_files
from workflows.engine.firing import first_firing
from workflows.engine.limits import Limits
from workflows.engine.moves import MigrationReport, Reset
from workflows.engine.process import Compilation, Element, Flow, Process, StartPoint
from workflows.engine.run.engine import advance, inspect, next_start, plan_start, return_targets, start
from workflows.engine.run.migrating import migrate
from workflows.engine.run.retiming import retime
from workflows.engine.snapshot import Snapshot, WaitingActivity

__all__ = [
    "Compilation",
    "Element",
    "Flow",
    "Limits",
    "MigrationReport",
    "Process",
    "ProfileChecks",
    "Reset",
    "Snapshot",
    "StartPoint",
    "WaitingActivity",
    "advance",
    "compile_files",
    "first_firing",
    "inspect",
    "migrate",
    "next_start",
    "plan_start",
    "retime",
    "return_targets",
    "start",
]
