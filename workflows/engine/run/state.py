"""The state document: what is alive, and nothing else. The compiled process is not inside; history is elsewhere.

Version 1, a JSON object: ``v`` version, ``p`` process key, ``n`` last token number, ``o`` outcome, ``l`` the distinct
lineages, ``t`` the tokens as rows ``[number, spec, parent, state, round, attempt, lineage, opened, memo, redo]``.
The first byte tells the form: ``{`` JSON, ``J`` the same with whole numbers of more than 64 bits behind the mark,
``Z`` either of them compressed with zstandard, for longer documents. What a command does not ask for is neither read
nor written anew (``run/held.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
import zstandard

from workflows.engine.errors import StateError, WrongProcessError
from workflows.engine.run.case import Case
from workflows.engine.run.held import LIMITS, Held, Stored, is_readable
from workflows.engine.run.token import LEAVING, Token
from workflows.engine.run.variables import MI, STORED, VARIABLES
from workflows.engine.specs.node import ARRIVALS
from workflows.engine.types import Context, Outcome
from workflows.engine.values import TAG, ValueFault, from_json, to_json

if TYPE_CHECKING:
    from workflows.engine.process import Process

VERSION = 1
MAX_STATE = 32 * 1024 * 1024
_COMPRESS_FROM = 2_048
_LEVEL = 3
_MARK = b"Z"
_WIDE = b"J"


def save_state(case: Case) -> bytes:
    """Write the document, or raise ``StateError`` when it would be larger than a case may be."""
    pool = _Pool()
    document = {
        "v": VERSION,
        "p": case.process.key,
        "n": case.numbers,
        "o": [case.outcome.kind, case.outcome.code] if case.outcome is not None else None,
        "t": [_row(token, pool) for token in case.tasks.values()],
        "l": pool.lineages,
    }
    data = _encode(document)
    if len(data) > MAX_STATE:
        raise StateError(f"The state of the case would have {len(data)} bytes; {MAX_STATE} are allowed.")
    if len(data) < _COMPRESS_FROM:
        return data
    return _MARK + zstandard.ZstdCompressor(level=_LEVEL).compress(data)


def load_state(process: Process, state: bytes, context: Context) -> Case:
    """Build the case that ``state`` describes, or raise ``StateError``."""
    document = _parse(state)
    if document["p"] != process.key:
        raise WrongProcessError(f"The state belongs to process {document['p']}, not {process.key}.")
    case = Case(process, context)
    case.numbers = document["n"]
    outcome = document["o"]
    case.outcome = Outcome(*outcome) if outcome is not None else None
    lineages = [dict(pairs) for pairs in document["l"]]
    for row in document["t"]:
        _restore(case, row, lineages)
    case.root = case.tasks[min(case.tasks)]
    return case


def _encode(document: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # a whole number of more than 64 bits
        return _WIDE + json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


class _Pool:
    """Tokens of one path share their lineage: each is written once."""

    def __init__(self) -> None:
        self.lineages: list[list[list[Any]]] = []
        self._known: dict[int, int] = {}
        self._kept: list[dict[str, int]] = []

    def number(self, lineage: dict[str, int]) -> int:
        known = self._known.get(id(lineage))
        if known is None:
            known = self._known[id(lineage)] = len(self.lineages)
            self._kept.append(lineage)  # keeps the id from being used again
            self.lineages.append([[block, passed] for block, passed in lineage.items()])
        return known


def _row(token: Token, pool: _Pool) -> list[Any]:
    memo = token.memo
    if ARRIVALS in memo:
        arrivals = [[flow, pool.number(lineage), redo] for flow, lineage, redo in memo[ARRIVALS]]
        memo = {**memo, ARRIVALS: arrivals}
    try:
        written = _written(memo) if memo else None
    except ValueFault as fault:
        raise StateError(f"A variable at {token.key} cannot be stored: {fault.message}") from fault
    parent = token._parent  # noqa: SLF001 - the row stores the tree
    return [
        token.id,
        token.task_spec.name,
        parent,
        token.state,
        token.round,
        token.attempt,
        pool.number(token.lineage),
        int(token.opened),
        written,
        token.redo,
    ]


def _written(memo: Mapping[str, Any]) -> dict[str, Any]:
    """Return a token's memo as a document; what nobody has read is written as it was."""
    document = {}
    for name, value in memo.items():
        if isinstance(value, Held) and TAG not in value:
            document[name] = value.documents()
        elif name == MI:
            document[name] = {
                key: list(entry) if isinstance(entry, Stored) else to_json(entry, LIMITS)
                for key, entry in value.items()
            }
        else:
            document[name] = to_json(value, LIMITS)
    return document


def _read(document: Mapping[str, Any]) -> dict[str, Any]:
    memo: dict[str, Any] = {}
    for name, value in document.items():
        if name == VARIABLES and is_readable(value):
            memo[name] = Held.read(value)
        elif name == MI:
            memo[name] = {
                key: Stored(entry) if key in STORED and entry is not None else from_json(entry, LIMITS)
                for key, entry in value.items()
            }
        else:
            memo[name] = from_json(value, LIMITS)
    return memo


def _restore(case: Case, row: list[Any], lineages: list[dict[str, int]]) -> None:
    number, name, parent_number, state, passed, attempt, lineage, opened, memo, redo = row
    spec = case.process.net.task_specs.get(name)
    if spec is None:
        raise StateError(f"The process has no element {name}.", element=name)
    parent = case.tasks.get(parent_number)
    token = Token(case, spec, parent, state, number)
    is_armed = spec.is_boundary and LEAVING not in (memo or ())  # one that has happened hangs on the scope itself
    if parent is not None and (is_armed or not parent.task_spec.is_scope):
        token.scope = parent.scope
    token.round, token.attempt, token.opened, token.redo = passed, attempt, bool(opened), redo
    token.lineage = lineages[lineage]
    if memo:
        token.internal_data = _read(memo)
        _restore_arrivals(case, token, lineages)
    if spec.is_watching(token):
        case.watching[number] = token


def _restore_arrivals(case: Case, token: Token, lineages: list[dict[str, int]]) -> None:
    arrivals = token.memo.get(ARRIVALS)
    if arrivals is not None:
        token.memo[ARRIVALS] = [[flow, lineages[lineage], redo] for flow, lineage, redo in arrivals]
        case.joins[token.scope.id, token.task_spec.name] = token


def _parse(state: bytes) -> dict[str, Any]:
    try:
        data = state
        if state[:1] == _MARK:
            data = zstandard.ZstdDecompressor().decompress(state[1:], max_output_size=MAX_STATE)
        document: dict[str, Any] = json.loads(data[1:]) if data[:1] == _WIDE else orjson.loads(data)
        version = document["v"]
    except (ValueError, zstandard.ZstdError, KeyError, TypeError) as error:
        raise StateError(f"Not a state document: {error}") from error
    if version != VERSION:
        raise StateError(f"The state has version {version!r}; this engine reads version {VERSION}.", version=version)
    return document
