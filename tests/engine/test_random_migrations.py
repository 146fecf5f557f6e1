"""Random processes are moved while they run: onto themselves nothing changes, onto others they go on as those say."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.migration_scene import drawn, moved
from tests.engine.scene import Play, flows, node, tasks, timer
from tests.engine.test_random_processes import Block, Drawing, blocks, without_nested_loops, without_repetition
from workflows.engine import Process, inspect
from workflows.engine.errors import ResetNotPossibleError, ReturnNotPossibleError
from workflows.engine.moves import Reset
from workflows.engine.run.case import Case
from workflows.engine.run.commands import carry_out
from workflows.engine.run.effects import Effects
from workflows.engine.run.state import load_state
from workflows.engine.types import ActivityKey, Command, Complete, Deliver, Outcome, Return


@dataclass
class Edition:
    """A random process and the changes that are made to it while it runs, one after the other."""

    xml: str
    chance: Random

    @property
    def process(self) -> Process:
        return drawn(self.xml, "")

    def insert(self) -> dict[str, str]:
        """Put a task onto some flow; who has come by the flow has come by its second half."""
        found = self.chance.choice(
            list(re.finditer(r'id="(f_[^"]+)" sourceRef="([^"]+)" targetRef="([^"]+)"', self.xml))
        )
        flow, source, target = found.groups()
        begin = self.xml.rindex("<", 0, found.start())
        more = tasks("INS") + f'<bpmn:sequenceFlow id="f_INS" sourceRef="INS" targetRef="{target}"/>'
        changed = f'id="{flow}" sourceRef="{source}" targetRef="INS"'
        self.xml = self.xml[:begin] + more + self.xml[begin : found.start()] + changed + self.xml[found.end() :]
        return {flow: "f_INS"}

    def rename(self) -> dict[str, str]:
        """Call all tasks, events, gateways and sub-processes something else."""
        ids = re.findall(r' id="([A-Z]\d+)"', self.xml)
        self.xml = re.sub(r' (id|sourceRef|targetRef|attachedToRef)="([A-Z]\d+)"', r' \1="new_\2"', self.xml)
        return {name: f"new_{name}" for name in ids}

    def add_border(self) -> dict[str, str]:
        """Put an event beside some task."""
        found = list(re.finditer(r'<bpmn:userTask id="([^"]+)"[^>]*></bpmn:userTask>', self.xml))
        if found:
            host = self.chance.choice(found)
            border = node("boundaryEvent", "added", timer("PT5H"), attachedToRef=host[1], cancelActivity="false")
            more = border + tasks("N0") + flows("added > N0")
            self.xml = self.xml[: host.end()] + more + self.xml[host.end() :]
        return {}


def goes_again(drawing: Drawing, task: str) -> str:
    """Name the variable that decides behind a loop's task whether it is done once more, as first drawn."""
    xml = "".join(drawing.xml)
    leave = re.search(rf'sourceRef="{task}" targetRef="(X\d+)"', xml)
    assert leave is not None
    variable = re.search(rf'sourceRef="{leave[1]}"[^>]*><bpmn:conditionExpression>(again\d+)<', xml)
    assert variable is not None
    return variable[1]


def act(play: Play, drawing: Drawing, rounds: Counter[str], chance: Random) -> Command:
    """Choose what happens next."""
    chosen = chance.choice([*play.tasks, *(["message"] if play.waiting_for else [])])
    if not isinstance(chosen, ActivityKey):
        return Deliver("message", "msg")
    name = chosen.element_id.removeprefix("new_")
    rounds[name] += 1
    again = {}
    if name in drawing.loops:
        again = {goes_again(drawing, name): rounds[name] < drawing.loops[name]}
    return Complete(chosen, again)


def drawn_at_random(block: Block) -> tuple[Drawing, str]:
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    return drawing, node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e")


