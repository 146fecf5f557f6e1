"""Random block-structured processes: each ends, and each task is done as often as the blocks say.

The oracle counts over the tree of blocks and knows nothing of tokens. The order of completion is random, and every
command reloads the state (``Play`` does) and compares what was announced with what the state holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.scene import MESSAGE, Play, flows, node, tasks
from workflows.engine.errors import ReturnNotPossibleError
from workflows.engine.types import ActivityKey, Complete, Outcome, Return


@dataclass(frozen=True)
class Block:
    kind: str
    parts: tuple[Block, ...] = ()
    chosen: tuple[bool, ...] = ()
    times: int = 1


def blocks() -> st.SearchStrategy[Block]:
    leaf = st.sampled_from(["task", "message", "nothing", "receive", "script"]).map(Block)

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            several.map(lambda parts: Block("sequence", parts)),
            several.map(lambda parts: Block("parallel", parts)),
            several.map(lambda parts: Block("fork", parts)),
            several.map(lambda parts: Block("complex", parts)),
            st.tuples(several, st.lists(st.booleans(), min_size=3, max_size=3)).map(
                lambda pair: Block("choosing", pair[0], tuple(pair[1]))
            ),
            st.tuples(inner, st.integers(1, 3)).map(lambda pair: Block("repeat", (pair[0],), times=pair[1])),
            st.tuples(several, st.lists(st.booleans(), min_size=3, max_size=3)).map(
                lambda pair: Block("exclusive", pair[0], tuple(pair[1]))
            ),
            st.tuples(several, st.lists(st.booleans(), min_size=3, max_size=3)).map(
                lambda pair: Block("inclusive", pair[0], tuple(pair[1]))
            ),
            inner.map(lambda part: Block("sub", (part,))),
            st.tuples(inner, st.integers(1, 3)).map(lambda pair: Block("loop", (pair[0],), times=pair[1])),
            st.tuples(inner, st.integers(0, 3), st.booleans()).map(
                lambda triple: Block("many", (triple[0],), (triple[2],), triple[1])
            ),
        )

    return st.recursive(leaf, grow, max_leaves=12)


@dataclass
class Drawing:
    """Draws a block between two nodes and keeps the oracle's counts beside it."""

    xml: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    expected: Counter[str] = field(default_factory=Counter)
    loops: dict[str, int] = field(default_factory=dict)
    number: int = 0

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def flow(self, source: str, target: str, condition: str = "") -> None:
        self.xml.append(flows(f"{source} > {target}" + (f" if {condition}" if condition else "")))

    def draw(self, block: Block, times: int) -> tuple[str, str]:
        """Draw the block, done ``times`` times in all; return its first and its last node."""
        ends: tuple[str, str] = getattr(self, f"draw_{block.kind}")(block, times)
        return ends

    def draw_task(self, block: Block, times: int) -> tuple[str, str]:
        name = self.name("T")
        self.xml.append(tasks(name))
        self.expected[name] += times
        return name, name

    def draw_message(self, block: Block, times: int) -> tuple[str, str]:
        name = self.name("M")
        self.xml.append(node("intermediateCatchEvent", name, MESSAGE))
        self.expected[name] += times
        return name, name

    def draw_nothing(self, block: Block, times: int) -> tuple[str, str]:
        name = self.name("N")
        self.xml.append(node("intermediateThrowEvent", name))
        self.expected[name] += times
        return name, name

    def draw_receive(self, block: Block, times: int) -> tuple[str, str]:
        name = self.name("R")
        self.xml.append(node("receiveTask", name, messageRef="Msg"))
        self.expected[name] += times
        return name, name

    def draw_script(self, block: Block, times: int) -> tuple[str, str]:
        name = self.name("C")
        self.xml.append(node("scriptTask", name, f"<bpmn:script>{name} = {name} + 1</bpmn:script>"))
        self.variables[name] = 0
        self.expected[name] += times
        return name, name

    def draw_fork(self, block: Block, times: int) -> tuple[str, str]:
        """Fork from a task itself; what it starts is joined by a parallel gateway."""
        split, join = self.name("T"), self.name("J")
        self.xml.append(tasks(split) + node("parallelGateway", join))
        return self._all(split, join, block, times)

    def draw_complex(self, block: Block, times: int) -> tuple[str, str]:
        """Join by a complex gateway that waits for all."""
        split, join = self.name("P"), self.name("J")
        condition = f"activationCount >= {len(block.parts)}"
        activation = f"<bpmn:activationCondition>{condition}</bpmn:activationCondition>"
        self.xml.append(node("parallelGateway", split) + node("complexGateway", join, activation))
        return self._all(split, join, block, times)

    def _all(self, split: str, join: str, block: Block, times: int) -> tuple[str, str]:
        for part in block.parts:
            first, last = self.draw(part, times)
            self.flow(split, first)
            self.flow(last, join)
        self.expected[split] += times
        self.expected[join] += times
        return split, join

    def draw_choosing(self, block: Block, times: int) -> tuple[str, str]:
        """Flows with conditions straight out of a task."""
        taken = {number for number, chosen in enumerate(block.chosen[: len(block.parts) - 1]) if chosen}
        split, join = self._choice("userTask", block, times, taken or {len(block.parts) - 1}, "inclusiveGateway")
        self.expected[split] += times
        return split, join

    def draw_repeat(self, block: Block, times: int) -> tuple[str, str]:
        """Repeat a sub-process by a standard loop."""
        loop = f'<bpmn:standardLoopCharacteristics loopMaximum="{block.times}"/>'
        return self._nested(block, times, loop, block.times)

    def draw_sequence(self, block: Block, times: int) -> tuple[str, str]:
        ends = [self.draw(part, times) for part in block.parts]
        for (_, left), (right, _) in pairwise(ends):
            self.flow(left, right)
        return ends[0][0], ends[-1][1]

    def draw_parallel(self, block: Block, times: int) -> tuple[str, str]:
        split, join = self.name("P"), self.name("J")
        self.xml.append(node("parallelGateway", split) + node("parallelGateway", join))
        for part in block.parts:
            first, last = self.draw(part, times)
            self.flow(split, first)
            self.flow(last, join)
        self.expected[join] += times
        return split, join

    def draw_exclusive(self, block: Block, times: int) -> tuple[str, str]:
        taken = next((number for number, chosen in enumerate(block.chosen[: len(block.parts) - 1]) if chosen), None)
        return self._choice("exclusiveGateway", block, times, {len(block.parts) - 1 if taken is None else taken})

    def draw_inclusive(self, block: Block, times: int) -> tuple[str, str]:
        taken = {number for number, chosen in enumerate(block.chosen[: len(block.parts) - 1]) if chosen}
        return self._choice("inclusiveGateway", block, times, taken or {len(block.parts) - 1})

    def _choice(self, tag: str, block: Block, times: int, taken: set[int], joining: str = "") -> tuple[str, str]:
        split, join = self.name("T" if joining else "G"), self.name("J")
        default = ""
        for number, part in enumerate(block.parts):
            first, last = self.draw(part, times if number in taken else 0)
            is_default = number == len(block.parts) - 1
            condition = "" if is_default else self.name("c")
            if condition:
                self.variables[condition] = block.chosen[number]
            else:
                default = f"f_{split}_{first}"
            self.flow(split, first, condition)
            self.flow(last, join)
        self.xml.append(node(tag, split, default=default) + node(joining or tag, join))
        self.expected[join] += times
        return split, join

    def draw_sub(self, block: Block, times: int) -> tuple[str, str]:
        name, start = self.name("S"), self.name("s")
        inner = Drawing(variables=self.variables, expected=self.expected, loops=self.loops, number=self.number)
        first, _ = inner.draw(block.parts[0], times)
        self.number = inner.number
        inner.flow(start, first)
        self.xml.append(node("subProcess", name, node("startEvent", start) + "".join(inner.xml)))
        self.expected[name] += times
        return name, name

    def draw_many(self, block: Block, times: int) -> tuple[str, str]:
        order = "true" if block.chosen[0] else "false"
        loop = (
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{order}">'
            f"<bpmn:loopCardinality>{block.times}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        )
        return self._nested(block, times, loop, block.times)

    def _nested(self, block: Block, times: int, loop: str, instances: int) -> tuple[str, str]:
        name, start = self.name("S"), self.name("s")
        inner = Drawing(variables=self.variables, expected=self.expected, loops=self.loops, number=self.number)
        first, _ = inner.draw(block.parts[0], times * instances)
        self.number = inner.number
        inner.flow(start, first)
        self.xml.append(node("subProcess", name, loop + node("startEvent", start) + "".join(inner.xml)))
        self.expected[name] += times * (instances + 1)  # each instance and the whole
        return name, name

    def draw_loop(self, block: Block, times: int) -> tuple[str, str]:
        """A loop that a task inside leaves; only at the top, where one token at a time passes it."""
        merge, task, leave = self.name("X"), self.name("L"), self.name("X")
        first, last = self.draw(block.parts[0], times * block.times)
        after = self.name("N")
        self.xml.append(node("exclusiveGateway", merge) + tasks(task) + node("intermediateThrowEvent", after))
        self.xml.append(node("exclusiveGateway", leave, default=f"f_{leave}_{after}"))
        self.flow(merge, first)
        self.flow(last, task)
        self.flow(task, leave)
        again = self.name("again")
        self.variables[again] = True
        self.flow(leave, merge, again)
        self.flow(leave, after)
        self.expected[task] += times * block.times
        self.expected[after] += times
        self.loops[task] = block.times
        return merge, after


def without_nested_loops(block: Block, *, inside: bool = False) -> Block:
    """A loop's counter is one variable of the case: several tokens in one loop would share it."""
    kind = "sequence" if block.kind == "loop" and inside else block.kind
    deeper = inside or block.kind in ("loop", "many", "repeat")
    parts = tuple(without_nested_loops(part, inside=deeper) for part in block.parts)
    return Block(kind, parts, block.chosen, block.times)


@given(blocks().map(without_nested_loops), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_processes_end_with_each_task_done_as_often_as_the_blocks_say(block, chance):
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    play = Play(node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e"), "", **drawing.variables)
    rounds: Counter[str] = Counter()

    for _ in range(2_000):
        if play.outcome is not None:
            break
        choices = [*play.tasks, *(["message"] if play.waiting_for else [])]
        chosen = chance.choice(choices)
        if not isinstance(chosen, ActivityKey):
            play.deliver()
            continue
        rounds[chosen.element_id] += 1
        again = {}
        if chosen.element_id in drawing.loops:
            variable = next(flow.condition for flow in play.process.flows.values() if _leaves(play, flow, chosen))
            again = {variable: rounds[chosen.element_id] < drawing.loops[chosen.element_id]}
        play.do(Complete(chosen, again))

    done = Counter(play.done)
    assert play.outcome == Outcome("completed")
    assert not play.incidents
    assert {name: done[name] for name in drawing.expected} == dict(drawing.expected)
    scripts = {name: count for name, count in drawing.expected.items() if name.startswith("C")}
    assert {name: play.variables[name] for name in scripts} == scripts


def _leaves(play: Play, flow: Any, task: ActivityKey) -> bool:
    """The flow back from the gateway right behind a loop's task."""
    gateway = play.process.flows[play.process.element(task.element_id).outgoing[0]].target
    return flow.source == gateway and bool(flow.condition)


@given(st.integers(2, 6), st.lists(st.integers(0, 5), max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_random_returns_in_a_chain_never_lose_or_double_the_token(length, targets, chance):
    names = [f"T{number}" for number in range(length)]
    arrows = "\n".join(f"{one} > {two}" for one, two in zip(["s", *names], [*names, "e"], strict=True))
    play = Play(tasks(*names), arrows)
    seen: set[ActivityKey] = set()

    for target in targets:
        key = next(iter(play.tasks))
        seen.add(key)
        here = names.index(key.element_id)
        if chance.random() < 0.5 and here < length - 1:
            play.complete(key.element_id)
        else:
            play.send_back(key.element_id, names[min(target, here)])
        assert len(play.tasks) == 1
        assert next(iter(play.tasks)) not in seen
    while play.outcome is None:
        play.complete(play.waiting[0])

    assert play.outcome == Outcome("completed")


def without_repetition(block: Block) -> Block:
    """Turn loops and many instances into sequences: what is left is split and joined only."""
    kind = {"loop": "sequence", "many": "sequence", "repeat": "sequence", "complex": "parallel"}.get(
        block.kind, block.kind
    )
    return Block(kind, tuple(without_repetition(part) for part in block.parts), block.chosen, 1)


@given(blocks().map(without_repetition), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_returns_in_blocks_leave_no_join_waiting_and_repeat_no_key(block, chance):
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    play = Play(node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e"), "", **drawing.variables)
    targets = [name for name in drawing.expected if name.startswith(("T", "S"))]
    opened: set[ActivityKey] = set(play.open)
    returns = 8

    for _ in range(3_000):
        if play.outcome is not None:
            break
        before = set(play.open)
        if play.tasks and targets and returns and chance.random() < 0.4:
            returns -= 1
            try:
                play.do(Return(chance.choice(list(play.tasks)), chance.choice(targets)))
            except ReturnNotPossibleError:
                continue
        elif play.waiting_for and (not play.tasks or chance.random() < 0.5):
            play.deliver()
        else:
            play.do(Complete(chance.choice(list(play.tasks))))
        new = set(play.open) - before
        assert not new & opened
        opened |= new

    assert play.outcome == Outcome("completed")
    assert not play.incidents
    done = Counter(play.done)
    assert done["e"] == 1
    assert all(done[name] >= count for name, count in drawing.expected.items())
