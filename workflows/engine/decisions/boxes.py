"""Read the boxes of decision logic (DMN 1.5, 10.2) into the tree that FEEL's own expressions become."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from workflows.engine.decisions.faults import DecisionError
from workflows.engine.decisions.report import Report, child, children, expression_text, text_of, with_id
from workflows.engine.decisions.tables import Table
from workflows.engine.decisions.tables_reading import read_table
from workflows.engine.decisions.types import Types
from workflows.engine.expressions import Expression, ExpressionError, Run
from workflows.engine.expressions.scopes import Scope
from workflows.engine.expressions.syntax import (
    Attribute,
    Call,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    Iterator,
    ListOf,
    Literal,
    Name,
    Native,
    Node,
    Operation,
    Postfix,
    Quantified,
)
from workflows.engine.xml import local_name

_RESULT = "\0result"


class Boxes:
    """Reads the logic of one decision or model; ``table`` is its table when it is nothing else."""

    def __init__(self, report: Report, types: Types, owner: str) -> None:
        self.report = report
        self.types = types
        self.owner = owner
        self.table: Table | None = None

    def of(self, element: etree._Element) -> Node | None:
        """Read the logic that is a child of ``element``; None, with a finding, when there is none that is run."""
        found = child(element, *_BOXES)
        if found is None:
            self._complain(element)
            return None
        return _BOXES[local_name(found)](self, found)

    def _complain(self, element: etree._Element) -> None:
        if local_name(element) in ("decision", "encapsulatedLogic", "businessKnowledgeModel"):
            self.report.add("dmn-no-table", element)
        else:
            self.report.add("dmn-logic-incomplete", element, part="expression")

    def _part(self, element: etree._Element, tag: str) -> Node | None:
        found = child(element, tag)
        if found is None:
            self.report.add("dmn-logic-incomplete", element, part=tag)
            return None
        return self.of(found)

    def _table(self, element: etree._Element) -> Node | None:
        table = read_table(self.report, element, self.types, self.owner)
        if table is None:
            return None
        self.table = table
        return Native(0, table.evaluate, table.names, table.functions)

    def _literal(self, element: etree._Element) -> Node | None:
        if child(element, "importedValues") is not None:
            self.report.add("dmn-import", element)
            return None
        expression = self.report.expression(element)
        if expression is None:
            if not expression_text(element).strip():
                self.report.add("dmn-logic-incomplete", element, part="text")
            return None
        return _located(expression, text_of(with_id(element).get("id")))

    def _invocation(self, element: etree._Element) -> Node | None:
        function = child(element, *_BOXES)
        called = expression_text(function).strip() if function is not None else ""
        if not called:
            self.report.add("dmn-logic-incomplete", element, part="function")
            return None
        named: list[tuple[str, Node]] = []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            value = self.of(binding)
            if parameter is None or value is None:
                if parameter is None:
                    self.report.add("dmn-logic-incomplete", binding, part="parameter")
                return None
            named.append((text_of(parameter.get("name")), value))
        return Postfix(0, Name(0, called), (Call(0, (), tuple(named)),))

    def _context(self, element: etree._Element) -> Node | None:
        entries: list[tuple[str, Node]] = []
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            value = self.of(entry)
            if value is None:
                return None
            entries.append((text_of(variable.get("name")) if variable is not None else _RESULT, value))
        node = ContextOf(0, tuple(entries))
        has_result = any(name == _RESULT for name, _ in entries)
        return Postfix(0, node, (Attribute(0, _RESULT),)) if has_result else node

    def _list(self, element: etree._Element) -> Node | None:
        return self._items(list(children(element, *_BOXES)))

    def _items(self, elements: list[etree._Element]) -> Node | None:
        items = [_BOXES[local_name(item)](self, item) for item in elements]
        known = tuple(item for item in items if item is not None)
        return ListOf(0, known) if len(known) == len(items) else None

    def _relation(self, element: etree._Element) -> Node | None:
        columns = [text_of(column.get("name")) for column in children(element, "column")]
        rows: list[Node] = []
        for row in children(element, "row"):
            cells = self._items(list(children(row, *_BOXES)))
            if not isinstance(cells, ListOf):
                return None
            if len(cells.items) != len(columns):
                self.report.add("dmn-logic-incomplete", row, part="cell")
                return None
            pairs = zip(columns, cells.items, strict=True)
            rows.append(
                Operation(0, "python.dict", tuple(node for name, cell in pairs for node in (Literal(0, name), cell)))
            )
        return ListOf(0, tuple(rows))

    def function(self, element: etree._Element) -> Node | None:
        """Read a function definition."""
        kind = text_of(element.get("kind") or "FEEL").rpartition(":")[2]
        if kind.upper() not in ("FEEL", "F"):
            self.report.add("dmn-function-kind", element, kind=kind)
            return None
        parameters = tuple(text_of(found.get("name")) for found in children(element, "formalParameter"))
        body = self.of(element)
        return FunctionOf(0, parameters, body) if body is not None else None

    def _conditional(self, element: etree._Element) -> Node | None:
        condition, then, otherwise = (self._part(element, tag) for tag in ("if", "then", "else"))
        if condition is None or then is None or otherwise is None:
            return None
        return If(0, condition, then, otherwise)

    def _filter(self, element: etree._Element) -> Node | None:
        items, test = self._part(element, "in"), self._part(element, "match")
        return Postfix(0, items, (Filter(0, test),)) if items is not None and test is not None else None

    def _for(self, element: etree._Element) -> Node | None:
        rounds, body = self._rounds(element), self._part(element, "return")
        return For(0, rounds, body, uses_partial=True) if rounds and body is not None else None

    def _quantified(self, element: etree._Element) -> Node | None:
        rounds, body = self._rounds(element), self._part(element, "satisfies")
        if not rounds or body is None:
            return None
        return Quantified(0, local_name(element) == "every", rounds, body)

    def _rounds(self, element: etree._Element) -> tuple[Iterator, ...]:
        source = self._part(element, "in")
        return (Iterator(text_of(element.get("iteratorVariable")), source),) if source is not None else ()


def _located(expression: Expression, element_id: str) -> Node:
    """Keep the element of an expression, so that a fault can name it."""

    def apply(scope: Scope, run: Run) -> object:
        try:
            return run.evaluate(expression.tree, scope, run)
        except ExpressionError as error:
            raise DecisionError.at(element_id, error) from error

    return Native(0, apply, expression.names, expression.functions)


_BOXES: Mapping[str, Callable[[Boxes, etree._Element], Node | None]] = {
    "decisionTable": Boxes._table,  # noqa: SLF001 - the table of its own methods
    "literalExpression": Boxes._literal,  # noqa: SLF001
    "invocation": Boxes._invocation,  # noqa: SLF001
    "context": Boxes._context,  # noqa: SLF001
    "list": Boxes._list,  # noqa: SLF001
    "relation": Boxes._relation,  # noqa: SLF001
    "functionDefinition": Boxes.function,
    "conditional": Boxes._conditional,  # noqa: SLF001
    "filter": Boxes._filter,  # noqa: SLF001
    "for": Boxes._for,  # noqa: SLF001
    "some": Boxes._quantified,  # noqa: SLF001
    "every": Boxes._quantified,  # noqa: SLF001
}
