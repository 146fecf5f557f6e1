"""Zeebe, the engine of Camunda 8: everything is FEEL behind ``=``, and all work is a job for a worker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from workflows.engine.dialects.draft import KEPT, LISTENER, Bag, Draft, feel
from workflows.engine.model import Foreign, Remark, Text, Transfer

_TEXT = re.compile(r'=\s*"([^"\\]*)"\s*')
_PEOPLE = ("assignmentDefinition", "taskSchedule", "priorityDefinition", "formDefinition")
_JOBS = frozenset({"serviceTask", "sendTask", "businessRuleTask", "scriptTask"})
_NAME = re.compile(r"[^\W\d]\w*")


def translate_part(draft: Draft, bag: Bag, place: str) -> None:
    """Translate what stands at one place of a flow node."""
    if place == "multiInstanceLoopCharacteristics":
        _translate_loop(draft, bag)
    elif place == "":
        _translate_element(draft, bag)


def _translate_element(draft: Draft, bag: Bag) -> None:
    draft.remarks += listeners_of(bag)
    told = [item for name in _PEOPLE for item in bag.all(name)]
    for item in told:
        draft.people.update({f"{key}": value for key, value in item.attributes.items() if value})
    if told:
        draft.tell(KEPT, "zeebe", *(item.name for item in told))
    _mappings(draft, bag)
    if draft.tag == "callActivity":
        _translate_call(draft, bag)
    if draft.tag in _JOBS:
        _translate_work(draft, bag)
    elif definition := bag.one("taskDefinition"):
        bag.all("taskHeaders")
        if draft.tag == "adHocSubProcess":
            draft.refuse("zeebe", "taskDefinition")
        else:
            draft.tell(LISTENER, "zeebe", "taskDefinition", detail=definition.attributes.get("type", ""))


def _translate_work(draft: Draft, bag: Bag) -> None:
    definition, decision, script = bag.one("taskDefinition"), bag.one("calledDecision"), bag.one("script")
    headers = bag.all("taskHeaders")
    if decision is not None:
        _decide(draft, decision.attributes)
    elif script is not None:
        draft.zc["result"] = script.attributes.get("resultVariable", "")
        draft.computed = feel(script.attributes.get("expression", ""))
        draft.tag = "serviceTask"
        draft.zc.setdefault("operation", "expression")
    elif definition is not None:
        _hand_out(draft, definition)
    for holder in headers:
        for item in holder.inside:
            draft.zc.setdefault(f"header:{item.attributes.get('key', '')}", item.attributes.get("value", ""))


def _hand_out(draft: Draft, definition: Foreign) -> None:
    topic = definition.attributes.get("type", "").strip()
    constant = _TEXT.fullmatch(topic)
    if constant is not None:
        topic = constant[1]
    if topic.startswith("=") or not topic:
        draft.refuse("zeebe", "taskDefinition (computed type)")
        return
    draft.hand_out("zeebe", topic)


def _decide(draft: Draft, given: Mapping[str, str]) -> None:
    decision = given.get("decisionId", "").strip()
    constant = _TEXT.fullmatch(decision)
    if decision.startswith("=") and constant is None:
        draft.refuse("zeebe", "calledDecision (computed)")
    draft.zc.setdefault("decision", constant[1] if constant is not None else decision)
    draft.zc.setdefault("result", given.get("resultVariable", ""))


def _translate_call(draft: Draft, bag: Bag) -> None:
    called = bag.one("calledElement")
    if called is None:
        return
    given = called.attributes
    process = given.get("processId", "").strip()
    constant = _TEXT.fullmatch(process)
    draft.attributes["calledElement"] = constant[1] if constant is not None else process
    if given.get("propagateAllParentVariables", "true") != "false":
        draft.transfers.insert(0, Transfer("in", "*"))
    else:
        draft.settings["given"] = "locals"
    handing_out = any(item.direction == "out" for item in draft.transfers)
    if given.get("propagateAllChildVariables", "false" if handing_out else "true") != "false":
        draft.transfers.append(Transfer("out", "*"))


def _mappings(draft: Draft, bag: Bag) -> None:
    """Make inputs variables of the element itself; with outputs, nothing else leaves it."""
    for holder in bag.all("ioMapping"):
        for item in holder.inside:
            target = item.attributes.get("target", "").strip()
            if item.name not in ("input", "output") or not _NAME.fullmatch(target):
                draft.refuse("zeebe", f"ioMapping {target}".strip())
                continue
            value = feel(item.attributes.get("source", ""))
            inward = item.name == "input"
            if draft.tag == "callActivity":
                draft.fill("in" if inward else "out", target, value)
            elif draft.tag in ("intermediateThrowEvent", "endEvent") and inward:
                draft.fill("input", target, value)
            else:
                draft.fill("local" if inward else "after", target, value)
            if not inward:
                draft.settings["closed"] = "true"


def _translate_loop(draft: Draft, bag: Bag) -> None:
    given = bag.one("loopCharacteristics")
    if given is None or draft.loop is None:
        return
    texts = given.attributes
    loop = replace(draft.loop, item=texts.get("inputElement", "").strip())
    if texts.get("inputCollection", "").strip():
        loop = replace(loop, collection=_expression(texts["inputCollection"]))
    if texts.get("outputCollection", "").strip() and texts.get("outputElement", "").strip():
        output = texts["outputCollection"].strip()
        loop = replace(loop, output=output, output_item=_expression(texts["outputElement"]))
    draft.loop = loop


def correlation_of(bag: Bag) -> Text | None:
    """Take the key of a message: who waits for it computes the value that a message must carry."""
    subscription = bag.one("subscription")
    key = subscription.attributes.get("correlationKey", "").strip() if subscription is not None else ""
    return feel(key) if key else None


def _expression(text: str) -> Text:
    stripped = text.strip()
    return Text(stripped[1:].strip() if stripped.startswith("=") else stripped, "feel")


def listeners_of(bag: Bag) -> list[Remark]:
    """Tell of the listeners: they are jobs that nobody waits for here."""
    items = [item for holder in bag.all("executionListeners", "taskListeners") for item in holder.inside]
    return [Remark(LISTENER, (item.name,), "zeebe", item.attributes.get("type", "")[:100]) for item in items]
