from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from sqlalchemy import text

from workflows import evidence
from workflows.access import Actor, GrantedRole
from workflows.application import Application
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.ledger.verification import verify
from workflows.store import Store
from workflows.store.people import actor_of
from workflows.tables import Attachment, Case
from workflows.transaction import read, run

PDF = b"%PDF-1.7\n%%EOF\n"


def package(*names: str, size: int = 10) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "x" * size)
    return target.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
GOOD = {
    "a.pdf": PDF,
    "a.PDF": PDF,
    "a.doc": OLE,
    "a.xls": OLE,
    "a.ppt": OLE,
    "a.wps": OLE,
    "a.et": OLE,
    "b.wps": package("[Content_Types].xml", "word/document.xml"),
    "a.docx": package("[Content_Types].xml", "word/document.xml"),
    "a.xlsx": package("[Content_Types].xml", "xl/workbook.xml"),
    "a.pptx": package("[Content_Types].xml", "ppt/presentation.xml"),
    "a.ofd": package("OFD.xml", "Doc_0/Document.xml"),
    "a.zip": package("证据.txt"),
    "empty.zip": package(),
    "a.jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "a.jpeg": b"\xff\xd8\xff\xe1" + bytes(20),
    "a.png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "a.txt": "整改完成。\r\n".encode(),
    "b.txt": "整改完成。".encode("gb18030"),
    "c.txt": "整改完成。".encode("utf-16"),
    "a.csv": "单位,数量\n甲,1\n".encode("utf-8-sig"),
}
BAD = {
    ("a.exe", b"MZ"): "attachment-type-forbidden",
    ("a.html", b"<html>"): "attachment-type-forbidden",
    ("a.svg", b"<svg/>"): "attachment-type-forbidden",
    ("a.pdf.exe", PDF): "attachment-type-forbidden",
    ("a.pdf", b"MZ\x90\x00 %PDF-"): "attachment-content-mismatch",
    ("a.docx", PDF): "attachment-content-mismatch",
    ("a.docx", package("xl/workbook.xml", "[Content_Types].xml")): "attachment-content-mismatch",
    ("a.docx", package("[Content_Types].xml", "word/document.xml")[:60]): "attachment-content-mismatch",
    ("a.docx", package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")): "attachment-with-macros",
    ("a.zip", b"PK\x03\x04 and nothing more"): "attachment-content-mismatch",
    ("a.zip", package("bomb", size=5_000_000)): "attachment-archive-bomb",
    ("a.txt", b"\x7fELF\x00\x00"): "attachment-content-mismatch",
    ("a.txt", b"\xff\xff\xff\xff"): "attachment-content-mismatch",
    ("a.jpg", b"GIF89a"): "attachment-content-mismatch",
    ("a.pdf", b""): "attachment-empty",
    ("no ending", PDF): "attachment-name-malformed",
    (".pdf", PDF): "attachment-name-malformed",
    ("", PDF): "attachment-name-malformed",
}


def clerk_of(application: Application, office) -> Actor:
    return read(application, actor_of, office.clerk.id)


def attach(application: Application, office, name: str = "报告.pdf", content: bytes = PDF, **options) -> Attachment:
    file = evidence.receive_file(application, name=name, content=content)
    return run(
        application, evidence.add_attachment, office.case.id, file=file, actor=clerk_of(application, office), **options
    )


def files_of(application: Application) -> list[Path]:
    return [path for path in application.settings.files.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_ending_says_is_taken(application, name):
    received = evidence.receive_file(application, name=name, content=GOOD[name])

    assert received.digest == hashlib.sha256(GOOD[name]).hexdigest()
    assert received.size == len(GOOD[name])
    assert [path.name for path in files_of(application)] == [received.digest]


@pytest.mark.parametrize(("name", "content"), BAD, ids=[f"{code}-{n}" for n, code in enumerate(BAD.values())])
def test_a_file_that_is_not_is_refused_and_nothing_is_left_behind(application, name, content):
    with pytest.raises(RejectedError) as refused:
        evidence.receive_file(application, name=name, content=content)

    assert refused.value.code == BAD[name, content]
    assert files_of(application) == []


def test_a_file_beyond_the_limit_is_refused_without_being_read_to_its_end(application):
    application.settings = replace(application.settings, attachment_bytes=3_000_000)

    class Endless(io.RawIOBase):
        served = 0

        def read(self, size: int = -1) -> bytes:
            self.served += size
            return b"%PDF-" + bytes(size - 5)

    source = Endless()
    with pytest.raises(RejectedError) as refused:
        evidence.receive_file(application, name="a.pdf", content=cast("BinaryIO", source))

    assert refused.value.code == "attachment-too-large"
    assert refused.value.params == {"maximum": 3_000_000}
    assert source.served < 6_000_000
    assert files_of(application) == []


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("报告.pdf", "报告.pdf"),
        ("../../etc/报告.pdf", "报告.pdf"),
        ("C:\\桌面\\报告.pdf", "报告.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a  Set-Cookie x.pdf"),
        ("报告\u202efdp.exe.pdf", "报告fdp.exe.pdf"),
        ("  . 报告 .pdf ", "报告.pdf"),
        ('a"<b>|c?.pdf', "abc.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_loses_what_could_do_harm(name, clean):
    assert evidence.clean_name(name) == clean


def test_an_attachment_is_recorded_with_its_digest_but_not_its_name(application, office):
    attachment = attach(application, office, "关于某人的报告.pdf")

    with application.database.connect() as connection:
        content = connection.execute(
            text("SELECT content FROM ledger_event WHERE kind = 'attachment-added'")
        ).scalar_one()
    assert json.loads(content)["sha256"] == attachment.digest
    assert "某人" not in content
    assert read(application, verify).is_whole


def test_an_attachment_can_be_opened_again_byte_by_byte(application, office):
    attachment = attach(application, office)

    found, content = read(application, evidence.open_attachment, attachment.id, actor=clerk_of(application, office))

    with content:
        assert content.read() == PDF
    assert (found.name, found.media_type, found.size) == ("报告.pdf", "application/pdf", len(PDF))


def test_the_same_bytes_twice_are_one_file_and_two_attachments(application, office):
    first, second = attach(application, office), attach(application, office, "副本.pdf")

    assert first.id != second.id
    assert len(files_of(application)) == 1


def test_a_new_version_names_the_one_before_and_both_stay(application, office):
    first = attach(application, office)
    second = attach(application, office, content=PDF + b"2", replaces=first.id)

    listed = read(application, evidence.list_attachments, office.case.id, actor=clerk_of(application, office))
    assert [(row.id, row.replaces_id) for row in listed] == [(first.id, None), (second.id, first.id)]


def test_a_version_can_be_replaced_only_once(application, office):
    first = attach(application, office)
    attach(application, office, content=PDF + b"2", replaces=first.id)

    with pytest.raises(WrongStateError) as refused:
        attach(application, office, content=PDF + b"3", replaces=first.id)

    assert refused.value.code == "attachment-replaced"


def test_who_has_nothing_to_do_with_a_case_finds_neither_case_nor_attachment(application, office):
    attachment = attach(application, office)
    stranger = read(application, actor_of, office.other.id)
    file = evidence.receive_file(application, name="a.pdf", content=PDF)

    with pytest.raises(NotFoundError) as opening:
        read(application, evidence.open_attachment, attachment.id, actor=stranger)
    with pytest.raises(NotFoundError) as listing:
        read(application, evidence.list_attachments, office.case.id, actor=stranger)
    with pytest.raises(NotFoundError) as adding:
        run(application, evidence.add_attachment, office.case.id, file=file, actor=stranger)

    assert [fault.value.code for fault in (opening, listing, adding)] == [
        "attachment-not-found",
        "case-not-found",
        "case-not-found",
    ]


def test_an_auditor_may_open_an_attachment_but_not_add_one(application, office):
    attachment = attach(application, office)
    stranger = read(application, actor_of, office.other.id)
    auditor = replace(stranger, roles=(GrantedRole("auditor", "/"),))
    file = evidence.receive_file(application, name="a.pdf", content=PDF)

    read(application, evidence.open_attachment, attachment.id, actor=auditor)[1].close()
    with pytest.raises(NotAllowedError) as refused:
        run(application, evidence.add_attachment, office.case.id, file=file, actor=auditor)

    assert refused.value.code == "not-participant"


def test_a_finished_case_takes_no_attachment(application, office):
    def finish(store: Store) -> None:
        case = store.need(Case, office.case.id)
        case.status, case.ended_at = "completed", store.now

    run(application, finish)

    with pytest.raises(WrongStateError) as refused:
        attach(application, office)

    assert refused.value.code == "case-completed"


def test_attachments_of_another_case_are_named_when_handed_in(application, office):
    attachment = attach(application, office)

    with pytest.raises(RejectedError) as refused:
        read(application, evidence.require_attachments, office.case.id, [attachment.id, "unknown"])

    assert refused.value.code == "attachment-not-found"
    assert [fault.pointer for fault in refused.value.faults] == ["/attachments/1"]


def test_content_that_was_lost_is_told_and_not_an_empty_file(application, office):
    attachment = attach(application, office)
    for path in files_of(application):
        path.unlink()

    with pytest.raises(NotFoundError) as refused:
        read(application, evidence.open_attachment, attachment.id, actor=clerk_of(application, office))

    assert refused.value.code == "content-not-found"


CRASHING = """
import os, signal, sys
from workflows import evidence, files
from workflows.application import open_application
from workflows.settings import load_settings

kept = files.LocalDraft.{moment}
def die(self):
    {before}
    os.kill(os.getpid(), signal.SIGKILL)
files.LocalDraft.{moment} = die
evidence.receive_file(open_application(load_settings()), name="a.pdf", content=b"%PDF-1.7")
"""


@pytest.mark.parametrize("before", ["pass", "kept(self)"])
def test_a_crash_around_the_moment_of_keeping_leaves_a_whole_file_or_none(application, settings, before):
    environment = {
        **os.environ,
        "ZECHENG_VAR": str(settings.var),
        "ZECHENG_DATABASE_URL": settings.database_url,
        "PYTHONPATH": str(Path.cwd()),
    }

    script = CRASHING.format(moment="keep", before=before)
    died = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)

    assert died.returncode == -9
    kept = [path for path in files_of(application) if path.parent.name != "incoming"]
    assert [path.read_bytes() for path in kept] == ([] if before == "pass" else [b"%PDF-1.7"])
    assert evidence.receive_file(application, name="a.pdf", content=b"%PDF-1.7").size == 8
