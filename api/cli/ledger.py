"""``ledger``: verify every chain in the database."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup

from api.cli.session import ready_application
from workflows.ledger.verification import verify
from workflows.transaction import read

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
