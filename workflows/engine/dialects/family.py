"""Camunda 7, Activiti and Flowable: one family with nearly the same words."""

from __future__ import annotations

import re
from dataclasses import replace

from workflows.engine.dialects.draft import CODE, KEPT, LISTENER, REFUSED, Bag, Draft, juel, literal
from workflows.engine.model import Foreign, Remark, Text, Transfer, Tree

_PEOPLE = (
    *("assignee", "owner", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority"),
    *("formKey", "formRef", "businessCalendarName", "category", "taskIdVariableName"),
)
# What Flowable and Activiti build in: a worker outside does it here, under the same name.
_BUILT_IN = frozenset(
    {"mail", "http", "shell", "camel", "mule", "send-event", "case", "external-worker", "external", "muel"}
)
_CODE = ("class", "delegateExpression", "expression")
_JOBS = frozenset({"serviceTask", "sendTask", "businessRuleTask"})
_SET_VARIABLE = re.compile(r"""[$#]\{\s*execution\.setVariable\(\s*(['"])(\w+)\1\s*,\s*(.+)\)\s*;?\s*\}""", re.DOTALL)
_CALL = re.compile(r"[\w\])]\s*\(")
_DECISION_SHAPES = frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"})
_LISTENERS = ("executionListener", "taskListener", "eventListener", "transactionDependentExecutionListener")
_CHANGES_DATA = re.compile(r"setVariable|removeVariable|setTransient")
_CAUGHT = {"errorEventDefinition": "error", "escalationEventDefinition": "escalation"}
# The root of the context that names who started the case.
INITIATOR = "initiator"


def translate_part(draft: Draft, bag: Bag, place: str) -> None:
    """Translate what stands at one place of a flow node."""
    if place == "":
        _translate_element(draft, bag)
    elif place == "multiInstanceLoopCharacteristics":
        _translate_loop(draft, bag)
    elif place.endswith("EventDefinition"):
        if place in _CAUGHT:
            _translate_caught(draft, bag, _CAUGHT[place])
        _translate_event(draft, bag)


def _translate_element(draft: Draft, bag: Bag) -> None:
    for remark in listeners_of(bag):
        draft.remarks.append(remark)
    _people(draft, bag)
    if draft.tag == "startEvent" and (initiator := bag.attribute("initiator")):
        draft.transfers.append(Transfer("before", initiator, INITIATOR))
    if draft.tag == "callActivity":
        _translate_call(draft, bag)
    else:
        _mappings_of_messages(draft, bag)
    _input_output(draft, bag)
    if draft.tag in _JOBS:
        _translate_work(draft, bag)
    elif draft.tag == "scriptTask":
        _translate_script(draft, bag)


def _people(draft: Draft, bag: Bag) -> None:
    told = [name for name in _PEOPLE if bag.attributes.get(name)]
    for name in told:
        draft.people[name] = bag.attribute(name)
    fields = bag.all("formData", "formProperty")
    if told or fields:
        draft.tell(KEPT, bag.vendor, *told, *dict.fromkeys(item.name for item in fields))


# ---------------------------------------------------------------------- work


def _translate_work(draft: Draft, bag: Bag) -> None:
    kind, topic = bag.attribute("type"), bag.attribute("topic") or bag.attribute("jobTopic")
    result = bag.attribute("resultVariable") or bag.attribute("resultVariableName")
    if result:
        draft.zc.setdefault("result", result)
    bag.attribute("useLocalScopeForResultVariable")
    fields = _fields(bag)
    if _decision(draft, bag, kind, fields):
        return
    for name, value in fields.items():
        draft.fill("input", name, value)
    connector = bag.one("connector")
    code = [name for name in _CODE if bag.attributes.get(name)]
    texts = {name: bag.attribute(name) for name in code}
    rules = [name for name in ("rules", "ruleVariablesInput", "exclude") if name in bag.attributes]
    ruled = {name: bag.attribute(name) for name in rules}
    if kind in ("external", "external-worker") and topic:
        draft.hand_out(bag.vendor, topic)
        _worker_extras(draft, bag)
    elif kind:
        draft.hand_out(bag.vendor, kind, "type")
        if kind == "case" or kind not in _BUILT_IN:
            draft.refuse(bag.vendor, f"type={kind}")
    elif connector is not None:
        _connect(draft, bag, connector)
    elif "expression" in texts:
        _compute(draft, bag, texts["expression"])
    elif texts:
        draft.hand_out(bag.vendor, next(iter(texts.values())), *code)
    elif ruled:
        draft.hand_out(bag.vendor, ruled.get("rules", "rules"), *rules)


def _worker_extras(draft: Draft, bag: Bag) -> None:
    priority = bag.attribute("taskPriority").strip()
    if priority:
        draft.zc.setdefault("priority", priority)
    told = [item.name for item in bag.all("errorEventDefinition", "mapException")]
    if told:
        draft.tell(CODE, bag.vendor, *dict.fromkeys(told), detail=draft.zc.get("topic", ""))


def _compute(draft: Draft, bag: Bag, text: str) -> None:
    """Compute an expression without calls ourselves; one that calls something is code of the other system."""
    setting = _SET_VARIABLE.fullmatch(text.strip())
    if setting is not None and not _CALL.search(setting[3]):
        draft.zc["result"] = setting[2]
        draft.computed = Text("${" + setting[3] + "}")
    elif _CALL.search(text) or not text.strip().startswith(("${", "#{")):
        draft.hand_out(bag.vendor, text, "expression")
    else:
        draft.computed = Text(text)
    if draft.computed is not None:
        draft.zc.setdefault("operation", "expression")


def _connect(draft: Draft, bag: Bag, connector: Foreign) -> None:
    inside = {item.name: item for item in connector.inside}
    name = inside["connectorId"].value if "connectorId" in inside else "connector"
    draft.hand_out(bag.vendor, name, "connector")
    if "inputOutput" in inside:
        for item in inside["inputOutput"].inside:
            if item.name == "outputParameter":
                _parameter(draft, bag, item, "after")
            else:
                _parameter(draft, bag, item, "input")


def _fields(bag: Bag) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for item in bag.all("field"):
        name = item.attributes.get("name", "")
        inside = {child.name: child.value for child in item.inside}
        constant = item.attributes.get("stringValue", inside.get("string"))
        computed = item.attributes.get("expression", inside.get("expression"))
        if name and constant is not None:
            found[name] = literal(constant)
        elif name and computed:
            # what goes into code of another system is not read further when it calls that system
            found[name] = literal(computed) if _CALL.search(computed) else juel(computed)
        elif name:
            found[name] = literal("")
    return found


def _decision(draft: Draft, bag: Bag, kind: str, fields: dict[str, Tree]) -> bool:
    reference = bag.attribute("decisionRef")
    shape = bag.attribute("mapDecisionResult") or "resultList"
    if kind == "dmn":
        given = fields.get("decisionTableReferenceKey") or fields.get("decisionServiceReferenceKey")
        reference = given.body.strip('"') if isinstance(given, Text) else ""
        draft.tag, shape = "businessRuleTask", "spread"
    if not reference:
        return False
    if "${" in reference or "#{" in reference:
        draft.refuse(bag.vendor, "decisionRef")
    draft.zc.setdefault("decision", reference)
    draft.settings["shape"] = shape
    if shape not in _DECISION_SHAPES | {"spread"}:
        draft.refuse(bag.vendor, "mapDecisionResult")
    return True


def _translate_script(draft: Draft, bag: Bag) -> None:
    if result := bag.attribute("resultVariable") or bag.attribute("resultVariableName"):
        draft.zc.setdefault("result", result)
    if bag.attribute("autoStoreVariables").lower() == "true":
        draft.tell(KEPT, bag.vendor, "autoStoreVariables")


# ---------------------------------------------------------------------- calls


def _translate_call(draft: Draft, bag: Bag) -> None:
    binding = bag.attributes.get("calledElementBinding", "")
    if binding:
        draft.settings["binding"] = binding
    if bag.attribute("inheritVariables").lower() == "true":
        draft.transfers.append(Transfer("in", "*"))
    bag.attribute("inheritBusinessKey")
    bag.attribute("useLocalScopeForOutParameters")
    for item in bag.all("in", "out"):
        _transfer(draft, bag, item)


def _mappings_of_messages(draft: Draft, bag: Bag) -> None:
    for item in bag.all("in"):
        _transfer(draft, bag, item)


def _transfer(draft: Draft, bag: Bag, item: Foreign) -> None:
    given = item.attributes
    target = given.get("target", "").strip()
    source = given.get("source", "").strip()
    computed = given.get("sourceExpression", "").strip()
    if given.get("businessKey"):
        draft.people["businessKey"] = given["businessKey"]
        draft.tell(KEPT, bag.vendor, "businessKey")
    elif given.get("variables") == "all":
        draft.transfers.append(Transfer(item.name, "*"))
    elif "targetExpression" in given or not target or not (source or computed):
        draft.refuse(bag.vendor, item.name)
    elif computed or "${" in source or "#{" in source:
        draft.fill(item.name, target, juel(computed or source))
    else:
        draft.transfers.append(Transfer(item.name, target, source))


# ---------------------------------------------------------------------- inputOutput


def _input_output(draft: Draft, bag: Bag) -> None:
    for holder in bag.all("inputOutput"):
        for item in holder.inside:
            if item.name in ("inputParameter", "outputParameter"):
                _parameter(draft, bag, item, "local" if item.name == "inputParameter" else "after")
            else:
                draft.refuse(bag.vendor, item.name)


def _parameter(draft: Draft, bag: Bag, item: Foreign, direction: str) -> None:
    name = item.attributes.get("name", "").strip()
    value = _value(item)
    if not name or value is None:
        draft.refuse(bag.vendor, f"{item.name} {name}".strip())
    else:
        draft.fill(direction, name, value)


def _value(item: Foreign) -> Tree | None:
    """Read a text, a list or a map; a script gives None."""
    if not item.inside:
        return juel(item.value) if item.value else Text("null", "feel")
    found = item.inside[0]
    match found.name:
        case "list":
            values = [_value(child) for child in found.inside]
            return None if None in values else [value for value in values if value is not None]
        case "map":
            entries = {child.attributes.get("key", ""): _value(child) for child in found.inside}
            return None if None in entries.values() else {k: v for k, v in entries.items() if v is not None}
        case "string" | "expression" | "value":
            return juel(found.value)
    return None


# ---------------------------------------------------------------------- loops, events, listeners


def _translate_loop(draft: Draft, bag: Bag) -> None:
    loop = draft.loop
    if loop is None:
        return
    collection = bag.attribute("collection")
    item = bag.attribute("elementVariable")
    if collection:
        loop = replace(loop, collection=Text(collection))
    if item:
        loop = replace(loop, item=item)
    draft.loop = loop


def _translate_caught(draft: Draft, bag: Bag, kind: str) -> None:
    """Let the event keep what it catches in the variables that its definition names."""
    code, message = bag.attribute(f"{kind}CodeVariable"), bag.attribute(f"{kind}MessageVariable")
    draft.events = tuple(
        replace(event, code_variable=code, message_variable=message) if event.kind == kind else event
        for event in draft.events
    )


def _translate_event(draft: Draft, bag: Bag) -> None:
    if draft.tag not in ("intermediateThrowEvent", "endEvent"):
        return
    _mappings_of_messages(draft, bag)
    code = [name for name in (*_CODE, "type", "topic") if bag.attribute(name)]
    bag.attribute("resultVariable")
    fields = _fields(bag)
    if code or fields:
        draft.tell(LISTENER, bag.vendor, *code)


def listeners_of(bag: Bag) -> list[Remark]:
    """Tell of the listeners at an element: those that would change data in the diagram's own words are refused."""
    remarks = []
    for item in bag.all(*_LISTENERS):
        inside = {child.name for child in item.inside}
        text = item.attributes.get("expression", "")
        script = "script" in inside or item.attributes.get("type") == "script"
        if script or _CHANGES_DATA.search(text):
            remarks.append(Remark(REFUSED, (f"{item.name} ({'script' if script else text[:60]})",), bag.vendor))
        else:
            named = next((item.attributes[name] for name in _CODE if item.attributes.get(name)), "")
            remarks.append(Remark(LISTENER, (item.name,), bag.vendor, named[:100]))
    return remarks
