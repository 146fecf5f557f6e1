"""``serve``: everything that ``make run`` does after set-up, in one process."""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from waitress import serve as serve_with_waitress

from api.cli.session import ready_application
from scheduler.embedded import start_embedded
from workflows.application import Application
from workflows.demo.first_start import start_city
from workflows.logging import configure_logging
from workflows.settings import Settings

PASSWORD_FILE = "demo_password"  # noqa: S105 - the name of a file
_MOST_BODY = 1024 * 1024  # beside the attachment itself: the other parts of a form


@click.command("serve")
@with_appcontext
def command() -> None:
    """Migrate, deploy the law, load the demo city, start the scheduler, and serve."""
    configure_logging()
    application = ready_application()
    prepare(application)
    settings = application.settings
    start_embedded(application)
    click.echo(f"http://{settings.host}:{settings.port}")
    serve_with_waitress(
        current_app._get_current_object(),  # type: ignore[attr-defined] # noqa: SLF001 - the application behind the proxy
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        max_request_body_size=settings.attachment_bytes + _MOST_BODY,
        ident=None,
    )


def prepare(application: Application) -> None:
    """Deploy what is new under the folder of the law; on the first start load the demo city and play its past."""
    password = demo_password(application.settings)
    started = start_city(application, password=password, progress=_tell)
    for name in (*started.deployment.definitions, *started.deployment.regions):
        click.echo(f"deployed {name}")
    city = started.city
    click.echo(f"{city.units} units, {city.people} people; accounts: {', '.join(city.accounts)}")
    click.echo(f"password of every demo account: {password}")


def _tell(day: date, first: date, last: date) -> None:
    """Show how far the past of the city is played: once a week, and when it is done."""
    if day.weekday() == 0 or day == last:
        done = 100 * (day - first).days // max(1, (last - first).days)
        click.echo(f"playing the last {(last - first).days} days of the demo city: {day} ({done} %)")


def demo_password(settings: Settings) -> str:
    """Return the password of the demo accounts: the configured one, else one made once and kept in ``var``."""
    if settings.demo_password:
        return settings.demo_password
    path: Path = settings.var / PASSWORD_FILE
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    path.touch(mode=0o600)
    path.write_text(password, encoding="utf-8")
    return password
