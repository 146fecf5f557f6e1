"""Heartbeats: which runner holds a background duty until when, when each last ran, and how late the house is.

A lease only saves work. What must happen once is kept by locks and unique keys, so a runner that sleeps through the
end of its lease does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.store import Store
from workflows.store import heartbeats as rows
from workflows.store.starts import oldest_due_start
from workflows.tables import Heartbeat


def acquire(store: Store, name: str, holder: str, seconds: int) -> bool:
    """Take or prolong the lease of a duty, or return False while another runner holds it."""
    row = rows.lock(store, name)
    if row is None:
        row = store.add(Heartbeat(name=name))
    elif row.held_by not in {None, holder} and row.held_until is not None and row.held_until > store.now:
        return False
    row.held_by, row.held_until = holder, store.now + timedelta(seconds=seconds)
    return True


def release(store: Store, name: str, holder: str) -> None:
    """Give a lease back, so that another runner need not wait for its end."""
    row = rows.lock(store, name)
    if row is not None and row.held_by == holder:
        row.held_by = row.held_until = None


def beat(store: Store, name: str, note: str = "") -> None:
    """Write down that a duty ran now."""
    row = rows.lock(store, name) or store.add(Heartbeat(name=name))
    row.ran_at, row.note = store.now, note


def last_run(store: Store, name: str) -> datetime | None:
    """Return when a duty last ran to its end."""
    row = store.get(Heartbeat, name)
    return row.ran_at if row else None


@dataclass(frozen=True, slots=True)
class Lateness:
    """Since when the oldest work of each kind waits (None: none does), and what waits for a human."""

    timer_due_at: datetime | None
    inbox_created_at: datetime | None
    job_due_at: datetime | None
    mail_due_at: datetime | None
    faulty_timers: int
    failed_mails: int
    failed_jobs: int
    open_incidents: int
    beats: dict[str, datetime]

    def seconds(self, now: datetime) -> dict[str, float]:
        """Return how many seconds each kind of work is late, for metrics."""
        waiting = {
            "timer": self.timer_due_at,
            "inbox": self.inbox_created_at,
            "job": self.job_due_at,
            "mail": self.mail_due_at,
        }
        return {kind: max(0.0, (now - since).total_seconds()) if since else 0.0 for kind, since in waiting.items()}


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((date for date in (one, other) if date is not None), default=None)


def watchdog(store: Store) -> Lateness:
    """Look how late the background work is. Ask from outside the scheduler: a dead one reports nothing."""
    return Lateness(
        timer_due_at=_earlier(rows.oldest_due_timer(store), oldest_due_start(store)),
        inbox_created_at=rows.oldest_inbox_row(store),
        job_due_at=rows.oldest_due_job(store),
        mail_due_at=rows.oldest_due_mail(store),
        faulty_timers=rows.count_faulty_timers(store),
        failed_mails=rows.count_failed_mails(store),
        failed_jobs=rows.count_failed_jobs(store),
        open_incidents=rows.count_open_incidents(store),
        beats=rows.beats(store),
    )
