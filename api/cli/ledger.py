"""``ledger``: verify every chain in the database."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from api.cli.session import operator, ready_application
from workflows.clock import SHANGHAI
from workflows.ledger.checkpoints import checkpoint
from workflows.ledger.proofs import export
from workflows.ledger.sealing import purge_due
from workflows.ledger.verification import verify
from workflows.store import Store
from workflows.store.ledger import count_sealed_past_retention as count_due
from workflows.transaction import read, run

group = AppGroup("ledger", help="The ledger.")


@group.command("verify")
@click.option("--stream", help="Verify only this stream.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify_ledger(stream: str | None, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """Verify links, heads, checkpoints and commitments. Exit 1 when anything is wrong."""
    report = read(ready_application(), verify, stream)
    if as_json:
        click.echo(json.dumps({"whole": report.is_whole, **asdict(report)}, ensure_ascii=False, default=str))
    else:
        for fault in report.faults:
            click.echo(f"{fault.code}  {fault.stream}:{fault.seq}  {fault.detail}", err=True)
        told = f"{report.streams} streams, {report.events} events, {report.checkpoints} checkpoints"
        click.echo(f"{told}: {'whole' if report.is_whole else 'DAMAGED'}")
    sys.exit(int(not report.is_whole))


@group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export_ledger(file: Path) -> None:
    """Write the whole ledger for tools/verify_ledger.py, one part a line."""
    click.echo(f"{read(ready_application(), _write, file)} parts")


def _write(store: Store, file: Path) -> int:
    number = 0
    with file.open("w", encoding="utf-8") as target:
        for number, part in enumerate(export(store), 1):  # noqa: B007 - the last number is the result
            target.write(json.dumps(part, ensure_ascii=False) + "\n")
    return number


@group.command("purge-sealed")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Purge as of this day; today unless told, never later."
)
def purge_sealed(dry_run: bool, until: datetime | None) -> None:  # noqa: FBT001 - click's flag
    """Forget sealed texts that are past their years of keeping. The chains stay whole; each purge is in the ledger."""
    application = ready_application()
    today = application.clock.now().astimezone(SHANGHAI).date()
    day = min(today, until.date()) if until else today
    if dry_run:
        click.echo(f"{read(application, count_due, day)} sealed values would be purged")
        return
    number = 0
    while purged := run(application, purge_due, day, actor=operator()):
        number += purged
    click.echo(f"{number} sealed values purged")


@group.command("checkpoint")
def sign_checkpoint() -> None:
    """Sign the heads of all chains now."""
    made = run(ready_application(), checkpoint)
    click.echo(f"checkpoint {made.id}, root {made.root}" if made else "nothing moved since the last checkpoint")
