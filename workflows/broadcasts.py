"""What programs tell everybody: signals (BPMN 2.0.2 §10.5.5), and data that conditions of start events read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.access import Actor
from workflows.engine import StartPoint
from workflows.engine.expressions import ExpressionError
from workflows.engine.types import Context
from workflows.engine.values import to_json
from workflows.errors import WrongStateError
from workflows.signals import SIGNAL
from workflows.start_events import open_started
from workflows.start_units import drawn_unit, root_unit, start_context
from workflows.starting import processes_started
from workflows.store import Store
from workflows.store import cases as stored
from workflows.tables import Case, Definition, Role, Unit, new_id


@dataclass(frozen=True, slots=True)
class Heard:
    """Who heard it: the cases that waited (they take it by their inboxes), and those that it opened."""

    told: tuple[str, ...]
    opened: tuple[Case, ...]


def broadcast_signal(
    store: Store, name: str, payload: Mapping[str, Any], *, unit_id: str | None, actor: Actor
) -> Heard:
    """Throw a signal from outside: to every case that waits for it, and to every process in force that it starts.

    Cases are opened for the unit that the diagram names, else for ``unit_id``. Raises ``signal-needs-unit`` when there
    is neither, ``signal-too-wide`` when more cases wait than one signal may reach.
    """
    require_broadcaster(actor)
    most = store.application.settings.most_signal_cases
    waiting = stored.cases_awaiting(store, SIGNAL, name, most + 1)
    if len(waiting) > most:
        message = f"Expected at most {most} cases that wait for signal {name!r}."
        raise WrongStateError(message, code="signal-too-wide", name=name, limit=most)
    source = new_id()
    letter = {"kind": SIGNAL, "name": name, "payload": to_json(dict(payload)), "hops": 1}
    for target in waiting:
        stored.send_to_case(store, target, "message", letter, key=f"{SIGNAL}:{source}:{target}", source_case_id=None)
    started = list(processes_started(store, lambda point: point.signal == name))
    opened = [_open(store, each, payload, unit_id, f"signal {name}", actor) for each in started]
    return Heard(tuple(waiting), tuple(opened))


def tell_data(store: Store, variables: Mapping[str, Any], *, unit_id: str | None, actor: Actor) -> Heard:
    """Look at the conditions of start events with these data, and open a case of each process whose condition holds.

    The data are the first variables of the cases. Each telling is looked at for itself: what it says is an event.
    """
    require_broadcaster(actor)
    opened = []
    for definition, process_key, point in list(processes_started(store, lambda point: point.condition is not None)):
        bundle = store.application.law.bundle(store, definition.id)
        context = start_context(store, bundle, store.need(Unit, unit_id) if unit_id else root_unit(store))
        if _holds(point, variables, context):
            started = definition, process_key, point
            opened.append(_open(store, started, variables, unit_id, f"the condition of {point.id}", actor))
    return Heard((), tuple(opened))


def require_broadcaster(actor: Actor) -> None:
    """Raise ``NotAllowedError`` unless the actor administers processes of the whole tree: everybody hears it."""
    actor.require_role(Role.FLOWADMIN)


def _open(
    store: Store,
    started: tuple[Definition, str, StartPoint],
    variables: Mapping[str, Any],
    unit_id: str | None,
    what: str,
    actor: Actor,
) -> Case:
    definition, process_key, point = started
    bundle = store.application.law.bundle(store, definition.id)
    unit = drawn_unit(store, bundle, bundle.processes[process_key], point.id)
    if unit is None and unit_id is None:
        message = f"Expected a unit for the case of {process_key} that {what} opens."
        raise WrongStateError(message, code="signal-needs-unit", process=process_key)
    unit = unit or store.need(Unit, unit_id)
    return open_started(store, definition, process_key, point, unit, variables, actor=actor)


def _holds(point: StartPoint, variables: Mapping[str, Any], context: Context) -> bool:
    if point.condition is None or not point.condition.possible_names & variables.keys():
        return False  # nothing that it reads was told
    try:
        values = {**context.roots, **variables}
        return point.condition.test(values, now=context.now, functions=context.functions)
    except ExpressionError:
        return False
