"""Decisions (DMN 1.1 to 1.6) on our own FEEL: tables, boxed logic, required decisions, knowledge models, services."""

from __future__ import annotations

from workflows.engine.decisions.faults import DecisionError
from workflows.engine.decisions.graph import Decision
from workflows.engine.decisions.reading import read_decisions
from workflows.engine.decisions.tables import HitPolicy

__all__ = ["Decision", "DecisionError", "HitPolicy", "read_decisions"]
