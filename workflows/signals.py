"""What cases throw to other cases: messages to whom they are for, signals to all (BPMN 2.0.2 §10.5.1, §10.5.5).

Every receiver gets a letter in its inbox and takes it in its own transaction; the case that throws has heard its own
signal already. A process that a signal starts opens a case for the unit that its diagram names, else for that of the
case that threw. A letter counts through how many cases its chain has come, so that cases that answer each other
without end are stopped.
"""

from __future__ import annotations

from hashlib import sha256

from workflows.access import Actor
from workflows.creating import create_case
from workflows.engine.types import MessageThrown
from workflows.engine.values import to_json
from workflows.errors import WrongStateError
from workflows.start_units import drawn_unit
from workflows.starting import processes_started
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store.incidents import open_incident
from workflows.store.messages import cases_for_message
from workflows.tables import Case

SIGNAL = "signal"


def throw_to_others(store: Store, case: Case, thrown: MessageThrown, *, actor: Actor) -> None:
    """Write a letter to every case that waits for what ``case`` has thrown, and open those that it starts."""
    settings = store.application.settings
    hops = store.hops + 1
    if hops > settings.most_signal_chain:
        message = f"Expected at most {settings.most_signal_chain} cases that answer one another without anybody acting."
        _refuse(store, case, thrown, "signal-chain-too-long", message)
        return
    most = settings.most_signal_cases
    if thrown.kind == SIGNAL:
        waiting = stored.cases_awaiting(store, thrown.kind, thrown.name, most + 1)
    else:
        waiting = cases_for_message(store, case, thrown.name, thrown.correlation, most + 1)
    targets = [case_id for case_id in waiting if case_id != case.id]
    if len(waiting) > most:
        message = f"Expected at most {most} cases that wait for {thrown.kind} {thrown.name!r}."
        _refuse(store, case, thrown, "signal-too-wide", message)
        return
    payload = {"kind": thrown.kind, "name": thrown.name, "payload": to_json(dict(thrown.payload)), "hops": hops}
    if thrown.correlation is not None:
        payload["correlation"] = thrown.correlation
    source = sha256(f"{case.id}|{thrown.activity}|{thrown.name}|{case.history_seq}".encode()).hexdigest()[:40]
    for target in targets:
        key = f"{thrown.kind}:{source}:{target}"
        stored.send_to_case(store, target, "message", payload, key=key, source_case_id=case.id)
    if thrown.kind == SIGNAL:
        _start_cases(store, case, thrown, hops, actor=actor)
    elif not targets:
        _start_partner(store, case, thrown, hops, actor=actor)


def _start_partner(store: Store, case: Case, thrown: MessageThrown, hops: int, *, actor: Actor) -> None:
    """Open a case of the other pool of the same bundle that the message starts, in the sender's family (§9.4, §10.5.2).

    It belongs to the version that the sender is pinned to: what was drawn together runs together.
    """
    bundle = store.application.law.bundle(store, case.definition_id)
    for key, process in bundle.processes.items():
        if "#" in key or key == case.process_key:
            continue
        for point in process.start_events:
            if point.message == thrown.name:
                partner = create_case(
                    store,
                    definition=f"{bundle.key}:{bundle.version}",
                    process=key,
                    unit_id=case.unit_id,
                    variables=thrown.payload,
                    title="",
                    actor=actor,
                    source=case,
                    begin={"start_event": point.id, "trigger": point.trigger, "hops": hops},
                )
                partner.root_case_id = case.root_case_id or case.id
                return


def _start_cases(store: Store, case: Case, thrown: MessageThrown, hops: int, *, actor: Actor) -> None:
    for definition, process, point in processes_started(store, lambda point: point.signal == thrown.name):
        bundle = store.application.law.bundle(store, definition.id)
        try:
            unit = drawn_unit(store, bundle, bundle.processes[process], point.id)
        except WrongStateError as fault:
            _refuse(store, case, thrown, fault.code, fault.message)
            continue
        create_case(
            store,
            definition=definition.key,
            process=process,
            unit_id=unit.id if unit is not None else case.unit_id,
            variables=thrown.payload,
            title="",
            actor=actor,
            source=case,
            begin={"start_event": point.id, "trigger": point.trigger, "hops": hops},
        )


def _refuse(store: Store, case: Case, thrown: MessageThrown, code: str, message: str) -> None:
    open_incident(store, case, element_id=thrown.activity.element_id, code=code, message=message)
