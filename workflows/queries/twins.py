"""Two investigations side by side: tracks with their steps and lights, shared facts with their history, contradictions.

Whoever reads the main case or one of the tracks sees the facts and where both stand. What a track has concluded is
told to those who read it, and to the others once both have concluded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from workflows.access import Actor, system_actor
from workflows.cases import variables_of
from workflows.errors import NotFoundError
from workflows.queries.access import reads_case, sees_case, works_on_any
from workflows.queries.cases import CaseRow, case_row
from workflows.queries.lights import light_of
from workflows.queries.tasks import sealed_text
from workflows.running import bundle_of
from workflows.shared_facts import main_case_of
from workflows.store import Store
from workflows.store import tracks as stored
from workflows.tables import Case, Person, Role, SharedFact, Task, TaskStatus, Track, Unit


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step of a track that waits. ``person`` has claimed it."""

    task_id: str
    name: str
    person: str | None
    due_at: datetime | None
    light: str


@dataclass(frozen=True, slots=True)
class TrackView:
    """One of the two investigations. ``conclusion`` and ``opinion`` are None while they are not for the reader."""

    case: CaseRow
    kind: str
    opened_at: datetime
    concluded_at: datetime | None
    released_at: datetime | None
    reopened: int
    may_read: bool
    may_reopen: bool
    steps: Sequence[OpenStep]
    conclusion: Mapping[str, Any] | None
    opinion: str | None
    persons: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FactVersion:
    """One version of a shared fact: what it says, who entered it when, and from which side."""

    number: int
    version: int
    title: str
    statement: str | None
    source: str
    entered_at: datetime
    entered_by: str | None
    side: str


@dataclass(frozen=True, slots=True)
class FactView:
    """A shared fact as of now, its earlier versions, and what each track found of it, by kind."""

    now: FactVersion
    before: Sequence[FactVersion]
    findings: Mapping[str, str]
    is_opposed: bool


@dataclass(frozen=True, slots=True)
class TwinView:
    """A matter with its two investigations."""

    row: CaseRow
    may_read: bool
    may_enter: bool
    tracks: Sequence[TrackView]
    earlier: Sequence[TrackView]
    facts: Sequence[FactView]
    contradictions: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    words: Mapping[str, Mapping[str, str]]  # of the options of the family's forms, by field


def has_twins(store: Store, case_id: str) -> str | None:
    """Return the main case of the matter that a case is the main case or a track of, None when it is neither."""
    main = main_case_of(store, case_id)
    return main if main != case_id or stored.tracks_of(store, main) else None


def require_matter(store: Store, case_id: str, *, actor: Actor) -> str:
    """Return the main case of a matter whose content the actor reads in any part, or raise ``NotFoundError``."""
    main = has_twins(store, case_id)
    family = stored.family_of_matter(store, main) if main else []
    if main is None or not any(reads_case(store, store.need(Case, each), actor=actor) for each in family):
        message = f"Expected case {case_id} to have two investigations for {actor.code}, but it has none."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    return main


def twin_view(store: Store, case_id: str, *, actor: Actor) -> TwinView:
    """Return the matter of a case (the main one or a track), or raise ``NotFoundError``."""
    main_id = require_matter(store, case_id, actor=actor)
    main = store.need(Case, main_id)
    reads_main = reads_case(store, main, actor=actor)
    views = [_track(store, main, track, actor, reads_main=reads_main) for track in stored.tracks_of(store, main_id)]
    latest = {view.kind: view for view in views}  # a later one of a kind takes the place of an earlier
    variables = variables_of(store, main) if reads_main else {}
    return TwinView(
        row=case_row(store, main_id, actor=system_actor("query")),
        may_read=reads_main,
        may_enter=main.status == "active" and works_on_any(store, stored.family_of_matter(store, main_id), actor=actor),
        tracks=[latest[kind] for kind in ("person", "leader") if kind in latest],
        earlier=[view for view in views if view is not latest[view.kind]],
        facts=_facts(store, main_id, latest),
        contradictions=_named(store, variables.get("contradictions")),
        decisions=_named(store, variables.get("decisions")) if variables.get("deciders") else (),
        words=_words(store, main),
    )


