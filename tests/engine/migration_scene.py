"""Moves a case that is played onto another diagram, with everything that was announced of it."""

from __future__ import annotations

from typing import Any

from tests.engine.scene import Play, compiled, definitions, process
from workflows.engine import MigrationReport, Process, migrate
from workflows.engine.types import ActivityKey


def drawn(nodes: str, arrows: str) -> Process:
    found = compiled(definitions(process(nodes, arrows)))
    assert found.is_accepted, found.errors
    return found.processes["P"]


def moved(play: Play, new: Process, **mapping: str) -> MigrationReport:
    """Migrate and go on with the new definition; nothing happens when it is refused."""
    report = migrate(play.process, new, play.state, mapping, play.context)
    if report.step is None:
        return report
    now = dict(report.renamed)
    pools: tuple[dict[ActivityKey, Any], ...] = (
        play.open,
        play.tasks,
        play.timers,
        play.waiting_for,
        play.jobs,
        play.incidents,
    )
    for pool in pools:
        kept = {now.get(key, key): value for key, value in pool.items()}
        pool.clear()
        pool.update(kept)
    play.armed = {(now.get(key, key), number) for key, number in play.armed}
    play.awaited = {(now.get(key, key), kind, name) for key, kind, name in play.awaited}
    play.process = new
    play._apply(report.step)
    return report
