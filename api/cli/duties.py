"""``duties``: open what comes by the calendar."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import AppGroup

from api.cli.session import operator, ready_application, tells_faults
from workflows.duties import generate_all

group = AppGroup("duties", help="The catalogue of duties.")


@group.command("generate")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Open what opens up to this day.")
@tells_faults
def generate(until: datetime) -> None:
    """Open the occurrences of all periodic duties. Running it again opens nothing twice."""
    done = generate_all(ready_application(), until.date(), actor=operator())
    for fault in done.faults:
        click.echo(fault, err=True)
    click.echo(f"{done.opened} opened, {done.skipped} skipped, {len(done.faults)} faults")
