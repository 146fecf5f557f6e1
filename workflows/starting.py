"""Which processes in force an event starts from outside (BPMN 2.0.2 §10.5.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflows.engine.process import Process, StartPoint
from workflows.store import Store
from workflows.store.definitions import active_definitions, definitions_of_bundle
from workflows.tables import Definition


def processes_started(store: Store, fits: Callable[[StartPoint], bool]) -> Iterator[tuple[Definition, str, StartPoint]]:
    """List the processes in force with such a start; each once, though several files may hold it."""
    definitions = active_definitions(store)
    seen = {definition.key for definition in definitions}
    for definition in definitions:
        for process in processes_of(store, definition):
            key = process.key
            if key != definition.key and key in seen:
                continue
            seen.add(key)
            point = next((each for each in process.start_events if fits(each)), None)
            if point is not None:
                yield definition, key, point


def processes_of(store: Store, definition: Definition) -> list[Process]:
    """Return the process of a definition, and with the first of a bundle those that are no definition of their own.

    One that is a definition too comes into force, and out of it, for itself.
    """
    siblings = [each.key for each in definitions_of_bundle(store, definition.bundle_id)]
    bundle = store.application.law.bundle(store, definition.id)
    return [
        process
        for key, process in bundle.processes.items()
        if key == definition.key or (siblings[0] == definition.key and "#" not in key and key not in siblings)
    ]
