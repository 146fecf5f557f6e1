"""The small parts that every element is read from: attributes, texts, references, what is foreign."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from workflows.engine.model import BPMN, ZC, Foreign, Text
from workflows.engine.xml import local_name, namespace

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"


def bpmn_children(element: etree._Element) -> Iterator[etree._Element]:
    """List the children that BPMN defines."""
    for child in element:
        if namespace(child) == BPMN:
            yield child


def text_of(element: etree._Element) -> str:
    """Join the text of an element, CDATA included."""
    return "".join(str(piece) for piece in element.itertext()).strip()


def expression_of(element: etree._Element) -> Text:
    """Read an expression with its language: its own, else that of the whole file (Table 8.1)."""
    language = element.get("language") or element.getroottree().getroot().get("expressionLanguage") or ""
    return Text(text_of(element), language.strip())


def local_id(reference: str | None) -> str:
    """Strip the prefix of a QName: ids have no colon (NCName), and imports are not followed."""
    return (reference or "").strip().rpartition(":")[2]


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Read the standard attributes, written with or without BPMN's own prefix."""
    found = {}
    for name, value in element.attrib.items():
        qualified = etree.QName(str(name))
        if qualified.namespace in (None, BPMN):
            found[qualified.localname] = str(value)
    return found


def owned_attributes(element: etree._Element) -> dict[str, str]:
    """Read our own attributes (``zc:``)."""
    mark = f"{{{ZC}}}"
    owned = {name: value for name, value in element.attrib.items() if str(name).startswith(mark)}
    return {str(name)[len(mark) :]: str(value).strip() for name, value in owned.items()}


def documentation_of(element: etree._Element) -> str:
    """Read the documentation of an element."""
    texts = [text_of(item) for item in bpmn_children(element) if local_name(item) == "documentation"]
    return "\n".join(text for text in texts if text)


def foreign_of(element: etree._Element, place: str = "") -> tuple[Foreign, ...]:
    """List attributes and extension elements that are neither BPMN's nor ours."""
    found = []
    for name, value in element.attrib.items():
        qualified = etree.QName(str(name))
        if qualified.namespace not in (None, BPMN, ZC, XSI, XML):
            uri = str(qualified.namespace)
            found.append(Foreign(uri, qualified.localname, str(value), is_attribute=True, place=place))
    for child in element:
        if namespace(child) == BPMN and local_name(child) == "extensionElements":
            found.extend(_foreign_element(each, place) for each in child if namespace(each) not in (ZC, BPMN))
        elif namespace(child) not in (BPMN, ZC):
            found.append(_foreign_element(child, place))
    return tuple(found)


def _foreign_element(element: etree._Element, place: str) -> Foreign:
    """Keep an extension element with all that is inside; the depth of files is limited, so it may recurse."""
    inside = tuple(_foreign_element(child, place) for child in element)
    text = text_of(element) if not inside else (element.text or "").strip()
    attributes = {str(etree.QName(str(name)).localname): str(value) for name, value in element.attrib.items()}
    uri, name = namespace(element), local_name(element)
    return Foreign(uri, name, text, is_attribute=False, place=place, attributes=attributes, inside=inside)


def owned_extensions(element: etree._Element) -> Iterator[etree._Element]:
    """List our own extension elements (``zc:in``, ``zc:out``, ``zc:input`` ...)."""
    for holder in bpmn_children(element):
        if local_name(holder) != "extensionElements":
            continue
        for child in holder:
            if namespace(child) == ZC:
                yield child
