"""What an administrator may do to a running case beyond the diagram: move it back."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine.types import ActivityKey


@dataclass(frozen=True, slots=True)
class Reset:
    """Open ``target``, an element that was passed, once more and withdraw what followed from it.

    ``near`` is an open activity inside the repeated scope that is meant, where several of them run.
    """

    target: str
    near: ActivityKey | None = None
