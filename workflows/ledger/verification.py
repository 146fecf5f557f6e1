"""Verify the ledger in the database: every link, head, checkpoint and commitment, streaming, first fault first.

The exported ledger is verified by ``tools/verify_ledger.py``, which shares no code with this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from workflows.ledger.checkpoints import Heads, body, checkpoint_hash, is_full, key_provider, moved_heads, root_of
from workflows.ledger.hashing import ALGORITHMS, canonical, event_hash, hashed_fields
from workflows.ledger.keys import PublicKey, signature_fits
from workflows.ledger.sealing import PURGED, STREAM, commit
from workflows.store import Store
from workflows.store import ledger as rows
from workflows.tables import LedgerCheckpoint

_MOST_FAULTS = 100
_SEALED_BATCH = 500


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """One thing that is wrong. ``seq`` is the event's, or the checkpoint's number in stream ``checkpoint``."""

    code: str
    stream: str
    seq: int
    detail: str


@dataclass
class LedgerReport:
    """What was looked at and what is wrong. ``covered_until``: later events rest on the chains alone."""

    streams: int = 0
    events: int = 0
    checkpoints: int = 0
    sealed: int = 0
    covered_until: datetime | None = None
    faults: list[LedgerFault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def first_fault(self) -> LedgerFault | None:
        """Return the first fault found, in the order of streams."""
        return self.faults[0] if self.faults else None

    def tell(self, code: str, stream: str, seq: int, detail: str) -> None:
        """Note a fault; beyond a hundred they are no longer listed."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(LedgerFault(code, stream, seq, detail))


@dataclass
class _Stream:
    """How far one stream has been read."""

    name: str
    seq: int = 0
    hash: str = rows.GENESIS


Marks = dict[str, dict[int, str]]  # what checkpoints say: stream -> seq -> hash


def verify(store: Store, stream: str | None = None) -> LedgerReport:
    """Verify everything, or one stream with the checkpoints that name it. Call it through ``read``."""
    report = LedgerReport()
    marks = _verify_checkpoints(store, report, stream)
    heads = {name: (seq, hashed) for name, seq, hashed in rows.heads(store) if stream in {None, name}}
    purged = _purged(store)
    references: dict[str, tuple[str, str, int]] = {}
    for event in _in_chain(store, stream, heads, marks, report):
        references.update(_references(event))
        if len(references) >= _SEALED_BATCH:
            _verify_sealed(store, references, purged, report)
            references = {}
    _verify_sealed(store, references, purged, report)
    return report


def _in_chain(store: Store, only: str | None, heads: Heads, marks: Marks, report: LedgerReport) -> Iterator[Any]:
    """Yield every event after its link was checked; tell of streams that end too early or are gone."""
    at: _Stream | None = None
    missing = set(heads) | set(marks)
    for event in rows.events(store, only):
        if at is None or event.stream != at.name:
            _end_stream(at, heads, marks, report)
            at = _Stream(event.stream)
            missing.discard(event.stream)
            report.streams += 1
            if event.stream not in heads and not rows.has_head(store, event.stream):
                report.tell("head-missing", event.stream, event.seq, "The stream has events but no head.")
        _verify_link(event, at, marks, report)
        report.events += 1
        yield event
    _end_stream(at, heads, marks, report)
    for stream in sorted(missing):
        last = heads.get(stream, (max(marks.get(stream, {0: ""})), ""))[0]
        report.tell("stream-missing", stream, last, f"{last} events are known of this stream, but none is here.")


def _verify_link(event: Any, at: _Stream, marks: Marks, report: LedgerReport) -> None:
    if event.seq != at.seq + 1:
        detail = f"Expected event {at.seq + 1}, but event {event.seq} follows."
        report.tell("event-missing", event.stream, at.seq + 1, detail)
    elif event.prev != at.hash:
        report.tell("chain-broken", event.stream, event.seq, "The event is not chained to the one before it.")
    if event.algorithm not in ALGORITHMS:
        report.tell("algorithm-unknown", event.stream, event.seq, f"Nothing here knows {event.algorithm}.")
    elif not _hash_fits(event):
        report.tell("event-changed", event.stream, event.seq, "The event is not what was hashed.")
    if marks.get(event.stream, {}).get(event.seq, event.hash) != event.hash:
        report.tell("event-replaced", event.stream, event.seq, "A checkpoint holds another event in this place.")
    at.seq, at.hash = event.seq, event.hash


def _hash_fits(event: Any) -> bool:
    try:
        return bool(event_hash(event.prev, hashed_fields(event), event.algorithm) == event.hash)
    except ValueError:  # bytes that no text or hexadecimal number has
        return False


