"""Run the checker on a database: as of its last act, with the public keys that lie beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workflows.database import make_engine
from workflows.demo.invariants import PublicKey, Source, Verdict, check, count_everything, last_act


class NothingPlayedError(Exception):
    """The database tells of no act: there is nothing to judge."""


@dataclass(frozen=True)
class Judgement:
    """What the checker found in a database, with the counts for the report."""

    as_of: datetime
    verdicts: list[Verdict]
    counts: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        return all(verdict.holds for verdict in self.verdicts)


def judge(url: str, keys: Path, as_of: datetime | None = None) -> Judgement:
    """Check the database at ``url`` as of a moment: by default the last one that its ledger tells of.

    ``keys`` is the folder of the public keys; where there is none, signatures are not checked.
    """
    engine = make_engine(url)
    connection = engine.raw_connection()
    try:
        moment = as_of or last_act(connection)
        if moment is None:
            raise NothingPlayedError
        source = Source(connection, moment, _read_keys(keys))
        return Judgement(moment, check(source), count_everything(source))
    finally:
        connection.close()
        engine.dispose()


def _read_keys(folder: Path) -> Mapping[str, PublicKey] | None:
    """Return the keys of files ``ID.ALGORITHM.pub``."""
    found = {}
    for path in folder.glob("*.*.pub"):
        key_id, algorithm, _ = path.name.split(".")
        found[key_id] = PublicKey(algorithm, bytes.fromhex(path.read_text().strip()))
    return found or None
