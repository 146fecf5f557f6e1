"""Messages from outside to a case that the sender does not know: it is found by what the message carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.access import Actor
from workflows.cases import deliver_message
from workflows.engine.specs.correlating import correlation_text
from workflows.engine.types import Context
from workflows.errors import NotAllowedError, WrongStateError
from workflows.queries.messages import cases_waiting, processes_waiting
from workflows.start_events import open_started
from workflows.start_units import drawn_unit
from workflows.starting import processes_started
from workflows.store import Store
from workflows.tables import Case, Role, Unit


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: ``correlation`` is what it carries beside its payload (a value, or those of a key in their order)."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    correlation: Any = None

    @property
    def value(self) -> str | None:
        """Write what it carries as subscriptions do; None when it carries nothing beside its payload."""
        if self.correlation is None:
            return None
        return correlation_text(self.correlation if isinstance(self.correlation, list) else [self.correlation])


def send_message(store: Store, letter: Letter, *, unit_id: str | None, actor: Actor) -> Case:
    """Give a message to the one case that waits for it, else open a case of the process that it starts, for a unit.

    Raises ``WrongStateError``: ``message-not-expected`` when neither is there, ``message-ambiguous`` when several are,
    ``message-needs-unit`` when a case would be opened and neither the sender nor the diagram names a unit.
    """
    require_sender(actor)
    found = cases_waiting(store, letter.name, _values(store, letter, actor), actor=actor)
    exact = [case_id for case_id, expected in found if expected is not None] or [case_id for case_id, _ in found]
    if len(set(exact)) > 1:
        raise _ambiguous(letter, "several cases wait for it")
    if exact:
        return deliver_message(store, exact[0], letter.name, letter.payload, correlation=letter.value, actor=actor)
    return _open(store, letter, unit_id, actor=actor)


def require_sender(actor: Actor) -> None:
    """Raise ``NotAllowedError`` unless the actor administers processes somewhere: programs get this role too."""
    if not actor.has_role(Role.FLOWADMIN):
        message = f"Expected {actor.code} to administer processes of some unit."
        raise NotAllowedError(message, code="missing-role", roles=[Role.FLOWADMIN])


def _values(store: Store, letter: Letter, actor: Actor) -> set[str]:
    """Tell what the message carries: what is said beside it, else what the keys of those that wait read from it."""
    if letter.value is not None:
        return {letter.value}
    context, found = Context(now=store.now), set[str]()
    for definition_id, process_key in processes_waiting(store, letter.name, actor=actor):
        process = store.application.law.bundle(store, definition_id).processes[process_key]
        correlation = process.correlations.get(letter.name)
        value = correlation.read(letter.payload, context) if correlation is not None else None
        if value is not None:
            found.add(value)
    return found


def _open(store: Store, letter: Letter, unit_id: str | None, *, actor: Actor) -> Case:
    started = list(processes_started(store, lambda point: point.message == letter.name))
    if not started:
        message = f"Expected a case to wait for message {letter.name}, or a process to start with it."
        raise WrongStateError(message, code="message-not-expected", name=letter.name)
    if len(started) > 1:
        raise _ambiguous(letter, "several processes start with it")
    definition, process_key, point = started[0]
    bundle = store.application.law.bundle(store, definition.id)
    drawn = drawn_unit(store, bundle, bundle.processes[process_key], point.id) if unit_id is None else None
    if unit_id is None and drawn is None:
        message = f"Expected a unit for the case that message {letter.name} opens."
        raise WrongStateError(message, code="message-needs-unit", name=letter.name)
    unit = drawn or store.need(Unit, unit_id)
    actor.require_role(Role.FLOWADMIN, unit_path=unit.path)
    return open_started(store, definition, process_key, point, unit, letter.payload, actor=actor)


def _ambiguous(letter: Letter, why: str) -> WrongStateError:
    message = f"Expected message {letter.name} to be for one, but {why}."
    return WrongStateError(message, code="message-ambiguous", name=letter.name)
