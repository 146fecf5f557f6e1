"""SpiffWorkflow and spiff-arena: expressions are Python's, services are operators with parameters."""

from __future__ import annotations

import re

from workflows.engine.dialects.draft import KEPT, Bag, Draft, literal
from workflows.engine.model import Text, Transfer

_ASSIGNMENT = re.compile(r"([^\W\d]\w*)\s*=(?!=)\s*(.+)")


def translate_part(draft: Draft, bag: Bag, place: str) -> None:
    """Translate what stands at one place of a flow node."""
    if place:
        return
    operator = bag.one("serviceTaskOperator")
    if operator is not None and draft.tag in ("serviceTask", "sendTask"):
        draft.hand_out("spiffworkflow", operator.attributes.get("id", "") or "operator", "serviceTaskOperator")
        if operator.attributes.get("resultVariable"):
            draft.zc.setdefault("result", operator.attributes["resultVariable"])
        for holder in operator.inside:
            for item in holder.inside:
                value = item.attributes.get("value", "").strip()
                draft.fill("input", item.attributes.get("id", ""), Text(value) if value else literal(""))
    decision = bag.one("calledDecisionId")
    if decision is not None:
        draft.zc.setdefault("decision", decision.value.strip())
        draft.settings["shape"] = "spread"
    _scripts(draft, bag)
    properties = bag.one("properties")
    if properties is not None:
        pairs = {item.attributes.get("name", ""): item.attributes.get("value", "") for item in properties.inside}
        draft.people.update({name: value for name, value in pairs.items() if name.startswith("form") and value})
        if pairs:
            draft.tell(KEPT, "spiffworkflow", *pairs)
    if draft.tag == "callActivity":
        # all variables go into a called process and come back from it
        draft.transfers += [Transfer("in", "*"), Transfer("out", "*")]


def _scripts(draft: Draft, bag: Bag) -> None:
    """Read assignments before and after; any other script is refused."""
    for name, direction in (("preScript", "before"), ("postScript", "after")):
        for item in bag.all(name):
            lines = [line.strip() for line in item.value.splitlines() if line.strip()]
            found = [_ASSIGNMENT.fullmatch(line) for line in lines]
            if len(lines) == 1 and found[0] is not None:
                draft.fill(direction, found[0][1], Text(found[0][2]))
            elif lines:
                draft.refuse("spiffworkflow", name)
