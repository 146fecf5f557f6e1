"""What every command needs: the application with a migrated database, and faults as text and exit code."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar

import click
from flask import current_app

from workflows import database
from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.errors import RejectedError, WorkflowError

P = ParamSpec("P")
R = TypeVar("R")


def application() -> Application:
    """Return the application of this command; connects to nothing."""
    found: Application = current_app.extensions["zecheng"]
    return found


def ready_application() -> Application:
    """Return the application with its database at the newest schema."""
    found = application()
    database.migrate(found.settings.url)
    return found


def operator() -> Actor:
    """Return the system, acting by a command."""
    return system_actor("cli")


def tells_faults(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a use case refuses into lines on standard error and exit code 1."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WorkflowError as fault:
            fail(fault)

    return wrapped


def fail(fault: WorkflowError) -> NoReturn:
    """Print a fault with its fields and leave with 1."""
    click.echo(f"{fault.code}: {fault.message}", err=True)
    for each in fault.faults if isinstance(fault, RejectedError) else ():
        click.echo(f"  {each.pointer}: {each.message} [{each.code}]", err=True)
    sys.exit(1)
