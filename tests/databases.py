"""One fresh, migrated database a test: a copied file on SQLite, a cloned template on PostgreSQL.

Each kind is migrated once in a process (xdist workers are processes, so nothing is shared between them) and only
when the first test asks for it: a test of pure code starts no server.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Self

from tests import postgres
from workflows import database

TEMPLATE = "zecheng_template"
KINDS = ("sqlite", "postgresql")
Filling = tuple[str, Callable[[str], None]]


class Databases:
    """Makes databases; leaving its block stops the server and forgets everything."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._resources = ExitStack()
        self._numbers = itertools.count(1)
        self._contents: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def make(self, kind: str, *, migrated: bool = True, filled: Filling | None = None) -> str:
        """Return the address of a new database of this kind, at the newest schema unless told otherwise.

        ``filled`` names a content and the function that puts it into a migrated database: it is asked once, and
        every further database of this name is a copy.
        """
        if filled is not None:
            return self._copy(kind, self._filled(kind, *filled))
        number = next(self._numbers)
        if kind == "sqlite":
            path = self._folder / f"test_{number}.db"
            if migrated:
                shutil.copyfile(self._sqlite_template, path)
            return f"sqlite:///{path}"
        name = f"test_{number}"
        template = self._postgresql_template if migrated else "template0"
        self.server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.server.url(name)

    def _filled(self, kind: str, content: str, fill: Callable[[str], None]) -> str:
        if (kind, content) not in self._contents:
            url = self.make(kind)
            fill(url)
            self._contents[kind, content] = url
        return self._contents[kind, content]

    def _copy(self, kind: str, url: str) -> str:
        number = next(self._numbers)
        source = url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
        if kind == "sqlite":
            path = self._folder / f"test_{number}.db"
            shutil.copyfile(self._folder / source, path)
            return f"sqlite:///{path}"
        self.server.execute(f"CREATE DATABASE test_{number} TEMPLATE {source}")
        return self.server.url(f"test_{number}")

    def drop(self, url: str) -> None:
        """Remove a database, cutting whoever is still connected."""
        name = url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
        if url.startswith("sqlite"):
            for path in self._folder.glob(f"{name}*"):
                path.unlink()
        else:
            self.server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @cached_property
    def server(self) -> postgres.Server:
        return self._resources.enter_context(postgres.running())

    @cached_property
    def _sqlite_template(self) -> Path:
        path = self._folder / f"{TEMPLATE}.db"
        database.migrate(f"sqlite:///{path}")
        return path

    @cached_property
    def _postgresql_template(self) -> str:
        self.server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        database.migrate(self.server.url(TEMPLATE))
        return TEMPLATE
