"""Who decides an escalation at a level: the posts that the ladder names, less whoever is a party (回避)."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.candidates import parse_owner, resolve_owner
from workflows.stages import note_level
from workflows.store import Store, people
from workflows.store import tasks as stored_tasks
from workflows.tables import Case, Person, Post, Task


def find_decider(
    store: Store,
    case: Case,
    *,
    level: int,
    candidate: str,
    fallback: str,
    last: bool,
    parties: Sequence[str],
) -> str | None:
    """Return the candidate expression of who decides, or None when everybody there is a party or the post is vacant.

    ``parties`` are codes of people whom the matter concerns: they never decide on it. At the last level the
    ``fallback`` holds the matter when nobody else can. The level is written to the escalation's row either way.
    """
    for text in [candidate, *([fallback] if last and fallback else [])]:
        found = resolve_owner(
            store, parse_owner(text), unit_id=case.unit_id, variables={}, classification=case.classification
        )
        free = [person for person in people.people(store, found.able) if person.code not in parties]
        if not free:
            continue
        post_id, unit_id = _free_post(store, found.posts, {person.id for person in free})
        note_level(store, case, level, last=last, post_id=post_id, unit_id=unit_id or case.unit_id)
        if len(free) == len(found.able):
            return text
        return " | ".join(f"person:{person.code}" for person in free)
    note_level(store, case, level, last=last, post_id=None, unit_id=None)
    return None


def _free_post(store: Store, posts: Sequence[tuple[str, str]], free: set[str]) -> tuple[str | None, str | None]:
    """Return the first of the posts that somebody free holds, with its unit."""
    for post_id, unit_id in posts:
        if any(person.id in free for person in people.holders(store, [post_id])):
            return store.need(Post, post_id).id, unit_id
    return None, None


def people_responsible(store: Store, task_id: str) -> list[str]:
    """Return the codes of those who hold a task or, while nobody has claimed it, could: parties to its delay."""
    task = store.need(Task, task_id)
    if task.assignee_id is not None:
        return [store.need(Person, task.assignee_id).code]
    rows = stored_tasks.candidates_of(store, task_id)
    found = people.holders(store, [row.post_id for row in rows if row.post_id])
    found += people.people(store, [row.person_id for row in rows if row.person_id])
    return [person.code for person in found]
