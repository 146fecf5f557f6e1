"""``simulate``: play a year of the demo city, and check a played database."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

import api
from api.cli.session import application
from api.loopback import served
from workflows.application import Application
from workflows.clock import SHANGHAI
from workflows.demo import lists, year
from workflows.demo.http_door import HttpDoor
from workflows.demo.judging import Judgement, NothingPlayedError, judge
from workflows.demo.lists_report import lists_document, lists_lines
from workflows.demo.report import Run, as_document, write_report
from workflows.queries.lighting import lights_of_city
from workflows.settings import Settings
from workflows.transaction import read

group = AppGroup("simulate", help="Play the demo city, and check what was played.")
_FOLDER = Path("var/demo")
_LISTS = Path("var/lists")
_SEED = 2026
_MOST_FAULTS = 5
_OUT = click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=_FOLDER, show_default=True)


@group.command("year")
@click.option("--seed", type=int, default=_SEED, show_default=True, help="The same seed plays the same year.")
@click.option("--days", type=click.IntRange(1, 396), default=396, show_default=True, help="How many days to play.")
@click.option("--database", default="", help="PostgreSQL, empty; default: ZECHENG_DATABASE_URL, else SQLite in OUT.")
@_OUT
def play_year(seed: int, days: int, database: str, out: Path) -> None:
    """Play one year on a fresh database, check it, and write report.html and report.json. Exit 1 on any fault."""
    settings = year.own_settings(application().settings, out, database or application().settings.database_url)
    year.clear(out)
    began, password = time.monotonic(), secrets.token_urlsafe(12)
    try:
        stage = year.set_up(settings, password=password)
    except year.DatabaseNotEmptyError as fault:
        raise click.ClickException(f"Expected an empty database at {_named(settings)}.") from fault
    begun = time.monotonic()
    until = year.BEGIN + timedelta(days=days)
    with _served(stage.application, password) as door, _progress(until) as progress:
        tally = year.play(stage, seed=seed, until=until, door=door, progress=progress)
    played = time.monotonic()
    judgement = judge(settings.url, out / "keys", stage.clock.now())
    checked, lights = time.monotonic() - played, read(stage.application, lights_of_city)
    timing = Run(seed, tally, played - begun, begun - began, checked, _named(settings), lights)
    page, _ = write_report(out, judgement, timing)
    _tell(judgement)
    click.echo(f"{timing.set_up_seconds:.0f} s set-up, {timing.seconds:.0f} s play, {timing.check_seconds:.0f} s check")
    click.echo(f"{page.as_posix()}")
    sys.exit(int(not judgement.holds))


@group.command("lists")
@click.option("--units", type=click.IntRange(1, 5_000), default=3_000, show_default=True, help="Of the city, at least.")
@click.option("--database", default="", help="PostgreSQL, empty; default: SQLite in OUT.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=_LISTS, show_default=True)
def publish_lists(units: int, database: str, out: Path) -> None:
    """Draw up, sign and publish the lists of a grown city; report time and rows. Exit 1 unless all are in force."""
    settings = year.own_settings(application().settings, out, database)
    out.mkdir(parents=True, exist_ok=True)
    year.clear(out)
    try:
        found = lists.publish_all(
            settings, units=units, password=secrets.token_urlsafe(12), progress=lambda done: click.echo(f"  {done} …")
        )
    except year.DatabaseNotEmptyError as fault:
        raise click.ClickException(f"Expected an empty database at {_named(settings)}.") from fault
    told = lists_document(found)
    (out / "lists.json").write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    text = "\n".join(lists_lines(found))
    (out / "lists.txt").write_text(f"{text}\n", encoding="utf-8")
    click.echo(text)
    sys.exit(int(found.lists["in_force"] != sum(found.lists.values()) or not found.lists["in_force"]))


@group.command("check")
@click.option("--database", default="", help="Default: ZECHENG_DATABASE_URL, else the SQLite file in OUT.")
@click.option("--at", type=click.DateTime(), help="Judge as of this moment (Asia/Shanghai). Default: the last act.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts and counts as JSON.")
@_OUT
def check(database: str, at: datetime | None, as_json: bool, out: Path) -> None:  # noqa: FBT001 - click's flag
    """Check a database against every invariant. Exit 1 on any fault."""
    settings = year.own_settings(application().settings, out, database or application().settings.database_url)
    if settings.url.startswith("sqlite:///") and not Path(settings.url.removeprefix("sqlite:///")).exists():
        raise click.ClickException(f"Expected a database at {_named(settings)}.")
    try:
        judgement = judge(settings.url, out / "keys", at.replace(tzinfo=SHANGHAI) if at else None)
    except NothingPlayedError as fault:
        raise click.ClickException(
            f"Expected a played database at {_named(settings)}, but nothing happened there."
        ) from fault
    if as_json:
        click.echo(json.dumps(as_document(judgement), ensure_ascii=False, indent=2, default=str))
    else:
        _tell(judgement)
    sys.exit(int(not judgement.holds))


def _tell(judgement: Judgement) -> None:
    for verdict in judgement.verdicts:
        mark = "ok    " if verdict.holds else "BROKEN"
        click.echo(f"{mark} {verdict.key:28} {verdict.looked_at:>7}  {verdict.title}")
        for fault in verdict.faults[:_MOST_FAULTS]:
            click.echo(f"       {fault}")
        if len(verdict.faults) > _MOST_FAULTS:
            click.echo(f"       … {len(verdict.faults) - _MOST_FAULTS} more")


def _named(settings: Settings) -> str:
    """Name a database without its password, an own file by its name alone."""
    return settings.url.split("@")[-1] if settings.database_url else "SQLite, zecheng.db"


@contextmanager
def _served(stage: Application, password: str) -> Iterator[HttpDoor]:
    """Serve the application of the play on a free port of this machine while it lasts."""
    with served(api.create_app(stage)) as port:
        door = HttpDoor(port, password)
        try:
            yield door
        finally:
            door.close()


@contextmanager
def _progress(until: date) -> Iterator[Callable[[date], None]]:
    days = (until - year.BEGIN).days
    with click.progressbar(range(days), label=str(year.BEGIN.year)) as bar:

        def tell(_day: date) -> None:
            bar.update(1)

        yield tell
