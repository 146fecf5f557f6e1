"""Two investigations of one matter 一案双查: neither ends before both have a conclusion.

The main case is the referee: tracks report to its inbox, and under its lock it is settled whether both have concluded.
Then, and only then, both get the message that lets them end. Until then a concluded track may be opened again. So there
is no instant at which one passes on what it believes of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows import ledger
from workflows.access import Actor, system_actor
from workflows.cases import require_version
from workflows.engine.values import to_json
from workflows.errors import NotFoundError, WorkflowError, WrongStateError
from workflows.ledger.hashing import DOCUMENT, canonical, digest
from workflows.queries.access import sees_case
from workflows.running import require_running
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import tracks as stored
from workflows.tables import Case, CaseStatus, OpenedFact, Role, Track, TrackKind, Unit

RELEASED, REOPENED = "twins_released", "track_reopened"  # what the diagrams of the tracks wait for
_TOLD = ("person", "liability", "role", "performed", "kind", "level", "measure")  # of a row about a person: no texts


def open_track(store: Store, case: Case, kind: str) -> Track:
    """Write down that a case is one of the two investigations of the case that called it."""
    if case.parent_case_id is None or kind not in list(TrackKind):
        message = f"Expected case {case.id} to be called as one of two tracks, but its kind is {kind!r}."
        raise WorkflowError(message, code="not-a-track")
    known = store.get(Track, case.id)
    if known is not None:
        return known
    track = store.add(Track(case_id=case.id, main_case_id=case.parent_case_id, kind=kind, opened_at=store.now))
    ledger.record(store, f"case:{case.id}", "track-opened", {"kind": kind}, actor=system_actor("job"))
    return track


def report_conclusion(
    store: Store, case: Case, *, opinion: str, findings: Sequence[Any], persons: Sequence[Any], liable: int
) -> None:
    """Report the conclusion of a track to the main case, which lets both end once both have reported."""
    track = store.need(Track, case.id)
    conclusion = {
        "liable": liable,
        "persons": [_plain(row, _TOLD) for row in persons if isinstance(row, Mapping)],
        "findings": [
            {"no": int(row["no"]), "finding": str(row.get("finding") or "")}
            for row in findings
            if isinstance(row, Mapping) and row.get("no")
        ],
    }
    sealed = ledger.seal(store, opinion, "conclusion")
    content = {
        "kind": track.kind,
        "conclusion": digest(DOCUMENT, canonical(conclusion)),
        "opinion": ledger.reference(sealed),
    }
    ledger.record(store, f"case:{case.id}", "track-concluded", content, actor=system_actor("job"))
    stored_cases.send_to_case(
        store,
        track.main_case_id,
        "track_concluded",
        {"track": case.id, "conclusion": conclusion, "opinion": sealed.id},
        key=f"concluded:{case.id}:{case.row_version}",
        source_case_id=case.id,
    )


def _plain(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: to_json(row[name]) for name in names if row.get(name) is not None}


def take_conclusion(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    """Write down the conclusion of a track (consumed by the main case); the second one lets both end."""
    tracks = {track.case_id: track for track in stored.tracks_of(store, case.id)}
    track = tracks.get(payload["track"])
    if track is None or track.released_at is not None:
        message = f"Expected {payload['track']} to be a running track of case {case.id}."
        raise WrongStateError(message, code="track-not-running")
    track.concluded_at, track.conclusion = store.now, payload["conclusion"]
    track.opinion_id = payload["opinion"]
    running = [tracks.get(child.id) for child in stored_cases.running_children(store, case.id)]
    concluded = [each for each in running if each is not None and each.concluded_at is not None]
    if len(concluded) < len(running) or {each.kind for each in concluded} != set(TrackKind):
        return
    for each in concluded:
        each.released_at = store.now
        _tell(store, case, each, RELEASED)
    ledger.record(store, f"case:{case.id}", "tracks-released", {"tracks": sorted(tracks)}, actor=actor)


def _tell(store: Store, case: Case, track: Track, message: str) -> None:
    stored_cases.send_to_case(
        store,
        track.case_id,
        "message",
        {"kind": "message", "name": message, "payload": {}},
        key=f"{message}:{track.case_id}:{track.reopened}",
        source_case_id=case.id,
    )


def reopen_track(
    store: Store, case_id: str, reason: str, *, actor: Actor, expected_version: int | None = None
) -> Track:
    """Open a concluded track again, as long as the other has not concluded too. For supervisors of the unit.

    ``expected_version`` is that of the main case. Raises ``WrongStateError``: ``tracks-released`` when both have
    concluded, ``track-not-concluded`` when there is nothing to open again.
    """
    found = store.get(Track, case_id)
    main = stored_cases.lock_case(store, found.main_case_id if found else case_id)
    if found is None or not sees_case(store, main, actor=actor):
        message = f"Expected track {case_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    actor.require_role(Role.SUPERVISOR, unit_path=store.need(Unit, main.unit_id).path)
    require_version(main.row_version, expected_version)
    require_running(main)
    track = next(each for each in stored.tracks_of(store, main.id) if each.case_id == case_id)
    if track.released_at is not None or store.need(Case, case_id).status not in {
        CaseStatus.ACTIVE,
        CaseStatus.SUSPENDED,
    }:
        message = f"Expected track {case_id} to wait for its twin, but it has ended."
        raise WrongStateError(message, code="tracks-released")
    if track.concluded_at is None:
        message = f"Expected track {case_id} to have a conclusion, but it has none."
        raise WrongStateError(message, code="track-not-concluded")
    track.concluded_at = track.conclusion = track.opinion_id = None
    _tell(store, main, track, REOPENED)
    track.reopened += 1
    sealed = ledger.seal(store, reason, "reopen-reason")
    content = {"track": case_id, "kind": track.kind, "reason": ledger.reference(sealed)}
    ledger.record(store, f"case:{main.id}", "track-reopened", content, actor=actor)
    main.row_version += 1
    return track


def take_up_fact(store: Store, case: Case, family: str, key: str) -> dict[str, Any]:
    """Claim a fact for a case: the first of its family to do so has it; another is told which case has it."""
    known = store.get(OpenedFact, (family, key))
    if known is None:
        store.add(OpenedFact(family=family, fact_key=key, case_id=case.id, at=store.now))
        ledger.record(store, f"case:{case.id}", "fact-taken-up", {"family": family}, actor=system_actor("job"))
        return {"first": True, "case": case.id}
    return {"first": known.case_id == case.id, "case": known.case_id}
