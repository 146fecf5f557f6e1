"""Our engine without a database: a case and the cases that it calls, as bytes between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.models import diagram
from workflows import engine
from workflows.engine.types import (
    ActivityKey,
    ChildStarted,
    Command,
    Complete,
    Context,
    EndChild,
    FileContent,
    Start,
    Step,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CONTEXT = Context(NOW)


def processes(name: str) -> Mapping[str, engine.Process]:
    """Compile a model, or raise ``ValueError`` with what is wrong."""
    compilation = engine.compile_files([FileContent(f"{name}.bpmn", diagram(name))])
    if not compilation.is_accepted:
        raise ValueError("; ".join(f"{finding.element_id}: {finding.message}" for finding in compilation.errors))
    return compilation.processes


@dataclass
class Running:
    """One case, with the case that it has called and not yet got back."""

    law: Mapping[str, engine.Process]
    key: str
    step: Step
    child: Running | None = None
    called: ChildStarted | None = None

    @classmethod
    def begin(cls, law: Mapping[str, engine.Process], key: str, variables: Mapping[str, object]) -> Running:
        """Start a case."""
        running = cls(law, key, engine.start(law[key], Start(variables), CONTEXT))
        running._follow()
        return running

    def complete(self, element: str, values: Mapping[str, object]) -> None:
        """Load → complete → save. What the called case brings back is a step of its own, as in the product."""
        if self.child is None or self.called is None:
            self._advance(Complete(ActivityKey(element), values))
            return
        self.child.complete(element, values)
        if self.child.is_completed:
            outcome = engine.inspect(self.law[self.child.key], self.child.step.state).variables
            back = EndChild(self.called.activity, self.called.index, "completed", outcome, None)
            self.child = self.called = None
            self._advance(back)

    @property
    def is_completed(self) -> bool:
        return self.step.outcome is not None

    def _advance(self, command: Command) -> None:
        self.step = engine.advance(self.law[self.key], self.step.state, command, CONTEXT)
        self._follow()

    def _follow(self) -> None:
        for called in self.step.children:
            self.called, self.child = called, Running.begin(self.law, called.called, called.variables)
