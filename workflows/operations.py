"""Service operations: what a diagram may ask the house to do (``zc:operation``), each in its job's transaction.

An operation takes the store, its own locked case and its inputs, and returns what the diagram's result variable
gets. What it does to another case goes through that case's inbox. Every input is checked: a wrong one fails the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows import engine, ledger
from workflows.access import system_actor
from workflows.candidates import parse_owner, resolve_owner
from workflows.checklists.operations import CHECKLIST_OPERATIONS
from workflows.clock import SHANGHAI
from workflows.deciders import find_decider, people_responsible
from workflows.engine.values import to_json
from workflows.errors import WorkflowError
from workflows.ledger.hashing import DOCUMENT, canonical, digest
from workflows.linked_cases import open_case
from workflows.notices import notify
from workflows.outbox import queue_mail
from workflows.running import process_of
from workflows.store import Store, people
from workflows.store import cases as stored
from workflows.store.escalations import decider_code
from workflows.store.recusals import recused_ids
from workflows.tables import Case, Classification, Deadline, Escalation, Person, Task
from workflows.track_operations import TRACK_OPERATIONS

Inputs = Mapping[str, Any]


class OperationError(WorkflowError):
    """An operation cannot be carried out with these inputs."""

    code = "operation-failed"


def _notify(store: Store, case: Case, inputs: Inputs) -> Any:
    """Tell everybody whom ``recipients`` (a candidate expression) names, in-app and by mail; returns how many."""
    able = _able(store, case, _text(inputs, "recipients"))
    content = {"subject": _text(inputs, "subject"), "body": str(inputs.get("body") or "")}
    key = _once(store, case)
    for person_id in able:
        notify(store, person_id, "message", content, key=key, case_id=case.id)
        if case.classification != Classification.CONFIDENTIAL:  # a mail travels in the clear
            queue_mail(store, store.need(Person, person_id), "message", content, key=f"{key}:{person_id}")
    return len(able)


def _once(store: Store, case: Case) -> str:
    return f"operation:{case.id}:{case.row_version}:{store.now.isoformat()}"


def _able(store: Store, case: Case, expression: str) -> tuple[str, ...]:
    """Return who answers to an expression today. Inputs are plain by now, so names in it are of the whole case."""
    variables = engine.inspect(process_of(store, case), case.state).variables
    found = resolve_owner(
        store,
        parse_owner(expression),
        unit_id=case.unit_id,
        variables=variables,
        classification=case.classification,
        recused=recused_ids(store, case),
    )
    return found.able


def _deliver_document(store: Store, case: Case, inputs: Inputs) -> Any:
    """Send a document to a unit: told to its head and office, sealed by a digest in the ledger; returns the proof."""
    unit = people.need_unit(store, _text(inputs, "to_unit"))
    document = inputs.get("document")
    if not isinstance(document, Mapping):
        message = "Expected document to be a context."
        raise OperationError(message)
    proof = _digest(dict(document))
    content = {"to": unit.code, "digest": proof}
    ledger.record(store, f"case:{case.id}", "document-delivered", content, actor=system_actor("job"))
    posts = [post.id for post in people.posts_of(store, unit.id)]
    title = str(document.get("title") or case.title)
    for person in _not_kept_out(store, case, people.holders(store, posts)):
        notify(
            store,
            person.id,
            "document-delivered",
            {"title": title, "to": unit.name},
            key=f"{_once(store, case)}:{unit.code}",
            case_id=case.id,
        )
    return {"to_unit": unit.code, "delivered_on": store.now.astimezone(SHANGHAI).date(), "digest": proof}


def _not_kept_out(store: Store, case: Case, found: list[Person]) -> list[Person]:
    """Return those who are no party to the case: nothing of it is told to a party by the system."""
    kept_out = recused_ids(store, case)
    return [person for person in found if person.id not in kept_out]


def _extend_deadline(store: Store, case: Case, inputs: Inputs) -> Any:
    """Ask the late case to extend the limit that this escalation is about; it moves in that case's own turn."""
    escalation = store.get(Escalation, case.id)
    if escalation is None:
        message = "Expected the case to be an escalation: only they extend limits."
        raise OperationError(message)
    deadline = store.need(Deadline, escalation.source_deadline_id)
    payload = {
        "deadline_id": deadline.id,
        "workdays": _whole(inputs, "workdays"),
        "ground": str(inputs.get("ground") or ""),
        "approver": decider_code(store, case.id),
    }
    stored.send_to_case(
        store, escalation.source_case_id, "extend_deadline", payload, key=f"extend:{case.id}", source_case_id=case.id
    )
    return True


