"""Serve an application on a free port of this machine for a while: what the play and its tests use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from waitress.server import create_server

_PATIENCE_SECONDS = 10


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """Serve ``app`` in a thread of its own, and give its port. Ends when its requests are answered."""
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    thread = Thread(target=server.run, name="loopback-server", daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.task_dispatcher.shutdown()
        # the loop closes its own sockets: closed from here, they would fail it in the middle of a poll
        server.trigger.pull_trigger(server.close)
        thread.join(timeout=_PATIENCE_SECONDS)
