"""Read a DMN file: its types, its requirements graph, and the decisions that can be asked, with all findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from workflows.engine.decisions.boxes import Boxes
from workflows.engine.decisions.graph import Decision, Element, Graph, ServiceParts
from workflows.engine.decisions.report import NAMESPACES, Report, child, children, expression_text, text_of
from workflows.engine.decisions.tables_reading import read_type
from workflows.engine.decisions.types import ItemType, Types
from workflows.engine.expressions import Expression
from workflows.engine.expressions.names import free_names
from workflows.engine.expressions.registry import BUILTINS
from workflows.engine.expressions.syntax import FunctionOf
from workflows.engine.limits import Limits
from workflows.engine.types import FileContent, Finding
from workflows.engine.xml import XmlFault, local_name, namespace, parse_xml

_REQUIRED = ("requiredDecision", "requiredInput", "requiredKnowledge")
_KINDS = {
    "inputData": "input",
    "decision": "decision",
    "businessKnowledgeModel": "knowledge",
    "decisionService": "service",
}
_BROKEN = {"cycle": "dmn-cycle", "deep": "dmn-too-deep", "missing": "dmn-required-broken"}


def read_decisions(
    file: FileContent, *, limits: Limits | None = None
) -> tuple[tuple[Decision, ...], tuple[Finding, ...]]:
    """Read ``file``: the decisions and decision services without an error, and all findings."""
    bounds = limits or Limits()
    try:
        root = parse_xml(file.content, limits=bounds)
    except XmlFault as fault:
        return (), (fault.as_finding(file.path),)
    report = Report(file.path, bounds, _names_with_signs(root))
    return tuple(_Reader(report).read(root)), tuple(report.findings)


def _names_with_signs(root: etree._Element) -> frozenset[str]:
    """Collect the names that an expression could not read without knowing them (DMN 1.5, 10.3.1.2)."""
    attributes = (text_of(element.get(key)).strip() for element in root.iter() for key in ("name", "iteratorVariable"))
    return frozenset(name for name in attributes if name and not name.isidentifier() and name[0].isalpha())


class _Reader:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.types = Types()
        self.sources: dict[str, etree._Element] = {}

    def read(self, root: etree._Element) -> list[Decision]:
        if local_name(root) != "definitions" or namespace(root) not in NAMESPACES:
            self.report.add("dmn-namespace", root, root=local_name(root))
            return []
        for found in children(root, "import"):
            self.report.add("dmn-import", found)
        self.types = self._types(root)
        self._find_elements(root)
        if not any(local_name(source) == "decision" for source in self.sources.values()):
            self.report.add("dmn-no-decision", root)
        elements = {name: element for name, source in self.sources.items() if (element := self._element(source))}
        return list(self._decisions(Graph(self._with_outputs(elements), self.types)))

    def _find_elements(self, root: etree._Element) -> None:
        for found in children(root, *_KINDS):
            name = text_of(found.get("id"))
            if not name:
                self.report.add("dmn-missing-id", found)
            elif name in self.sources:
                self.report.add("dmn-duplicate-id", found)
            else:
                self.sources[name] = found

    def _decisions(self, graph: Graph) -> Iterator[Decision]:
        broken = graph.broken()
        for name, why in broken.items():
            if name in graph.elements:
                self.report.add(_BROKEN[why], self.sources[name])
        for name, element in graph.elements.items():
            if element.kind in ("decision", "service") and name not in broken:
                names = graph.read_from_outside(name, "names")
                functions = graph.read_from_outside(name, "functions")
                label = text_of(self.sources[name].get("name") or name)
                yield Decision(name, label, graph, names, functions)

    def _element(self, source: etree._Element) -> Element | None:
        kind = _KINDS[local_name(source)]
        errors = self.report.errors
        variable = child(source, "variable")
        name = text_of(
            (variable.get("name") if variable is not None else None) or source.get("name") or source.get("id")
        )
        own_type = read_type(self.report, variable, self.types) if kind in ("input", "decision") else ""
        element = Element(text_of(source.get("id")), name, kind, own_type, sees=self._sees(source))
        if kind == "decision":
            element = self._with_logic(element, source)
        elif kind == "knowledge":
            element = self._with_function(element, source)
        elif kind == "service":
            element = self._with_parts(element, source)
        return element if self.report.errors == errors else None

    def _sees(self, source: etree._Element) -> dict[str, str]:
        """Collect the names of what an element requires: its variable, its name, its id, as vendors differ."""
        names: dict[str, str] = {}
        for requirement in children(source, "informationRequirement", "knowledgeRequirement"):
            for found in children(requirement, *_REQUIRED):
                names.update(dict.fromkeys(self._names_of(found), self._target(found)))
        return names

    def _names_of(self, reference: etree._Element) -> list[str]:
        target = self.sources.get(self._target(reference))
        if target is None:
            outside = not text_of(reference.get("href")).startswith("#")
            code = "dmn-import" if outside and "#" in text_of(reference.get("href")) else "dmn-requirement-unknown"
            self.report.add(code, reference, reference=text_of(reference.get("href")))
            return []
        variable = child(target, "variable")
        given = [variable.get("name")] if variable is not None else []
        return [text_of(name) for name in (*given, target.get("name"), target.get("id")) if name]

    @staticmethod
    def _target(reference: etree._Element) -> str:
        return text_of(reference.get("href")).rpartition("#")[2].strip()

    def _with_logic(self, element: Element, source: etree._Element) -> Element:
        boxes = Boxes(self.report, self.types, element.id)
        logic = boxes.of(source)
        if logic is None:
            return element
        found = free_names(logic)
        table = boxes.table if child(source, "decisionTable") is not None else None
        names = frozenset((found.certain - BUILTINS.keys()) | found.variables)
        functions = frozenset(found.functions - BUILTINS.keys())
        return replace(element, logic=logic, table=table, names=names, functions=functions)

    def _with_function(self, element: Element, source: etree._Element) -> Element:
        definition = child(source, "encapsulatedLogic")
        if definition is None:
            self.report.add("dmn-no-table", source)
            return element
        function = Boxes(self.report, self.types, element.id).function(definition)
        if not isinstance(function, FunctionOf):
            return element
        found = free_names(function)
        names = frozenset((found.certain - BUILTINS.keys()) | found.variables)
        functions = frozenset(found.functions - BUILTINS.keys())
        return replace(element, logic=function.body, parameters=function.parameters, names=names, functions=functions)

    def _with_parts(self, element: Element, source: etree._Element) -> Element:
        def references(tag: str) -> tuple[str, ...]:
            found = list(children(source, tag))
            for reference in found:
                self._names_of(reference)
            return tuple(map(self._target, found))

        outputs = references("outputDecision")
        if not outputs:
            self.report.add("dmn-logic-incomplete", source, part="outputDecision")
        return replace(element, inside=ServiceParts(references("inputData"), references("inputDecision"), outputs))

    def _with_outputs(self, elements: dict[str, Element]) -> dict[str, Element]:
        """Let outputs of required tables be read by their own names, where nothing else has them."""
        joined = {}
        for name, element in elements.items():
            outputs = {
                output.name: required
                for required in dict.fromkeys(element.sees.values())
                if required in elements and (table := elements[required].table) is not None
                for output in table.outputs
                if output.name and output.name not in element.sees
            }
            joined[name] = replace(element, outputs=outputs)
        return joined

    def _types(self, root: etree._Element) -> Types:
        found = list(children(root, "itemDefinition"))
        names = {text_of(element.get("name")): ItemType(text_of(element.get("name"))) for element in found}
        self.types = Types(names)  # known by name while they are read
        return Types({text_of(element.get("name")): self._item_type(element) for element in found})

    def _item_type(self, element: etree._Element) -> ItemType:
        base = child(element, "typeRef")
        reference = text_of(base.text).strip() if base is not None else ""
        if not self.types.knows(reference):
            self.report.add("dmn-type-not-checked", element, type=reference)
        components = {text_of(part.get("name")): self._item_type(part) for part in children(element, "itemComponent")}
        base_name = "function" if child(element, "functionItem") is not None else reference
        return ItemType(
            text_of(element.get("name")),
            base_name,
            components,
            text_of(element.get("isCollection")) in ("true", "1"),
            self._values(element, "allowedValues"),
            self._values(element, "typeConstraint"),
        )

    def _values(self, element: etree._Element, tag: str) -> Expression | None:
        found = child(element, tag)
        return (
            self.report.expression(found, unary=True) if found is not None and expression_text(found).strip() else None
        )
