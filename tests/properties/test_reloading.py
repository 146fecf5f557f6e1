"""Random diagrams full of events: reloading the state after every command equals the run that was never interrupted.

Two runs get the same commands. One is reloaded from its bytes each time (``advance``), the other lives on in memory.
Their steps must be equal, and what was announced must be what the state holds (``Play`` compares). In the end whoever
waits is served until the case is over: no event may leave a token behind that nobody can move.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.scene import ESCALATION, MESSAGE, ROOTS, Play, compiled, definitions, flows, node, tasks, timer
from workflows.engine.run.commands import carry_out
from workflows.engine.run.effects import Effects
from workflows.engine.run.state import load_state, save_state
from workflows.engine.types import Command, Complete, Deliver, Fire, SetVariables

SIGNAL = '<bpmn:signalEventDefinition signalRef="Sig"/>'
COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
CONDITION = (
    "<bpmn:conditionalEventDefinition><bpmn:condition>n &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>"
)
HOURLY = timer("R2/PT1H", "timeCycle")
WAITS = {"message": MESSAGE, "signal": SIGNAL, "timer": timer("PT1H"), "condition": CONDITION, "any": MESSAGE + SIGNAL}


@dataclass(frozen=True)
class Piece:
    kind: str
    parts: tuple[Piece, ...] = ()
    wait: str = "message"
    beside: bool = False


def pieces() -> st.SearchStrategy[Piece]:
    waits, flags = st.sampled_from(sorted(WAITS)), st.booleans()
    leaf = st.builds(
        Piece, st.sampled_from(["task", "catch", "all", "throw", "escalate", "undone", "link"]), wait=waits
    )

    def grow(inner: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        kinds = st.sampled_from(["sequence", "parallel", "scope", "handled", "border", "undo", "transaction", "many"])
        return st.builds(Piece, kinds, several, waits, flags)

    return st.recursive(leaf, grow, max_leaves=7)


@dataclass
class Drawing:
    """Draws pieces between two nodes; ids are numbered."""

    number: int = 0
    xml: list[str] = field(default_factory=list)

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def put(self, *xml: str) -> None:
        self.xml.extend(xml)

    def flow(self, source: str, target: str) -> None:
        self.put(flows(f"{source} > {target}"))

    def draw(self, piece: Piece) -> tuple[str, str]:
        ends: tuple[str, str] = getattr(self, f"draw_{piece.kind}")(piece)
        return ends

    def inside(self, parts: tuple[Piece, ...], last: str = "") -> str:
        """Draw a scope's content: a start event, the parts one after the other, and perhaps an end event."""
        inner = Drawing(self.number)
        start = inner.name("s")
        inner.put(node("startEvent", start))
        ends = [(start, start), *(inner.draw(part) for part in parts)]
        if last:
            end = inner.name("e")
            inner.put(node("endEvent", end, last))
            ends.append((end, end))
        for (_, left), (right, _) in pairwise(ends):
            inner.flow(left, right)
        self.number = inner.number
        return "".join(inner.xml)

    def _event(self, tag: str, prefix: str, definition: str, **attributes: str) -> tuple[str, str]:
        name = self.name(prefix)
        self.put(node(tag, name, definition, **attributes))
        return name, name

    def draw_task(self, piece: Piece) -> tuple[str, str]:
        name = self.name("T")
        self.put(tasks(name))
        return name, name

    def draw_catch(self, piece: Piece) -> tuple[str, str]:
        return self._event("intermediateCatchEvent", "C", WAITS[piece.wait])

    def draw_all(self, piece: Piece) -> tuple[str, str]:
        return self._event("intermediateCatchEvent", "C", SIGNAL + WAITS["timer"], parallelMultiple="true")

    def draw_throw(self, piece: Piece) -> tuple[str, str]:
        return self._event("intermediateThrowEvent", "S", SIGNAL)

    def draw_escalate(self, piece: Piece) -> tuple[str, str]:
        return self._event("intermediateThrowEvent", "E", ESCALATION)

    def draw_link(self, piece: Piece) -> tuple[str, str]:
        source, target = self.name("L"), self.name("L")
        link = f'<bpmn:linkEventDefinition name="{source}"/>'
        self.put(node("intermediateThrowEvent", source, link), node("intermediateCatchEvent", target, link))
        return source, target

    def draw_undone(self, piece: Piece) -> tuple[str, str]:
        task, handler, border = self.name("T"), self.name("U"), self.name("B")
        self.put(
            tasks(task),
            node("userTask", handler, isForCompensation="true"),
            node("boundaryEvent", border, COMPENSATE, attachedToRef=task),
            f'<bpmn:association id="a{border}" sourceRef="{border}" targetRef="{handler}"/>',
        )
        return task, task

    def draw_sequence(self, piece: Piece) -> tuple[str, str]:
        ends = [self.draw(part) for part in piece.parts]
        for (_, left), (right, _) in pairwise(ends):
            self.flow(left, right)
        return ends[0][0], ends[-1][1]

    def draw_parallel(self, piece: Piece) -> tuple[str, str]:
        split, join = self.name("P"), self.name("J")
        self.put(node("parallelGateway", split), node("parallelGateway", join))
        for part in (*piece.parts, Piece("task")):
            first, last = self.draw(part)
            self.flow(split, first)
            self.flow(last, join)
        return split, join

    def draw_scope(self, piece: Piece) -> tuple[str, str]:
        return self._event("subProcess", "Q", self.inside(piece.parts))

    def draw_many(self, piece: Piece) -> tuple[str, str]:
        order = "true" if piece.beside else "false"
        loop = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{order}"><bpmn:loopCardinality>2'
        loop += "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        return self._event("subProcess", "Q", loop + self.inside(piece.parts))

    def draw_handled(self, piece: Piece) -> tuple[str, str]:
        """A scope with an event sub-process."""
        name, handler, start, task = self.name("Q"), self.name("H"), self.name("s"), self.name("T")
        inner = node("startEvent", start, WAITS[piece.wait], isInterrupting="false" if piece.beside else "true")
        drawn = node("subProcess", handler, inner + tasks(task) + flows(f"{start} > {task}"), triggeredByEvent="true")
        self.put(node("subProcess", name, self.inside(piece.parts) + drawn))
        return name, name

    def draw_border(self, piece: Piece) -> tuple[str, str]:
        """A scope with an event on its border, whose path ends by itself or joins the flow behind."""
        name, border, merge = self.name("Q"), self.name("B"), self.name("X")
        definition = HOURLY if piece.wait == "timer" else WAITS[piece.wait]
        cancels = "false" if piece.beside else "true"
        self.put(
            node("subProcess", name, self.inside(piece.parts)),
            node("boundaryEvent", border, definition, attachedToRef=name, cancelActivity=cancels),
            node("exclusiveGateway", merge),
        )
        self.flow(name, merge)
        if not piece.beside:
            self.flow(border, merge)
        return name, merge

    def draw_undo(self, piece: Piece) -> tuple[str, str]:
        """A scope that is undone right after it has completed."""
        name, throw = self.name("Q"), self.name("E")
        self.put(node("subProcess", name, self.inside((*piece.parts, Piece("undone")))))
        self.put(node("intermediateThrowEvent", throw, COMPENSATE))
        self.flow(name, throw)
        return name, throw

    def draw_transaction(self, piece: Piece) -> tuple[str, str]:
        name, border, merge = self.name("Q"), self.name("B"), self.name("X")
        last = CANCEL if piece.beside else ""
        self.put(
            node("transaction", name, self.inside((Piece("undone"), *piece.parts), last)),
            node("boundaryEvent", border, CANCEL, attachedToRef=name),
            node("exclusiveGateway", merge),
        )
        self.flow(name, merge)
        self.flow(border, merge)
        return name, merge