def _end_stream(at: _Stream | None, heads: Heads, marks: Marks, report: LedgerReport) -> None:
    if at is None:
        return
    seq, hashed = heads.get(at.name, (0, ""))
    if at.seq < seq:
        report.tell("event-missing", at.name, at.seq + 1, f"The stream's head is at {seq}, but it ends at {at.seq}.")
    elif at.seq == seq and at.hash != hashed:
        report.tell("head-changed", at.name, at.seq, "The head is not the hash of the last event.")
    marked = max(marks.get(at.name, {0: ""}))
    if marked > max(at.seq, seq):
        detail = f"A checkpoint holds event {marked}, but the stream ends at {at.seq}."
        report.tell("event-missing", at.name, at.seq + 1, detail)


def _verify_checkpoints(store: Store, report: LedgerReport, only: str | None) -> Marks:
    """Check numbers, chain, roots and signatures, and return what the checkpoints say of the streams."""
    marks: Marks = {}
    trusted = key_provider(store.application.settings).trusted()
    heads: Heads = {}
    prev, number = rows.GENESIS, 0
    for row in rows.checkpoints(store):
        for code, detail in _checkpoint_faults(row, heads, prev, number, trusted):
            report.tell(code, "checkpoint", row.id, detail)
        for stream, (seq, hashed) in moved_heads(row).items():
            if only in {None, stream}:
                marks.setdefault(stream, {})[seq] = hashed
        prev, number = checkpoint_hash(row), row.id
        report.checkpoints += 1
        report.covered_until = row.at
    return marks


def _checkpoint_faults(
    row: LedgerCheckpoint, heads: Heads, prev: str, number: int, trusted: Mapping[str, PublicKey]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one checkpoint, and bring ``heads`` up to it."""
    moved = moved_heads(row)
    if any(heads.get(stream, (0, ""))[0] > seq for stream, (seq, _) in moved.items()):
        yield "checkpoint-backwards", "A stream is shorter here than in the checkpoint before."
    if is_full(row.id) and not heads.keys() <= moved.keys():
        yield "checkpoint-backwards", "A stream of the checkpoint before is not in this one."
    heads.update(moved)
    if row.id != number + 1:
        yield "checkpoint-missing", f"Expected checkpoint {number + 1}, but {row.id} follows."
    elif row.prev != prev:
        yield "checkpoint-chain-broken", "The checkpoint is not chained to the one before it."
    if row.algorithm not in ALGORITHMS:
        yield "algorithm-unknown", f"Nothing here knows {row.algorithm}."
    elif row.size != len(heads) or row.root != root_of(heads, row.algorithm):
        yield "checkpoint-changed", "The root is not that of the heads."
    key = trusted.get(row.key_id)
    if key is None:
        yield "key-unknown", f"Key {row.key_id} is not among the trusted ones."
    elif not signature_fits(key, canonical(body(row)), row.signature):
        yield "signature-wrong", "The signature is not by this key over this checkpoint."


def _references(event: Any) -> Iterator[tuple[str, tuple[str, str, int]]]:
    """Yield the sealed values that an event names, with their commitments."""
    if '"commitment"' not in event.content:
        return
    try:
        waiting = [orjson.loads(event.content)]
    except orjson.JSONDecodeError:  # told as event-changed already
        return
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            if isinstance(part.get("sealed"), str) and isinstance(part.get("commitment"), str):
                yield part["sealed"], (part["commitment"], event.stream, event.seq)
            waiting.extend(part.values())


def _purged(store: Store) -> set[str]:
    """Return the ids of the values whose purging is in the ledger."""
    found = rows.events(store, STREAM)
    return {sealed for event in found if event.kind == PURGED for sealed, _ in _references(event)}


def _verify_sealed(
    store: Store, references: Mapping[str, tuple[str, str, int]], purged: set[str], report: LedgerReport
) -> None:
    found = rows.sealed_values(store, tuple(references))
    for sealed_id, (commitment, stream, seq) in references.items():
        sealed = found.get(sealed_id)
        if sealed is None:
            report.tell("sealed-missing", stream, seq, f"Sealed value {sealed_id} is gone, not purged.")
            continue
        report.sealed += 1
        if sealed.value is None:
            fits = sealed_id in purged
        else:
            fits = any(commit(sealed.value, sealed.purpose, sealed.salt, name) == commitment for name in ALGORITHMS)
        if sealed.commitment != commitment or not fits:
            report.tell("sealed-changed", stream, seq, f"Sealed value {sealed_id} is not what was committed to.")
