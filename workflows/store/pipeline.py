"""On PostgreSQL a transaction is one pipeline: what is written is not waited for until something is read.

Statements whose answer somebody needs (every SELECT, whatever has RETURNING, every statement outside a flush) are
waited for as always, so a fault comes out where it belongs. Those of a flush and of ``insert_rows`` are only sent;
their faults come out at the next answer or at the commit, still inside ``transaction.run``. SQLite has no way to wait
for: nothing changes there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_PIPELINE = "zecheng_pipeline"  # of a connection: the pipeline that it is in
_QUEUEING = "zecheng_queueing"  # … and whether what is executed may be left unanswered


def prepare(engine: Engine) -> None:
    """Let connections of ``engine`` work in pipelines."""
    engine.dialect.supports_sane_rowcount = False  # what is only sent has no count yet; the case's lock guards it
    event.listen(engine, "after_cursor_execute", _await_answer)


@contextmanager
def one_pipeline(connection: Connection, session: Session) -> Iterator[None]:
    """Run the block, its commit included, as one pipeline where the database has them; ``session`` is on it alone."""
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    error: type[Exception] = connection.dialect.loaded_dbapi.Error
    event.listen(session, "before_flush", _begin_queueing)
    event.listen(session, "after_flush_postexec", _end_queueing)
    info = connection.info
    try:
        with driver.pipeline() as pipeline:
            info[_PIPELINE], info[_QUEUEING] = pipeline, False
            yield
    except error as fault:
        raise DBAPIError.instance("(pipeline)", None, fault, error, hide_parameters=True) from fault
    finally:
        info.pop(_PIPELINE, None)
        info.pop(_QUEUEING, None)


@contextmanager
def queueing(session: Session) -> Iterator[None]:
    """Leave what the block executes unanswered for now. Nobody may ask how many rows it met."""
    info = session.connection().info
    before = info.get(_QUEUEING, False)
    info[_QUEUEING] = True
    try:
        yield
    finally:
        info[_QUEUEING] = before


def _begin_queueing(session: Session, *_: object) -> None:
    session.connection().info[_QUEUEING] = True


def _end_queueing(session: Session, *_: object) -> None:
    session.connection().info[_QUEUEING] = False


def _await_answer(connection: Connection, *told: Any) -> None:
    """Wait for what was just executed, unless it may be left unanswered; ``told[-2]`` is the statement's context."""
    info = connection.info
    pipeline = info.get(_PIPELINE)
    if pipeline is None:
        return
    context = told[-2]
    is_write = context.isinsert or context.isupdate or context.isdelete
    if not (info[_QUEUEING] and is_write and not context.compiled.effective_returning):
        pipeline.sync()
