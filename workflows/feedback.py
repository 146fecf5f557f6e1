"""意见反馈: what readers say about the pages, and how administrators answer. Nobody's clicks are counted."""

from __future__ import annotations

from workflows.access import Actor
from workflows.cases import require_version
from workflows.errors import FieldFault, NotAllowedError, RejectedError
from workflows.notices import notify
from workflows.store import Store, people
from workflows.tables import Feedback, FeedbackStatus, Role

KEEPERS = (Role.FLOWADMIN, Role.SYSADMIN)
_LONGEST, _LONGEST_PAGE = 2_000, 300


def give_feedback(store: Store, text: str, *, actor: Actor, page: str = "") -> Feedback:
    """Keep what somebody says about a page; only they and the administrators read it."""
    _require_text(text, "/text")
    if actor.person_id is None:
        raise NotAllowedError("Expected a person.")
    told = page.split("?", maxsplit=1)[0][:_LONGEST_PAGE] if people.is_storable(page) else ""
    return store.add(Feedback(person_id=actor.person_id, page=told, text=text.strip(), created_at=store.now))


def require_keeper(store: Store, feedback_id: str, *, actor: Actor) -> Feedback:
    """Return what somebody said, for administrators."""
    found = store.need(Feedback, feedback_id)
    if not actor.has_role(*KEEPERS):
        raise NotAllowedError(
            f"Expected {actor.code} to be an administrator.", code="missing-role", roles=list(KEEPERS)
        )
    return found


def answer_feedback(
    store: Store,
    feedback_id: str,
    status: str,
    answer: str = "",
    *,
    actor: Actor,
    expected_version: int | None = None,
) -> Feedback:
    """Say what becomes of it; whoever gave it is told."""
    found = require_keeper(store, feedback_id, actor=actor)
    store.session.refresh(found, with_for_update=True)
    require_version(found.row_version, expected_version)
    if status not in set(FeedbackStatus):
        message = f"Expected a status, but got {status}."
        raise RejectedError(message, faults=[FieldFault("/status", "field-not-an-option", message)])
    if status == FeedbackStatus.DECLINED or answer:
        _require_text(answer, "/answer")
    found.status, found.answer = status, answer.strip()
    found.answered_by, found.answered_at = actor.person_id, store.now
    found.row_version += 1
    key = f"feedback:{found.id}:{found.row_version}"
    notify(store, found.person_id, "feedback-answered", {"status": status, "answer": found.answer}, key=key)
    return found


def _require_text(text: str, pointer: str) -> None:
    if not 1 <= len(text.strip()) <= _LONGEST or not people.is_storable(text):
        message = f"Expected 1 to {_LONGEST} characters."
        fault = FieldFault(pointer, "text-length", message, (("least", 1), ("most", _LONGEST)))
        raise RejectedError(message, faults=[fault])
