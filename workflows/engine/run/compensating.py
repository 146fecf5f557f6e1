"""What has been done and may have to be undone (BPMN 2.0.2 §10.7, §13.5.5).

Each scope remembers, in order, which of its completed activities can be compensated; nothing is remembered of any
other. An entry is ``[spec, variables, inner, times, path]``: the activity's own variables as they were (the snapshot
of §10.7.3), what had been completed inside it, how often it was completed in a row when there was neither, and the
lineage by which a return knows what it takes back, with the blocks whose rounds went up by one each time. Entries of
single instances, and those of states from before, have no path.
Whoever undoes (a throwing event, a cancelled transaction, a sub-process that is undone) takes the entries and starts
their handlers one after the other, the last one first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workflows.engine.run.variables import VARIABLES
from workflows.engine.types import ActivityKey, HistoryKind

if TYPE_CHECKING:
    from workflows.engine.run.token import Lineage, Token

DONE = "undoable"
UNDO = "undo"  # [scope, entry] pairs that a token is to undo
HANDLER = "handler"  # the token that undoes the current one
OWNER = "owner"  # of a handler: whom to wake when it is gone
TERMINATED = "terminated"

Entry = list[Any]
_PATH = 4


def remember(token: Token) -> None:
    """Note that an activity has completed, in the scope around it."""
    inner = token.memo.get(DONE, [])
    if TERMINATED not in token.memo and (inner or not token.task_spec.is_many):
        _add(token.scope.memo.setdefault(DONE, []), entry_of(token, inner))


def entry_of(token: Token, inner: list[Entry]) -> Entry:
    """Describe an activity that is, or must be treated as, completed."""
    spec = token.task_spec
    kept = token.memo.get(VARIABLES) if spec.is_scope or token.scope.task_spec.is_many else None
    return [spec.name, dict(kept) if kept else None, inner or None, 1, [dict(token.lineage), None]]


def _add(entries: list[Entry], entry: Entry) -> None:
    """Count an activity that is done again and again instead of listing it."""
    plain = entry[1] is None and entry[2] is None
    if plain and entries and entries[-1][:3] == entry[:3] and _goes_on(entries[-1], entry[_PATH][0]):
        entries[-1][3] += 1
    else:
        entries.append(entry)


def _goes_on(entry: Entry, lineage: Lineage) -> bool:
    """Tell whether this is the path of the next time, and note which rounds go up."""
    if len(entry) <= _PATH:
        return False
    (first, moving), times = entry[_PATH], entry[3]
    steps = {block: lineage[block] - number for block, number in first.items() if block in lineage}
    if lineage.keys() != first.keys() or not set(steps.values()) <= {0, times}:
        return False
    found = sorted(block for block, step in steps.items() if step)
    if moving is None:
        entry[_PATH][1] = found
    return moving is None or moving == found


def take_back(scope: Token, follows: Callable[[str, Lineage], bool]) -> None:
    """Forget what a return takes back: it will be done again, and must not be undone for what it was before."""
    left: list[Entry] = []
    for entry in scope.memo.get(DONE, []):
        if len(entry) <= _PATH:
            left.append(entry)
            continue
        first, moving = entry[_PATH]
        for number in range(entry[3]):
            lineage = {block: passed + number * (block in (moving or ())) for block, passed in first.items()}
            if not follows(entry[0], lineage):
                _add(left, [*entry[:3], 1, [lineage, None]])
    if left:
        scope.memo[DONE] = left
    else:
        scope.memo.pop(DONE, None)


def take(scope: Token, spec_names: frozenset[str] | None = None) -> list[list[Any]]:
    """Take the entries of a scope, of some activities only when named: nothing is undone twice."""
    entries = scope.memo.get(DONE, [])
    taken = [entry for entry in entries if spec_names is None or entry[0] in spec_names]
    left = [entry for entry in entries if spec_names is not None and entry[0] not in spec_names]
    if left:
        scope.memo[DONE] = left
    else:
        scope.memo.pop(DONE, None)
    return [[scope.id, entry] for entry in taken]


def take_all_inside(scope: Token) -> list[Entry]:
    """Take what is done in a scope that is being given up, its running sub-processes included."""
    found = [entry for _, entry in take(scope)]
    for child in scope.children:
        if child.task_spec.is_undoable and not child.task_spec.is_beside:
            inner = take_all_inside(child)
            if inner:
                found.append(entry_of(child, inner))
    return found


def undo_next(owner: Token) -> bool:
    """Start undoing the latest entry; True when nothing is left. Called again whenever a handler is gone."""
    case = owner.workflow
    if owner.memo.get(HANDLER) in case.tasks:
        return False
    pending = owner.memo[UNDO]
    while pending:
        scope_id, entry = pending[-1]
        name, kept, inner, times = entry[:_PATH]
        if times > 1:
            entry[3] -= 1
        else:
            pending.pop()
        spec, scope = case.process.net.task_specs[name], case.tasks.get(scope_id)
        if scope is None:
            continue
        if spec.is_many and inner is not None:
            # once for each instance; what its border names undoes the instance, too
            single = [[name, each[1], None, each[3]] if spec.undone_by is not None else each for each in inner]
            pending.extend([scope_id, each] for each in single)
            continue
        handler = spec.undone_by or spec.undo_scope
        if handler is not None:
            _start(owner, scope, spec, handler, (kept, inner))
            return False
    owner.memo.pop(HANDLER, None)
    owner.memo.pop(UNDO)
    return True


def _start(owner: Token, scope: Token, spec: Any, handler: Any, held: tuple[Any, Any]) -> None:
    kept, inner = held
    token = scope.workflow.spawn(scope, handler)
    token.memo[OWNER] = owner.id
    owner.memo[HANDLER] = token.id
    if kept:
        token.memo[VARIABLES] = dict(kept)
    if handler is spec.undo_scope and inner:
        token.memo[DONE] = inner
    if spec.undo_border:
        key = ActivityKey(spec.undo_border, scope.inner_path, token.round, token.attempt)
        for kind in (HistoryKind.ENTERED, HistoryKind.COMPLETED):
            scope.workflow.effects.record(kind, spec.undo_border, key)