def _words(store: Store, case: Case) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for form in bundle_of(store, case).forms.values():
        for field in form.walk():
            if field.key and field.options:
                found.setdefault(field.key, {}).update({option.value: option.label for option in field.options})
    return found


def _track(store: Store, main: Case, track: Track, actor: Actor, *, reads_main: bool) -> TrackView:
    case = store.need(Case, track.case_id)
    reads = reads_case(store, case, actor=actor)
    row = case_row(store, track.case_id, actor=system_actor("query"))
    told = reads or (track.released_at is not None and reads_main)
    waits = track.concluded_at is not None and track.released_at is None and case.status in {"active", "suspended"}
    path = store.need(Unit, main.unit_id).path
    governs = sees_case(store, main, actor=actor) and actor.has_role(Role.SUPERVISOR, unit_path=path)
    return TrackView(
        case=row,
        kind=track.kind,
        opened_at=track.opened_at,
        concluded_at=track.concluded_at,
        released_at=track.released_at,
        reopened=track.reopened,
        may_read=reads,
        may_reopen=waits and main.status == "active" and governs,
        steps=_open_steps(store, track.case_id) if reads else (),
        conclusion=track.conclusion if told else None,
        opinion=sealed_text(store, track.opinion_id) if told else None,
        persons=_named(store, (track.conclusion or {}).get("persons")) if told else (),
    )


def _open_steps(store: Store, case_id: str) -> list[OpenStep]:
    statement = (
        select(Task.id, Task.name, Person.name, Task.due_at, light_of(Task, store.now))
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.case_id == case_id, Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]))
        .order_by(Task.started_at, Task.id)
    )
    return [OpenStep(*row) for row in store.session.execute(statement)]


def _facts(store: Store, main_id: str, latest: Mapping[str, TrackView]) -> list[FactView]:
    sides = {view.case.id: view.kind for view in latest.values()}
    sides |= {track.case_id: track.kind for track in stored.tracks_of(store, main_id)}
    found: dict[int, list[FactVersion]] = {}
    for row in stored.versions(store, main_id):
        found.setdefault(row.number, []).append(_version(store, row, sides.get(row.from_case_id, "main")))
    return [_fact(versions, latest) for versions in found.values()]


def _version(store: Store, row: SharedFact, side: str) -> FactVersion:
    person = store.get(Person, row.entered_by) if row.entered_by else None
    return FactVersion(
        row.number,
        row.version,
        row.title,
        sealed_text(store, row.statement_id),
        row.source,
        row.entered_at,
        person.name if person else None,
        side,
    )


def _fact(versions: Sequence[FactVersion], latest: Mapping[str, TrackView]) -> FactView:
    findings = {}
    for kind, view in latest.items():
        for row in (view.conclusion or {}).get("findings", ()):
            if row.get("no") == versions[-1].number and row.get("finding"):
                findings[kind] = str(row["finding"])
    return FactView(versions[-1], versions[-2::-1], findings, set(findings.values()) >= {"true", "untrue"})


def _named(store: Store, rows: Any) -> list[Mapping[str, Any]]:
    """Return rows of a form with the names of the people that they are about."""
    listed = [dict(row) for row in rows or () if isinstance(row, Mapping)]
    codes = {str(row["person"]) for row in listed if row.get("person")}
    people = store.session.execute(select(Person.code, Person.name).where(Person.code.in_(codes))) if codes else ()
    names = {code: name for code, name in people}  # noqa: C416 - rows are no pairs to mypy
    return [{**row, "name": names.get(str(row.get("person")), row.get("person"))} for row in listed]
