"""What can be reached from where in one scope of a diagram, by normal flows and by events on borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.engine.specs.node import Node


def reachable(start: Node, *, without: Node | None = None) -> set[str]:
    """Name the nodes that a token at ``start`` may come to, itself included, without passing ``without``."""
    seen = {start.name}
    pending = [start]
    for node in pending:  # grows while we walk
        for following in node.exits():
            if following is not without and following.name not in seen:
                seen.add(following.name)
                pending.append(following)
    return seen


def flows_into(join: Node, names: set[str]) -> set[str]:
    """Name the flows by which the nodes ``names`` lead straight into ``join``."""
    specs = join._wf_spec.task_specs  # noqa: SLF001 - the library's spec knows its net under this name only
    return {arc.id for name in names for arc in specs[name].arcs if arc.target is join}


def flows_from(start: Node, join: Node) -> set[str]:
    """Name the flows by which a token at ``start`` may come to ``join`` without having passed it."""
    return flows_into(join, reachable(start, without=join)) if start is not join else set()
