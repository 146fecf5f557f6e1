"""Our remedies change no trace of the library where it is right: the same random processes run in both.

SpiffWorkflow as shipped (its own parser, specs and script engine) is the oracle for what it gets right: tasks,
sequences, parallel and exclusive gateways, embedded sub-processes, loops at the top. At each step both must wait at
the same tasks, and in the end both must have completed the same elements equally often.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.engine.scene import Play, definitions, node, process
from tests.engine.test_random_processes import Block, Drawing, blocks, without_nested_loops
from workflows.engine.types import Complete, Outcome

_RIGHT = {"task", "nothing", "sequence", "parallel", "exclusive", "sub", "loop"}


def what_the_library_gets_right(block: Block) -> Block:
    """Put a construct that the library runs as the standard says in the place of one that it does not."""
    parts = tuple(what_the_library_gets_right(part) for part in block.parts)
    kind = block.kind if block.kind in _RIGHT else ("exclusive" if len(parts) > 1 else "sub" if parts else "task")
    return Block(kind, parts, (*block.chosen, True, False), block.times)


class LibraryDrawing(Drawing):
    """The library demands an end event in each sub-process."""

    def draw_sub(self, block: Block, times: int) -> tuple[str, str]:
        name, start, end = self.name("S"), self.name("s"), self.name("e")
        inner = LibraryDrawing(variables=self.variables, expected=self.expected, loops=self.loops, number=self.number)
        first, last = inner.draw(block.parts[0], times)
        self.number = inner.number
        inner.flow(start, first)
        inner.flow(last, end)
        inside = node("startEvent", start) + "".join(inner.xml) + node("endEvent", end)
        self.xml.append(node("subProcess", name, inside))
        return name, name


class Library:
    """One run of SpiffWorkflow as shipped."""

    def __init__(self, diagram: bytes, variables: dict[str, Any]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(diagram)
        self.run = BpmnWorkflow(parser.get_spec("P"), parser.get_subprocess_specs("P"))
        self.run.get_next_task().data.update(variables)
        self.run.do_engine_steps()

    @property
    def waiting(self) -> list[str]:
        return sorted(task.task_spec.bpmn_id for task in self._ready())

    def complete(self, element: str, values: dict[str, Any]) -> None:
        task = next(task for task in self._ready() if task.task_spec.bpmn_id == element)
        task.set_data(**values)
        task.run()
        self.run.do_engine_steps()

    @property
    def done(self) -> Counter[str]:
        completed = self.run.get_tasks(state=TaskState.COMPLETED)
        return Counter(task.task_spec.bpmn_id for task in completed if task.task_spec.bpmn_id)

    def _ready(self) -> list[Any]:
        return list(self.run.get_tasks(state=TaskState.READY, manual=True))


def closed(play: Play, names: set[str]) -> Counter[str]:
    return Counter(name for name in play.done if name in names)


@given(blocks().map(what_the_library_gets_right).map(without_nested_loops), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_processes_leave_the_same_trace_as_in_the_library(block, chance):
    drawing = LibraryDrawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    body = node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e")
    library = Library(definitions(process(body, "")), dict(drawing.variables))
    play = Play(body, "", **drawing.variables)
    rounds: Counter[str] = Counter()

    while play.outcome is None:
        keys = {key.element_id: key for key in play.tasks}
        assert sorted(keys) == library.waiting
        element = chance.choice(sorted(keys))
        rounds[element] += 1
        again: dict[str, Any] = {}
        if element in drawing.loops:
            again = {_variable_of(play, element): rounds[element] < drawing.loops[element]}
        play.do(Complete(keys[element], again))
        library.complete(element, again)

    assert play.outcome == Outcome("completed")
    assert library.run.is_completed()
    names = {name for name in drawing.expected if name.startswith(("T", "L", "N"))} | {"e"}
    assert closed(play, names) == Counter({name: count for name, count in library.done.items() if name in names})


def _variable_of(play: Play, element: str) -> str:
    """Return the variable that sends the token back after a loop's task."""
    gateway = play.process.flows[play.process.element(element).outgoing[0]].target
    (flow,) = (flow for flow in play.process.flows.values() if flow.source == gateway and flow.condition)
    return flow.condition