def _transfer_task(store: Store, case: Case, inputs: Inputs) -> Any:
    """Ask the case of ``task`` to hand it to the person ``to`` (a code); its clock runs on."""
    task = store.need(Task, _text(inputs, "task"))
    person = people.need_person(store, _text(inputs, "to"))
    stored.send_to_case(
        store,
        task.case_id,
        "transfer_task",
        {"task_id": task.id, "person_id": person.id},
        key=f"transfer:{case.id}",
        source_case_id=case.id,
    )
    return person.code


def _issue_order(store: Store, case: Case, inputs: Inputs) -> Any:
    """Give a 督办单 its number by the form of its region, enter it in the ledger and tell the unit.

    ``number_form`` holds ``{year}`` and ``{serial}``. Returns the number and the day.
    """
    unit = people.need_unit(store, _text(inputs, "to_unit"))
    day = store.now.astimezone(SHANGHAI).date()
    form = str(inputs.get("number_form") or "{year}-{serial}")
    number = form.replace("{year}", str(day.year)).replace("{serial}", case.id[-8:].upper())
    content = {
        "number": number,
        "to": unit.code,
        "colour": inputs.get("colour"),
        "title": _text(inputs, "title"),
        "requirements": ledger.reference(ledger.seal(store, _text(inputs, "requirements"), "order-requirements")),
    }
    ledger.record(store, f"case:{case.id}", "order-issued", content, actor=system_actor("job"))
    posts = [post.id for post in people.posts_of(store, unit.id)]
    for person in _not_kept_out(store, case, people.holders(store, posts)):
        notify(
            store,
            person.id,
            "order-issued",
            {"number": number, "title": inputs["title"], "colour": inputs["colour"]},
            key=f"order:{case.id}",
            case_id=case.id,
        )
    return {"number": number, "issued_on": day}


def _record_outcome(store: Store, case: Case, inputs: Inputs) -> Any:
    """Enter what came of a case in its ledger; returns the day."""
    content: dict[str, Any] = {"outcome": _text(inputs, "outcome")}
    if inputs.get("note"):
        content["note"] = ledger.reference(ledger.seal(store, str(inputs["note"]), "outcome-note"))
    if inputs.get("facts") is not None:
        content["facts"] = _digest(inputs["facts"])
    ledger.record(store, f"case:{case.id}", "outcome-recorded", content, actor=system_actor("job"))
    return store.now.astimezone(SHANGHAI).date()


def _find_decider(store: Store, case: Case, inputs: Inputs) -> Any:
    """Name who decides an escalation at this level: see ``workflows.deciders``."""
    parties = [str(code) for code in inputs.get("parties") or []]
    if inputs.get("task"):
        parties += people_responsible(store, _text(inputs, "task"))
    return find_decider(
        store,
        case,
        level=_whole(inputs, "level"),
        candidate=_text(inputs, "candidate"),
        fallback=str(inputs.get("fallback") or ""),
        last=bool(inputs.get("last")),
        parties=parties,
    )


def _digest(value: Any) -> str:
    """Return the digest of plain data: the ledger proves it without telling it."""
    return digest(DOCUMENT, canonical(to_json(value)))


def _text(inputs: Inputs, name: str) -> str:
    value = inputs.get(name)
    if not isinstance(value, str) or not value.strip():
        message = f"Expected {name} to be a text, but it is {value!r}."
        raise OperationError(message, name=name)
    return value


def _whole(inputs: Inputs, name: str) -> int:
    value = inputs.get(name)
    if value is None or isinstance(value, bool | str) or value != int(value):
        message = f"Expected {name} to be a whole number, but it is {value!r}."
        raise OperationError(message, name=name)
    return int(value)


OPERATIONS: Mapping[str, Callable[[Store, Case, Inputs], Any]] = {
    "notify": _notify,
    "deliver_document": _deliver_document,
    "extend_deadline": _extend_deadline,
    "transfer_task": _transfer_task,
    "issue_order": _issue_order,
    "record_outcome": _record_outcome,
    "find_decider": _find_decider,
    "open_case": open_case,
    **TRACK_OPERATIONS,
    **CHECKLIST_OPERATIONS,
}
