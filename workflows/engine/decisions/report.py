"""Collects the findings on a DMN file: all of them, each naming its element, and reads the expressions of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from workflows.engine.decisions.catalogue import FINDINGS
from workflows.engine.expressions import Expression, ExpressionSyntaxError, compile_expression
from workflows.engine.limits import Limits
from workflows.engine.reasons import plain_params
from workflows.engine.types import Finding, Severity
from workflows.engine.xml import local_name, namespace

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)


class Report:
    """The findings on one file."""

    def __init__(self, file: str, limits: Limits, known_names: frozenset[str] = frozenset()) -> None:
        self.file = file
        self.limits = limits
        self.known_names = known_names  # those with blanks or signs, which expressions may read
        self.findings: list[Finding] = []
        # cells of tables repeat each other
        self._compiled: dict[tuple[str, str | None, bool], Expression] = {}

    def add(self, code: str, element: etree._Element, **params: Any) -> None:
        """Add a finding on an element; the nearest one with an id around it is named."""
        severity, message, hint = FINDINGS[code]
        element_id, name = text_of(with_id(element).get("id")), _name_of(element)
        filled = {"element": name or element_id, "construct": local_name(element), **params}
        self.findings.append(
            Finding(
                severity,
                code,
                message.format_map(filled),
                hint,
                file=self.file,
                element_id=element_id,
                element_name=name,
                construct=local_name(element),
                path=f"line {element.sourceline}",
                params=plain_params(filled),
            )
        )

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    def expression(self, element: etree._Element, *, unary: bool = False) -> Expression | None:
        """Compile the ``text`` of an element; report it and give None when that fails or there is none."""
        text = expression_text(element)
        if not unary and not text.strip():
            return None
        language = _language(element)
        known = self._compiled.get((text, language, unary))
        if known is not None:
            return known
        try:
            found = compile_expression(
                text,
                language=language,
                unary=unary,
                known_names=self.known_names,
                max_length=self.limits.max_expression_length,
            )
        except ExpressionSyntaxError as error:
            code = error.code if error.code in FINDINGS else "expression-invalid"
            self.add(code, element, reason=error.reason_in(text))
            return None
        self._compiled[text, language, unary] = found
        return found


def children(element: etree._Element, *tags: str) -> Iterator[Any]:
    """Give the DMN children named one of ``tags`` (all without any); a vendor's element of the same name is none."""
    return (child for child in element if namespace(child) in NAMESPACES and (not tags or local_name(child) in tags))


def child(element: etree._Element, *tags: str) -> Any:
    """Give the first of the children named one of ``tags``, or None."""
    return next(children(element, *tags), None)


def expression_text(element: etree._Element) -> str:
    """Give the text of an expression."""
    return "".join(text_of(part.text) for part in children(element, "text"))


def _language(element: etree._Element) -> str | None:
    """Find the nearest ``expressionLanguage``; a cell's overrides its table's overrides the file's."""
    candidate: etree._Element | None = element
    while candidate is not None:
        if candidate.get("expressionLanguage"):
            return text_of(candidate.get("expressionLanguage"))
        candidate = candidate.getparent()
    return None


def with_id(element: etree._Element) -> etree._Element:
    """Give the element, or the nearest one around it that has an id: findings name what the reader can look up."""
    candidate: etree._Element | None = element
    while candidate is not None:
        if candidate.get("id"):
            return candidate
        candidate = candidate.getparent()
    return element


def _name_of(element: etree._Element) -> str:
    """Give the name of the element, or of the nearest one around it that has one; the file's own is nobody's."""
    candidate: etree._Element | None = element
    while candidate is not None and local_name(candidate) != "definitions":
        if found := candidate.get("name") or candidate.get("label"):
            return text_of(found)
        candidate = candidate.getparent()
    return ""


def text_of(value: object) -> str:
    """Give an attribute as text, empty when it is missing."""
    return str(value) if value is not None else ""
