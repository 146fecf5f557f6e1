"""An element while its dialect is translated: what has been said of it so far, and the extensions not yet read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from workflows.engine.dialects.vendors import CHANGING, HARMLESS, TOLD, VENDORS
from workflows.engine.model import EXTERNAL, Foreign, Node, Remark, Text, Transfer, Tree

UNHEARD = "vendor-extension-unheard"
IGNORED = "vendor-extension-ignored"
KEPT = "vendor-metadata-kept"
REFUSED = "vendor-extension-not-supported"
CODE = "vendor-code-not-run"
LISTENER = "vendor-listener-not-run"
LONGEST_TOPIC = 120
_NUMBERS = frozenset({"int", "integer", "long", "short", "double", "float", "decimal"})
_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?")
_WORK = frozenset(
    {"serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask", "callActivity", "adHocSubProcess"}
    | {"intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"}
)


class Bag:
    """The extensions of one vendor at one place of an element; whoever understands one takes it out."""

    def __init__(self, vendor: str, items: Iterable[Foreign]) -> None:
        self.vendor = vendor
        self.attributes: dict[str, str] = {}
        self.elements: list[Foreign] = []
        for item in items:
            if item.is_attribute:
                self.attributes[item.name] = item.value.strip()
            else:
                self.elements.append(item)

    def attribute(self, name: str) -> str:
        """Take an attribute; empty when it is not there."""
        return self.attributes.pop(name, "")

    def all(self, *names: str) -> list[Foreign]:
        """Take the elements with one of these names."""
        taken = [item for item in self.elements if item.name in names]
        self.elements = [item for item in self.elements if item.name not in names]
        return taken

    def one(self, name: str) -> Foreign | None:
        """Take the elements with this name and give the first."""
        return next(iter(self.all(name)), None)

    def rest(self) -> list[str]:
        """List what nobody took."""
        return [*self.attributes, *dict.fromkeys(item.name for item in self.elements)]


class Draft:
    """A flow node that becomes neutral."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.tag = node.tag
        self.zc = dict(node.zc)
        self.attributes = dict(node.attributes)
        self.transfers = list(node.transfers)
        self.people: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.loop = node.loop
        self.events = node.events
        self.computed: Text | None = None
        self.remarks: list[Remark] = []

    def tell(self, code: str, vendor: str, *names: str, detail: str = "") -> None:
        """Note something for the report."""
        self.remarks.append(Remark(code, names, vendor, detail))

    def refuse(self, vendor: str, *names: str) -> None:
        """Note that these cannot be understood and must not be passed over."""
        self.tell(REFUSED, vendor, *names)

    def fill(self, direction: str, target: str, value: Tree) -> None:
        """Add a mapping; a plain text is an expression."""
        if isinstance(value, Text):
            self.transfers.append(Transfer(direction, target, expression=value))
        else:
            self.transfers.append(Transfer(direction, target, tree=value))

    def hand_out(self, vendor: str, topic: str, *names: str) -> None:
        """Make the node a job that a worker outside does under ``topic``."""
        self.tag = "serviceTask"  # whatever it was drawn as: somebody else does it
        if not self.zc.get("operation"):
            self.zc["operation"] = EXTERNAL
            self.zc["topic"] = topic.strip()[:LONGEST_TOPIC]
        if names:
            self.tell(CODE, vendor, *names, detail=topic.strip()[:LONGEST_TOPIC])

    def finished(self) -> Node:
        """Give the node in neutral words."""
        return replace(
            self.node,
            tag=self.tag,
            zc=self.zc,
            attributes=self.attributes,
            transfers=tuple(self.transfers),
            people=self.people,
            settings=self.settings,
            loop=self.loop,
            events=self.events,
            computed=self.computed,
            remarks=(*self.node.remarks, *self.remarks),
            foreign=tuple(item for item in self.node.foreign if item.namespace not in VENDORS),
        )


def judged(vendor: str, names: Iterable[str], tag: str = "") -> list[Remark]:
    """Sort what nobody took into what is ignored, told and refused; ``tag`` names a flow node.

    Importers write words of their own into the namespaces of engines that pass over them. Where no work is bound
    and no data pass, an unheard name is told; at work, calls and messages it is refused.
    """
    by_code: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        by_code.setdefault(_code(name, tag), []).append(name)
    return [Remark(code, tuple(found), vendor) for code, found in by_code.items()]


def _code(name: str, tag: str) -> str:
    if name in CHANGING:
        return REFUSED
    if name in HARMLESS:
        return IGNORED
    if name in TOLD:
        return KEPT
    return REFUSED if tag in _WORK else UNHEARD


def literal(value: str) -> Text:
    """Write a text of the file as an expression that gives just this text."""
    return Text(json.dumps(value, ensure_ascii=False), "feel")


def constant(value: str, kind: str) -> Text:
    """Write a text of the file as a value of the type (of XML Schema) that is said beside it."""
    text = value.strip()
    if kind in _NUMBERS and _NUMBER.fullmatch(text):
        return Text(text, "feel")
    if kind == "boolean" and text.lower() in ("true", "false"):
        return Text(text.lower(), "feel")
    return literal(value)


def juel(value: str) -> Text:
    """Read a value as Camunda 7, Activiti and Flowable do: an expression when it holds ``${`` or ``#{``."""
    return Text(value) if "${" in value or "#{" in value else literal(value)


def feel(value: str) -> Text:
    """Read a value as Zeebe does: FEEL behind ``=``, else the text itself."""
    return Text(value.strip()[1:].strip(), "feel") if value.strip().startswith("=") else literal(value)
