"""The command line: ``flask --app wsgi <group> <verb>``. Each group is one file; all call use cases through ``run``.

Commands act as the system (``via`` ``cli``): who may type them may also open the database.
"""

from __future__ import annotations

from flask import Flask

from api.cli import calendar, database, definitions, duties, ledger, serve, simulate


def register(app: Flask) -> None:
    """Hang every group on the application."""
    groups = (
        calendar.group,
        database.group,
        definitions.group,
        duties.group,
        ledger.group,
        simulate.group,
        serve.command,
    )
    for group in groups:
        app.cli.add_command(group)
