"""The rules of the house that no linter knows. Each failure says why the rule exists."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("workflows", "api", "web", "scheduler")
CODE = (*PRODUCT, "migrations", "bench", "tests", "tools")
LONGEST_FILE = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc", "shared"}
WRITTEN = {
    ".py",
    ".html",
    ".ts",
    ".css",
    ".js",
    ".json",
    ".yaml",
    ".yml",
    ".toml",
    ".md",
    ".txt",
    ".bpmn",
    ".dmn",
    ".po",
}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
WRITTEN_NAMES = {"Makefile", "run", "LICENSE", "NOTICE"}


def tracked() -> list[Path]:
    """Return the files that git keeps, so that what a run leaves behind is not judged."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


TRACKED = tracked()


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for path in TRACKED
        if path.suffix == ".py" and (path.relative_to(ROOT).parts[0] in folders or path.name == "wsgi.py")
    ]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def calls(path: Path) -> list[tuple[int, str]]:
    """Return line and name of every call; the name of ``a.b.c()`` is ``.c``, of ``c()`` it is ``c``."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.append((node.lineno, f".{node.func.attr}"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append((node.lineno, node.func.id))
    return found


@cache
def imported(path: Path) -> list[tuple[int, str]]:
    """Return line and module of every import, relative ones resolved."""
    package = path.relative_to(ROOT).parts[:-1]
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            found.append((node.lineno, f"{above}.{node.module or ''}".strip(".")))
    return found


def test_there_is_exactly_one_commit():
    found = [
        f"{name_of(path)}:{line}" for path in python_files(*PRODUCT) for line, name in calls(path) if name == ".commit"
    ]

    assert [place.split(":")[0] for place in found] == ["workflows/transaction.py"], (
        f"Commits at {found}. A use case is one transaction, begun and ended by run() in workflows/transaction.py: "
        "a second commit means that a crash between the two leaves half of an act."
    )


def test_no_file_is_too_long_to_be_read_in_one_go():
    long = {
        name_of(path): lines
        for path in python_files(*(set(CODE) - {"migrations"}))  # a migration is a list, and is never edited again
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }

    assert long == {}, (
        f"More than {LONGEST_FILE} lines: {long}. Make a folder of the same name; imports stay as they are."
    )


def test_every_module_is_named_after_what_it_holds():
    vague = [
        name_of(path) for path in python_files(*CODE) if {path.stem, *path.relative_to(ROOT).parts[:-1]} & VAGUE_NAMES
    ]

    assert vague == [], f"{vague}: a name that fits everything tells nobody where a thing is. Name the noun."


@pytest.mark.parametrize("package", PRODUCT)
def test_every_package_and_module_says_what_it_is_for(package):
    files = python_files(package)
    silent = [
        name_of(path) for path in files if path.is_relative_to(ROOT / package) and not ast.get_docstring(tree_of(path))
    ]
    without_init = sorted(
        {name_of(path.parent) for path in files if path.is_relative_to(ROOT / package)}
        - {name_of(path.parent) for path in files if path.name == "__init__.py"}
    )

    assert files, f"{package}/ is a part of the house (docs/architecture.md)."
    assert silent == [], f"No docstring: {silent}. The reader's first question is what a file is for."
    assert [folder for folder in without_init if folder != "."] == [], f"No __init__.py: {without_init}."


def test_imports_stand_at_the_top_or_say_why_not():
    hidden = []
    for path in python_files(*PRODUCT):
        tree, lines = tree_of(path), path.read_text(encoding="utf-8").splitlines()
        top = {inner for node in tree.body if not isinstance(node, DEFINITIONS) for inner in ast.walk(node)}
        hidden += [
            f"{name_of(path)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            and node not in top
            and not re.search(r"# noqa: PLC0415 - \w+", lines[node.lineno - 1])
        ]

    assert hidden == [], f"Imports inside functions: {hidden}. They hide a cycle; move the shared thing down instead."


def test_nothing_of_a_diagram_can_become_python():
    banned = {"eval", "exec", "compile", "__import__", ".import_module"}
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in python_files(*PRODUCT)
        for line, name in calls(path)
        if name in banned
    ]

    assert found == [], (
        f"{found}: an uploaded text must never be run; workflows/engine/expressions evaluates its own trees."
    )


def test_nothing_stored_is_unpickled():
    banned = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    found = [
        f"{name_of(path)}:{line}" for path in python_files(*PRODUCT) for line, name in imported(path) if name in banned
    ]

    assert found == [], (
        f"{found}: who can write the database could run code; state is JSON (workflows/engine/values.py)."
    )


def test_the_engine_imports_nothing_of_the_application():
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in python_files("workflows")
        if path.is_relative_to(ROOT / "workflows" / "engine")
        for line, name in imported(path)
        if name.split(".")[0] in PRODUCT and name.split(".")[:2] != ["workflows", "engine"]
    ]

    assert found == [], f"{found}: the engine is a pure function that can be tested, and replaced, alone."


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("flask_babel", ("api", "web")),
        ("flask_login", ("api", "web")),
        ("flask_smorest", ("api", "web")),
        ("flask_wtf", ("api", "web")),
        ("werkzeug", ("api", "web")),
        ("jinja2", ("api", "web")),
        ("alembic", ("workflows.database",)),
        ("psycopg", ("workflows.database",)),
        ("sqlite3", ("workflows.database",)),
        ("waitress", ("api",)),
    ],
)
def test_a_foreign_library_lives_in_one_place(library, homes):
    """The import contracts hold the great ones; import-linter refuses names that nobody imports yet."""
    found = [
        f"{name_of(path)}:{line}"
        for path in python_files(*PRODUCT)
        if path.name != "wsgi.py" and not ".".join(path.relative_to(ROOT).with_suffix("").parts).startswith(homes)
        for line, name in imported(path)
        if name.split(".")[0] == library
    ]

    assert found == [], f"{found}: {library} belongs into {' or '.join(homes)}, so that it can be replaced there."


def test_no_use_case_asks_the_machine_for_the_time():
    allowed = {"workflows/clock.py"}
    banned = {".now", ".utcnow", ".today"}
    found = []
    for path in python_files("workflows", "api", "web", "scheduler"):
        if name_of(path) in allowed:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and f".{node.func.attr}" in banned:
                owner = node.func.value
                if isinstance(owner, ast.Name | ast.Attribute) and ast.unparse(owner).split(".")[-1] in {
                    "datetime",
                    "date",
                }:
                    found.append(f"{name_of(path)}:{node.lineno}")

    assert found == [], (
        f"{found}: time comes from the clock that is passed in, so that a virtual year runs the same code."
    )


def test_nothing_names_the_place_where_it_was_written():
    # put together here, so that this file does not name them either
    places = re.compile(
        "|".join(["/" + "work/", r"\.\./" + "shared", "/" + "opt/wheels", "py" + r"pi\.org", "registry" + r"\.npmjs"])
    )
    found = [
        f"{name_of(path)}:{number}"
        for path in TRACKED
        if path.suffix in WRITTEN or path.name in WRITTEN_NAMES
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if places.search(line)
    ]

    assert found == [], f"{found}: the project must build anywhere; whoever runs it chooses the registry."


def test_the_import_contracts_hold():
    lint_imports = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"See [tool.importlinter] in pyproject.toml:\n{done.stdout}{done.stderr}"


def test_importing_wsgi_has_no_effects(tmp_path):
    before = set(tmp_path.iterdir())
    script = "import socket, sqlite3, threading, wsgi\nassert threading.active_count() == 1, threading.enumerate()\n"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"Tools import wsgi to look at it:\n{done.stderr}"
    assert set(tmp_path.iterdir()) == before, "Importing wsgi wrote files."
