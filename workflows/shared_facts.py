"""The fact base that two investigations share: numbered facts in versions, with who entered each and when.

Facts belong to the main case of a matter and are written under its lock; a track adds by its inbox or by hand. What
one track adds, the other sees at once: there is one set of rows. Texts are sealed, so that they can be purged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.queries.access import reads_case, works_on_any
from workflows.running import require_running
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import tracks as stored
from workflows.tables import Case, SealedValue, SharedFact, Track, new_id

_LONGEST_TITLE, _LONGEST_TEXT = 200, 10_000
_MOST_FACTS = 200


def main_case_of(store: Store, case_id: str) -> str:
    """Return the main case of the matter that a case belongs to, itself when it is no track."""
    track = store.get(Track, case_id)
    return track.main_case_id if track else case_id


def add_fact(store: Store, case_id: str, *, title: str, statement: str, actor: Actor, source: str = "") -> SharedFact:
    """Add a fact to the matter of a case (the main one or a track); the other track sees it at once.

    Raises ``NotAllowedError`` unless the actor works on the matter, ``RejectedError`` for an empty or endless text.
    """
    main = _matter_for(store, case_id, actor)
    _check_texts(title, statement, source)
    return _enter(store, main, case_id, title, ledger.seal(store, statement, "fact"), source, actor=actor)


def revise_fact(
    store: Store, case_id: str, number: int, *, title: str, statement: str, version: int, actor: Actor, source: str = ""
) -> SharedFact:
    """Write a new version of a fact over ``version``; an older one is a ``WrongStateError`` (``fact-revised``)."""
    main = _matter_for(store, case_id, actor)
    latest = max((row.version for row in stored.versions(store, main.id) if row.number == number), default=0)
    if latest == 0:
        message = f"Expected fact {number} to exist in case {main.id}, but it does not."
        raise NotFoundError(message, code="fact-not-found", id=str(number))
    if version != latest:
        message = f"Expected version {version} of fact {number}, but it is {latest} by now."
        raise WrongStateError(message, code="fact-revised", version=latest)
    _check_texts(title, statement, source)
    sealed = ledger.seal(store, statement, "fact")
    return _enter(store, main, case_id, title, sealed, source, number=number, version=latest + 1, actor=actor)


def _matter_for(store: Store, case_id: str, actor: Actor) -> Case:
    """Lock the main case of a matter for somebody who works on it; to others it does not exist."""
    main = stored_cases.lock_case(store, main_case_of(store, case_id))
    family = stored.family_of_matter(store, main.id)
    seen = any(reads_case(store, store.need(Case, each), actor=actor) for each in family)
    if not seen or not (len(family) > 1 or stored.last_number(store, main.id)):
        message = f"Expected case {case_id} to share facts with {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    if not works_on_any(store, family, actor=actor):
        message = f"Expected {actor.code} to work on case {main.id}."
        raise NotAllowedError(message, code="not-participant", id=main.id)
    require_running(main)
    if stored.last_number(store, main.id) >= _MOST_FACTS:
        message = f"Expected at most {_MOST_FACTS} facts."
        raise WrongStateError(message, code="too-many-facts")
    return main


def _check_texts(title: str, statement: str, source: str) -> None:
    texts = (("title", title, 1, _LONGEST_TITLE), ("statement", statement, 1, _LONGEST_TEXT))
    limits = (*texts, ("source", source, 0, _LONGEST_TITLE))
    faults = [
        FieldFault(f"/{name}", "text-length", "Expected another length.", (("least", least), ("most", most)))
        for name, text, least, most in limits
        if not least <= len(text.strip()) <= most
    ]
    if faults:
        message = "Expected a fact with a title and a statement."
        raise RejectedError(message, code="invalid-request", faults=faults)


def _enter(  # noqa: PLR0913 - the columns of a fact
    store: Store,
    main: Case,
    from_case_id: str,
    title: str,
    sealed: SealedValue,
    source: str,
    *,
    actor: Actor,
    number: int | None = None,
    version: int = 1,
    by: str | None = None,
) -> SharedFact:
    fact = store.add(
        SharedFact(
            id=new_id(),
            main_case_id=main.id,
            number=number or stored.last_number(store, main.id) + 1,
            version=version,
            title=title.strip(),
            statement_id=sealed.id,
            source=source.strip(),
            from_case_id=from_case_id,
            entered_by=by or actor.person_id,
            entered_at=store.now,
        )
    )
    content = {
        "number": fact.number,
        "version": version,
        "from": from_case_id,
        "statement": ledger.reference(sealed),
    }
    ledger.record(store, f"case:{main.id}", "fact-entered", content, actor=actor)
    main.row_version += 1
    return fact


def enter_listed(store: Store, case: Case, rows: Sequence[Any], *, step: str, actor: Actor) -> int:
    """Enter facts that the form of ``step`` listed; a track asks its main case by the inbox. Returns how many."""
    facts = [row for row in rows if isinstance(row, Mapping) and str(row.get("title") or "").strip()]
    if not facts:
        return 0
    listed = [
        {
            "title": str(row["title"])[:_LONGEST_TITLE],
            "statement": ledger.seal(store, str(row.get("statement") or row["title"]), "fact").id,
            "source": str(row.get("source") or "")[:200],
        }
        for row in facts
    ]
    payload = {"facts": listed, "from": case.id, "by": stored.last_worker(store, case.id, step)}
    track = store.get(Track, case.id)
    if track is None:
        take_facts(store, case, payload, actor)
    else:
        key = f"facts:{case.id}:{case.row_version}"
        stored_cases.send_to_case(store, track.main_case_id, "enter_facts", payload, key=key, source_case_id=case.id)
    return len(facts)


def take_facts(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    """Enter facts that a track found (consumed from the inbox of the main case)."""
    for row in payload["facts"]:
        sealed = store.need(SealedValue, row["statement"])
        _enter(store, case, payload["from"], row["title"], sealed, row["source"], actor=actor, by=payload["by"])
