"""The command line: ``flask --app wsgi <group> <verb>``. Each group is one file; all call use cases through ``run``.

Commands act as the system (``via`` ``cli``): who may type them may also open the database.
"""

from __future__ import annotations

from flask import Flask

from api.cli import calendar, database, definitions, duties, ledger, serve


def register(app: Flask) -> None:
    """Hang every group on the application."""
    for group in (calendar.group, database.group, definitions.group, duties.group, ledger.group, serve.command):
        app.cli.add_command(group)