class Uninterrupted:
    """The same case kept in memory from one command to the next."""

    def __init__(self, play: Play) -> None:
        self.case = load_state(play.process, play.state, play.context)

    def follow(self, play: Play, command: Command) -> None:
        case = self.case
        case.context, case.effects = play.context, Effects()
        carry_out(case, command)
        case.settle()
        step = case.effects.step(save_state(case), case.outcome)
        assert replace(step, state=b"") == replace(play.last, state=b"")


def choices(play: Play, chance: Random) -> list[Command]:
    """List what anybody could do now."""
    found: list[Command] = [Complete(key) for key in play.tasks]
    names = {(kind, name) for _, kind, name in play.awaited}
    found += [Deliver(kind, name) for kind, name in sorted(names)]
    found += [Fire(key, occurrence) for key, occurrence in sorted(play.armed)]
    found.append(SetVariables({"n": chance.choice([0, 2])}))
    return found


def drawn(piece: Piece) -> Play:
    drawing = Drawing()
    first, last = drawing.draw(piece)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    body = node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e")
    roots = ROOTS + '<bpmn:signal id="Sig" name="sig"/>'
    compilation = compiled(definitions(f'<bpmn:process id="P" isExecutable="true">{body}</bpmn:process>', roots=roots))
    assert compilation.is_accepted, compilation.errors
    return Play(compilation.processes["P"], n=0)


def carry(play: Play, lived: Uninterrupted, command: Command) -> None:
    if isinstance(command, Fire):
        play.armed.remove((command.activity, command.occurrence))
        due = play.timers.pop(command.activity, None)
        play.now = max(play.now, due.due_at) if due is not None else play.now
    play.do(command)
    lived.follow(play, command)


@given(pieces(), st.integers(0, 2**32))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reloading_after_every_command_changes_nothing_and_every_case_can_be_brought_to_its_end(piece, seed):
    chance, play = Random(seed), drawn(piece)
    lived = Uninterrupted(play)
    for _ in range(25):
        if play.outcome is not None:
            break
        carry(play, lived, chance.choice(choices(play, chance)))

    for _ in range(400):
        if play.outcome is not None:
            break
        work = [command for command in choices(play, chance) if isinstance(command, Complete)]
        others = [command for command in choices(play, chance) if isinstance(command, Deliver | Fire)]
        flip = SetVariables({"n": 2 if chance.random() < 0.5 else 0})
        carry(play, lived, work[0] if work else chance.choice([*others, flip]))

    assert play.outcome is not None
    assert play.outcome.kind == "completed"
    assert not play.incidents
