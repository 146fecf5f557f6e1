from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import api
from tests.ledger.ledger_scene import seal
from tests.use_cases.law_scene import FORM, RULES, diagram
from workflows.application import open_application
from workflows.clock import VirtualClock
from workflows.settings import Settings, load_settings
from workflows.transaction import run

ROOT = Path(__file__).resolve().parents[2]
INVENTED_2027 = ROOT / "tests" / "data" / "calendar_2027_invented.yaml"


class Shell:
    """Types commands in a folder of its own, with a database of its own.

    Each command gets an application of its own, as in a process of its own, but its imports are made already.
    ``in_process`` starts a real process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"

    def __call__(self, *words: str, code: int = 0) -> str:
        application = open_application(load_settings({"ZECHENG_VAR": str(self.var)}))
        try:
            done = api.create_app(application).test_cli_runner().invoke(args=words)
        finally:
            application.database.dispose()
        assert done.exit_code == code, done.output
        return done.output

    def in_process(self, *words: str, code: int = 0, **more: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ZECHENG_")}
        environment |= {"ZECHENG_VAR": str(self.var), "PYTHONPATH": str(ROOT), **more}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def files(shell: Shell) -> list[str]:
    return [
        shell.write("small.bpmn", diagram()),
        shell.write("f.json", json.dumps(FORM).encode()),
        shell.write("rules.yaml", RULES.encode()),
    ]


def test_importing_the_web_process_has_no_effects(shell: Shell):
    script = "import wsgi, threading; print(threading.active_count())"
    environment = {**os.environ, "ZECHENG_VAR": str(shell.var), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "1"
    assert not shell.var.exists()


def test_definitions_are_checked_deployed_and_put_into_force(shell: Shell, files: list[str]):
    checked = json.loads(shell("definitions", "check", *files, "--json"))
    first = shell.in_process("definitions", "deploy", *files)
    again = shell("definitions", "deploy", *files, "--activate")

    assert {finding["severity"] for finding in checked["findings"]} <= {"info"}
    assert "small:1 draft" in first
    assert "small:1 active" in again


def test_a_broken_diagram_is_reported_with_its_element_and_not_deployed(shell: Shell):
    broken = shell.write("broken.bpmn", diagram(body='<scriptTask id="Wrong"><script>import os</script></scriptTask>'))

    findings = json.loads(shell("definitions", "check", broken, "--json", code=1))["findings"]
    told = shell.in_process("definitions", "deploy", broken, code=1)

    assert "Wrong" in {finding["element_id"] for finding in findings}
    assert {"severity", "code", "file", "element_id", "element_name", "path", "message", "hint"} <= findings[0].keys()
    assert "broken.bpmn:Wrong" in told


def test_cases_of_conformance_are_run_without_a_database(shell: Shell):
    shell.write("small.bpmn", diagram(task=""))
    case = {"id": "one", "diagram": "small.bpmn", "process": "small", "must_complete": ["Do"], "ends": True}
    refused = {"id": "two", "diagram": "none.bpmn", "process": "small"}
    cases = shell.write("cases.json", json.dumps([case, refused]).encode())

    told = json.loads(shell("definitions", "conform", cases, "--json"))

    assert [(each["id"], each["verdict"]) for each in told["cases"]] == [("one", "right"), ("two", "wrong")]
    assert told["cases"][0].keys() == {"id", "verdict", "why", "refused_element"}
    assert not (shell.var / "zecheng.db").exists()


@pytest.mark.parametrize("content", [None, b"{", b"3", b'["x"]', b"\xff"])
def test_a_file_of_cases_that_cannot_be_read_fails(shell: Shell, content: bytes | None):
    path = shell.write("cases.json", content) if content is not None else str(shell.folder / "missing.json")

    assert "Error" in shell("definitions", "conform", path, code=1)


def test_a_calendar_is_previewed_and_loaded_and_a_correction_approved(shell: Shell):
    corrected = shell.write("2027.yaml", INVENTED_2027.read_bytes().replace(b"version: 1", b"version: 2"))

    preview = shell("calendar", "preview", str(INVENTED_2027))
    loaded = shell("calendar", "load", str(INVENTED_2027))
    waiting = shell("calendar", "load", corrected)
    approved = shell("calendar", "approve", waiting.split()[-1])

    assert "approval not needed" in preview
    assert "2027:1 counts" in loaded
    assert "2027:2 waits" in waiting
    assert "2027:2 counts" in approved
    assert "whole" in shell("ledger", "verify")


def test_a_calendar_with_faults_is_refused_with_all_of_them(shell: Shell):
    told = shell("calendar", "load", shell.write("bad.yaml", b"year: 2027\nstatus: perhaps\n"), code=1)

    assert "calendar-invalid" in told
    assert "status" in told
    assert "version" in told


def test_generation_takes_a_day_and_tells_what_it_did(shell: Shell):
    assert "0 opened" in shell("duties", "generate", "--until", "2026-12-01")
    assert "Invalid value" in shell("duties", "generate", "--until", "soon", code=2)


def test_an_unknown_setting_stops_every_command(shell: Shell):
    assert "ZECHENG_COLOUR" in shell.in_process("ledger", "verify", code=1, ZECHENG_COLOUR="red")


def test_sealed_texts_past_their_years_are_purged_and_the_ledger_stays_whole(shell: Shell):
    shell("database", "migrate")
    url = f"sqlite:///{shell.var / 'zecheng.db'}"
    long_ago = VirtualClock(datetime(2001, 3, 2, 1, 0, tzinfo=UTC))
    application = open_application(Settings(var=shell.var, database_url=url), long_ago)
    for purpose in ("opinion", "urge-note"):
        run(application, seal, "请抓紧", purpose)
    application.database.dispose()

    assert "0 sealed values would be purged" in shell("ledger", "purge-sealed", "--dry-run", "--until", "2011-03-02")
    assert "1 sealed values would be purged" in shell("ledger", "purge-sealed", "--dry-run")
    assert "1 sealed values purged" in shell("ledger", "purge-sealed")
    assert "0 sealed values purged" in shell("ledger", "purge-sealed")
    assert "whole" in shell("ledger", "verify")
