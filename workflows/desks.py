"""What people keep for their own work: filters of lists 常用筛选 and phrases 常用语.

Nobody else sees it and no case rests on it, so it is in no ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from workflows.access import Actor
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError
from workflows.store import Store
from workflows.store import desks as stored
from workflows.tables import ListName, Phrase, SavedFilter, new_id

MOST_FILTERS = 30  # of one list
MOST_PHRASES = 50
LONGEST_NAME = 60
LONGEST_PHRASE = 300
_LONGEST_QUERY = 2000
_PAGING = frozenset({"after", "before", "limit"})


def save_filter(
    store: Store, list_name: str, name: str, query: Mapping[str, str], *, actor: Actor, is_default: bool = False
) -> SavedFilter:
    """Keep a filter of a list under a name; one of the same name is replaced. A place in the list is no part of it."""
    person_id = _person(actor)
    told = name.strip()
    faults = []
    if not told:
        faults.append(FieldFault("/name", "field-required", "Expected a name, but it is empty."))
    elif len(told) > LONGEST_NAME:
        faults.append(_too_long("/name", LONGEST_NAME, len(told)))
    text = urlencode(sorted((key, value) for key, value in query.items() if value and key not in _PAGING))
    if len(text) > _LONGEST_QUERY:
        faults.append(_too_long("/query", _LONGEST_QUERY, len(text)))
    mine = stored.filters_of(store, person_id, list_name)
    found = next((each for each in mine if each.name == told), None)
    if found is None and len(mine) >= MOST_FILTERS:
        params = (("limit", MOST_FILTERS),)
        faults.append(FieldFault("/name", "field-too-many", f"Expected at most {MOST_FILTERS} filters.", params))
    _require_none(faults)
    if found is None:
        found = SavedFilter(
            id=new_id(), person_id=person_id, list_name=ListName(list_name), name=told, query=text, created_at=store.now
        )
        store.add(found)
    found.query = text
    _set_default(mine, found, is_default=is_default or bool(found.is_default))
    return found


def choose_default(store: Store, filter_id: str, *, actor: Actor, is_default: bool) -> SavedFilter:
    """Let a list open with this filter, or open whole again; another of the list is the default no longer."""
    found = require_filter(store, filter_id, actor)
    _set_default(stored.filters_of(store, found.person_id, found.list_name), found, is_default=is_default)
    return found


def _set_default(others: Sequence[SavedFilter], chosen: SavedFilter, *, is_default: bool) -> None:
    if is_default:
        for each in others:
            each.is_default = False
    chosen.is_default = is_default


def remove_filter(store: Store, filter_id: str, *, actor: Actor) -> None:
    """Forget a filter."""
    store.session.delete(require_filter(store, filter_id, actor))


def require_filter(store: Store, filter_id: str, actor: Actor) -> SavedFilter:
    """Return a filter of the actor's own, or raise ``NotFoundError``."""
    found = store.get(SavedFilter, filter_id)
    if found is None or found.person_id != actor.person_id:
        message = f"Expected filter {filter_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="filter-not-found", id=filter_id)
    return found


def filters_of(store: Store, list_name: str | None = None, *, actor: Actor) -> Sequence[SavedFilter]:
    """Return the actor's filters, of one list or of all."""
    return stored.filters_of(store, actor.person_id, list_name) if actor.person_id else []


def arguments_of(saved: SavedFilter) -> dict[str, str]:
    """Return the arguments of the address that a filter stands for."""
    return dict(parse_qsl(saved.query))


# ------------------------------------------------------------------ phrases


def add_phrase(store: Store, text: str, *, actor: Actor) -> Phrase:
    """Keep a phrase; one that is there already is returned as it is."""
    person_id = _person(actor)
    told = " ".join(text.split())
    mine = stored.phrases_of(store, person_id)
    found = next((each for each in mine if each.text == told), None)
    if found is not None:
        return found
    faults = []
    if not told:
        faults.append(FieldFault("/text", "field-required", "Expected a text, but it is empty."))
    elif len(told) > LONGEST_PHRASE:
        faults.append(_too_long("/text", LONGEST_PHRASE, len(told)))
    elif len(mine) >= MOST_PHRASES:
        params = (("limit", MOST_PHRASES),)
        faults.append(FieldFault("/text", "field-too-many", f"Expected at most {MOST_PHRASES} phrases.", params))
    _require_none(faults)
    return store.add(Phrase(id=new_id(), person_id=person_id, text=told, created_at=store.now))


def remove_phrase(store: Store, phrase_id: str, *, actor: Actor) -> None:
    """Forget a phrase."""
    found = store.get(Phrase, phrase_id)
    if found is None or found.person_id != actor.person_id:
        message = f"Expected phrase {phrase_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="phrase-not-found", id=phrase_id)
    store.session.delete(found)


def phrases_of(store: Store, *, actor: Actor) -> Sequence[Phrase]:
    """Return the actor's phrases, the oldest first."""
    return stored.phrases_of(store, actor.person_id) if actor.person_id else []


def _person(actor: Actor) -> str:
    if actor.person_id is None:
        raise NotAllowedError("Expected a person, but the system acts.", code="missing-role", roles=[])
    return actor.person_id


def _too_long(pointer: str, limit: int, length: int) -> FieldFault:
    params = (("limit", limit), ("length", length))
    return FieldFault(pointer, "field-too-long", f"Expected at most {limit} characters.", params)


def _require_none(faults: list[FieldFault]) -> None:
    if faults:
        raise RejectedError(f"Expected {len(faults)} field(s) to be other.", code="invalid-request", faults=faults)
