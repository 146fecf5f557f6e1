"""Opening one node in the middle of a scope, as if a token had just come to it: where a reset begins.

A node inside a sub-process that is over is reached by opening the sub-process again and beginning there. Joins behind
the node get what they would miss: a token for each flow by which none can come any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workflows.engine.run.reach import flows_from, reachable
from workflows.engine.run.token import Lineage
from workflows.engine.specs.node import ARRIVALS

if TYPE_CHECKING:
    from workflows.engine.run.token import Token
    from workflows.engine.specs.node import Node

BEGIN_AT = "begin_at"  # of a sub-process that is about to begin: the names of the nodes to go through


def open_at(
    scope: Token, spec: Node, inside: Sequence[str] = (), *, lineage: Lineage | None = None, redo: Lineage | None = None
) -> Token:
    """Put a token at ``spec``, which leads through ``inside``; ``redo`` are the passes that it takes back."""
    token = scope._add_child(spec)  # noqa: SLF001 - the library's own way to grow the tree
    if inside:
        token.memo[BEGIN_AT] = list(inside)
    token.lineage, token.redo = lineage or {}, redo or None
    spec.enter(token)
    token._ready()  # noqa: SLF001
    supply_joins(scope, spec)
    return token


def begin_inside(token: Token) -> bool:
    """Begin a sub-process in its middle when a reset asked for that; False: it begins as drawn."""
    names = token.memo.pop(BEGIN_AT, None)
    if not names:
        return False
    open_at(token, token.workflow.process.net.task_specs[names[0]], names[1:])
    return True


def supply_joins(scope: Token, entry: Node) -> None:
    """Give the parallel joins behind ``entry`` the tokens of those branches that nothing will bring any more."""
    specs = scope.workflow.process.net.task_specs
    others = [each for each in scope.children if not each.task_spec.is_beside and ARRIVALS not in each.memo]
    for name in sorted(reachable(entry)):
        join = specs[name]
        if join is entry or not (join.waits_for_all and join.is_join):
            continue
        waiting = scope.workflow.joins.get((scope.id, name))
        arrived = {arrival[0] for arrival in waiting.memo[ARRIVALS]} if waiting is not None else set()
        coming = {flow for other in others for flow in flows_from(other.task_spec, join)}
        missing = set(join.incoming) - flows_from(entry, join) - arrived - coming
        if missing:
            join.restore(scope, [[flow, {}, None] for flow in sorted(missing)])
