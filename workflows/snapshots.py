"""What the state of a case holds: read once, for as long as the state is the same."""

from __future__ import annotations

from workflows import engine
from workflows.store import Store
from workflows.tables import Case

_SNAPSHOTS = "zecheng_snapshots"  # where a transaction keeps the last one of each case


def snapshot_of(store: Store, case: Case, process: engine.Process) -> engine.Snapshot:
    """Return what is alive in a case that has begun. The transaction shares it: nobody changes what is in it."""
    known: dict[str, tuple[bytes, engine.Snapshot]] = store.session.info.setdefault(_SNAPSHOTS, {})
    state, snapshot = known.get(case.id, (b"", None))
    if snapshot is None or state != case.state:
        snapshot = engine.inspect(process, case.state)
        known[case.id] = case.state, snapshot
    return snapshot
