"""The one door for XML: what is read, what is refused, and that refusing is quick."""

from __future__ import annotations

import time
from typing import Any

import pytest

from workflows.engine.limits import Limits
from workflows.engine.xml import XmlFault, parse_xml

TEXT = '<?xml version="1.0" encoding="{}"?>\n<a><b>责成<!-- c -->办理</b></a>'
XINCLUDE = b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>'


@pytest.mark.parametrize(
    "content",
    [
        TEXT.format("UTF-8").encode(),
        TEXT.format("UTF-8").encode("utf-8-sig"),
        TEXT.format("UTF-16").encode("utf-16"),
        TEXT.format("UTF-16").encode("utf-16-le"),
        TEXT.format("UTF-16").encode("utf-16-be"),
        TEXT.format("GBK").encode("gbk"),
        TEXT.format("gb2312").encode("gb2312"),
        TEXT.format("GB18030").encode("gb18030"),
        TEXT.partition("\n")[2].encode(),
        b"\n" + TEXT.partition("\n")[2].encode(),
    ],
)
def test_the_encodings_of_modelers_are_read(content):
    root = parse_xml(content)

    assert root[0].text == "责成办理"
    line: Any = root[0].sourceline
    assert line == (1 if content.startswith(b"<a>") else 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml-empty"),
        (b" \n\t", "xml-empty"),
        (b"<a>", "xml-malformed"),
        (b"<a/><b/>", "xml-malformed"),
        (b"text", "xml-malformed"),
        (b'{"a": 1}', "xml-malformed"),
        (b"<a>&undefined;</a>", "xml-malformed"),
        (b'<a b="&undefined;"/>', "xml-malformed"),
        (b"<x:a/>", "xml-malformed"),
        (b"<a>\0</a>", "xml-malformed"),
        (b'<a b="1" b="2"/>', "xml-malformed"),
        (b"PK\x03\x04\xff\xff", "xml-encoding-invalid"),
        (TEXT.format("UTF-8").encode("gbk"), "xml-encoding-invalid"),
        (b"<a>\xed\xa0\x80</a>", "xml-encoding-invalid"),
        (TEXT.format("IBM037").encode(), "xml-encoding-unknown"),
        (TEXT.format("utf-7").encode(), "xml-encoding-unknown"),
        (b"<!DOCTYPE a><a/>", "xml-doctype-forbidden"),
        (b'<?xml version="1.0"?><!-- <a> --><?p?>\n<!DOCTYPE a SYSTEM "x"><a/>', "xml-doctype-forbidden"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml-doctype-forbidden"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://example.invalid/x.dtd">%p;]><a/>', "xml-doctype-forbidden"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"), "xml-doctype-forbidden"),
        (b"<a>" * 51 + b"</a>" * 51, "xml-too-deep"),
        (b"<r>" + b"<a/>" * 200_000 + b"</r>", "xml-too-many-elements"),
    ],
)
def test_what_is_not_read_has_a_code(content, code):
    with pytest.raises(XmlFault) as caught:
        parse_xml(content)

    assert caught.value.code == code


def test_a_fault_tells_its_line_as_a_finding():
    with pytest.raises(XmlFault) as caught:
        parse_xml(b"<a>\n<b>\n</a>")

    finding = caught.value.as_finding("x.bpmn")

    assert (finding.file, finding.code, finding.params["line"]) == ("x.bpmn", "xml-malformed", 3)


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE lolz [" + b'<!ENTITY a "b">' * 100_000 + b"]><a/>",
        b"<a>" * 1_000_000,
        b"<!--" * 1_000_000,
        b"<!-- " + b"x" * 5_000_000,
        b"<?" * 1_000_000,
        b"<r>" + b"<a/>" * 2_000_000 + b"</r>",
        b"x" * (10 * 1024 * 1024 + 1),
    ],
)
def test_a_bomb_is_dropped_at_once(content):
    before = time.process_time()

    with pytest.raises(XmlFault):
        parse_xml(content)

    assert time.process_time() - before < 3


@pytest.mark.parametrize("content", [b"<a>\n&nbsp;</a>", b'<a\n b="&nbsp;"/>'])
def test_an_undefined_entity_is_named_with_its_line(content):
    with pytest.raises(XmlFault, match="&nbsp;") as caught:
        parse_xml(content)

    assert caught.value.line == 2


def test_limits_are_those_handed_in():
    assert parse_xml(b"<a><b/></a>", limits=Limits(max_depth=2, max_xml_nodes=2)).tag == "a"
    for limits in (Limits(max_depth=1), Limits(max_xml_nodes=1), Limits(max_bytes=10)):
        with pytest.raises(XmlFault):
            parse_xml(b"<a><b/></a>", limits=limits)


def test_a_doctype_in_text_or_comment_is_only_text():
    root = parse_xml(b"<!-- <!DOCTYPE x> --><a><![CDATA[<!DOCTYPE x>]]></a>")

    assert root.text == "<!DOCTYPE x>"


def test_nothing_is_included():
    root = parse_xml(XINCLUDE)

    assert len(root) == 1
    assert root[0].text is None
