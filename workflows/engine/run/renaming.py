"""What the parts of one definition are called in another: nodes, flows, pieces (blocks), and what tokens remember."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.run.compensating import DONE, UNDO
from workflows.engine.run.entering import BEGIN_AT
from workflows.engine.run.token import Lineage, Token
from workflows.engine.specs.ad_hoc import MEMO as AD_HOC
from workflows.engine.specs.complex_gateway import USED
from workflows.engine.specs.node import ARRIVALS, CHOSEN

if TYPE_CHECKING:
    from workflows.engine.process import Process
    from workflows.engine.specs.node import Node
    from workflows.engine.specs.triggers import Trigger


class Names:
    """Tell what each node, flow and block of the old definition is called in the new one."""

    def __init__(self, old: Process, new: Process, mapping: Mapping[str, str]) -> None:
        self.mapping = mapping
        self.old: Mapping[str, Node] = old.net.task_specs
        self.new: Mapping[str, Node] = new.net.task_specs
        self.roots: tuple[str, str] = (old.whole.name, new.whole.name)
        self.pieces: dict[str, list[tuple[int, str]]] = {}
        self.sources: dict[str, list[tuple[Node, int]]] = {}  # of a new piece: old nodes, and their positions in it
        self._paths: dict[tuple[tuple[str, int], ...], Lineage] = {}
        for spec in self.old.values():
            target = self.new.get(self.of(spec.name))
            if target is not None:
                self.pieces.setdefault(spec.block, []).append((spec.position, target.block))
                self.sources.setdefault(target.block, []).append((spec, target.position))
        self._old_known = {*old.flows, *old.elements}  # what lies inside an isolated body too: its own cases have it
        self._new_known = {*new.flows, *new.elements}

    def unknown(self) -> list[str]:
        """List the entries of the mapping that lead from nothing or to nothing."""
        olds = {spec.element.id for spec in self.old.values()} | self._old_known
        news = {spec.element.id for spec in self.new.values()} | self._new_known
        return sorted(old for old, new in self.mapping.items() if old not in olds or new not in news)

    def of(self, name: str) -> str:
        """Name a node."""
        if name == self.roots[0]:
            return self.roots[1]
        element, mark, tail = name.partition("#")
        return self.mapping.get(element, element) + mark + tail

    def flow(self, name: str) -> str:
        """Name a flow."""
        return self.mapping.get(name, name)

    def target(self, spec: Node) -> Node | None:
        """Return the node that stands for ``spec`` in the new definition."""
        return self.new.get(self.of(spec.name))

    def blocks(self, block: str, until: int | None = None) -> list[str]:
        """Name the pieces that a piece has become, up to a position of it."""
        found = sorted(self.pieces.get(block, ()))
        return list(dict.fromkeys(target for position, target in found if until is None or position <= until))

    def begins_behind(self, block: str, piece: str, position: int) -> bool:
        """Tell whether of ``block`` only what lies behind a position has become part of ``piece``."""
        return all(place > position for place, target in self.pieces.get(block, ()) if target == piece)

    def lineage(self, lineage: Mapping[str, int], spec: Node | None = None) -> Lineage:
        """Tell a path in the new pieces; of the piece of ``spec`` only what lies up to it."""
        told: Lineage = {}
        for block, number in lineage.items():
            if block not in self.old:
                told[self.flow(block)] = number
                continue
            until = spec.position if spec is not None and spec.block == block else None
            for piece in self.blocks(block, until):
                told.pop(piece, None)
                told[piece] = number
        return self.share(told)

    def share(self, lineage: Lineage) -> Lineage:
        """Let tokens of one path share their lineage, as they did: the state keeps each once."""
        return self._paths.setdefault(tuple(lineage.items()), lineage)

    def is_same_event(self, spec: Node) -> bool:
        """Tell whether an event still waits for the same, at the same place, in the new definition."""
        target = self.target(spec)
        if target is None or type(target) is not type(spec) or self.of(spec.element.scope) != target.element.scope:
            return False
        if self._host(spec) != target.element.attributes.get("attachedToRef", ""):
            return False
        return _awaited(spec) == _awaited(target)

    def _host(self, spec: Node) -> str:
        host = spec.element.attributes.get("attachedToRef", "")
        return self.of(host) if host else ""

    # ------------------------------------------------------------------ what a token remembers

    def memo(self, token: Token) -> dict[str, Any]:
        """Tell what a token remembers in the names of the new definition."""
        told = dict(token.memo)
        if "passes" in told:
            told["passes"] = self._passes(token)
        if "attempts" in told:
            told["attempts"] = self._attempts(told["attempts"])
        if ARRIVALS in told:
            told[ARRIVALS] = [
                [self.flow(flow), self.lineage(path), self.lineage(redo) if redo else redo]
                for flow, path, redo in told[ARRIVALS]
            ]
        for flows in (USED, CHOSEN):
            if flows in told:
                told[flows] = [self.flow(flow) for flow in told[flows]]
        if BEGIN_AT in told:
            told[BEGIN_AT] = [self.of(name) for name in told[BEGIN_AT]]
        if DONE in told:
            told[DONE] = self._done(told[DONE])
        if UNDO in told:
            told[UNDO] = [[scope, entry] for scope, one in told[UNDO] for entry in self._done([one])]
        if AD_HOC in told:
            told[AD_HOC] = {**told[AD_HOC], "left": [self.of(name) for name in told[AD_HOC]["left"]]}
        return told

    def _passes(self, scope: Token) -> dict[str, int]:
        """Count the passes anew: a piece that nobody has come to yet has one less for each that is still before it."""
        told: dict[str, int] = {}
        for block, passed in scope.memo["passes"].items():
            for piece in self.blocks(block):
                before = {
                    token.round
                    for token in scope.children
                    if token.task_spec.block == block
                    and token.attempt == 1
                    and self.begins_behind(block, piece, token.task_spec.position)
                }
                count = passed
                while count - 1 in before:
                    count -= 1
                told[piece] = max(count, told.get(piece, 0))
        return told

    def _attempts(self, counted: Mapping[str, int]) -> dict[str, int]:
        told: dict[str, int] = {}
        for name, count in counted.items():
            block, _, passed = name.rpartition(":")
            for piece in self.blocks(block):
                told[f"{piece}:{passed}"] = max(count, told.get(f"{piece}:{passed}", 0))
        return told

    def attempt(self, token: Token) -> int:
        """Tell the attempt of a token: where nodes it will come to were done before, none that was used there."""
        spec = token.task_spec
        target = self.new[self.of(spec.name)]
        passes, attempts = token.scope.memo.get("passes", {}), token.scope.memo.get("attempts", {})
        found = token.attempt
        for old, position in self.sources[target.block]:
            if old is spec or position < target.position:
                continue
            if old.block != spec.block:
                is_used = passes.get(old.block, 0) > token.round
            else:
                is_used = old.position < spec.position and spec.block in token.lineage
            if is_used:
                found = max(found, attempts.get(f"{old.block}:{token.round}", 1) + 1)
        return int(found)

    def _done(self, entries: list[Any]) -> list[Any]:
        """Keep what may still have to be undone; what the new definition does not have cannot be."""
        kept = [entry for entry in entries if self.of(entry[0]) in self.new]
        return [
            [self.of(name), held, self._done(inner) if inner else inner, times, *map(self._path, path)]
            for name, held, inner, times, *path in kept
        ]

    def _path(self, path: list[Any]) -> list[Any]:
        lineage, moving = path
        return [self.lineage(lineage), moving and sorted(piece for block in moving for piece in self.blocks(block))]


def _awaited(spec: Node) -> tuple[Any, ...]:
    triggers: tuple[Trigger, ...] = getattr(spec, "triggers", ())
    told = [(trigger.kind, trigger.name, trigger.code, _expected(trigger)) for trigger in triggers]
    return getattr(spec, "parallel", False), told


def _expected(trigger: Trigger) -> tuple[str, ...]:
    """Tell what decides what a message must carry."""
    correlation = trigger.correlation
    return (correlation.key, *(each.text for each in correlation.own)) if correlation is not None else ()
