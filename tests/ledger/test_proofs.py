"""What leaves the house is judged by the verifier alone: a file of its own that knows nothing of the product."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.ledger_scene import fill, record
from workflows.ledger.checkpoints import checkpoint
from workflows.ledger.proofs import export, proof
from workflows.transaction import read, run

VERIFIER = Path(__file__).parents[2] / "tools" / "verify_ledger.py"
pytestmark = pytest.mark.usefixtures("filled")


@pytest.fixture
def filled(application, clock) -> None:
    fill(application, clock)


def judge(path: Path, *options: str) -> tuple[int, str]:
    """Run the verifier where it cannot import anything of the project."""
    command = [sys.executable, "-P", str(VERIFIER), str(path), *options]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def write_proof(application, tmp_path: Path, change: Callable[[dict], object] = lambda _: None) -> Path:
    document = read(application, proof, "b")
    change(document)
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def write_export(application, tmp_path: Path, change: Callable[[list], object] = lambda _: None) -> Path:
    parts = read(application, lambda store: list(export(store)))
    change(parts)
    path = tmp_path / "ledger.jsonl"
    path.write_text("".join(json.dumps(part, ensure_ascii=False) + "\n" for part in parts), encoding="utf-8")
    return path


def test_the_proof_of_a_case_is_accepted(application, tmp_path):
    code, said = judge(write_proof(application, tmp_path))

    assert code == 0
    assert "WHOLE: 8 events in 1 streams, 1 checkpoints" in said
    assert "covered by checkpoint 3" in said


def test_a_proof_tells_which_events_no_checkpoint_covers_yet(application, tmp_path):
    record(application, "case:b")

    code, said = judge(write_proof(application, tmp_path))

    assert code == 0
    assert "events after #8 are newer than the checkpoint" in said


def test_a_proof_of_a_case_that_no_checkpoint_knows_says_so(application, tmp_path):
    record(application, "case:new")
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(read(application, proof, "new")), encoding="utf-8")

    document = json.loads(path.read_text())
    assert document["inclusion"] is None
    assert judge(path)[0] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["events"].pop(0), "#1: missing"),
        (lambda d: d["events"].pop(4), "#5: missing"),
        (lambda d: d["events"].pop(), "#8"),
        (lambda d: d["events"].insert(2, d["events"].pop(3)), "#3: missing"),
        (lambda d: d["events"][3].update(actor="another"), "#4: not what was hashed"),
        (lambda d: d["events"][3].update(content="{}"), "#4: not what was hashed"),
        (lambda d: d["inclusion"].update(index=0), "not under the checkpoint's root"),
        (lambda d: d["inclusion"]["path"].pop(), "path to the root is too short"),
        (lambda d: d["inclusion"].update(seq=4, hash=d["events"][3]["hash"]), "not under the checkpoint's root"),
        (lambda d: d["checkpoint"].update(root="0" * 64), "signature does not fit"),
        (lambda d: d["checkpoint"].update(at="2020-01-01T00:00:00.000000Z"), "signature does not fit"),
        (lambda d: d["keys"].clear(), "not trusted"),
        (lambda d: d["events"][0].update(stream="case:x"), "another stream"),
    ],
)
def test_a_changed_proof_is_refused_with_its_first_fault(application, tmp_path, change, said):
    code, output = judge(write_proof(application, tmp_path, change))

    assert code == 1
    assert said in output


def test_the_whole_ledger_is_accepted(application, tmp_path):
    code, said = judge(write_export(application, tmp_path))

    assert code == 0
    assert "WHOLE: 26 events in 3 streams, 3 checkpoints" in said


def without(kind: str, position: int) -> Callable[[list], object]:
    def change(parts: list) -> None:
        places = [place for place, part in enumerate(parts) if kind in part]
        del parts[places[position]]

    return change


@pytest.mark.parametrize(
    "change",
    [
        without("event", 0),
        without("event", 5),
        without("event", 12),
        without("event", -1),
        without("checkpoint", 0),
        without("checkpoint", 1),
        without("head", 1),
        lambda parts: parts.__delitem__(slice(-14, -5)),
        lambda parts: parts[-1]["event"].update(kind="other"),
        lambda parts: parts[1]["checkpoint"].update(root="0" * 64),
        lambda parts: parts[1]["checkpoint"]["heads"].append(["case:z", 1, "0" * 64]),
        lambda parts: parts.insert(4, {**parts[2]}),
    ],
)
def test_a_changed_export_is_refused(application, tmp_path, change):
    code, said = judge(write_export(application, tmp_path, change))

    assert code == 1, said
    assert said.startswith("NOT WHOLE")


def test_a_ledger_cut_back_to_an_old_checkpoint_is_found_by_one_kept_elsewhere(application, tmp_path):
    kept = tmp_path / "kept.json"
    record(application, "case:b")
    run(application, checkpoint)
    kept.write_text(json.dumps(read(application, proof, "b")), encoding="utf-8")

    def cut(parts: list) -> None:
        parts[:] = [
            part
            for part in parts
            if part.get("checkpoint", {}).get("number") != 4
            and part.get("event", {}).get("seq", 0) < 9
            and part.get("event", {"stream": ""})["stream"] in {"", "case:a", "case:b", "case:c"}
        ]
        for part in parts:
            if part.get("head", [""])[0] == "case:b":
                events = [each["event"] for each in parts if each.get("event", {}).get("stream") == "case:b"]
                part["head"] = ["case:b", 8, events[-1]["hash"]]

    whole = write_export(application, tmp_path)
    assert judge(whole, "--checkpoint", str(kept))[0] == 0
    shortened = write_export(application, tmp_path, cut)

    code, said = judge(shortened, "--checkpoint", str(kept))

    assert code == 1
    assert "kept elsewhere" in said or "missing" in said


def test_only_the_key_that_is_given_counts(application, tmp_path):
    path = write_export(application, tmp_path)
    (public,) = (application.settings.var / "keys").glob("*.pub")

    assert judge(path, "--key", public.read_text().strip())[0] == 0
    assert judge(path, "--key", "0" * 64)[0] == 1


def test_without_the_package_for_signatures_the_verifier_says_that_it_did_not_check_them(application, tmp_path):
    path = write_export(application, tmp_path)
    (tmp_path / "cryptography.py").write_text("raise ImportError")

    done = subprocess.run(
        [sys.executable, str(VERIFIER), str(path)],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "NOT CHECKED: 3 signatures" in done.stdout
