"""One tick of one duty: take the lease where there is one, work until nothing is left, never die of a fault."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.duties import Duty
from workflows import heartbeats
from workflows.application import Application
from workflows.transaction import run

_MOST_BATCHES = 50  # in one tick: then other duties get their turn
_LEASE_SECONDS = 300
_BEAT_SECONDS = 30
_THREADS = 4
_logger = logging.getLogger(__name__)


class Runner:
    """Runs the duties of one process. Any number of runners may share a database."""

    def __init__(self, application: Application, duties: Sequence[Duty]) -> None:
        self._application = application
        self._duties = duties
        self._stopping = Event()
        self._beats: dict[str, datetime] = {}
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._clockwork = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(_THREADS)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
            timezone=UTC,
        )

    def start(self) -> None:
        """Begin to tick, each duty at once and then at its interval."""
        for duty in self._duties:
            self._clockwork.add_job(
                self.tick,
                "interval",
                args=[duty],
                seconds=duty.seconds,
                id=duty.name,
                next_run_time=self._application.clock.now(),
            )
        self._clockwork.start()
        _logger.info("the scheduler runs", extra={"action": "scheduler_started", "holder": self.holder})

    def stop(self) -> None:
        """Finish the batches that run now, begin no further one, and return when all is quiet."""
        self._stopping.set()
        if self._clockwork.running:
            self._clockwork.shutdown(wait=True)
        _logger.info("the scheduler has stopped", extra={"action": "scheduler_stopped", "holder": self.holder})

    def tick(self, duty: Duty) -> int:
        """Do what is due of one duty and return how much it was. A fault is logged, and the next tick tries again."""
        try:
            if duty.alone and not run(self._application, heartbeats.acquire, duty.name, self.holder, _LEASE_SECONDS):
                return 0
            try:
                done = self._work(duty)
            finally:
                if duty.alone:
                    run(self._application, heartbeats.release, duty.name, self.holder)
            self._beat(duty, done)
        except Exception:
            _logger.exception("a background duty failed", extra={"action": "duty_fault", "duty": duty.name})
            return 0
        if done:
            _logger.info("background work was done", extra={"action": "duty_done", "duty": duty.name, "number": done})
        return done

    def _work(self, duty: Duty) -> int:
        total = 0
        for _ in range(_MOST_BATCHES):
            done = 0 if self._stopping.is_set() else duty.work(self._application)
            total += done
            if done == 0:
                break
        return total

    def _beat(self, duty: Duty, done: int) -> None:
        """Write down that the duty ran, but not at every tick: each beat is a write to the disk."""
        now = self._application.clock.now()
        before = self._beats.get(duty.name)
        if before is None or (now - before).total_seconds() >= _BEAT_SECONDS:
            run(self._application, heartbeats.beat, duty.name, f"{done}")
            self._beats[duty.name] = now
