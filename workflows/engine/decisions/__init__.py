"""Decision tables (DMN 1.1 to 1.6) on our own FEEL: UNIQUE, FIRST, ANY and COLLECT; the rest is refused."""

from __future__ import annotations

from workflows.engine.decisions.reading import read_decisions
from workflows.engine.decisions.tables import Decision, DecisionError, HitPolicy

__all__ = ["Decision", "DecisionError", "HitPolicy", "read_decisions"]
