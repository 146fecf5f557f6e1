"""Who may do what: role × route × own, foreign, of a unit below, confidential, as ``rights.yaml`` says.

A route of the OpenAPI document without a row fails, and so does a row without a route. Requests are made so that
even who is allowed changes nothing: they ask for a version that nothing has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api.door_scene import Template, open_door
from tests.api.rights_scene import KINDS, ROLES, Matrix, operations

DECLARED: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "rights.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def matrix(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    folder = tmp_path_factory.mktemp("rights")
    with open_door(template.copy(folder / "door.db"), folder / "var") as door:
        yield Matrix(door)


def test_every_route_has_a_row_and_every_row_a_route(matrix: Matrix):
    document = matrix.callers["nobody"].get("/openapi.json").json

    routes = {f"{method} {path}" for method, path in operations(document)}

    assert set(DECLARED["routes"]) == routes, "Say in tests/api/rights.yaml who may use it."


@pytest.mark.parametrize("route", DECLARED["routes"])
def test_everybody_meets_what_is_declared(matrix: Matrix, route: str):
    method, path = route.split(" ")
    before = matrix.door.fingerprint()

    met = matrix.row(method, path)

    assert met == DECLARED["routes"][route]
    assert list(met) == list(ROLES)
    assert matrix.door.fingerprint() == before, "Asking about rights must change nothing."


@pytest.mark.parametrize("path", DECLARED["lists"])
def test_a_list_holds_what_each_role_may_see(matrix: Matrix, path: str):
    met = {role: matrix.listed(role, path) for role in ROLES[1:]}

    assert met == DECLARED["lists"][path]


def test_nobody_in_the_matrix_sees_what_is_foreign_or_above_their_clearance():
    foreign, confidential = KINDS.index("foreign"), KINDS.index("confidential")

    for route, row in DECLARED["routes"].items():
        for role, words in row.items():
            told = words.split()
            if len(told) == len(KINDS) and route != "POST /api/v1/cases":
                assert told[foreign] in {"hidden", "login"}, (route, role)
                assert told[confidential] in {"hidden", "login"}, (route, role)
