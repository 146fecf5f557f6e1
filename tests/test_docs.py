"""What the documents say is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from workflows.tables import Table

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GLOSSARY = ROOT / "docs" / "glossary.md"
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_link_inside_the_project_leads_somewhere(document):
    targets = [target for target in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in target]

    broken = [target for target in targets if not (document.parent / target).exists()]

    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_command_that_is_named_exists(document):
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"make (\w+)", listed))

    named = set(re.findall(r"`make (\w+)", document.read_text(encoding="utf-8")))

    assert named <= known


def test_every_decision_stands_in_the_index_and_says_context_choice_and_price():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(folder.glob("[0-9]*.md"))

    numbers = [int(record.name[:4]) for record in records]

    assert numbers == sorted(set(numbers)), "a number is given once; a gap only means that a draft was not needed"
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert f"({record.name})" in index, record.name
        assert text.startswith(f"# {record.name[:4]} "), record.name
        assert all(f"**{part}.**" in text for part in ("Context", "Choice", "Price")), record.name


def test_every_table_has_a_word_in_the_glossary():
    glossary = GLOSSARY.read_text(encoding="utf-8")

    wordless = sorted(name for name in Table.metadata.tables if f"`{name}`" not in glossary)

    assert wordless == [], "Give each table's noun a line in docs/glossary.md."


def test_every_class_that_the_glossary_names_exists():
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)*)[.`]", GLOSSARY.read_text(encoding="utf-8")))
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflows").rglob("*.py"))

    missing = sorted(name for name in named if not re.search(rf"^class {name}\b", code, re.MULTILINE))

    assert named
    assert missing == []
