"""The acts of demo people: claim, complete, ask for time. Each with the rights of the person who does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from workflows import evidence
from workflows.application import Application
from workflows.demo.answers import Answers, Setting
from workflows.errors import RejectedError, WorkflowError
from workflows.escalations import request_extension
from workflows.store import demo
from workflows.tasks import Submission, claim_task, complete_task
from workflows.transaction import read, run

COMPLETE, EXTEND = "complete", "extend"
WAITING = "waiting"
_MOST_TRIES = 6  # people correct a form that was refused
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person will do, and with what: a task, a case or nothing that is known yet."""

    kind: str
    subject: str = ""


class WorkError(Exception):
    """An act was refused. ``can_correct``: other values may be accepted."""

    def __init__(self, code: str, detail: str = "", *, can_correct: bool = False) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.can_correct = can_correct


class Door(Protocol):
    """Another way in: does a task over HTTP as a person."""

    def complete(self, username: str, task_id: str, submission: Mapping[str, Any]) -> None:
        """Complete the task, or raise ``WorkError``."""


class Worker:
    """Does acts by calling use cases, a share of the completions through ``door`` when there is one."""

    def __init__(
        self,
        application: Application,
        answers: Answers,
        chance: Random,
        habits: Mapping[str, Any],
        door: Door | None = None,
    ) -> None:
        self._application = application
        self._answers, self._chance = answers, chance
        self._habits = habits
        self._door = door
        self.corrected: Counter[str] = Counter()

    def do(self, act: Act, preferred: Collection[str] = ()) -> str:
        """Do an act; returns what it was in the end, or why nothing could be done. Raises ``WorkError``.

        Of several who could, one with a ``preferred`` user name does it.
        """
        found = read(self._application, demo.task_for_work, act.subject, self._chance.random(), preferred)
        if isinstance(found, demo.Absence):
            return str(found)
        try:
            return self._extend(found) if act.kind == EXTEND else self._complete(found)
        except WorkflowError as fault:
            raise WorkError(fault.code, found.element_id) from fault

    def _extend(self, found: demo.Work) -> str:
        low, high = self._habits["extension_workdays"]
        run(
            self._application,
            request_extension,
            found.task_id,
            workdays=self._chance.randint(low, high),
            ground=self._answers.text("extension_grounds", self._setting(found, "")),
            reason=self._answers.text("statement_text", self._setting(found, "")),
            actor=found.actor,
        )
        return "extension"

    def _setting(self, found: demo.Work, file: str) -> Setting:
        return Setting(
            self._application.clock.now(),
            found.unit_name,
            found.people or (found.actor.code,),
            found.units,
            file,
            found.holders,
        )

    def _complete(self, found: demo.Work) -> str:
        if found.status == "open" and self._chance.random() < self._habits["claim_first"]:
            run(self._application, claim_task, found.task_id, actor=found.actor)
        file = self._attach(found) if found.form is not None and found.needs_file else ""
        for tries in range(1, _MOST_TRIES + 1):
            try:
                return self._hand_in(found, self._setting(found, file))
            except WorkError as fault:
                if not fault.can_correct or tries == _MOST_TRIES:
                    raise
                self.corrected[fault.code] += 1
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _hand_in(self, found: demo.Work, setting: Setting) -> str:
        values = self._answers.fill(found.form, found.around, setting) if found.form is not None else {}
        late = found.due_at is not None and self._application.clock.now() >= found.due_at
        reason = self._answers.text("late_reasons", setting) if late else None
        if self._door is not None and not found.signs and self._chance.random() < self._habits["over_http"]:
            body = {"variables": values} | ({"late_reason": reason} if reason else {})
            self._door.complete(found.username, found.task_id, body)
            return "completed-http-late" if late else "completed-http"
        submission = Submission(values, late_reason=reason, confirmed_at=self._application.clock.now())
        try:
            run(self._application, complete_task, found.task_id, submission, actor=found.actor)
        except RejectedError as fault:
            faults = ",".join(f"{item.pointer}:{item.code}" for item in fault.faults)
            raise WorkError(fault.code, f"{found.element_id} {faults}", can_correct=True) from fault
        return "completed-late" if late else "completed"

    def _attach(self, found: demo.Work) -> str:
        file = evidence.receive_file(self._application, name=f"{found.task_name}材料.pdf", content=_PDF)
        return run(
            self._application,
            evidence.add_attachment,
            found.case_id,
            file=file,
            actor=found.actor,
            activity_id=found.activity_id,
        ).id
