"""The ledger, verified by code of its own: chains, heads, checkpoints, commitments; and that it tells what happened."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workflows.demo.invariants import sm2
from workflows.demo.invariants.source import Found, Invariant, Row, Source, document, instant, moment

_GENESIS = "0" * 64
_LEAF, _NODE, _EVENT, _COMMITMENT, _CHECKPOINT = b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"
_FORMAT = b"\x01"
_HASHED = ("stream", "seq", "kind", "actor", "on_behalf_of", "via", "request_id", "content", "algorithm")


def _canonical(value: Any) -> bytes:
    """Write plain data as RFC 8785 does: our keys are ASCII and our numbers whole and small."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hash(algorithm: str, *parts: bytes) -> str:
    return hashlib.new(algorithm, b"".join(parts)).hexdigest()


def _instant(value: Any) -> str:
    return moment(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _events(source: Source) -> list[Row]:
    found: list[Row] = source.remember(
        "events", lambda each: each.rows("SELECT * FROM ledger_event ORDER BY stream, seq")
    )
    return found


def _chains(source: Source) -> Found:
    heads = {row["stream"]: row for row in source.rows("SELECT stream, seq, hash FROM ledger_head")}
    faults: list[str] = []
    at, last = "", _Link()
    for row in [*_events(source), None]:
        if row is None or row["stream"] != at:
            if at:
                faults += _wrong_head(at, heads.pop(at, None), last)
            last = _Link()
        if row is None:
            break
        at = row["stream"]
        faults += _wrong_link(row, last)
        last = _Link(row["seq"], row["hash"])
    faults += [f"账本 {stream}：共 {row['seq']} 条，一条也没有了" for stream, row in sorted(heads.items())]
    return Found(len(_events(source)), tuple(faults))


class _Link:
    def __init__(self, seq: int = 0, digest: str = _GENESIS) -> None:
        self.seq, self.digest = seq, digest


def _wrong_link(row: Row, last: _Link) -> Iterator[str]:
    place = f"账本 {row['stream']}:{row['seq']}"
    if row["seq"] != last.seq + 1:
        yield f"{place} 之前缺第 {last.seq + 1} 条"
    elif row["prev"] != last.digest:
        yield f"{place} 没有接在上一条之后"
    body = {name: row[name] for name in _HASHED} | {"at": _instant(row["at"])}
    if _hash(row["algorithm"], _EVENT, _FORMAT, bytes.fromhex(row["prev"]), _canonical(body)) != row["hash"]:
        yield f"{place} 的内容与摘要不符"


def _wrong_head(stream: str, head: Row | None, last: _Link) -> Iterator[str]:
    if head is None:
        yield f"账本 {stream} 没有链头"
    elif (head["seq"], head["hash"]) != (last.seq, last.digest):
        yield f"账本 {stream} 的链头是第 {head['seq']} 条，最后一条却是第 {last.seq} 条"


# ------------------------------------------------------------------ checkpoints


def _checkpoints(source: Source) -> Found:
    hashes = {(row["stream"], row["seq"]): row["hash"] for row in _events(source)}
    known: dict[str, tuple[int, str]] = {}
    faults: list[str] = []
    before = _GENESIS
    rows = source.rows("SELECT * FROM ledger_checkpoint ORDER BY id")
    for number, row in enumerate(rows, 1):
        place = f"检查点 {row['id']}"
        heads = {stream: (seq, digest) for stream, seq, digest in document(row["heads"])}
        known.update(heads)
        faults += [
            f"{place} 记着 {stream}:{seq}，账本里没有这一条，或者摘要不同"
            for stream, (seq, digest) in heads.items()
            if hashes.get((stream, seq)) != digest
        ]
        leaves = [_hash(row["algorithm"], _LEAF, _canonical([name, *known[name]])) for name in sorted(known)]
        body = _canonical(_body(row))
        if row["id"] != number or row["prev"] != before:
            faults.append(f"{place} 没有接在上一个之后")
        if row["size"] != len(known) or _root(leaves, row["algorithm"]) != row["root"]:
            faults.append(f"{place} 的根与链头不符")
        if not _is_signed(source, row, body):
            faults.append(f"{place} 的签名不符")
        before = _hash(row["algorithm"], _CHECKPOINT, body, bytes(row["signature"]))
    return Found(len(rows), tuple(faults))


def _body(row: Row) -> dict[str, Any]:
    names = ("size", "root", "prev", "algorithm", "key_id")
    return {
        "format": "zecheng-checkpoint-1",
        "number": row["id"],
        "at": _instant(row["at"]),
        **{name: row[name] for name in names},
    }


def _root(leaves: Sequence[str], algorithm: str) -> str:
    level = list(leaves)
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [
            _hash(algorithm, _NODE, *(bytes.fromhex(each) for each in pair)) if len(pair) > 1 else pair[0]
            for pair in pairs
        ]
    return level[0] if level else _hash(algorithm)


def _is_signed(source: Source, row: Row, body: bytes) -> bool:
    if source.keys is None:
        return True
    key = source.keys.get(row["key_id"])
    if key is None:
        return False
    check = _CHECKS.get(key.algorithm)
    return check is not None and check(key.raw, body, bytes(row["signature"]))


def _ed25519(raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


_CHECKS = {"ed25519": _ed25519, "sm2": sm2.fits}


def _sealed(source: Source) -> Found:
    rows = source.rows("SELECT id, salt, value, purpose, commitment FROM sealed_value WHERE value IS NOT NULL")
    algorithm = next(iter(_events(source)), {"algorithm": "sm3"})["algorithm"]
    faults = tuple(
        f"封存的 {row['id']}（{row['purpose']}）与账本里的承诺不符"
        for row in rows
        if _hash(algorithm, _COMMITMENT, _canonical({name: row[name] for name in ("purpose", "salt", "value")}))
        != row["commitment"]
    )
    return Found(len(rows), faults)


# ------------------------------------------------------------------ that it tells what happened


def _completions(source: Source) -> Found:
    told: Counter[tuple[str, str]] = Counter()
    late: Counter[str] = Counter()
    for row in _events(source):
        if row["kind"] == "task-completed":
            told[document(row["content"])["task"], row["stream"]] += 1
        elif row["kind"] == "task-late":
            late[document(row["content"])["task"]] += 1
    tasks = source.rows(
        "SELECT id, case_id, name, completed_by, done_at, due_at, late_reason_id FROM task WHERE status = 'completed'"
    )
    faults = []
    for task in tasks:
        place = f"待办 {task['id']}（{task['name']}）"
        number = told.pop((task["id"], f"case:{task['case_id']}"), 0)
        if number != 1:
            faults.append(f"{place}办结了，账本里有 {number} 条")
        if task["completed_by"] is None:
            faults.append(f"{place}办结了，却没有办结人")
        due = instant(task["due_at"])
        if (
            due is not None
            and moment(task["done_at"]) >= due
            and (late[task["id"]] != 1 or task["late_reason_id"] is None)
        ):
            faults.append(f"{place}逾期办结，没有封存迟报原因")
    faults += [f"账本 {stream} 说待办 {task} 办结了，却没有这样的待办" for task, stream in told]
    return Found(len(tasks), tuple(faults))


def _cases_told(source: Source) -> Found:
    """Every case tells its beginning and its end once."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _events(source):
        told[row["stream"]][row["kind"]] += 1
    rows = source.rows('SELECT id, status, title FROM "case"')
    faults = []
    for row in rows:
        kinds = told[f"case:{row['id']}"]
        has_ended = row["status"] in {"completed", "cancelled"}
        never_began = row["status"] == "cancelled" and not kinds["case-started"]
        if kinds["case-started"] != 1 and not never_began:
            faults.append(f"办件 {row['id']}（{row['title']}）在账本里开始了 {kinds['case-started']} 次")
        if kinds["case-ended"] != has_ended and not never_began:
            faults.append(
                f"办件 {row['id']}（{row['title']}）是 {row['status']}，在账本里办结了 {kinds['case-ended']} 次"
            )
    return Found(len(rows), tuple(faults))


INVARIANTS = (
    Invariant("ledger-chains", "账本逐条重算，环环相扣", _chains),
    Invariant("ledger-checkpoints", "检查点重算一致，签名有效", _checkpoints),
    Invariant("ledger-sealed", "封存的意见与承诺一致", _sealed),
    Invariant("ledger-completions", "每次办结在账本里恰好一条", _completions),
    Invariant("ledger-cases", "每个办件的开始和办结各记一次", _cases_told),
)
