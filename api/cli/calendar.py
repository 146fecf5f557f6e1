"""``calendar``: load a year, see what it would move, approve a correction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from api.cli.session import operator, ready_application, tells_faults
from workflows.calendars import approve_calendar, load_calendar, preview_calendar
from workflows.clock import SHANGHAI
from workflows.deadlines.revision import Move
from workflows.transaction import read, run

group = AppGroup("calendar", help="Working-day calendars.")
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@group.command("load")
@_FILE
@tells_faults
def load(file: Path) -> None:
    """Load a year. A correction of a known year only waits: ``calendar approve`` lets it count."""
    loading = run(ready_application(), load_calendar, file.read_bytes(), actor=operator(), file=file.name)
    _print_moves(loading.moves)
    year = f"{loading.version.year}:{loading.version.version}"
    if loading.waits:
        click.echo(f"{year} waits for approval: flask --app wsgi calendar approve {loading.version.id}")
    else:
        click.echo(f"{year} counts; {len(loading.moves)} limits were counted again")


@group.command("preview")
@_FILE
@tells_faults
def preview(file: Path) -> None:
    """Show what loading a year would move. Nothing is written."""
    found = read(ready_application(), preview_calendar, file.read_bytes(), actor=operator(), file=file.name)
    _print_moves(found.moves)
    click.echo(
        f"{len(found.moves)} limits would be counted again; approval {'is' if found.needs_approval else 'not'} needed"
    )


@group.command("approve")
@click.argument("version_id")
@tells_faults
def approve(version_id: str) -> None:
    """Let a waiting version count."""
    loading = run(ready_application(), approve_calendar, version_id, actor=operator())
    _print_moves(loading.moves)
    click.echo(
        f"{loading.version.year}:{loading.version.version} counts; {len(loading.moves)} limits were counted again"
    )


def _print_moves(moves: Sequence[Move]) -> None:
    for move in moves:
        click.echo(f"{move.rule_key}  {_day(move.before)} -> {_day(move.after)}")


def _day(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
