"""``database``: bring the schema to the newest revision."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from api.cli.session import ready_application

group = AppGroup("database", help="The database.")


@group.command("migrate")
def migrate() -> None:
    """Bring the configured database to the newest schema."""
    url = ready_application().database.url
    click.echo(f"{url.render_as_string(hide_password=True)} is at the newest schema")
