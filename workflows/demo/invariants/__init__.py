"""What must hold in every database, whatever was played: checked from the raw rows by SQL and arithmetic of its own.

Nothing here imports a use case, a store or a table of the product: a fault there cannot hide itself here. The one
exception is the recounter of dates, which shares no code with the rules either and exists for this.

``check`` takes a DB-API connection (SQLite or PostgreSQL), the moment as of which it judges, and the public keys that
may have signed checkpoints.
"""

from __future__ import annotations

from workflows.demo.invariants import checklists, closing, dates, escalation, ledger, ownership, timers, twins
from workflows.demo.invariants.counts import count_everything
from workflows.demo.invariants.source import Invariant, PublicKey, Source, Verdict, last_act

__all__ = ["INVARIANTS", "Invariant", "PublicKey", "Source", "Verdict", "check", "count_everything", "last_act"]

INVARIANTS: tuple[Invariant, ...] = (
    *timers.INVARIANTS,
    *ownership.INVARIANTS,
    *escalation.INVARIANTS,
    *twins.INVARIANTS,
    *dates.INVARIANTS,
    *closing.INVARIANTS,
    *checklists.INVARIANTS,
    *ledger.INVARIANTS,
)


def check(source: Source) -> list[Verdict]:
    """Judge every invariant. None of them stops at its first fault."""
    return [Verdict(each.key, each.title, *each.find(source)) for each in INVARIANTS]
