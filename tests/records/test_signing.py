from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from tests.records.test_evidence import attach
from workflows import signing
from workflows.access import system_actor
from workflows.application import Application
from workflows.errors import NotAllowedError, RejectedError
from workflows.ledger.verification import verify
from workflows.store import Store
from workflows.store.people import actor_of
from workflows.tables import Activity, Signature
from workflows.transaction import read, run

SHOWN = {"task": "起草", "case": "述职报告", "values": {"agree": True, "amount": {"$": "decimal", "v": "1.50"}}}


def sign(
    application: Application, office: SimpleNamespace, *, age: timedelta | None = timedelta(), **options
) -> Signature:
    def use_case(store: Store) -> Signature:
        return signing.sign(
            store,
            store.need(Activity, office.activity.id),
            actor=actor_of(store, office.clerk.id),
            confirmed_at=None if age is None else store.now - age,
            shown=SHOWN,
            **options,
        )

    return run(application, use_case)


def test_a_signature_fits_what_was_shown_and_nothing_else(application, office):
    attachment = attach(application, office)

    signature = sign(application, office, files=[attachment.id], post_id=office.post.id)

    assert signing.fits(signature, SHOWN)
    assert not signing.fits(signature, {**SHOWN, "case": "述职报告 "})
    assert signature.content["files"] == [attachment.digest]
    assert (signature.person_id, signature.post_id, signature.algorithm) == (office.clerk.id, office.post.id, "sm3")


def test_a_signature_stands_in_the_ledger_without_the_words_that_were_signed(application, office):
    signature = sign(application, office)

    with application.database.connect() as connection:
        content = connection.execute(text("SELECT content FROM ledger_event WHERE kind = 'signed'")).scalar_one()
    assert json.loads(content)["digest"] == signature.digest
    assert "述职" not in content
    assert signature.content["salt"] not in content
    assert read(application, verify).is_whole


def test_two_signatures_under_the_same_words_have_different_digests(application, office):
    assert sign(application, office).digest != sign(application, office).digest


@pytest.mark.parametrize("age", [None, timedelta(minutes=10, seconds=1), timedelta(days=1)])
def test_an_old_password_does_not_sign(application, office, age):
    with pytest.raises(NotAllowedError) as refused:
        sign(application, office, age=age)

    assert refused.value.code == "confirmation-required"
    assert refused.value.params == {"minutes": 10}


def test_a_password_given_ten_minutes_ago_still_signs(application, office):
    assert sign(application, office, age=timedelta(minutes=10)).signed_at == application.clock.now()


def test_the_system_signs_nothing(application, office):
    def use_case(store: Store) -> Signature:
        activity = store.need(Activity, office.activity.id)
        return signing.sign(store, activity, actor=system_actor(), confirmed_at=store.now, shown=SHOWN)

    with pytest.raises(NotAllowedError):
        run(application, use_case)


def test_only_files_of_the_case_can_be_signed(application, office):
    with pytest.raises(RejectedError) as refused:
        sign(application, office, files=["unknown"])

    assert refused.value.code == "attachment-not-found"
