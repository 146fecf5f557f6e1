"""Calendars 日历: load a year, see what would move, approve a correction. Confirmed dates never move silently.

A year that was not known yet counts at once: what rested on its pattern (暂定) is computed again, with notice and
ledger entry. A further version of a known year, or a region's addition that moves confirmed dates, only waits: its
preview shows every date that would move, and somebody else than who loaded it must approve.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from workflows import approvals, ledger
from workflows.access import Actor
from workflows.data_faults import rejected_data
from workflows.deadlines.calendar import Calendar, CalendarYear
from workflows.deadlines.calendar_files import calendar_year_document, read_calendar_year
from workflows.deadlines.errors import DataFaultsError
from workflows.deadlines.explanation import Explanation
from workflows.deadlines.revision import Move, moves
from workflows.errors import RejectedError, WrongStateError
from workflows.recounting import recount_deadline, recount_ladders, recount_timers
from workflows.store import Store
from workflows.store import approvals as approval_rows
from workflows.store import calendars as rows
from workflows.store import cases as stored_cases
from workflows.tables import Approval, CalendarVersion, Deadline, Role, TwoPersonAct

STREAM = "calendar"


@dataclass(frozen=True)
class Preview:
    """What a year would do. ``corrects``: the year is known already; ``needs_approval``: it must not count at once."""

    year: CalendarYear
    moves: tuple[Move, ...]
    corrects: bool

    @property
    def needs_approval(self) -> bool:
        return self.corrects or any(move.needs_approval for move in self.moves)


@dataclass(frozen=True)
class Loading:
    """What loading did: the version, and the dates that moved (or, while it waits for approval, would move)."""

    version: CalendarVersion
    moves: tuple[Move, ...]
    waits: bool


def preview_calendar(store: Store, content: bytes | str, *, actor: Actor, file: str = "calendar") -> Preview:
    """Return what loading ``content`` would move, for who keeps the law: dates of all units are in it.

    Writes nothing. Bad content is ``RejectedError``.
    """
    actor.require_role(Role.FLOWADMIN)
    return _preview(store, _read(content, file))


def load_calendar(store: Store, content: bytes | str, *, actor: Actor, file: str = "calendar") -> Loading:
    """Load a year: see the module. A file that says what is in force already changes nothing.

    Raises ``RejectedError``: ``calendar-invalid`` with every fault, or ``calendar-version-not-newer``.
    """
    actor.require_role(Role.FLOWADMIN)
    year = _read(content, file)
    known = _same_version(store, year)
    if known is not None and (known.approved_at is not None or _waits(store, known)):
        return Loading(known, (), waits=known.approved_at is None)
    preview = _preview(store, year)
    waits = preview.needs_approval and approvals.needs_second(store, TwoPersonAct.CALENDAR_CORRECTION)
    if known is not None:  # was refused, and is asked for again
        _require_newer(store, year)
    version = known or _add_version(store, preview, actor=actor)
    content_told = {**_told(version), "waits": waits, "moves": len(preview.moves)}
    ledger.record(store, STREAM, "calendar-loaded", content_told, actor=actor)
    if waits:
        _ask(store, version, actor=actor)
        return Loading(version, preview.moves, waits=True)
    _bring_into_force(store, version, preview.moves, actor=actor)
    return Loading(version, preview.moves, waits=False)


def approve_calendar(store: Store, version_id: str, *, actor: Actor) -> Loading:
    """Let a waiting version count, and move the dates that its preview shows now.

    Raises ``NotAllowedError`` (``second-person-required``) for whoever loaded it, ``WrongStateError`` when it counts
    already or a newer version does.
    """
    actor.require_role(Role.FLOWADMIN)
    version = store.need(CalendarVersion, version_id)
    request = approval_rows.latest_request(store, TwoPersonAct.CALENDAR_CORRECTION, version_id)
    return correct_calendar(store, version, request, actor=actor)


def correct_calendar(store: Store, version: CalendarVersion, request: Approval | None, *, actor: Actor) -> Loading:
    """Confirm ``request`` for a version and let it count: see ``approve_calendar``."""
    if version.approved_at is not None:
        message = f"Expected {version.year}:{version.version} to wait for approval, but it counts already."
        raise WrongStateError(message, code="calendar-already-approved")
    if request is not None:
        approvals.confirm(store, request.id, actor=actor)
    elif not actor.is_system:
        message = f"Expected a request for {version.year}:{version.version} to wait, but none does."
        raise WrongStateError(message, code="approval-not-found")
    year = read_calendar_year(orjson.dumps(version.content))
    _require_newer(store, year)
    preview = _preview(store, year)
    version.approved_by = actor.person_id
    ledger.record(store, STREAM, "calendar-approved", {**_told(version), "moves": len(preview.moves)}, actor=actor)
    _bring_into_force(store, version, preview.moves, actor=actor)
    return Loading(version, preview.moves, waits=False)


def adopt_base_years(store: Store, years: Iterable[CalendarYear], *, actor: Actor) -> list[CalendarVersion]:
    """Enter years that came with the product and are not recorded yet. A newer version of a known one waits."""
    adopted = []
    for year in sorted(years, key=lambda year: (year.region or "", year.year, year.version)):
        recorded = rows.versions_of_year(store, year.year, year.region or "")
        if any(row.version >= year.version for row in recorded):
            continue
        if recorded:
            content = orjson.dumps(calendar_year_document(year), option=orjson.OPT_NON_STR_KEYS)
            adopted.append(load_calendar(store, content, actor=actor).version)
            continue
        found = _preview(store, year).moves if not year.region else ()
        version = _add_version(store, Preview(year, found, corrects=False), actor=actor)
        ledger.record(store, STREAM, "calendar-loaded", _told(version), actor=actor)
        _bring_into_force(store, version, found, actor=actor)
        adopted.append(version)
    return adopted


def _waits(store: Store, version: CalendarVersion) -> bool:
    return bool(approval_rows.waiting_requests(store, [version.id]))


def _ask(store: Store, version: CalendarVersion, *, actor: Actor) -> None:
    """Ask for a second person; requests for older versions of the year lapse."""
    _lapse_older(store, version, actor=actor)
    act = TwoPersonAct.CALENDAR_CORRECTION
    title = f"{version.year} {version.region}".strip()
    approvals.ask_approval(store, act, version.id, stream=STREAM, title=title, reason=version.source, actor=actor)


def _lapse_older(store: Store, version: CalendarVersion, *, actor: Actor) -> None:
    taken = rows.versions_of_year(store, version.year, version.region)
    older = [row.id for row in taken if row.version < version.version]
    approvals.lapse(store, older, "newer-version", actor=actor)


def _read(content: bytes | str, file: str) -> CalendarYear:
    try:
        return read_calendar_year(content, file)
    except DataFaultsError as error:
        raise rejected_data("calendar-invalid", error.faults) from error


def _same_version(store: Store, year: CalendarYear) -> CalendarVersion | None:
    digest = _digest(year)
    recorded = rows.versions_of_year(store, year.year, year.region or "")
    return next((row for row in recorded if row.digest == digest and row.version == year.version), None)


def _digest(year: CalendarYear) -> str:
    return hashlib.sha256(orjson.dumps(calendar_year_document(year), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _preview(store: Store, year: CalendarYear) -> Preview:
    law = store.application.law
    before = law.calendar(store, year.region)
    known = before.overlays if year.region else before.years
    limits: dict[str, dict[str, Explanation]] = defaultdict(dict)
    for deadline, region in rows.open_deadlines(store):
        if year.region is None or region == year.region:
            limits[region or ""][deadline.id] = Explanation.from_data(deadline.explanation)
    found: list[Move] = []
    for region, explanations in limits.items():
        calendar: Calendar = law.calendar(store, region or None).with_year(year)
        found.extend(moves(explanations, calendar))
    return Preview(year, tuple(found), corrects=year.year in known)


def _require_newer(store: Store, year: CalendarYear) -> None:
    law = store.application.law
    calendar = law.calendar(store, year.region)
    known = (calendar.overlays if year.region else calendar.years).get(year.year)
    if known is not None and known.version >= year.version:
        message = f"Expected a version of {year.year} above {known.version}, but it is {year.version}."
        raise RejectedError(message, code="calendar-version-not-newer", year=year.year, known=known.version)


def _add_version(store: Store, preview: Preview, *, actor: Actor) -> CalendarVersion:
    year = preview.year
    taken = rows.versions_of_year(store, year.year, year.region or "")
    if taken and taken[0].version >= year.version:
        message = f"Expected a version of {year.year} above {taken[0].version}, but it is {year.version}."
        raise RejectedError(message, code="calendar-version-not-newer", year=year.year, known=taken[0].version)
    if preview.corrects and preview.needs_approval and not taken:
        _require_newer(store, year)
    return store.add(
        CalendarVersion(
            region=year.region or "",
            year=year.year,
            version=year.version,
            status=str(year.status),
            source=year.source,
            content=calendar_year_document(year),
            digest=_digest(year),
            created_at=store.now,
            created_by=actor.person_id,
        )
    )


def _bring_into_force(store: Store, version: CalendarVersion, found: Iterable[Move], *, actor: Actor) -> None:
    """Let a version count from now on, and count again what rests on its year."""
    version.approved_at = store.now
    _lapse_older(store, version, actor=actor)
    store.session.flush()  # the calendar that the recount asks for is read from the table
    store.application.law.calendar_changed(store)
    by_case: dict[str, list[Deadline]] = defaultdict(list)
    for move in found:
        deadline = store.need(Deadline, move.key)
        by_case[deadline.case_id].append(deadline)
    for case_id in sorted(by_case):
        case = stored_cases.lock_case(store, case_id)
        for deadline in by_case[case_id]:
            recount_deadline(store, case, deadline, cause=version.id, actor=actor)
    recount_timers(store, actor=actor)
    recount_ladders(store, version.year)


def _told(version: CalendarVersion) -> Mapping[str, object]:
    return {"year": version.year, "version": version.version, "region": version.region, "digest": version.digest}
