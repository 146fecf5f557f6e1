"""The checks behind ``make lint`` and ``make setup`` find what they promise to find."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tools import build_assets, catalogue, check_files, setup

ROOT = Path(__file__).resolve().parent.parent


def remarks(tmp_path, monkeypatch, translations, *, fuzzy=False):
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    wanted = Catalog()
    wanted.add("还剩 %(days)s 天", locations=[("web/lights.py", 3)])
    path = tmp_path / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    kept = Catalog(locale="en")
    for text, translation in translations.items():
        kept.add(text, translation, flags={"fuzzy"} if fuzzy else set())
    with path.open("wb") as file:
        write_po(file, kept)
    return list(catalogue.check(path, wanted))


def test_a_translated_text_is_fine(tmp_path, monkeypatch):
    assert remarks(tmp_path, monkeypatch, {"还剩 %(days)s 天": "%(days)s days left"}) == []


@pytest.mark.parametrize(
    ("translations", "fuzzy", "fault"),
    [
        ({}, False, "not translated"),
        ({"还剩 %(days)s 天": ""}, False, "not translated"),
        ({"还剩 %(days)s 天": "%(days)s days left"}, True, "doubtful"),
        ({"还剩 %(days)s 天": "%(hours)s left"}, False, "has a placeholder that is never filled"),
    ],
)
def test_a_text_without_a_sound_translation_is_named_with_its_place(tmp_path, monkeypatch, translations, fuzzy, fault):
    [remark] = remarks(tmp_path, monkeypatch, translations, fuzzy=fuzzy)

    assert fault in remark
    assert "web/lights.py:3" in remark


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.yaml", b"a: [1\n", "expected ',' or ']'"),
        ("a.json", b"{,}\n", "Expecting property name"),
        ("a.toml", b"= 1\n", "Invalid"),
        ("a.py", b"a = 1 \n", "blanks at the end"),
        ("a.py", b"a = 1", "the last line does not end"),
        ("a.py", b"<<<<<<< HEAD\n", "a merge mark"),
        ("a.txt", "责成".encode("gb18030"), "not UTF-8"),
        ("a.png", b"\0" * 1_000_001, "larger than"),
    ],
)
def test_a_file_that_cannot_stay_so_is_named(tmp_path, name, content, fault):
    path = tmp_path / name
    path.write_bytes(content)

    [remark, *_] = check_files.faults_of(path)

    assert fault in remark


def test_a_sound_file_passes(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: [1]\n")

    assert check_files.faults_of(path) == []


@pytest.mark.parametrize(
    ("version", "recent"),
    [
        ("v18.20.0", False),
        ("v20.18.9", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("nonsense", False),
    ],
)
def test_only_a_node_that_can_run_vite_is_used(tmp_path, monkeypatch, version, recent):
    for name in ("node", "npm"):
        command = tmp_path / name
        command.write_text(f"#!/bin/sh\necho {version}\n")
        command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert build_assets.node_is_recent() is recent


def test_a_machine_without_node_has_none_to_use(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not build_assets.node_is_recent()


def test_a_broken_environment_is_made_anew(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)

    assert setup.works(Path(sys.executable))
    assert not setup.works(broken)
    assert not setup.works(tmp_path / "nothing")


def test_set_up_runs_on_the_standard_library_alone():
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "tools" / "setup.py"), "nonsense"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "Expected a step" in done.stdout


def test_a_missing_browser_is_said_loudly_to_who_cannot_install_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert setup.install_system() == 0

    said = capsys.readouterr().out
    assert "WILL FAIL" in said
    assert "apt-get install chromium chromium-l10n fonts-noto-cjk" in said
