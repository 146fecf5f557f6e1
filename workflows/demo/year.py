"""One whole year of the demo city: a fresh database, the law, the people, and twelve months on the virtual clock.

It begins on the first of January 2026 and runs into 2027. The calendar of 2027 is loaded late in the year, as the
real notice would be: until then what reaches into 2027 is provisional, afterwards it is counted again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from workflows.access import Actor
from workflows.application import Application, open_application
from workflows.calendars import load_calendar
from workflows.clock import SHANGHAI, VirtualClock
from workflows.database import forgo_durability, migrate
from workflows.demo.acts import Door
from workflows.demo.city import LoadedCity, load_city
from workflows.demo.play import Play, Tally
from workflows.deployment import deploy_law
from workflows.ledger.checkpoints import checkpoint
from workflows.settings import Settings
from workflows.store import Store, demo_subjects, people
from workflows.tables import Role
from workflows.transaction import read, run

BEGIN = date(2026, 1, 1)
END = date(2027, 2, 1)
CALENDAR_FILE = "demo/calendar_2027_invented.yaml"
CALENDAR_COMES = datetime(2026, 12, 14, 10, tzinfo=SHANGHAI)


class DatabaseNotEmptyError(Exception):
    """A play begins on an empty database; this one holds units already."""


@dataclass(frozen=True)
class Stage:
    """Where a play takes place: the application on its virtual clock, and the city that lives there."""

    application: Application
    clock: VirtualClock
    city: LoadedCity


def set_up(settings: Settings, *, begin: date = BEGIN, password: str) -> Stage:
    """Migrate, deploy the law and load the city on the first morning, or raise ``DatabaseNotEmptyError``."""
    migrate(settings.url)
    clock = VirtualClock(datetime(begin.year, begin.month, begin.day, tzinfo=SHANGHAI))
    application = open_application(settings, clock)
    forgo_durability(application.database)  # a year that is cut short is played again from its first day
    if read(application, demo_subjects.has_units):
        application.database.dispose()
        raise DatabaseNotEmptyError
    deploy_law(application)
    return Stage(application, clock, run(application, load_city, password=password, year=begin.year))


def own_settings(settings: Settings, folder: Path, database_url: str = "") -> Settings:
    """Return settings for a play in a folder of its own: nothing leaves by mail, nothing ticks beside it.

    Its people log in with one random password that nobody keeps, so its hash need not cost what a real one does.
    """
    return replace(
        settings,
        var=folder,
        database_url=database_url,
        mail_host="",
        scheduler="none",
        password_memory_kib=8,
        password_passes=1,
    )


def clear(folder: Path) -> None:
    """Remove what an earlier play left in its folder."""
    for path in folder.glob("zecheng.db*"):
        path.unlink()
    for name in ("files", "keys"):
        with suppress(FileNotFoundError):
            shutil.rmtree(folder / name)


def play(
    stage: Stage,
    *,
    seed: int,
    until: date = END,
    calendar_comes: datetime = CALENDAR_COMES,
    door: Door | None = None,
    progress: Callable[[date], None] | None = None,
) -> Tally:
    """Play the city up to a day; the calendar of the next year is loaded when it comes."""
    application, clock = stage.application, stage.clock

    def load() -> None:
        content = (application.settings.law / CALENDAR_FILE).read_bytes()
        actor = read(application, _flowadmin, stage.city.root)
        run(application, load_calendar, content, actor=actor, file=CALENDAR_FILE)

    city = Play(application, clock, seed=seed, door=door, progress=progress, appointments=[(calendar_comes, load)])
    tally = city.run_until(datetime(until.year, until.month, until.day, tzinfo=SHANGHAI))
    run(application, checkpoint)
    return tally


def _flowadmin(store: Store, root: str) -> Actor:
    found = demo_subjects.actor_with(store, Role.FLOWADMIN, people.need_unit(store, root))
    if found is None:
        message = "Expected somebody to administer the flows of the city."
        raise LookupError(message)
    return found
