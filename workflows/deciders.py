"""Who decides an escalation at a level: the posts that the ladder names, less whoever is a party (回避)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflows.candidates import parse_owner, resolve_owner
from workflows.errors import WorkflowError
from workflows.relations import PARENT
from workflows.stages import note_level
from workflows.store import Store, people
from workflows.store import tasks as stored_tasks
from workflows.store.recusals import recused_ids
from workflows.tables import Case, Person, Post, Task, Unit


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
    ``fallback`` holds the matter when nobody else can, at the unit or at the nearest unit above where somebody free
    does; nobody at all is a ``WorkflowError`` (``nobody-decides``): the diagram has no further level to ask.
    The level is written to the escalation's row either way.
    """
    kept_out = recused_ids(store, case)
    for text in [candidate, *(_above(store, case, fallback) if last and fallback else [])]:
        found = resolve_owner(
            store,
            parse_owner(text),
            unit_id=case.unit_id,
            variables={},
            classification=case.classification,
            recused=kept_out,
        )
        free = [person for person in people.people(store, found.able) if person.code not in parties]
        if not free:
            continue
        post_id, unit_id = _free_post(store, found.posts, {person.id for person in free})
        note_level(store, case, level, last=last, post_id=post_id, unit_id=unit_id or case.unit_id)
        if len(free) == len(found.able):
            return text
        return " | ".join(f"person:{person.code}" for person in free)
    if last:
        message = f"Expected somebody to decide {case.id} who is no party to it, but there is nobody up to the root."
        raise WorkflowError(message, code="nobody-decides")
    note_level(store, case, level, last=last, post_id=None, unit_id=None)
    return None


def _above(store: Store, case: Case, fallback: str) -> Iterator[str]:
    """Yield the fallback for the unit of the case and for each unit above it."""
    yield fallback
    if "@" in fallback:
        for height in range(len(people.ancestors(store, store.need(Unit, case.unit_id)))):
            yield fallback + f".{PARENT}" * (height + 1)


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
