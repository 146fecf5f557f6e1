"""What an administrator may do to a running case beyond the diagram: move it back."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine.types import ActivityKey, Finding, Step, TimerSet


@dataclass(frozen=True, slots=True)
class Reset:
    """Open ``target``, an element that was passed, once more and withdraw what followed from it.

    ``near`` is an open activity inside the repeated scope that is meant, where several of them run.
    """

    target: str
    near: ActivityKey | None = None


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What moving a live state onto another definition does; nothing is written, so this is the dry run too.

    ``findings`` list everything that forbids it; then there is no ``step``. ``step`` closes what the new diagram does
    not have any more under the old keys and opens what is new in it; its state belongs to the new process. ``renamed``
    pairs the keys of open activities that are called otherwise now, ``timers`` are those that were kept: their dates
    are still the old ones and are to be recomputed by whoever keeps calendars and rules.
    """

    findings: tuple[Finding, ...] = ()
    renamed: tuple[tuple[ActivityKey, ActivityKey], ...] = ()
    timers: tuple[TimerSet, ...] = ()
    step: Step | None = None
