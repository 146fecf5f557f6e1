"""``python -m scheduler``: the scheduler as a process of its own. SIGTERM or Ctrl-C lets it finish its batches."""

from __future__ import annotations

import signal
import sys
from threading import Event
from types import FrameType

from scheduler.duties import all_duties
from scheduler.loops import Runner
from workflows.application import open_application
from workflows.logging import configure_logging
from workflows.settings import SettingsError, load_settings


def main() -> int:
    """Tick until told to stop, and return the exit code."""
    configure_logging()
    try:
        settings = load_settings()
    except SettingsError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    stopped = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    application = open_application(settings)
    runner = Runner(application, all_duties(settings))
    runner.start()
    stopped.wait()
    runner.stop()
    application.database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
