"""What one process shares: settings, database, clock, files, and the compiled law.

Built once by a composition root (``wsgi.py``, ``scheduler/__main__.py``, the command line, a test) and passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from workflows.clock import Clock, SystemClock
from workflows.database import Engine, make_engine
from workflows.law import Law
from workflows.settings import Settings


def _nobody_to_wake(_application: Application, _case_ids: Iterable[str]) -> None:
    """Leave the inbox to the scheduler."""


@dataclass
class Application:
    """Everything a use case may need besides its transaction. ``wake`` is called after each commit."""

    settings: Settings
    database: Engine
    clock: Clock
    law: Law = field(default_factory=Law)
    wake: Callable[[Application, Iterable[str]], None] = _nobody_to_wake


def open_application(settings: Settings, clock: Clock | None = None) -> Application:
    """Open the application of this process. Connects to nothing yet."""
    from workflows.inbox import advance_all  # noqa: PLC0415 - the one knot: the inbox runs use cases, which need this

    return Application(settings, make_engine(settings.url), clock or SystemClock(), wake=advance_all)
