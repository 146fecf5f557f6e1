"""Law lives under ``bpmn/``: no colour, office, unit, region or number of an article stands in Python.

Words of pages and the one catalogue of texts are no law: they name what is on a screen. Docstrings and comments
explain, and decide nothing.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SOURCES = [path for door in ("workflows", "api", "web", "scheduler") for path in sorted((ROOT / door).rglob("*.py"))]
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_OFFICES = re.compile(r"党委|党组|纪委|监委|督查室|书记|主任|组长|政府|乡镇|街道|派驻|〔|第[一二三四五六七八九十]+条")
_ISO_LIMIT = re.compile(r"^P(?:\d+[YMWD])+$")
# the one place that shows how a colour is written
_EXAMPLES = {"不是颜色，例如 #b3270b"}
# the words that the command line and pages print: gettext, and tables of words for codes
_WORDS = ("gettext", "lazy_gettext", "ngettext", "_", "N_")


def spoken(tree: ast.Module) -> set[int]:
    """Return the ids of string constants that are docstrings or arguments of gettext."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _WORDS:
            found.update(id(inner) for inner in ast.walk(node) if isinstance(inner, ast.Constant))
    return found


@cache
def texts(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = spoken(tree)
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]


def where(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {text[:60]!r}"
        for path in SOURCES
        for line, text in texts(path)
        if pattern.search(text) and not any(example in text for example in _EXAMPLES)
    ]


def test_no_colour_stands_in_python():
    assert where(_COLOUR) == [], "colours of lights are data of regions; a page's own belong into its style sheet"


def test_no_office_level_or_number_of_an_order_stands_in_python():
    assert where(_OFFICES) == [], "offices, posts, units and forms of numbers are data under bpmn/"


def test_no_limit_stands_in_python():
    assert where(_ISO_LIMIT) == [], "limits are rules under bpmn/deadlines/"


@pytest.mark.parametrize("light", ["未开始", "正常", "临期", "逾期"])
def test_what_a_light_is_called_is_told_by_the_region(light: str):
    told = yaml.safe_load((ROOT / "bpmn" / "regions" / "default.yaml").read_text(encoding="utf-8"))

    assert light in {level["name"] for level in told["lights"]["levels"].values()}
    assert where(re.compile(f"^{light}$")) == []


def test_no_parameter_of_a_family_is_given_a_value_in_python():
    names = {
        name
        for path in (ROOT / "bpmn" / "diagrams").rglob("parameters.yaml")
        for name in yaml.safe_load(path.read_text(encoding="utf-8"))["parameters"]
    }
    given = []
    for path in SOURCES:
        if path.is_relative_to(ROOT / "api"):
            continue  # shapes of answers share names with parameters
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in names and isinstance(value, ast.Constant):
                        given.append(f"{path.relative_to(ROOT)}:{node.lineno}: {key.value!r}")

    assert len(names) > 20
    assert given == []
