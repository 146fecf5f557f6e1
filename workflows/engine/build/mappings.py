"""Compiles the mappings of a node: what passes its border, and what a dialect computes before and after it."""

from __future__ import annotations

from workflows.engine.model import Node as Drawn
from workflows.engine.model import Text, Transfer, Tree
from workflows.engine.run.transfers import EVERYTHING, Mappings, Source, Transfers
from workflows.engine.texts import compile_text


def transfers(drawn: Drawn, *directions: str) -> Transfers:
    """Compile the mappings of a node in one direction."""
    return Transfers(
        tuple(_transfer(item) for item in drawn.transfers if item.direction in directions),
    )


def payload(drawn: Drawn) -> Transfers:
    """Compile what a job gets: its inputs, and the variables of the activity itself."""
    local = tuple((item.target, item.target) for item in drawn.transfers if item.direction == "local")
    return Transfers((*local, *transfers(drawn, "input", "in").items))


def thrown_data(drawn: Drawn) -> Transfers:
    """Compile what a message or signal carries: what is mapped, and the data inputs (BPMN 2.0.2 §10.4.2)."""
    return transfers(drawn, "input", "in").beside(drawn.data.inputs.values() if drawn.data else ())


def mappings(drawn: Drawn) -> Mappings | None:
    """Compile what a dialect computes before and after a node; None when there is nothing."""
    directions = {item.direction for item in drawn.transfers} & {"initial", "before", "local", "after"}
    is_closed = "closed" in drawn.settings
    if not directions and not is_closed:
        return None
    initial, before, local, after = (transfers(drawn, each) for each in ("initial", "before", "local", "after"))
    return Mappings(initial, before, local, after, is_closed)


def _transfer(item: Transfer) -> tuple[str, Source]:
    if item.target == EVERYTHING:
        return EVERYTHING, item.direction
    if item.tree is not None:
        return item.target, _source(item.tree)
    return item.target, compile_text(item.expression) if item.expression is not None else item.source


def _source(tree: Tree) -> Source:
    if isinstance(tree, Text):
        return compile_text(tree)
    if isinstance(tree, list):
        return [_source(each) for each in tree]
    return {key: _source(each) for key, each in tree.items()}
