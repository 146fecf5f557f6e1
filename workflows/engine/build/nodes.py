"""Makes the task spec of one node from the neutral model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from SpiffWorkflow.specs import WorkflowSpec

from workflows.engine.build.data import data_flow
from workflows.engine.build.elements import kind_of
from workflows.engine.build.events import EventMaker
from workflows.engine.build.mappings import mappings, payload, thrown_data, transfers
from workflows.engine.data import Item
from workflows.engine.expressions import Expression
from workflows.engine.limits import Limits
from workflows.engine.model import Document, Loop, Text
from workflows.engine.model import Node as Drawn
from workflows.engine.process import Element
from workflows.engine.read.parts import local_id
from workflows.engine.scripts import compile_script
from workflows.engine.specs import activities, automatic, gateways
from workflows.engine.specs.ad_hoc import AdHocSubProcess
from workflows.engine.specs.behavior import Telling
from workflows.engine.specs.compensation import Transaction
from workflows.engine.specs.complex_gateway import ComplexGateway
from workflows.engine.specs.computing import ComputingTask
from workflows.engine.specs.event_subprocess import EventSubProcess
from workflows.engine.specs.loops import StandardLoop
from workflows.engine.specs.multi_instance import MultiInstance, MultiInstanceCases, MultiInstanceInside
from workflows.engine.specs.node import Node
from workflows.engine.specs.receiving import ReceiveTask
from workflows.engine.texts import compile_text
from workflows.engine.types import ActivityKind

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision

BODY = "#body"

_PLAIN: Mapping[str, type[Node]] = {
    "exclusiveGateway": gateways.ExclusiveGateway,
    "parallelGateway": gateways.ParallelGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "eventBasedGateway": gateways.EventBasedGateway,
    "userTask": activities.HumanTask,
    "manualTask": activities.ManualTask,
    "task": activities.ManualTask,
    "subProcess": activities.SubProcess,
    "transaction": Transaction,
}


@dataclass(frozen=True, slots=True)
class Maker:
    """What is needed to make specs: the net, the file's root elements, the bundle's decisions, the limits."""

    net: WorkflowSpec
    document: Document
    decisions: Mapping[str, Decision]
    limits: Limits
    process_id: str
    items: Mapping[str, Item]

    @property
    def events(self) -> EventMaker:
        """The maker of events."""
        return EventMaker(self.net, self.document, self.process_id)

    def make(self, drawn: Drawn, element: Element, *, isolated: bool) -> Node:
        """Make the spec of a node; a multi-instance activity gets a host and, unless isolated, a body inside."""
        if drawn.loop is None:
            spec = self._single(drawn, drawn.id, element)
        elif drawn.loop.kind == "standard":
            spec = self._repeated(drawn, drawn.loop, element)
        else:
            spec = self._multiple(drawn, drawn.loop, element, isolated=isolated)
        spec.data = data_flow(drawn.data, self.items)
        spec.start_quantity = int(drawn.attributes.get("startQuantity", "1"))
        spec.completion_quantity = int(drawn.attributes.get("completionQuantity", "1"))
        return spec

    # ------------------------------------------------------------------ one instance

    def _single(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = self._of_tag(drawn, name, element)
        spec.mappings = mappings(drawn)
        return spec

    def _of_tag(self, drawn: Drawn, name: str, element: Element) -> Node:
        makers: dict[str, Callable[[Drawn, str, Element], Node]] = {
            "startEvent": self.events.start,
            "endEvent": self.events.thrower,
            "intermediateThrowEvent": self.events.thrower,
            "intermediateCatchEvent": self.events.catcher,
            "boundaryEvent": self.events.border,
            "serviceTask": self._service if drawn.zc.get("operation") else self._automatic,
            "businessRuleTask": self._rule if drawn.zc.get("decision") else self._automatic,
            "scriptTask": self._automatic,
            "sendTask": self._automatic,
            "receiveTask": self._receiver,
            "adHocSubProcess": self._ad_hoc,
            "complexGateway": self._complex,
            "callActivity": self._call,
        }
        if drawn.computed is not None:
            return self._computing(drawn, drawn.computed, name, element)
        if drawn.tag in makers:
            return makers[drawn.tag](drawn, name, element)
        kind = EventSubProcess if drawn.flag("triggeredByEvent") else _PLAIN[drawn.tag]
        spec = kind(self.net, name, element)
        if isinstance(spec, activities.SubProcess):
            spec.own = drawn.properties
        return spec

    def _service(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = activities.ServiceTask(self.net, name, element)
        spec.operation = drawn.zc.get("operation", "")
        spec.result = drawn.zc.get("result", "")
        spec.inputs_given = payload(drawn)
        spec.headers = {key: value for key, value in drawn.zc.items() if key not in ("operation", "result")}
        return spec

    def _computing(self, drawn: Drawn, text: Text, name: str, element: Element) -> Node:
        spec = ComputingTask(self.net, name, element)
        spec.expression = compile_text(text)
        spec.result = drawn.zc.get("result", "")
        return spec

    def _rule(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = automatic.BusinessRuleTask(self.net, name, element)
        spec.decision = self.decisions[drawn.zc["decision"]]
        spec.result = drawn.zc.get("result", "")
        spec.shape = drawn.settings.get("shape", "")
        return spec

    def _automatic(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec: Node
        if drawn.tag == "scriptTask" and "script" in drawn.texts:
            script = automatic.ScriptTask(self.net, name, element)
            script.script = compile_script(drawn.texts["script"], drawn.zc.get("result", ""))
            spec = script
        elif drawn.tag == "sendTask" and drawn.attributes.get("messageRef"):
            sender = automatic.SendTask(self.net, name, element)
            sent = local_id(drawn.attributes["messageRef"])
            sender.message, sender.correlation = self.events.name_of(sent), self.events.correlation_of(sent)
            sender.inputs_given = thrown_data(drawn)
            spec = sender
        else:
            spec = automatic.PassingTask(self.net, name, element)
        spec.kind = element.kind
        return spec

    def _receiver(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = ReceiveTask(self.net, name, element)
        spec.triggers = self.events.triggers(drawn)
        return spec

    def _ad_hoc(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = AdHocSubProcess(self.net, name, element)
        spec.own = drawn.properties
        spec.completion = _optional(drawn.texts.get("completionCondition"))
        spec.sequential = drawn.attributes.get("ordering", "") == "Sequential"
        spec.cancels = drawn.flag("cancelRemainingInstances", default=True)
        return spec

    def _complex(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = ComplexGateway(self.net, name, element)
        spec.activation = _optional(drawn.texts.get("activationCondition"))
        return spec

    def _call(self, drawn: Drawn, name: str, element: Element) -> Node:
        spec = activities.CallActivity(self.net, name, element)
        spec.called = called_process(drawn)
        spec.into = transfers(drawn, "in", "input").beside(drawn.data.inputs.values() if drawn.data else ())
        spec.back = transfers(drawn, "out").beside(drawn.data.outputs.values() if drawn.data else ())
        spec.unit = _optional(drawn.child_unit)
        return spec

    # ------------------------------------------------------------------ many instances

    def _repeated(self, drawn: Drawn, loop: Loop, element: Element) -> Node:
        host = StandardLoop(self.net, drawn.id, replace(element, kind=ActivityKind.MULTI_INSTANCE))
        host.body = self._single(drawn, drawn.id + BODY, replace(element, kind=kind_of(drawn)))
        host.condition, host.test_before = _optional(loop.condition), loop.test_before
        host.maximum = int(loop.maximum) if loop.maximum else None
        return host

    def _multiple(self, drawn: Drawn, loop: Loop, element: Element, *, isolated: bool) -> Node:
        whole = replace(element, kind=ActivityKind.MULTI_INSTANCE)
        single = replace(element, kind=kind_of(drawn))
        host: MultiInstance
        if drawn.tag == "callActivity" or isolated:
            cases = MultiInstanceCases(self.net, drawn.id, whole)
            cases.is_call = not isolated
            cases.called = f"{self.process_id}#{drawn.id}" if isolated else called_process(drawn)
            cases.into = transfers(drawn, "in", "input").beside(drawn.data.inputs.values() if drawn.data else ())
            cases.back = transfers(drawn, "out").beside(drawn.data.outputs.values() if drawn.data else ())
            cases.unit = _optional(drawn.child_unit)
            cases.limit = self.limits.max_child_cases
            cases.mappings = None if isolated else mappings(drawn)
            host = cases
        else:
            inside = MultiInstanceInside(self.net, drawn.id, whole)
            inside.body = self._single(drawn, drawn.id + BODY, single)
            inside.limit = self.limits.max_instances
            host = inside
        host.sequential = loop.sequential
        host.cardinality = _optional(loop.cardinality)
        host.collection = _optional(loop.collection)
        host.completion = _optional(loop.completion)
        host.output_item = _optional(loop.output_item)
        host.item, host.output, host.own_item = loop.item, loop.output, loop.own_item
        host.first = loop.first
        host.tellings = tuple(
            Telling(told.when, self.events.trigger(told.event), _optional(told.condition)) for told in loop.thrown
        )
        return host


def called_process(drawn: Drawn) -> str:
    """Name the process that a call activity calls."""
    return drawn.attributes.get("calledElement", "").strip().rpartition(":")[2]


def _optional(text: Text | None) -> Expression | None:
    return compile_text(text) if text is not None else None
