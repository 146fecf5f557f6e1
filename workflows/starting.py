"""Which processes in force an event starts from outside (BPMN 2.0.2 §10.5.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflows.engine.process import StartPoint
from workflows.store import Store
from workflows.store.definitions import active_definitions
from workflows.tables import Definition


def processes_started(store: Store, fits: Callable[[StartPoint], bool]) -> Iterator[tuple[Definition, str, StartPoint]]:
    """List the processes in force with such a start; each once, though several files may hold it."""
    definitions = active_definitions(store)
    seen = {definition.key for definition in definitions}
    for definition in definitions:
        bundle = store.application.law.bundle(store, definition.id)
        for key, process in bundle.processes.items():
            if "#" in key or (key != definition.key and key in seen):
                continue
            seen.add(key)
            point = next((each for each in process.start_events if fits(each)), None)
            if point is not None:
                yield definition, key, point
