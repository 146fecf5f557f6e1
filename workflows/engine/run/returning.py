"""Sending work back: the tokens that followed from the target are withdrawn, the target opens again.

BPMN has no such thing; people do it daily (退回). The diagram's straight pieces are blocks; a token's lineage names
the blocks it has come through, so what followed from the target is known without keeping history. A join that had
already fired gets the tokens of its other branches back, so that the second attempt can pass it again.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import DirectReturnNotPossibleError, ReturnNotPossibleError
from workflows.engine.run.compensating import take_back
from workflows.engine.run.detours import park
from workflows.engine.run.reach import flows_into, reachable
from workflows.engine.run.token import Lineage, Token
from workflows.engine.specs.activities import HumanTask
from workflows.engine.specs.events import ArmedActivity
from workflows.engine.specs.gateways import InclusiveGateway, Join
from workflows.engine.specs.node import ARRIVALS, Node, next_attempt
from workflows.engine.types import Closing

if TYPE_CHECKING:
    from workflows.engine.run.case import Case


def return_work(case: Case, activity: Token, target_id: str) -> Token:
    """Withdraw what followed from ``target_id`` and open it again, or raise ``ReturnNotPossibleError``."""
    target, here = _on_path(case, activity, target_id)
    scope, passed = here.scope, here.lineage[target.block]
    followers = [token for token in scope.children if _follows(token, target, passed)]
    specs = case.process.net.task_specs
    kept = lineage_until(here.lineage, target, specs)
    lost: Lineage = {}
    for token in followers:
        for block, number in lineage_after(token.lineage, target, specs).items():
            lost[block] = max(number, lost.get(block, 0))
    take_back(scope, lambda name, lineage: _came_through(specs[name], lineage, target, passed))
    joins = _joins_passed(here.lineage, target, specs)
    _withdraw_arrivals(case, scope, target, passed)
    for token in followers:
        case.withdraw(token, Closing.RETURNED if token is here else Closing.CANCELLED)
    reopened = _reopen(scope, target, passed, kept, lost)
    for join, arrivals in joins:
        join.restore(scope, arrivals)
    return reopened


def return_directly(case: Case, activity: Token, target_id: str) -> Token:
    """Open ``target_id`` again and let it go straight back to ``activity``, which waits; or raise as above."""
    target, here = _on_path(case, activity, target_id)
    is_person = isinstance(activity.task_spec, HumanTask) and activity.has_state(TaskState.STARTED)
    leaves_otherwise = any(border.interrupting for border in target.borders)
    if target is activity.task_spec or not is_person or leaves_otherwise:
        message = f"Expected {target_id} to lead straight back to {activity.key}, but it may leave by another way."
        raise DirectReturnNotPossibleError(message, activity=str(activity.key), target=target_id)
    passed = here.lineage[target.block]
    kept = lineage_until(here.lineage, target, case.process.net.task_specs)
    detour = _reopen(here.scope, target, passed, kept, {})
    park(case, activity, detour)
    return detour


def targets_of(case: Case, activity: Token) -> frozenset[str]:
    """Return the ids of the elements to which the work of ``activity`` can be sent back."""
    specs = [spec for spec in case.process.net.task_specs.values() if isinstance(spec, ArmedActivity)]
    walk = itertools.takewhile(lambda here: here.scope is not here, activity.scopes())
    found = {spec.element.id for here in walk for spec in specs if _has_passed(here, spec)}
    return frozenset(found - {activity.task_spec.element.id})


def _on_path(case: Case, activity: Token, target_id: str) -> tuple[ArmedActivity, Token]:
    """Find the target and the token that stands for ``activity`` in the target's scope."""
    for here in activity.scopes():
        if here.scope is here:
            break
        for spec in case.process.net.task_specs.values():
            if spec.element.id == target_id and isinstance(spec, ArmedActivity) and _has_passed(here, spec):
                return spec, here
    message = f"Expected {target_id} to lie on the path to {activity.key}, but it does not."
    raise ReturnNotPossibleError(message, activity=str(activity.key), target=target_id)


