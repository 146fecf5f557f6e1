"""Logs: a sentence, an action and ids, never the value of a variable. One line an entry: text on a terminal, else JSON.

Everything logs through the standard library: ``_logger.info("a timer fired", extra={"action": …, "timer": id})``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

_LONGEST = 2_000  # characters of one text: a message of another library may quote what it was given
_HANDLER = "zecheng"
_REPEATED = {"message", "asctime"}  # what another handler of the same record leaves on it


def configure_logging(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send the logs of this process to ``stream`` (standard error). Calling it again changes nothing else."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.set_name(_HANDLER)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _shorten,
                _renderer(target),
            ],
        )
    )
    root = logging.getLogger()
    for before in [each for each in root.handlers if each.get_name() == _HANDLER]:
        root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it tells of every tick, and of each that found work


def _renderer(target: TextIO) -> structlog.typing.Processor:
    if target.isatty():
        return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=True)
    return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _shorten(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Cut texts that are too long, tracebacks excepted."""
    return {
        key: value[:_LONGEST] if isinstance(value, str) and key != "exception" else value
        for key, value in entry.items()
        if key not in _REPEATED
    }
