"""The conformance cases against SpiffWorkflow as it is shipped: ``python -m bench.conformance`` writes its verdicts.

The cases are driven as ours are (tests/conformance/README.md): held tasks, messages, signals, a clock that is moved on
instead of waited for. Each case runs in a process of its own with a limit of seconds, for some parses never return.
"""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions import timer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition, SignalEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflows.engine.conform import differences

FOLDER = Path(__file__).parents[1] / "tests" / "conformance"
VERDICTS = FOLDER / "spiffworkflow.json"
LIMIT = 10  # seconds for one case
_MOST_STEPS = 500


class _Clock(datetime):
    """The time that the library's timers read: the machine's, and what was waited for."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Tell the time."""
        return super().now(tz) + cls.ahead


class Peer:
    """One case in the library; has what ``differences`` looks at."""

    def __init__(self, case: Mapping[str, Any], content: bytes) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_str(content)
        spec = parser.get_spec(case["process"])
        self.workflow = BpmnWorkflow(spec, parser.get_subprocess_specs(case["process"]))
        self.workflow.get_next_task(spec_name="Start").data.update(case.get("data") or {})
        self.held = set(case.get("hold") or ())
        self.actions = case.get("actions") or ()

    def run(self) -> None:
        """Play the case as the README of the cases says."""
        self._go_on()
        for action in self.actions:
            if self.has_ended:
                return
            self._act(*action)
            self._go_on()
        self.held.clear()
        self._go_on()

    def _act(self, kind: str, argument: Any, payload: Mapping[str, Any] | None = None) -> None:
        if kind == "wait":
            _Clock.ahead += timedelta(seconds=argument)
        elif kind == "release":
            self.held.discard(argument)
        else:
            definition = MessageEventDefinition(argument) if kind == "msg" else SignalEventDefinition(argument)
            with suppress(WorkflowException):  # nobody waits for it
                self.workflow.send_event(BpmnEvent(definition, dict(payload or {})))

    def _go_on(self) -> None:
        for _ in range(_MOST_STEPS):
            self.workflow.refresh_waiting_tasks()
            self.workflow.do_engine_steps()
            ready = self.workflow.get_tasks(state=TaskState.READY, manual=True)
            free = [task for task in ready if task.task_spec.bpmn_id not in self.held]
            if not free or self.has_ended:
                return
            free[0].run()
        raise RuntimeError("The case does not come to rest.")

    @property
    def incidents(self) -> list[str]:
        """Nothing: a fault of the library is an exception."""
        return []

    @property
    def has_ended(self) -> bool:
        """Tell whether the case has ended."""
        return bool(self.workflow.is_completed())

    @property
    def completed(self) -> Counter[str]:
        """Count the completed tasks by their names."""
        return Counter(task.task_spec.name for task in self.workflow.get_tasks(state=TaskState.COMPLETED))


def judge(case: Mapping[str, Any], content: bytes) -> str:
    """Say what became of one case: right, refused, wrong or crash."""
    timer.datetime = _Clock
    try:
        peer = Peer(case, content)
    except ValidationException:
        return "refused"
    except Exception:  # noqa: BLE001 - whatever comes out of the library is its verdict
        return "crash"
    try:
        peer.run()
    except Exception:  # noqa: BLE001 - as above
        return "crash"
    return "wrong" if list(differences(case, peer)) else "right"


def _judge_into(case: Mapping[str, Any], content: bytes, found: Any) -> None:
    found.put(judge(case, content))


def _judge_within(case: Mapping[str, Any], content: bytes) -> str:
    context = multiprocessing.get_context("fork")
    found = context.SimpleQueue()
    process = context.Process(target=_judge_into, args=(case, content, found), daemon=True)
    process.start()
    process.join(LIMIT)
    if process.is_alive():
        process.kill()
        return "hang"
    return "crash" if found.empty() else str(found.get())


def main() -> None:
    """Judge every case of every set, and keep the verdicts beside them."""
    verdicts = {}
    for file in [FOLDER / "cases.json", *sorted((FOLDER / "more").glob("*.json"))]:
        for case in json.loads(file.read_text(encoding="utf-8")):
            verdicts[case["id"]] = _judge_within(case, (file.parent / case["diagram"]).read_bytes())
    document = {"library": f"SpiffWorkflow {version('SpiffWorkflow')}", "parser": "SpiffBpmnParser", "cases": verdicts}
    VERDICTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(Counter(verdicts.values()))


if __name__ == "__main__":
    main()
