"""A small ledger with three checkpoints, and the means to damage it behind the application's back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from workflows import ledger
from workflows.access import Actor
from workflows.application import Application
from workflows.clock import VirtualClock
from workflows.ledger.checkpoints import checkpoint
from workflows.ledger.verification import LedgerReport, verify
from workflows.store import Store
from workflows.transaction import read, run

CLERK = Actor(None, "clerk", "经办员甲", via="test", request_id="r-1")
CASES = ("a", "b", "c")


def record(application: Application, stream: str, kind: str = "changed", **content: Any) -> None:
    run(application, ledger.record, stream, kind, content, actor=CLERK)


def seal(store: Store, text_: str, purpose: str = "opinion") -> str:
    sealed = ledger.seal(store, text_, purpose)
    ledger.record(store, "case:a", "opinion-given", {"opinion": ledger.reference(sealed)}, actor=CLERK)
    return sealed.id


def fill(application: Application, clock: VirtualClock) -> str:
    """Write four events to each of three cases in three rounds, each round under a checkpoint; one event more."""
    for round_ in range(3):
        for case in CASES[: round_ + 1]:
            for number in range(4):
                record(application, f"case:{case}", round=round_, number=number, text="补正材料")
        if round_ == 0:
            sealed_id = run(application, seal, "同意，请抓紧办理。")
        clock.move_to(clock.now() + timedelta(hours=1))
        run(application, checkpoint)
    record(application, "case:c", late=True)
    return sealed_id


def damage(application: Application, statement: str, **values: Any) -> int:
    """Change rows as the owner of the database can: the triggers that keep the ledger append-only are off meanwhile."""
    with application.database.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            for trigger in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        changed = connection.execute(text(statement), values).rowcount
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = origin"))
        return changed


def judge(application: Application, stream: str | None = None) -> LedgerReport:
    return read(application, verify, stream)


def codes(application: Application) -> list[str]:
    return [fault.code for fault in judge(application).faults]
