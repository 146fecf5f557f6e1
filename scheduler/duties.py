"""The background duties: what is looked after, how often, and whether one runner at a time is enough."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from workflows import duties, inbox, jobs, migrations, outbox, reminders, start_events, timers, vacancies
from workflows.access import system_actor
from workflows.application import Application
from workflows.clock import SHANGHAI
from workflows.ledger.checkpoints import checkpoint
from workflows.settings import Settings
from workflows.tidying import tidy
from workflows.transaction import run

BATCH = 100
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of background work. ``work`` returns how much it did; 0 means that nothing is left for now.

    ``alone``: a lease keeps other runners away meanwhile, because doing it twice would only be a waste.
    """

    name: str
    seconds: int
    work: Callable[[Application], int]
    alone: bool = False


def all_duties(settings: Settings) -> tuple[Duty, ...]:
    """Return every duty of the house, the most urgent first."""
    often = settings.scheduler_seconds
    return (
        Duty("timers", often, _fire_timers),
        Duty("inbox", often, _advance_inboxes),
        Duty("jobs", often, _run_jobs),
        Duty("starts", often, _open_cases),
        Duty("migrations", often, _move_cases),
        Duty("outbox", max(often, 10), outbox.deliver_due),
        Duty("digests", 60, reminders.send_due_digests, alone=True),
        Duty("holders", 300, _look_after_holders, alone=True),
        Duty("occurrences", 300, _open_occurrences, alone=True),
        Duty("checkpoint", settings.checkpoint_minutes * 60, _checkpoint, alone=True),
        Duty("arming", 3600, _arm_starts, alone=True),
        Duty("tidying", 3600, _tidy, alone=True),
    )


def _fire_timers(application: Application) -> int:
    return timers.fire_due(application, BATCH)


def _open_cases(application: Application) -> int:
    return start_events.fire_due(application, BATCH)


def _advance_inboxes(application: Application) -> int:
    return inbox.advance_waiting(application, BATCH)


def _run_jobs(application: Application) -> int:
    return jobs.run_due(application, BATCH)


def _move_cases(application: Application) -> int:
    return migrations.move_due(application, BATCH)


def _look_after_holders(application: Application) -> int:
    return vacancies.look_after_holders(application, BATCH)


def _open_occurrences(application: Application) -> int:
    """Open what is due until today, and log what could not be opened; the next tick tries it again."""
    today = application.clock.now().astimezone(SHANGHAI).date()
    generation = duties.generate_all(application, today, actor=system_actor())
    for fault in generation.faults:
        _logger.error("an occurrence could not be opened", extra={"action": "occurrence_fault", "fault": fault})
    return 0  # it works until nothing is left by itself


def _checkpoint(application: Application) -> int:
    run(application, checkpoint)
    return 0  # whatever moved since belongs to the next one


def _arm_starts(application: Application) -> int:
    """Let start events wait that came into force under a release which did not watch them."""
    run(application, start_events.arm_missing)
    return 0


def _tidy(application: Application) -> int:
    run(application, tidy)
    return 0
