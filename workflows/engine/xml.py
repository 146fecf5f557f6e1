"""Read bytes that a stranger uploaded into an lxml tree, or say why not.

Refuses every document type declaration (so no entity, no external file, no blow-up), every encoding but the few
that modelers write, and files beyond the limits. Fetches nothing, expands nothing, processes no XInclude.
The BPMN reader and the DMN reader share this one door.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from workflows.engine.limits import Limits
from workflows.engine.types import Finding, Severity

_CHUNK = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# GB 18030 is the superset of GBK and GB 2312, and the latter two names are used loosely for it.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "iso-8859-1": "iso-8859-1",
    "windows-1252": "cp1252",
}
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*?\?>")
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SAYS_NOTHING = "no element found"
_UNDEFINED_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;|#)\w{1,100};")
_BEFORE_ROOT = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)


class XmlFault(Exception):  # noqa: N818 - a fault of the input, not of the program
    """A file that is not XML we read. ``code`` is stable; ``line`` and ``column`` count from 1, 0 when unknown."""

    def __init__(self, code: str, message: str, *, line: int = 0, column: int = 0, **params: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.params = params

    def as_finding(self, file: str) -> Finding:
        """Turn the fault into the one error that the report on ``file`` holds."""
        place = f"line {self.line}" if self.line else ""
        params = {"line": self.line, "column": self.column, **self.params}
        return Finding(Severity.ERROR, self.code, self.message, file=file, construct="xml", path=place, params=params)


def parse_xml(content: bytes, *, limits: Limits | None = None) -> etree._Element:
    """Parse ``content`` and return its root element, or raise ``XmlFault``. Comments and instructions are dropped."""
    bounds = limits or Limits()
    if len(content) > bounds.max_bytes:
        message = f"Expected at most {bounds.max_bytes} bytes, but the file has {len(content)}."
        raise XmlFault("xml-too-large", message, limit=bounds.max_bytes, size=len(content))
    if not content.strip(b" \t\r\n\0"):
        raise XmlFault("xml-empty", "Expected an XML document, but the file is empty.")
    text = _without_declaration(_decode(content))
    _refuse_doctype(text)
    return _parse(text, bounds)


def local_name(element: etree._Element) -> str:
    """Name the element without its namespace."""
    return str(etree.QName(element).localname)


def namespace(element: etree._Element) -> str:
    """Name the element's namespace, empty when it has none."""
    return str(etree.QName(element).namespace or "")


def _decode(content: bytes) -> str:
    encoding = _encoding_of(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"The bytes are not {encoding.removesuffix('-sig')}: {error.reason} at byte {error.start}."
        raise XmlFault(
            "xml-encoding-invalid", message, encoding=encoding.removesuffix("-sig"), byte=error.start
        ) from error


def _encoding_of(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    declared = _DECLARED_ENCODING.match(content)
    if declared is None:
        return "utf-8"
    name = declared.group(1).decode("ascii").lower()
    if name not in _CODECS:
        raise XmlFault("xml-encoding-unknown", f"Encoding {name!r} is not read; save the file as UTF-8.", encoding=name)
    return _CODECS[name]


def _without_declaration(text: str) -> str:
    """Blank the XML declaration: its encoding no longer holds once decoded. Line numbers stay as they were."""
    found = _DECLARATION.match(text)
    if found is None:
        return text.lstrip("\ufeff")
    return "\n" * found.group().count("\n") + text[found.end() :]


def _refuse_doctype(text: str) -> None:
    position = 0
    while found := _BEFORE_ROOT.match(text, position):
        position = found.end()
    if text.startswith("<!DOCTYPE", position):
        line = text.count("\n", 0, position) + 1
        raise XmlFault("xml-doctype-forbidden", "A document type declaration (DOCTYPE) is not read.", line=line)


def _parse(text: str, bounds: Limits) -> etree._Element:
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    counted = _Count(bounds)
    data = text.encode("utf-8", "surrogatepass")
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
            counted.follow(parser)
        root = parser.close()
        counted.follow(parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error, parser, text) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlFault("xml-doctype-forbidden", "A document type declaration (DOCTYPE) is not read.")
    return root


def _malformed(error: etree.XMLSyntaxError, parser: etree.XMLPullParser, text: str) -> XmlFault:
    entry = next(iter(parser.error_log), None)
    if entry is not None:
        message = " ".join(entry.message.split())
        return XmlFault("xml-malformed", f"Not well-formed XML: {message}", line=entry.line, column=entry.column)
    # libxml2 says nothing of an entity that it was told not to resolve: find the place ourselves.
    if error.msg == _SAYS_NOTHING and (found := _UNDEFINED_ENTITY.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        return XmlFault("xml-malformed", f"The entity {found.group()} is not defined.", line=line)
    line, column = error.position
    return XmlFault("xml-malformed", f"Not well-formed XML: {error.msg}", line=line or 0, column=column or 0)


class _Count:
    """Follows the parser chunk by chunk, so that a bomb is dropped long before its tree is whole."""

    def __init__(self, bounds: Limits) -> None:
        self.bounds = bounds
        self.nodes = 0
        self.depth = 0

    def follow(self, parser: etree.XMLPullParser) -> None:
        for event, element in parser.read_events():
            if event == "end":
                self.depth -= 1
                continue
            self.nodes += 1
            self.depth += 1
            self._check(getattr(element, "sourceline", None) or 0, len(getattr(element, "attrib", ())))

    def _check(self, line: int, attributes: int) -> None:
        if attributes > self.bounds.max_attributes:
            # reading them one by one takes time by the square of their number
            message = f"An element has {attributes} attributes; {self.bounds.max_attributes} are allowed."
            raise XmlFault("xml-too-many-attributes", message, line=line, limit=self.bounds.max_attributes)
        if self.depth > self.bounds.max_depth:
            message = f"Elements are nested deeper than {self.bounds.max_depth} levels."
            raise XmlFault("xml-too-deep", message, line=line, limit=self.bounds.max_depth)
        if self.nodes > self.bounds.max_xml_nodes:
            message = f"The file has more than {self.bounds.max_xml_nodes} XML elements."
            raise XmlFault("xml-too-many-elements", message, line=line, limit=self.bounds.max_xml_nodes)
