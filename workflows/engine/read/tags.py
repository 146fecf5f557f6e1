"""The tags of BPMN 2.0.2 that the reader tells apart."""

from __future__ import annotations

EVENT_ROOTS = ("message", "error", "escalation", "signal")
SCOPES = ("subProcess", "transaction", "adHocSubProcess")
NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "implicitThrowEvent",
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "exclusiveGateway",
        "inclusiveGateway",
        "parallelGateway",
        "complexGateway",
        "eventBasedGateway",
        "choreographyTask",
        "subChoreography",
        "callChoreography",
        *SCOPES,
    }
)
# Drawn for people, without effect on tokens (BPMN 2.0.2 §8.4.1 artifacts, §10.4 data that no association moves).
DECORATION = frozenset(
    {
        "documentation",
        "extensionElements",
        "auditing",
        "monitoring",
        "laneSet",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "textAnnotation",
        "association",
        "group",
        "supports",
        "incoming",
        "outgoing",
        "property",
    }
)
