"""附件 over HTTP: what is let in, kept, replaced and given back."""

from __future__ import annotations

import hashlib

import pytest

from tests.api.door_scene import Door, Template, open_door, problem

PDF = b"%PDF-1.7\n1 0 obj\n"


def test_a_file_comes_back_byte_for_byte(door: Door):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]

    made = clerk.upload(f"/cases/{case_id}/attachments", ("报告.pdf", PDF), ("附表.csv", "甲,乙\n".encode()))

    assert made.status_code == 201, made.text
    report = made.json["items"][0]
    assert (report["name"], report["media_type"], report["size"]) == ("报告.pdf", "application/pdf", len(PDF))
    assert report["digest"] == hashlib.sha256(PDF).hexdigest()
    content = clerk.get(report["content"])
    assert content.data == PDF
    assert "attachment" in content.headers["Content-Disposition"]
    listed = clerk.get(f"/cases/{case_id}/attachments").json["items"]
    assert [row["name"] for row in listed] == ["报告.pdf", "附表.csv"]


def test_a_new_version_names_the_one_it_replaces_once(door: Door):
    clerk = door.caller("clerk")
    path = f"/cases/{door.start(clerk, 'ws')['id']}/attachments"
    first = clerk.upload(path, ("报告.pdf", PDF)).json["items"][0]["id"]

    second = clerk.upload(f"{path}?replaces={first}", ("报告.pdf", PDF + b"2"))
    third = clerk.upload(f"{path}?replaces={first}", ("报告.pdf", PDF + b"3"))

    assert second.json["items"][0]["replaces"] == first
    problem(third, 409, "attachment-replaced")


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("run.exe", b"MZ", 422, "attachment-type-forbidden"),
        ("fake.pdf", b"MZ", 422, "attachment-content-mismatch"),
        ("empty.pdf", b"", 422, "attachment-empty"),
        ("nameless", PDF, 422, "attachment-name-malformed"),
        ("big.pdf", PDF + b"x" * 2_000, 413, "attachment-too-large"),
        ("huge.pdf", PDF + b"x" * 3_000_000, 413, "body-too-large"),
    ],
)
def test_what_is_not_let_in_leaves_nothing_behind(
    template: Template, tmp_path, name: str, content: bytes, status: int, code: str
):
    with open_door(template.copy(tmp_path / "d.db"), tmp_path / "var", attachment_bytes=1_000) as door:
        clerk = door.caller("clerk")
        case_id = door.start(clerk, "ws")["id"]
        before = door.fingerprint()

        problem(clerk.upload(f"/cases/{case_id}/attachments", (name, content)), status, code)

        assert door.fingerprint() == before
        assert [path for path in (tmp_path / "var" / "files").rglob("*") if path.is_file()] == []


def test_only_who_has_work_in_a_case_attaches_to_it(door: Door):
    case_id = door.start(door.caller("clerk"), "ws")["id"]
    path = f"/cases/{case_id}/attachments"

    problem(door.caller("supervisor").upload(path, ("a.pdf", PDF)), 403, "not-participant")
    problem(door.caller("sysadmin").upload(path, ("a.pdf", PDF)), 404, "case-not-found")
    made = door.caller("clerk").upload(path, ("a.pdf", PDF)).json["items"][0]
    problem(door.caller("sysadmin").get(made["content"]), 404, "attachment-not-found")


def test_the_same_upload_again_with_its_key_is_one_file(door: Door):
    clerk = door.caller("clerk")
    path, key = f"/cases/{door.start(clerk, 'ws')['id']}/attachments", {"Idempotency-Key": "k1"}

    first = clerk.upload(path, ("a.pdf", PDF), headers=key)
    again = clerk.upload(path, ("a.pdf", PDF), headers=key)
    other = clerk.upload(path, ("a.pdf", PDF + b"2"), headers=key)

    assert again.data == first.data
    problem(other, 422, "idempotency-conflict")
    assert len(clerk.get(path).json["items"]) == 1
