"""The scheduler inside the web process: threads that tick beside those that serve."""

from __future__ import annotations

import atexit

from scheduler.duties import all_duties
from scheduler.loops import Runner
from workflows.application import Application


def start_embedded(application: Application) -> Runner | None:
    """Start ticking in this process unless the settings leave it to others. It stops with the process, or earlier.

    Call it where the server starts, never at import: a second process would tick as well.
    """
    if application.settings.scheduler != "embedded":
        return None
    runner = Runner(application, all_duties(application.settings))
    runner.start()
    atexit.register(runner.stop)
    return runner