def _has_passed(token: Token, target: Node) -> bool:
    return _is_past(token.task_spec, token.lineage, target)


def _is_past(spec: Node, lineage: Lineage, target: Node) -> bool:
    """Tell whether what is at ``spec`` by this path has come through ``target``, or stands at it."""
    if spec.block == target.block:
        return target.block in lineage and spec.position >= target.position
    return target.block in lineage


def _follows(token: Token, target: Node, passed: int) -> bool:
    if ARRIVALS in token.memo or token.task_spec.is_beside:
        return False
    return _came_through(token.task_spec, token.lineage, target, passed)


def _came_through(spec: Node, lineage: Lineage, target: Node, passed: int) -> bool:
    return lineage.get(target.block) == passed and _is_past(spec, lineage, target)


def lineage_after(lineage: Lineage, target: Node, specs: dict[str, Node]) -> Lineage:
    """Take the blocks that the token has come through because of the target."""
    blocks = list(lineage)
    if target.block not in blocks:
        return {}
    reached = reachable(target)
    after = blocks[blocks.index(target.block) + 1 :]
    return {block: lineage[block] for block in after if block not in specs or block in reached}


def lineage_until(lineage: Lineage, target: Node, specs: dict[str, Node]) -> Lineage:
    """Keep the blocks before the target's from which it can be reached, and the target's own."""
    blocks = list(lineage)
    before = blocks[: blocks.index(target.block)]
    kept = {block: lineage[block] for block in before if block not in specs or target.name in reachable(specs[block])}
    return {**kept, target.block: lineage[target.block]}


def _joins_passed(lineage: Lineage, target: Node, specs: dict[str, Node]) -> list[tuple[Join, list[list[Any]]]]:
    """List the joins that fired because of the target, with the tokens that they must get back."""
    restored = []
    for block, number in lineage_after(lineage, target, specs).items():
        join = specs.get(block)
        if not isinstance(join, Join) or len(join.incoming) <= 1:
            continue
        consumed = set(join.incoming)
        if isinstance(join, InclusiveGateway):
            consumed = {flow for flow in join.incoming if lineage.get(flow) == number}
        consumed -= flows_into(join, reachable(target, without=join))
        arrivals = [[flow, _lineage_of_branch(lineage, target, join, flow, specs), None] for flow in sorted(consumed)]
        if arrivals:
            restored.append((join, arrivals))
    return restored


def _lineage_of_branch(lineage: Lineage, target: Node, join: Join, flow: str, specs: dict[str, Node]) -> Lineage:
    """Rebuild the lineage that a token had when it came to ``join`` by ``flow``."""

    def leads(block: str) -> bool:
        return flow in flows_into(join, reachable(specs[block], without=join))

    before = list(lineage)[: list(lineage).index(join.block)]
    return {block: lineage[block] for block in before if block in specs and block != target.block and leads(block)}


def _withdraw_arrivals(case: Case, scope: Token, target: Node, passed: int) -> None:
    """Take tokens of the withdrawn path away from joins that still wait."""
    for (scope_id, _), join in list(case.joins.items()):
        if scope_id != scope.id:
            continue
        left: list[list[Any]] = [arrival for arrival in join.memo[ARRIVALS] if arrival[1].get(target.block) != passed]
        if not left:
            case.withdraw(join)
        else:
            join.memo[ARRIVALS] = left


def _reopen(scope: Token, target: Node, passed: int, kept: Lineage, lost: Lineage) -> Token:
    token = scope._add_child(target)  # noqa: SLF001 - the library's own way to grow the tree
    token.round = passed
    token.attempt = next_attempt(scope, target.block, passed)
    token.lineage = kept
    specs = scope.workflow.process.net.task_specs
    token.redo = {block: number for block, number in lost.items() if block in specs} or None
    token._ready()  # noqa: SLF001
    return token
