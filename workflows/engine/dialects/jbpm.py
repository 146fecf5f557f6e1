"""jBPM (the ``drools`` namespace): work items by name, scripts in Java, flows with priorities."""

from __future__ import annotations

from workflows.engine.dialects.draft import CODE, Bag, Draft
from workflows.engine.model import Arrow, Sketch

_DROOLS = "http://www.jboss.org/drools"
_LOWEST = 10**9


def translate_part(draft: Draft, bag: Bag, place: str) -> None:
    """Translate what stands at one place of a flow node."""
    if place:
        bag.attribute("name")
        return
    name = bag.attribute("taskName")
    if name and draft.tag in ("task", "serviceTask", "sendTask"):
        draft.hand_out("jbpm", name, "taskName")
    elif bag.attribute("serviceimplementation") and draft.tag == "serviceTask":
        operation = bag.attribute("serviceoperation")
        draft.hand_out("jbpm", operation or bag.attribute("serviceinterface") or "service", "serviceimplementation")
    bag.attribute("serviceinterface")
    bag.attribute("serviceoperation")
    group = bag.attribute("ruleFlowGroup")
    if group and draft.tag == "businessRuleTask":
        draft.hand_out("jbpm", group, "ruleFlowGroup")
    if bag.attribute("waitForCompletion") == "false":
        draft.refuse("jbpm", "waitForCompletion=false")
    for item in bag.all("onEntry-script", "onExit-script"):
        if any(child.value for child in item.inside) or item.value:
            draft.refuse("jbpm", item.name)
    if bag.attribute("multiInstance") or bag.attribute("script"):
        draft.tell(CODE, "jbpm", "script", detail="")
    bag.attribute("scriptFormat")


def in_order(arrows: tuple[Arrow, ...], sketch: Sketch) -> tuple[Arrow, ...]:
    """Order the flows of each node by jBPM's priority: the lowest number is tried first."""
    given = {
        (arrow.source, arrow.target, arrow.id): int(item.value)
        for arrow in sketch.arrows
        for item in arrow.foreign
        if item.namespace == _DROOLS and item.name == "priority" and item.value.strip().isdecimal()
    }
    if not given:
        return arrows
    return tuple(sorted(arrows, key=lambda arrow: given.get((arrow.source, arrow.target, arrow.id), _LOWEST)))
