from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.records.smtp_server import Post, smtp_server
from workflows import outbox
from workflows.application import Application
from workflows.errors import RejectedError
from workflows.settings import Settings
from workflows.store import Store
from workflows.tables import Outbox, Person
from workflows.transaction import run


@pytest.fixture
def post() -> Iterator[Post]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, post: Post) -> Settings:
    return Settings(
        var=tmp_path / "var",
        database_url=database_url,
        mail_host="127.0.0.1",
        mail_port=post.port,
        mail_from="zecheng@city.test",
    )


def queue(application: Application, office, key: str = "k", **content: object) -> Outbox | None:
    def use_case(store: Store) -> Outbox | None:
        person = store.need(Person, office.clerk.id)
        return outbox.queue_mail(store, person, "message", {"subject": "通知", "body": "请办理。"} | content, key=key)

    return run(application, use_case)


def states(application: Application) -> list[tuple[str, int]]:
    with application.database.connect() as connection:
        return [(row.state, row.attempts) for row in connection.execute(text("SELECT * FROM outbox ORDER BY key"))]


def test_a_mail_arrives_as_it_was_written_and_its_delivery_is_recorded(application, office, post):
    row = queue(application, office)
    assert row is not None

    assert outbox.deliver_due(application) == 1

    (mail,) = post.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == ("p1@example.test", "zecheng@city.test", "通知")
    assert mail["Message-ID"] == f"<{row.id}@city.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == application.clock.now()
    assert "请办理。" in mail.get_content()
    with application.database.connect() as connection:
        stored = connection.execute(text("SELECT state, receipt, delivered_at FROM outbox")).one()
    assert stored.state == "delivered"
    assert row.id in stored.receipt
    assert stored.delivered_at is not None


def test_a_delivered_mail_is_not_sent_again(application, office, post):
    queue(application, office)
    outbox.deliver_due(application)
    application.clock.move_to(application.clock.now() + timedelta(days=1))

    assert outbox.deliver_due(application) == 0
    assert len(post.mails) == 1


def test_the_same_key_is_queued_once(application, office, post):
    first, second = queue(application, office), queue(application, office)

    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert outbox.deliver_due(application) == 1
    assert len(post.mails) == 1


def test_a_mail_of_a_use_case_that_failed_is_never_sent(application, office, post):
    def fails(store: Store) -> None:
        person = store.need(Person, office.clerk.id)
        outbox.queue_mail(store, person, "message", {"subject": "x", "body": "y"}, key="k")
        raise RejectedError("Expected something else.")

    with pytest.raises(RejectedError):
        run(application, fails)

    assert outbox.deliver_due(application) == 0
    assert post.mails == []


def test_who_has_no_address_gets_no_mail(application, office):
    def use_case(store: Store) -> Outbox | None:
        person = store.need(Person, office.other.id)
        return outbox.queue_mail(store, person, "message", {"subject": "x", "body": "y"}, key="k")

    assert run(application, use_case) is None


def test_without_a_mail_server_nothing_is_queued(application, office):
    application.settings = replace(application.settings, mail_host="")

    assert queue(application, office) is None
    assert outbox.deliver_due(application) == 0


