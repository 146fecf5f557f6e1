"""Checkpoints signed with SM2: by the same provider, checked by the product and by the verifier alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.ledger.ledger_scene import damage, fill, judge, record
from tests.ledger.test_proofs import judge as judge_file
from tests.ledger.test_proofs import write_export
from workflows.application import Application, open_application
from workflows.clock import VirtualClock
from workflows.demo.invariants import sm2 as arithmetic
from workflows.demo.judging import judge as judge_played
from workflows.ledger import sm2
from workflows.ledger.checkpoints import checkpoint
from workflows.ledger.keys import FileKeys, PublicKey, signature_fits
from workflows.settings import Settings, SettingsError
from workflows.transaction import run


@pytest.fixture
def signed(databases: Databases, tmp_path: Path, clock: VirtualClock) -> Iterator[Application]:
    url = databases.make("sqlite")
    opened = open_application(Settings(var=tmp_path / "var", database_url=url, ledger_key="sm2"), clock)
    fill(opened, clock)
    yield opened
    opened.database.dispose()


def test_a_signature_fits_its_key_and_message_alone(tmp_path: Path):
    keys, others = FileKeys(tmp_path / "a", "sm2"), FileKeys(tmp_path / "b", "sm2")
    signature = keys.sign("第一个检查点".encode())

    assert signature_fits(keys.public, "第一个检查点".encode(), signature) is True
    assert signature_fits(keys.public, "第二个检查点".encode(), signature) is False
    assert signature_fits(others.public, "第一个检查点".encode(), signature) is False
    assert signature_fits(keys.public, b"", b"no signature") is False
    assert signature_fits(PublicKey("sm2", b"no key"), b"", signature) is None
    assert FileKeys(tmp_path / "a", "sm2").public == keys.public
    assert (tmp_path / "a" / "ledger.sm2.key").stat().st_mode & 0o777 == 0o600


def test_checkpoints_signed_with_sm2_verify_here_and_elsewhere(signed: Application, tmp_path: Path):
    file = write_export(signed, tmp_path)

    code, said = judge_file(file)

    assert judge(signed).is_whole
    assert code == 0, said
    assert "NOT CHECKED" not in said
    assert "signatures fit" in said


def test_a_forged_checkpoint_is_found_by_both(signed: Application, tmp_path: Path):
    def forge(parts: list) -> None:
        last = next(part["checkpoint"] for part in reversed(parts) if "checkpoint" in part)
        last["at"] = "2026-03-01T00:00:00.000000Z"

    code, said = judge_file(write_export(signed, tmp_path, forge))
    damage(signed, "UPDATE ledger_checkpoint SET at = '2026-03-02 00:30:00' WHERE id = 3")

    assert (code, "the signature does not fit" in said) == (1, True)
    assert "signature-wrong" in {fault.code for fault in judge(signed).faults}


def test_the_checker_of_the_demo_works_sm2_out_by_itself(tmp_path: Path):
    keys, others = FileKeys(tmp_path / "a", "sm2"), FileKeys(tmp_path / "b", "sm2")
    public, message = keys.public.raw, "第一个检查点".encode()
    signatures = [keys.sign(message) for _ in range(4)]  # r and s of any length
    good = signatures[0]

    assert all(arithmetic.fits(public, message, signature) for signature in signatures)
    assert not arithmetic.fits(public, "第二个检查点".encode(), good)
    assert not arithmetic.fits(others.public.raw, message, good)
    for wrong in (b"", good[:-1], good + b"\x00", b"\x30\x06\x02\x01\x00\x02\x01\x01", b"\x31" + good[1:]):
        assert not arithmetic.fits(public, message, wrong)
    for key in (b"", public[:-1] + b"\x00", public[:-65] + b"\x02" + public[-64:]):
        assert not arithmetic.fits(key, message, good)


def test_a_demo_signed_with_sm2_holds_and_a_forged_checkpoint_is_named(signed: Application):
    url, keys = signed.settings.url, signed.settings.var / "keys"
    named = {verdict.key: verdict for verdict in judge_played(url, keys).verdicts}
    damage(signed, "UPDATE ledger_checkpoint SET at = '2026-03-02 00:30:00' WHERE id = 3")
    forged = {verdict.key: verdict for verdict in judge_played(url, keys).verdicts}

    assert named["ledger-checkpoints"].looked_at > 0
    assert named["ledger-checkpoints"].holds
    assert "检查点 3 的签名不符" in forged["ledger-checkpoints"].faults


def test_a_house_that_goes_over_to_sm2_still_trusts_what_it_signed_before(application, clock, tmp_path: Path):
    fill(application, clock)
    later = Settings(var=application.settings.var, database_url=application.settings.database_url, ledger_key="sm2")
    changed = open_application(later, clock)
    record(changed, "case:b")
    run(changed, checkpoint)

    code, said = judge_file(write_export(changed, tmp_path))

    assert judge(changed).is_whole
    assert (code, "NOT CHECKED" in said) == (0, False)
    changed.database.dispose()


def test_without_openssl_nothing_is_called_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    keys = FileKeys(tmp_path, "sm2")
    public, signature = keys.public, keys.sign(b"x")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert signature_fits(public, b"x", signature) is None
    with pytest.raises(sm2.Sm2UnavailableError):
        sm2.make_key()


def test_an_unknown_algorithm_is_refused(application):
    wrong = Settings(var=application.settings.var, database_url=application.settings.database_url, ledger_key="rsa")
    opened = open_application(wrong, application.clock)

    with pytest.raises(SettingsError):
        run(opened, checkpoint)
    opened.database.dispose()
