"""Draws small diagrams from text and plays them: every command reloads the state from its bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows.engine import Compilation, Process, ProfileChecks, advance, compile_files, inspect, start
from workflows.engine.moves import Reset
from workflows.engine.types import (
    ActivityKey,
    Cancel,
    ChildEscalation,
    ChildStarted,
    Closing,
    Command,
    Complete,
    Context,
    Deliver,
    EndChild,
    FileContent,
    FinishJob,
    Fire,
    HistoryKind,
    Outcome,
    Profile,
    Retry,
    Return,
    SetVariables,
    Start,
    Step,
    TimerSet,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROOTS = (
    '<bpmn:message id="Msg" name="msg"/><bpmn:message id="Other" name="other"/>'
    '<bpmn:error id="Err" errorCode="E1"/><bpmn:error id="Err2" errorCode="E2"/>'
    '<bpmn:escalation id="Esc" escalationCode="C1"/><bpmn:escalation id="Esc2" escalationCode="C2"/>'
)
MESSAGE = '<bpmn:messageEventDefinition messageRef="Msg"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="Err"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="Esc"/>'
TERMINATE = "<bpmn:terminateEventDefinition/>"
_FLOW = re.compile(r"(?P<source>\S+)\s*>\s*(?P<target>\S+)(?:\s+if\s+(?P<condition>.+))?")


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def node(tag: str, node_id: str, inner: str = "", **attributes: str) -> str:
    given = "".join(f' {name.replace("__", ":")}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{tag} id="{node_id}"{given}>{inner}</bpmn:{tag}>'


def tasks(*ids: str) -> str:
    return "".join(node("userTask", each) for each in ids)


def flows(text: str) -> str:
    """Write ``a > b``, ``g > b if x > 1``, one a line or separated by semicolons; ids are ``f_a_b``."""
    drawn = []
    for line in re.split(r"[;\n]", text):
        if not line.strip():
            continue
        found = _FLOW.fullmatch(line.strip())
        assert found is not None, line
        condition = found["condition"]
        inner = ""
        if condition:
            escaped = condition.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            inner = f"<bpmn:conditionExpression>{escaped}</bpmn:conditionExpression>"
        source, target = found["source"], found["target"]
        drawn.append(
            f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">'
            f"{inner}</bpmn:sequenceFlow>"
        )
    return "".join(drawn)


def definitions(*processes: str, roots: str = ROOTS) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="Defs" targetNamespace="urn:test">'
        f"{roots}{''.join(processes)}</bpmn:definitions>"
    ).encode()


def process(nodes: str, arrows: str, process_id: str = "P", **attributes: str) -> str:
    given = "".join(f' {name.replace("__", ":")}="{value}"' for name, value in attributes.items())
    body = nodes if 'id="s"' in nodes or process_id != "P" else node("startEvent", "s") + nodes
    body = body if 'id="e"' in body or not re.search(r">\s*e\b", arrows) else body + node("endEvent", "e")
    return f'<bpmn:process id="{process_id}" isExecutable="true"{given}>{body}{flows(arrows)}</bpmn:process>'


def subprocess(node_id: str, nodes: str, arrows: str, inner: str = "", **attributes: str) -> str:
    return node("subProcess", node_id, inner + nodes + flows(arrows), **attributes)


def compiled(
    content: bytes, *more: FileContent, profile: Profile = Profile.STANDARD, check: ProfileChecks | None = None
) -> Compilation:
    return compile_files([FileContent("test.bpmn", content), *more], profile=profile, check=check)


def codes(content: bytes, *more: FileContent, profile: Profile = Profile.STANDARD) -> list[tuple[str, str]]:
    """List (code, element) of all errors."""
    return [(found.code, found.element_id) for found in compiled(content, *more, profile=profile).errors]


class Play:
    """One case on a virtual clock, with everything that its steps have announced and not yet called off."""

    def __init__(
        self,
        nodes: str | Process,
        arrows: str = "",
        *others: str,
        files: tuple[FileContent, ...] = (),
        start_event: str | None = None,
        functions: dict[str, Any] | None = None,
        fuel: int = 20_000,
        check: ProfileChecks | None = None,
        **variables: Any,
    ) -> None:
        self.processes: dict[str, Process] = {}
        if isinstance(nodes, Process):
            self.process = nodes
        else:
            compilation = compiled(definitions(process(nodes, arrows), *others), *files, check=check)
            assert compilation.is_accepted, [(found.code, found.message) for found in compilation.errors]
            self.processes = dict(compilation.processes)
            self.process = self.processes["P"]
        self.now = NOW
        self.functions = functions or {}
        self.fuel = fuel
        self.tasks: dict[ActivityKey, None] = {}
        self.timers: dict[ActivityKey, TimerSet] = {}
        self.waiting_for: dict[ActivityKey, str] = {}
        self.armed: set[tuple[ActivityKey, int]] = set()  # all timers; an event may have several
        self.awaited: set[tuple[ActivityKey, str, str]] = set()  # all messages and signals
        self.jobs: dict[ActivityKey, Any] = {}
        self.children: dict[tuple[ActivityKey, int], ChildStarted] = {}
        self.open: dict[ActivityKey, None] = {}
        self.incidents: dict[ActivityKey, str] = {}
        self.done: list[str] = []
        self.closed: list[tuple[str, Closing]] = []
        self.variables: dict[str, Any] = {}
        self.thrown: list[tuple[str, dict[str, Any]]] = []
        self.escalations: list[str | None] = []
        self.outcome: Outcome | None = None
        self.state = b""
        self.last: Step
        self._apply(start(self.process, Start(variables, start_event), self.context))

    @property
    def context(self) -> Context:
        return Context(now=self.now, functions=self.functions, fuel=self.fuel)

    @property
    def waiting(self) -> list[str]:
        """The element ids of the open human tasks, sorted."""
        return sorted(key.element_id for key in self.tasks)

    def key(self, element: str, index: int = 0) -> ActivityKey:
        pools = (self.tasks, self.jobs, self.timers, self.waiting_for, self.open, self.incidents)
        found = [key for pool in pools for key in pool if key.element_id == element]
        assert len(found) > index, f"{element} is not open; open are {self.waiting}"
        return list(dict.fromkeys(found))[index]

    def do(self, command: Command | Reset) -> Step:
        before = self.state
        step = advance(self.process, self.state, command, self.context)
        assert self.state is before
        self._apply(step)
        return step

    def complete(self, element: str, index: int = 0, /, **variables: Any) -> Step:
        return self.do(Complete(self.key(element, index), variables))

    def fire(self, element: str) -> Step:
        due = self.timers.pop(self.key(element))
        self.armed.remove((due.activity, due.occurrence))
        self.now = max(self.now, due.due_at)
        return self.do(Fire(due.activity, due.occurrence))

    def deliver(self, name: str = "msg", **payload: Any) -> Step:
        return self.do(Deliver("message", name, payload))

    def finish_job(self, element: str, error: str | None = None, **variables: Any) -> Step:
        return self.do(FinishJob(self.key(element), variables, error))

    def end_child(
        self, element: str, index: int = 0, outcome: str = "completed", code: str | None = None, **variables: Any
    ) -> Step:
        key = next(key for key, number in self.children if key.element_id == element and number == index)
        del self.children[key, index]
        return self.do(EndChild(key, index, outcome, variables, code))

    def escalate(self, element: str, code: str | None, index: int = 0) -> Step:
        key = next(key for key, number in self.children if key.element_id == element and number == index)
        return self.do(ChildEscalation(key, index, code))

    def send_back(self, element: str, target: str, *, direct: bool = False) -> Step:
        return self.do(Return(self.key(element), target, direct))

    def reset(self, target: str, near: str = "") -> Step:
        return self.do(Reset(target, self.key(near) if near else None))

    def retry(self, element: str) -> Step:
        key = next(key for key in self.incidents if key.element_id == element)
        del self.incidents[key]
        return self.do(Retry(key))

    def set(self, **variables: Any) -> Step:
        return self.do(SetVariables(variables))

    def cancel(self) -> Step:
        return self.do(Cancel("test"))

    def wait(self, **span: float) -> None:
        """Move the clock on and fire what comes due, in order."""
        until = self.now + timedelta(**span)
        while due := sorted((timer.due_at, key) for key, timer in self.timers.items() if timer.due_at <= until):
            self.fire(due[0][1].element_id)
            if self.outcome is not None:
                break
        self.now = until

    def count(self, element: str) -> int:
        return self.done.count(element)

    def _apply(self, step: Step) -> None:
        self.last, self.state, self.outcome = step, step.state, step.outcome
        for closed in step.closed:
            assert closed.activity in self.open, f"{closed.activity} was never opened"
            del self.open[closed.activity]
            self.tasks.pop(closed.activity, None)
            self.jobs.pop(closed.activity, None)
            self.incidents.pop(closed.activity, None)
            self.closed.append((closed.activity.element_id, closed.closing))
        for opened in step.opened:
            assert opened.activity not in self.open, f"{opened.activity} was opened twice"
            self.open[opened.activity] = None
        for task in step.tasks_opened:
            assert task.activity in self.open
            self.tasks[task.activity] = None
        for cleared in step.timers_cleared:
            self.armed.remove((cleared.activity, cleared.occurrence))
            self.timers.pop(cleared.activity, None)
        for set_timer in step.timers_set:
            self.armed.add((set_timer.activity, set_timer.occurrence))
            self.timers[set_timer.activity] = set_timer
        for gone in step.subscriptions_cleared:
            self.awaited.remove((gone.activity, gone.kind, gone.name))
            if self.waiting_for.get(gone.activity) == gone.name:
                del self.waiting_for[gone.activity]
        for wanted in step.subscriptions_set:
            self.awaited.add((wanted.activity, wanted.kind, wanted.name))
            self.waiting_for[wanted.activity] = wanted.name
        self.jobs.update({job.activity: job for job in step.jobs})
        for cancelled in step.children_cancelled:
            del self.children[cancelled.activity, cancelled.index]
        self.children.update({(child.activity, child.index): child for child in step.children})
        self.incidents.update({incident.activity: incident.code for incident in step.incidents})
        self.variables.update(step.variables)
        self.thrown += [(thrown.name, dict(thrown.payload)) for thrown in step.thrown]
        self.escalations += [thrown.code for thrown in step.escalations]
        self.done += [event.element_id for event in step.history if event.kind == HistoryKind.COMPLETED]
        self._compare_with_the_state()

    def _compare_with_the_state(self) -> None:
        """What was announced step by step is what the state holds."""
        seen = inspect(self.process, self.state)
        assert {activity.activity for activity in seen.waiting} == set(self.open)
        assert {(timer.activity, timer.occurrence) for timer in seen.timers} == self.armed
        assert {(each.activity, each.kind, each.name) for each in seen.subscriptions} == self.awaited
        assert seen.outcome == self.outcome
        if self.outcome is not None:
            assert not self.open
            assert not self.timers
