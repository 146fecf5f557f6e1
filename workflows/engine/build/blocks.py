"""Cuts a net into straight pieces: every token that enters one leaves it at the other end, or stays inside.

A pass through a block is counted once for all its nodes; rounds, attempts and lineages are kept per block and so do
not grow with the length of a chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workflows.engine.specs.events import ArmedActivity
from workflows.engine.specs.node import Node


def assign_blocks(specs: Iterable[Node]) -> None:
    """Give each node its block (named after its first node) and its position in it."""
    nodes = list(specs)
    counted = Counter(arc.target.name for node in nodes for arc in node.arcs)
    before = {arc.target.name: node for node in nodes for arc in node.arcs}
    followers = {}
    for node in nodes:
        previous = before.get(node.name)
        if counted[node.name] == 1 and previous is not None and _is_straight(previous, node):
            followers[previous.name] = node
    inside = {node.name for node in followers.values()}
    for node in nodes:
        if node.name not in inside:
            _number(node, followers)


def _is_straight(previous: Node, node: Node) -> bool:
    # whatever can emit several tokens in one pass, or take back part of one, ends its block
    if len(previous.arcs) != 1 or previous.is_boundary or previous.completion_quantity > 1 or node.start_quantity > 1:
        return False
    return not any(isinstance(each, ArmedActivity) and each.borders for each in (previous, node))


def _number(first: Node, followers: dict[str, Node]) -> None:
    node: Node | None = first
    position = 0
    while node is not None:
        node.block, node.position = first.name, position
        position += 1
        node = followers.get(node.name)
