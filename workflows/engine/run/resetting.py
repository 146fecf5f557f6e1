"""Reset: an element that was passed opens again, and whatever followed from it is withdrawn.

Unlike a return it needs no path kept by a token. What lies behind the element is told by the diagram: in the scope of
the element every token that could have come from there goes, with all inside it, so that one live path is left; what
runs beside stays, and joins behind get what they would miss (``entering``). The target may lie in a sub-process that
is over (it begins again, at the target), in one that runs, or around the work that goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import ResetNotPossibleError
from workflows.engine.run.entering import open_at
from workflows.engine.run.reach import flows_from, reachable
from workflows.engine.run.returning import lineage_after, lineage_until
from workflows.engine.run.token import Lineage, Token
from workflows.engine.specs.activities import SubProcess
from workflows.engine.specs.catching import CatchEvent
from workflows.engine.specs.complex_gateway import USED
from workflows.engine.specs.event_subprocess import EventSubProcess
from workflows.engine.specs.gateways import EventBasedGateway
from workflows.engine.specs.node import ARRIVALS, Node

if TYPE_CHECKING:
    from workflows.engine.run.case import Case


def reset_work(case: Case, target_id: str, near: Token | None = None) -> Token:
    """Open ``target_id`` again, or raise ``ResetNotPossibleError``. ``near`` chooses among several repeated scopes."""
    target = _target(case, target_id)
    scope, left_out = _deepest_scope(case, target, near)
    entry, inside = _way_in(case, target, left_out)
    behind = reachable(entry)
    followers = [token for token in scope.children if _is_behind(token, behind)]
    joins = [token for token in scope.children if ARRIVALS in token.memo and token.task_spec.name in behind]
    if not followers and not any(_outside(entry, join) != join.memo[ARRIVALS] for join in joins):
        message = f"Expected {target_id} to be passed, but nothing follows from it."
        raise ResetNotPossibleError(message, target=target_id)
    lineage, redo = _numbers(case, entry, followers)
    for join in joins:
        join.memo[ARRIVALS] = _outside(entry, join)
        join.memo.pop(USED, None)  # a complex gateway begins anew
        if not join.memo[ARRIVALS]:
            case.withdraw(join)
    for token in followers:
        case.withdraw(token)
    return open_at(scope, entry, inside, lineage=lineage, redo=redo)


def _target(case: Case, target_id: str) -> Node:
    spec: Node | None = case.process.net.task_specs.get(target_id)
    refused = spec is not None and (spec.is_beside or isinstance(spec, EventSubProcess) or spec.element.id != target_id)
    if spec is None or refused:
        message = f"Expected an element that a token can be put at, but got {target_id}."
        raise ResetNotPossibleError(message, target=target_id)
    if isinstance(spec, CatchEvent):  # behind an event gateway the events wait together
        for other in case.process.net.task_specs.values():
            if isinstance(other, EventBasedGateway) and any(arc.target is spec for arc in other.arcs):
                return other
    return spec


def _deepest_scope(case: Case, target: Node, near: Token | None) -> tuple[Token, list[str]]:
    """Find the innermost scope around the target that is alive, and the sub-processes between that are not."""
    around: list[str] = []
    outer = target.element.scope
    while outer:
        around.insert(0, outer)
        outer = case.process.net.task_specs[outer].element.scope
    for depth in range(len(around), 0, -1):
        alive = [token for token in case.find(around[depth - 1]) if _is_scope(token)]
        chosen = [token for token in alive if near is not None and token in near.scopes()] or alive
        if len(chosen) > 1:
            message = f"Expected one running {around[depth - 1]}, but there are {len(chosen)}: say in which."
            raise ResetNotPossibleError(message, target=target.name)
        if chosen:
            return chosen[0], around[depth:]
    return case.root, around


def _is_scope(token: Token) -> bool:
    spec = token.task_spec
    return spec.is_scope and not spec.is_many and token.has_state(TaskState.STARTED)


def _way_in(case: Case, target: Node, left_out: list[str]) -> tuple[Node, list[str]]:
    """Name the node to open in the living scope, and those to go through inside it.

    A repeated body cannot be entered in its middle: the whole of it begins again.
    """
    specs = case.process.net.task_specs
    way = [*left_out, target.name]
    for position, name in enumerate(way[:-1]):
        spec = specs[name]
        if isinstance(spec, EventSubProcess):
            message = f"Expected {target.name} to be reachable by flows, but the event sub-process around it is over."
            raise ResetNotPossibleError(message, target=target.name)
        if spec.is_many or not isinstance(spec, SubProcess):
            way = way[: position + 1]
            break
    return specs[way[0]], way[1:]


def _is_behind(token: Token, behind: set[str]) -> bool:
    return token.task_spec.name in behind and not token.task_spec.is_beside and ARRIVALS not in token.memo


def _outside(entry: Node, join: Token) -> list[Any]:
    """Keep of the tokens at a waiting join one for each flow that ``entry`` will not bring again."""
    again = flows_from(entry, join.task_spec)
    kept = {arrival[0]: arrival for arrival in reversed(join.memo[ARRIVALS]) if arrival[0] not in again}
    return [arrival for arrival in join.memo[ARRIVALS] if kept.get(arrival[0]) is arrival]


def _numbers(case: Case, entry: Node, followers: list[Token]) -> tuple[Lineage, Lineage]:
    """Tell the path to ``entry`` and the passes taken back: what is done again keeps its round, with a new attempt."""
    specs = case.process.net.task_specs
    path: Lineage = {}
    lost: Lineage = {}
    for token in followers:
        if entry.block in token.lineage:
            path = path or lineage_until(token.lineage, entry, specs)
            lost[entry.block] = max(token.lineage[entry.block], lost.get(entry.block, 0))
            for block, number in lineage_after(token.lineage, entry, specs).items():
                lost[block] = max(number, lost.get(block, 0))
    if not path and followers:
        blocks = followers[0].lineage
        path = {block: n for block, n in blocks.items() if block in specs and entry.name in reachable(specs[block])}
    return path, {block: number for block, number in lost.items() if block in specs}