def test_a_mail_that_is_turned_away_for_now_is_tried_again_later_and_later(application, office, post, clock):
    queue(application, office)
    post.answers = ["451 try later"] * 4
    pauses = []

    outbox.deliver_due(application)
    while not post.mails:
        since, left = clock.now(), len(post.answers)
        while not post.mails and len(post.answers) == left:
            clock.move_to(clock.now() + timedelta(minutes=1))
            outbox.deliver_due(application)
        pauses.append((clock.now() - since) // timedelta(minutes=1))

    assert pauses == [5, 5, 8, 16]


def test_a_mail_that_is_refused_for_good_is_given_up_and_does_not_hold_up_others(application, office, post):
    queue(application, office, "1")
    queue(application, office, "2")
    post.answers = ["550 no such person"]

    assert outbox.deliver_due(application) == 1

    assert sorted(states(application)) == [("delivered", 1), ("failed", 1)]
    with application.database.connect() as connection:
        assert "550" in connection.execute(text("SELECT error FROM outbox WHERE state = 'failed'")).scalar_one()


def test_a_mail_that_always_fails_is_given_up_after_ten_attempts(application, office, post, clock):
    queue(application, office)
    post.answers = ["451 try later"] * 20

    for _ in range(12):
        outbox.deliver_due(application)
        clock.move_to(clock.now() + timedelta(hours=7))

    assert states(application) == [("failed", 10)]
    assert len(post.answers) == 10


def test_a_row_that_no_mail_can_be_made_of_is_given_up(application, office, post):
    queue(application, office, "1")
    queue(application, office, "2")
    run(application, lambda store: setattr(store.need(Outbox, _first(application)), "content", {"kind": "unknown"}))

    assert outbox.deliver_due(application) == 1
    assert sorted(state for state, _ in states(application)) == ["delivered", "failed"]


def _first(application: Application) -> str:
    with application.database.connect() as connection:
        return str(connection.execute(text("SELECT id FROM outbox ORDER BY key LIMIT 1")).scalar_one())


def test_a_server_that_is_down_uses_up_no_attempt(application, office, post, clock):
    queue(application, office)
    port = application.settings.mail_port
    application.settings = replace(application.settings, mail_port=1)
    for _ in range(20):
        assert outbox.deliver_due(application) == 0
        clock.move_to(clock.now() + timedelta(minutes=6))
    assert states(application) == [("waiting", 0)]

    application.settings = replace(application.settings, mail_port=port)
    assert outbox.deliver_due(application) == 1
    assert len(post.mails) == 1


def test_a_title_cannot_add_a_header(application, office, post):
    queue(application, office, subject="通知\r\nBcc: all@city.test")

    assert outbox.deliver_due(application) == 1
    assert post.mails[0]["Bcc"] is None


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "a b@c.test", "a@b.test\r\nBcc: x@y.test", "张@c.test"])
def test_to_what_is_no_address_nothing_is_queued(application, office, address):
    run(application, lambda store: setattr(store.need(Person, office.clerk.id), "email", address))

    assert queue(application, office) is None
    assert states(application) == []


def test_four_processes_at_once_send_each_mail_once(application, office, post):
    for number in range(20):
        queue(application, office, f"{number:02}")

    threads = [threading.Thread(target=outbox.deliver_due, args=[application]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.deliver_due(application)

    assert len({mail["Message-ID"] for mail in post.mails}) == len(post.mails) == 20
    assert {state for state, _ in states(application)} == {"delivered"}


CRASHING = """
import os, signal
from workflows import outbox
from workflows.application import open_application
from workflows.clock import VirtualClock
from workflows.settings import load_settings
from datetime import datetime

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

outbox.{victim} = die
application = open_application(load_settings(), VirtualClock(datetime.fromisoformat("{now}")))
outbox.deliver_due(application)
"""


@pytest.mark.parametrize(("victim", "sent_before"), [("_send", 0), ("mark_delivered", 1)])
def test_a_sender_killed_around_the_sending_never_loses_a_mail(application, office, post, clock, victim, sent_before):
    row = queue(application, office)
    assert row is not None
    settings = application.settings
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path.cwd()),
        **{
            f"ZECHENG_{name.upper()}": str(getattr(settings, name))
            for name in ("var", "database_url", "mail_host", "mail_port", "mail_from")
        },
    }
    script = CRASHING.format(victim=victim, now=clock.now().isoformat())

    died = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert len(post.mails) == sent_before
    assert outbox.deliver_due(application) == 0  # the dead one's claim still runs
    clock.move_to(clock.now() + timedelta(minutes=6))

    assert outbox.deliver_due(application) == 1
    assert {mail["Message-ID"] for mail in post.mails} == {f"<{row.id}@city.test>"}
    assert len(post.mails) == sent_before + 1
