"""The law as the tests read it: every file under bpmn/, taken apart into bundles like an upload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from workflows.bundle_contents import BundleContents
from workflows.bundles import read_bundle, split_upload
from workflows.deadlines.calendar_files import load_calendar
from workflows.duty_profile import Ground
from workflows.engine.types import FileContent, Profile
from workflows.operations import OPERATIONS
from workflows.organisation import load_organisation

LAW = Path(__file__).parents[2] / "bpmn"
DATA = Path(__file__).parents[1] / "data"
FAMILIES = ("dual_reporting", "rectification", "escalation", "responsibility_checklist", "accountability")
EDITOR = "编者补"
NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZC = "{urn:zecheng:bpmn}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_FOLDERS = ("diagrams", "forms", "decisions", "deadlines")
_QUOTES = re.compile(r"[“”‘’\s]")


def diagrams() -> list[Path]:
    return sorted(path for family in FAMILIES for path in (LAW / "diagrams" / family).glob("*.bpmn"))


@cache
def tree(path: Path) -> Any:
    return etree.parse(str(path)).getroot()


@cache
def bundles() -> dict[str, BundleContents]:
    paths = [path for folder in _FOLDERS for path in sorted((LAW / folder).rglob("*")) if path.is_file()]
    files = [FileContent(path.relative_to(LAW).as_posix(), path.read_bytes()) for path in paths]
    ground = Ground(load_organisation(LAW), load_calendar(LAW / "calendars"), NOW, frozenset(OPERATIONS))
    return {
        family: read_bundle(found, profile=Profile.DUTY, ground=ground)
        for family, found in split_upload(files).items()
        if family in FAMILIES
    }


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def clauses() -> dict[str, list[str]]:
    return dict(load(LAW / "clauses.yaml")["clauses"])


@cache
def duties() -> dict[str, list[dict[str, Any]]]:
    return {family: load(LAW / "duties" / f"{family}.yaml")["duties"] for family in FAMILIES}


def steps(family: str) -> Iterator[Any]:
    """Every flow node of a family's diagrams."""
    for contents in [bundles()[family]]:
        for process in contents.processes.values():
            yield from process.elements.values()


def plain(text: str) -> str:
    """The text without quotation marks and spaces: the seeds and our quotations differ in these only."""
    return _QUOTES.sub("", text)


def citations(text: str) -> Iterator[tuple[str, str]]:
    """Each quotation in a text, with the clause that stands before it in 〔〕."""
    for part in re.split(r"(?=〔)", text):
        found = re.match(r"〔([^〕]+)〕", part)
        if found:
            for quotation in re.findall(r"“([^”]*)”", part[found.end() :]):
                yield found[1], quotation
