"""Who may do what at the pages: role × page or form × own, foreign, of a unit below, confidential: ``rights.yaml``.

A page or form of the URL map without a row fails, and so does a row without one. Real sessions send real forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api.door_scene import Template, open_door
from tests.api.rights_scene import ROLES
from tests.web.rights_scene import READERS, PageMatrix, pages_of

DECLARED: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "rights.yaml").read_text(encoding="utf-8"))
OF_PROGRAMS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "api" / "rights.yaml").read_text(encoding="utf-8")
)
SAME = [route for route in DECLARED["routes"] if route.replace(" ", " /api/v1") in OF_PROGRAMS["routes"]]


@pytest.fixture(scope="module")
def matrix(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageMatrix]:
    folder = tmp_path_factory.mktemp("rights")
    with open_door(template.copy(folder / "pages.db"), folder / "var") as door:
        opened = PageMatrix(door)
        yield opened
        opened.close()


def test_every_page_and_form_has_a_row_and_every_row_a_page_or_form(matrix: PageMatrix):
    assert set(DECLARED["routes"]) == set(pages_of(matrix.door.app)), "Say in tests/web/rights.yaml who may use it."


@pytest.mark.parametrize("route", DECLARED["routes"])
def test_everybody_meets_what_is_declared(matrix: PageMatrix, route: str):
    method, path = route.split(" ")

    met = matrix.row(method, path)

    assert met == DECLARED["routes"][route]
    assert tuple(met) == READERS


@pytest.mark.parametrize("path", DECLARED["lists"])
def test_a_list_links_what_each_role_may_see(matrix: PageMatrix, path: str):
    assert {role: matrix.shown(role, path) for role in READERS[1:]} == DECLARED["lists"][path]


@pytest.mark.parametrize("route", SAME)
def test_the_same_address_means_the_same_at_both_doors(route: str):
    of_programs = OF_PROGRAMS["routes"][route.replace(" ", " /api/v1")]

    assert {role: DECLARED["routes"][route][role] for role in ROLES} == of_programs


def test_a_refused_form_leaves_no_file_behind(matrix: PageMatrix):
    files = matrix.door.application.settings.var / "files"
    before = sorted(files.rglob("*"))

    assert matrix.ask("auditor", "POST", "/cases/{case_id}/attachments", "own") == "refused"
    assert matrix.ask("auditor", "POST", "/tasks/{task_id}/files", "own") == "refused"

    assert sorted(files.rglob("*")) == before
