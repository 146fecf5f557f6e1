"""The sequence flows of one process as a graph: look-ups, reachability, and what can be seen to block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.engine.model import Arrow, Node, Sketch

# Looking for deadlocks compares every join with every choice; beyond this a warning is not worth the wait.
_MOST_STEPS = 3_000_000


class Graph:
    """Indexes of one process."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.nodes: dict[str, Node] = {node.id: node for node in sketch.nodes if node.id}
        self.out: dict[str, list[Arrow]] = {}
        self.into: dict[str, list[Arrow]] = {}
        self.borders: dict[str, list[Node]] = {}
        self.contents: dict[str, list[Node]] = {}
        self.links: dict[tuple[str, str], list[Node]] = {}  # (scope, name) -> catching links
        for arrow in sketch.arrows:
            self.out.setdefault(arrow.source, []).append(arrow)
            self.into.setdefault(arrow.target, []).append(arrow)
        for node in sketch.nodes:
            self.contents.setdefault(node.scope, []).append(node)
            if node.tag == "intermediateCatchEvent" and link_of(node) is not None:
                self.links.setdefault((node.scope, link_of(node) or ""), []).append(node)
            if node.tag == "boundaryEvent":
                self.borders.setdefault(host_of(node), []).append(node)

    def inside(self, scope: str) -> list[Node]:
        """List the nodes directly in a scope."""
        return self.contents.get(scope, [])

    def scopes(self) -> Iterator[str]:
        """List the process (empty) and its sub-processes."""
        yield ""
        for node in self.sketch.nodes:
            if node.tag in ("subProcess", "transaction", "adHocSubProcess"):
                yield node.id

    def after(self, node_id: str) -> Iterator[str]:
        """List what may follow a node: targets of its flows, and events on its border."""
        for arrow in self.out.get(node_id, ()):
            yield arrow.target
        for border in self.borders.get(node_id, ()):
            yield border.id
        node = self.nodes.get(node_id)
        if node is not None and node.tag == "intermediateThrowEvent" and link_of(node) is not None:
            for target in self.links.get((node.scope, link_of(node) or ""), ()):
                yield target.id

    def reachable(self, starts: Iterable[str], *, without: frozenset[str] = frozenset()) -> set[str]:
        """Find all nodes on paths from ``starts`` that do not enter ``without``."""
        seen = set(starts)
        pending = list(seen)
        for node_id in pending:  # grows while we walk
            for following in self.after(node_id):
                if following not in seen and following not in without:
                    seen.add(following)
                    pending.append(following)
        return seen

    def beginnings(self, scope: str) -> list[str]:
        """Find where tokens can begin in a scope: at its start events, else at nodes without incoming flow."""
        inside = self.inside(scope)
        starts = [node.id for node in inside if node.tag == "startEvent"]
        if starts:
            return starts
        return [node.id for node in inside if node.id not in self.into and node.may_begin]

    def unreachable(self) -> list[Node]:
        """List the nodes that no token of their scope can come to."""
        found = []
        for scope in self.scopes():
            inside = self.inside(scope)
            reached = self.reachable(self.beginnings(scope))
            instantiating = {node.id for node in inside if node.flag("instantiate")}
            reached |= self.reachable(instantiating)
            found += [node for node in inside if node.id not in reached and not _is_beside(node)]
        return found

    def deadlocks(self) -> list[tuple[Node, Node]]:
        """Find parallel joins fed by different branches of one exclusive choice: (join, choice)."""
        joins = [node for node in self.nodes.values() if node.tag == "parallelGateway" and self._width(node) > 1]
        choices = [
            node
            for node in self.nodes.values()
            if node.tag in ("exclusiveGateway", "eventBasedGateway") and len(self.out.get(node.id, ())) > 1
        ]
        if len(joins) * len(choices) * len(self.nodes) > _MOST_STEPS:
            return []
        found = []
        for join in joins:
            choice = next((choice for choice in choices if self._starves(choice, join)), None)
            if choice is not None:
                found.append((join, choice))
        return found

    def _width(self, node: Node) -> int:
        return len(self.into.get(node.id, ()))

    def _starves(self, choice: Node, join: Node) -> bool:
        """Tell whether some branch of ``choice`` leads to ``join`` while another of its flows then gets no token."""
        if choice.scope != join.scope:
            return False
        blocked = frozenset({choice.id, join.id})
        without_choice = self.reachable(
            [start for start in self.beginnings(choice.scope) if start != choice.id], without=blocked
        )
        elsewhere = {arrow.id for arrow in self.into[join.id] if arrow.source in without_choice}
        fed = []
        for arrow in self.out[choice.id]:
            reached = self.reachable([arrow.target], without=blocked) if arrow.target not in blocked else set()
            by_branch = {each.id for each in self.into[join.id] if each.source in reached}
            if arrow.target == join.id:
                by_branch.add(arrow.id)
            fed.append(by_branch)
        needed = {arrow.id for arrow in self.into[join.id]} - elsewhere
        return any(branch and needed - branch for branch in fed) and bool(needed & set().union(*fed))


def _is_beside(node: Node) -> bool:
    return node.flag("triggeredByEvent") or node.flag("isForCompensation")


def link_of(node: Node) -> str | None:
    """Name the link of an event; None when it is none."""
    return next((event.name for event in node.events if event.kind == "link"), None)


def handlers_of(border: Node, associations: Iterable[tuple[str, str]], nodes: Mapping[str, Node]) -> list[Node]:
    """Find the activities for compensation that a boundary event is associated with, in either direction (§10.7.1)."""
    ends = [
        target if source == border.id else source for source, target in associations if border.id in (source, target)
    ]
    return [nodes[end] for end in ends if end in nodes and nodes[end].flag("isForCompensation")]


def host_of(node: Node) -> str:
    """Name the activity that a boundary event is attached to."""
    return node.attributes.get("attachedToRef", "").strip().rpartition(":")[2]