def held(play: Play) -> list[Any]:
    """Everything that the state keeps, whether paths are written once or twice."""
    case = load_state(play.process, play.state, play.context)
    rows = []
    for token in case.tasks.values():
        place = (token.id, token.task_spec.name, token.key, token.scope.id, token.state, token.opened)
        rows.append((place, list(token.lineage.items()), token.redo, token.memo))
    return rows


@given(blocks().map(without_nested_loops), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_to_the_same_process_nothing_changes(block, chance):
    drawing, xml = drawn_at_random(block)
    play, twin = (Play(xml, "", **drawing.variables) for _ in range(2))
    rounds: Counter[str] = Counter()
    same = drawn(xml, "")

    for _ in range(60):
        if play.outcome is not None:
            break
        report = moved(twin, same)
        assert (report.findings, report.renamed) == ((), ())
        assert report.step is not None
        assert not report.step.history
        assert inspect(same, twin.state) == inspect(play.process, play.state)
        command = act(play, drawing, rounds, chance)
        play.do(command)
        twin.do(command)
        assert (twin.last.history, twin.last.opened) == (play.last.history, play.last.opened)
        assert held(twin) == held(play)
    assert twin.outcome == play.outcome


@given(blocks().map(without_nested_loops), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_processes_end_as_the_changed_diagram_says(block, chance):
    drawing, xml = drawn_at_random(block)
    edition, play = Edition(xml, chance), Play(xml, "", **drawing.variables)
    rounds: Counter[str] = Counter()
    case: Case | None = None
    changes = [edition.insert, edition.rename, edition.add_border]
    chance.shuffle(changes)
    opened = set(play.open)

    for _ in range(1_000):
        if play.outcome is not None:
            break
        before = set(play.open)
        if changes and chance.random() < 0.4:
            mapping = changes.pop()()
            report = moved(play, edition.process, **mapping)
            assert not report.findings
            case = load_state(play.process, play.state, play.context)  # lives on while the other is stored and read
            opened |= {now for _, now in report.renamed}
            before |= {now for _, now in report.renamed}
        else:
            assert play.tasks or play.waiting_for, (play.incidents, play.open)
            command = act(play, drawing, rounds, chance)
            play.do(command)
            if case is not None:
                case.effects = Effects()
                carry_out(case, command)
                case.settle()
                assert case.effects.step(play.state, case.outcome) == play.last
        new = set(play.open) - before
        assert not new & opened
        opened |= new

    assert play.outcome == Outcome("completed")
    assert not play.incidents
    done = Counter(name.removeprefix("new_") for name in play.done)
    assert done["e"] == 1
    assert {name: done[name] for name in drawing.expected} == dict(drawing.expected)


@given(blocks().map(without_repetition), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_work_is_sent_back_and_reset_across_changes_and_the_process_ends_once(block, chance, is_reset):
    drawing, xml = drawn_at_random(block)
    edition, play = Edition(xml, chance), Play(xml, "", **drawing.variables)
    rounds: Counter[str] = Counter()
    changes = [edition.insert, edition.rename, edition.add_border]
    chance.shuffle(changes)
    opened, returns = set(play.open), 6

    for _ in range(1_000):
        if play.outcome is not None:
            break
        before = set(play.open)
        turn = chance.random()
        if changes and turn < 0.25:
            report = moved(play, edition.process, **changes.pop()())
            before |= {now for _, now in report.renamed}
            opened |= before
        elif returns and play.tasks and turn < 0.55:
            returns -= 1
            passed = sorted({name for name in play.done if name in play.process.net.task_specs} | set(play.waiting))
            near, target = chance.choice(list(play.tasks)), chance.choice(passed)
            with suppress(ReturnNotPossibleError, ResetNotPossibleError):
                play.do(Reset(target, near) if is_reset else Return(near, target))
        else:
            play.do(act(play, drawing, rounds, chance))
        new = set(play.open) - before
        assert not new & opened
        opened |= new

    assert play.outcome == Outcome("completed")
    assert not play.incidents
    assert Counter(play.done)["e"] == 1
