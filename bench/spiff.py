"""The peer of the engine: SpiffWorkflow as it is shipped, with its own parser, script engine and serializer."""

from __future__ import annotations

from collections.abc import Mapping

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.models import diagram

_DURATION = "<timeDuration>{}</timeDuration>"  # an expression of Python here, plain text by the standard


class Peer:
    """M in SpiffWorkflow. A case is its JSON between two steps, as in ours."""

    def __init__(self) -> None:
        source = diagram("m").decode()
        for days in ("P2D", "P30D"):
            source = source.replace(_DURATION.format(days), _DURATION.format(f'"{days}"'))
        parser = BpmnParser()
        parser.add_bpmn_str(source.encode())
        self._spec = parser.get_spec("m")
        self._called = parser.get_subprocess_specs("m")
        self._serializer = BpmnWorkflowSerializer()

    def start(self) -> str:
        """Begin a case and return it as saved."""
        workflow = BpmnWorkflow(self._spec, self._called)
        workflow.do_engine_steps()
        return self._saved(workflow)

    def complete(self, state: str, element: str, values: Mapping[str, object]) -> str:
        """Load → complete → save, as an application on this library does at each step."""
        workflow = self._serializer.deserialize_json(state)
        (task,) = (
            task for task in workflow.get_tasks(state=TaskState.READY, manual=True) if task.task_spec.bpmn_id == element
        )
        task.set_data(**values)
        task.run()
        workflow.refresh_timers()
        workflow.do_engine_steps()
        return self._saved(workflow)

    def is_completed(self, state: str) -> bool:
        """Whether a case has reached its end."""
        return bool(self._serializer.deserialize_json(state).is_completed())

    def _saved(self, workflow: BpmnWorkflow) -> str:
        return str(self._serializer.serialize_json(workflow))
