"""What supervisors and administrators do in between: hold, resume, cancel, stop clocks, hand on, send back, urge.

And what anybody may say against a list while it is publicised.

And once a year somebody leaves whose post nobody else holds: work that opens meanwhile finds nobody and is an incident,
until an administrator fills the post and has it tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from workflows.access import Actor
from workflows.application import Application
from workflows.cases import cancel_case, resume_case, start_case, suspend_case
from workflows.checklists.objections import raise_objection
from workflows.clock import SHANGHAI
from workflows.demo.acts import Act, WorkError
from workflows.errors import WorkflowError
from workflows.handing import return_task, stop_clock, transfer_task, urge_task
from workflows.incidents import retry_incident
from workflows.people import assign_post, leave
from workflows.store import Store, demo_subjects, people
from workflows.store.demo_subjects import Seat, Subject
from workflows.tables import Role
from workflows.transaction import read, run

NOTHING = "nothing"
RESUME, LEAVE, FILL = "resume", "leave", "fill"
Following = tuple[str, Act]  # the habit that tells when, and what

_CHANCES = ("suspend", "cancel", "clock_stop", "transfer", "return", "urge", "object")


class Interventions:
    """Does these acts; each with the rights of who does it."""

    def __init__(self, application: Application, data: Mapping[str, Any], chance: Random) -> None:
        self._application = application
        self._told, self._chance = data["interventions"], chance
        self._texts = data["texts"]
        self._seat: Seat | None = None
        self._acts: Mapping[str, Callable[[str], Sequence[Following]]] = {
            "suspend": self._suspend,
            RESUME: self._resume,
            "cancel": self._cancel,
            "clock_stop": self._stop_clock,
            "transfer": self._transfer,
            "return": self._return,
            "urge": self._urge,
            "object": self._object,
            LEAVE: self._leave,
            FILL: self._fill,
        }

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._acts)

    def of_today(self) -> list[Act]:
        """Return what somebody will do on this working day."""
        acts = [Act(kind) for kind in _CHANCES if self._chance.random() < self._told["per_workday"][kind]]
        today = self._application.clock.now().astimezone(SHANGHAI).date()
        if (today.month, today.day) == tuple(self._told["leaves_on"]):
            acts.append(Act(LEAVE))
        return acts

    def do(self, act: Act) -> Sequence[Following]:
        """Do an act and return what will follow. Raises ``WorkError`` (``nothing``: there was nobody to do it with)."""
        try:
            return self._acts[act.kind](act.subject)
        except WorkflowError as fault:
            raise WorkError(fault.code, act.kind) from fault

    def _text(self, key: str) -> str:
        return str(self._chance.choice(self._texts.get(key, self._texts["default"])))

    def _pick(self, pick: Callable[[Store, float], Subject | None]) -> Subject:
        found = read(self._application, pick, self._chance.random())
        if found is None:
            raise WorkError(NOTHING)
        return found

    def _suspend(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_case)
        run(self._application, suspend_case, found.id, self._text("suspend_reason"), actor=found.actor)
        return [("suspend_workdays", Act(RESUME, found.id))]

    def _resume(self, case_id: str) -> Sequence[Following]:
        run(self._application, resume_case, case_id, actor=read(self._application, _supervisor_of, case_id))
        return ()

    def _cancel(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_case)
        run(self._application, cancel_case, found.id, self._text("cancel_reason"), actor=found.actor)
        return ()

    def _stop_clock(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_case)
        now = self._application.clock.now()
        begins = now - timedelta(days=self._chance.randint(2, 3))
        ground = self._text("clock_stop_ground")
        run(self._application, stop_clock, found.id, from_at=begins, to_at=now, ground=ground, actor=found.actor)
        return ()

    def _transfer(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_task)
        reason = self._text("transfer_reason")
        run(self._application, transfer_task, found.id, found.colleague, reason, actor=found.actor)
        return ()

    def _return(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_claimed)
        run(self._application, return_task, found.id, "previous", self._text("return_reason"), actor=found.actor)
        return ()

    def _urge(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_task)
        run(self._application, urge_task, found.id, self._text("note"), actor=found.actor)
        return ()

    def _object(self, _: str) -> Sequence[Following]:
        found = self._pick(demo_subjects.pick_publicised)
        run(self._application, raise_objection, found.id, self._text("objection_text"), actor=found.actor)
        return ()

    def _leave(self, _: str) -> Sequence[Following]:
        """Let the only holder of a post go, and give their unit work."""
        seat = read(self._application, demo_subjects.pick_only_seat, self._told["leaves_post"], self._told["kinds"])
        if seat is None:
            raise WorkError(NOTHING)
        self._seat = seat
        run(self._application, leave, seat.person, actor=self._administrator(Role.SYSADMIN, seat.unit_code))
        self._start(seat)
        return [("filled_workdays", Act(FILL))]

    def _start(self, seat: Seat) -> None:
        variables = {"supervising_unit": seat.supervising, "source_title": self._text("source_title")}
        run(
            self._application,
            start_case,
            definition=str(self._told["definition"]),
            unit_id=seat.unit_id,
            variables={**variables, "source_kind": "inspection"},
            actor=self._administrator(Role.FLOWADMIN, seat.unit_code),
        )

    def _fill(self, _: str) -> Sequence[Following]:
        """Fill the post, and try again what found nobody."""
        seat = self._seat
        if seat is None:
            raise WorkError(NOTHING)
        person = read(self._application, demo_subjects.free_person)
        person = person or read(self._application, demo_subjects.colleague_of, seat.unit_code)
        if person is None:
            raise WorkError(NOTHING)
        sysadmin = self._administrator(Role.SYSADMIN, seat.unit_code)
        run(self._application, assign_post, person, seat.unit_code, seat.post, actor=sysadmin)
        flowadmin = self._administrator(Role.FLOWADMIN, seat.unit_code)
        for incident_id in read(self._application, demo_subjects.open_vacancies, seat.unit_id):
            run(self._application, retry_incident, incident_id, actor=flowadmin)
        return ()

    def _administrator(self, role: str, unit_code: str) -> Actor:
        found = read(self._application, _administrator_of, role, unit_code)
        if found is None:
            raise WorkError(NOTHING)
        return found


def _administrator_of(store: Store, role: str, unit_code: str) -> Actor | None:
    return demo_subjects.actor_with(store, role, people.need_unit(store, unit_code))


def _supervisor_of(store: Store, case_id: str) -> Actor:
    found = demo_subjects.supervisor_of(store, case_id)
    if found is None:
        raise WorkError(NOTHING)
    return found
