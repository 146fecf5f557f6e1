"""How somebody reads the pages: large type, high contrast, language. Theirs alone, so it is in no chain."""

from __future__ import annotations

from workflows.access import Actor
from workflows.errors import FieldFault, NotAllowedError, RejectedError
from workflows.store import Store
from workflows.tables import ReadingPreference

LOCALES = ("zh_CN", "en")


def preferences_of(store: Store, *, actor: Actor) -> ReadingPreference | None:
    """Return what somebody chose, None before they chose anything."""
    return store.get(ReadingPreference, actor.person_id) if actor.person_id else None


def set_preferences(
    store: Store,
    *,
    actor: Actor,
    large: bool | None = None,
    contrast: bool | None = None,
    locale: str | None = None,
) -> ReadingPreference:
    """Keep what somebody chose; what is None stays as it is."""
    if actor.person_id is None:
        raise NotAllowedError("Expected a person.")
    if locale is not None and locale not in LOCALES:
        message = f"Expected one of {', '.join(LOCALES)}."
        fault = FieldFault("/locale", "field-not-an-option", message, (("allowed", LOCALES),))
        raise RejectedError(message, faults=[fault])
    found = preferences_of(store, actor=actor)
    if found is None:
        found = store.add(ReadingPreference(person_id=actor.person_id))
    found.large = found.large if large is None else large
    found.contrast = found.contrast if contrast is None else contrast
    found.locale = found.locale if locale is None else locale
    return found
