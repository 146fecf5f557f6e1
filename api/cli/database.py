"""``database``: bring the schema to the newest revision, and separate who owns it from who works with it."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from api.cli.session import ready_application, tells_faults
from workflows.store.roles import separate_roles
from workflows.transaction import run

group = AppGroup("database", help="The database.")


@group.command("migrate")
def migrate() -> None:
    """Bring the configured database to the newest schema."""
    url = ready_application().database.url
    click.echo(f"{url.render_as_string(hide_password=True)} is at the newest schema")


@group.command("roles")
@click.option("--owner", default="zecheng_owner", show_default=True, help="Owns the tables; for upgrades only.")
@click.option("--application", default="zecheng", show_default=True, help="What servers and schedulers log in as.")
@tells_faults
def roles(owner: str, application: str) -> None:
    """Make the two roles of a PostgreSQL database: the application can add to the ledger and not change it."""
    made = run(ready_application(), separate_roles, owner=owner, worker=application)
    for name in made:
        click.echo(f"made role {name}, without a password yet")
    click.echo(f"{owner} owns the tables; {application} may work with them and only add to the ledger")
