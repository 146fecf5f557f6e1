"""The acts of demo people: claim, complete, ask for time. Each with the rights of the person who does it."""

from __future__ import annotations

from collections.abc import Mapping
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

_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person will do with a task."""

    kind: str  # complete | extend
    task_id: str


class WorkFault(Exception):
    """An act was refused; the text is the code."""


class Door(Protocol):
    """Another way in: does a task over HTTP as a person."""

    def complete(self, username: str, task_id: str, submission: Mapping[str, Any]) -> None:
        """Complete the task, or raise ``WorkFault``."""


class Worker:
    """Does acts by calling use cases, a share of them through ``door`` when there is one."""

    def __init__(
        self,
        application: Application,
        answers: Answers,
        chance: Random,
        data: Mapping[str, Any],
        door: Door | None = None,
    ) -> None:
        self._application = application
        self._answers, self._chance = answers, chance
        self._habits = data["habits"]
        self._door = door

    def adopt(self, answers: Answers, chance: Random) -> None:
        """Draw from the play's own chance."""
        self._answers, self._chance = answers, chance

    def do(self, act: Act) -> str:
        """Do an act; returns what it was in the end: nothing when the task is closed meanwhile."""
        found = read(self._application, demo.task_for_work, act.task_id, self._chance.random())
        if found is None:
            return "nothing"
        try:
            if act.kind == "extend":
                return self._extend(found)
            return self._complete(found)
        except RejectedError as fault:
            faults = ",".join(f"{item.pointer}:{item.code}" for item in fault.faults)
            raise WorkFault(f"{fault.code} {found.element_id} {faults}") from fault
        except WorkflowError as fault:
            raise WorkFault(fault.code) from fault

    def _extend(self, found: demo.Work) -> str:
        run(
            self._application,
            request_extension,
            found.task_id,
            workdays=self._chance.randint(2, 5),
            ground=self._answers.text("extension_grounds", self._setting(found, "")),
            reason=self._answers.text("statement_text", self._setting(found, "")),
            actor=found.actor,
        )
        return "extension"

    def _setting(self, found: demo.Work, file: str) -> Setting:
        return Setting(
            self._application.clock.now(), found.unit_name, found.people or (found.actor.code,), found.units, file
        )

    def _complete(self, found: demo.Work) -> str:
        if found.status == "open" and self._chance.random() < self._habits["claim_first"]:
            run(self._application, claim_task, found.task_id, actor=found.actor)
        form = found.form
        file = self._attach(found) if form is not None and found.needs_file else ""
        around = found.around
        values = self._answers.fill(form, around, self._setting(found, file)) if form is not None else {}
        late = found.due_at is not None and self._application.clock.now() >= found.due_at
        reason = self._answers.text("late_reasons", self._setting(found, "")) if late else None
        if self._door is not None and not found.signs and self._chance.random() < self._habits["over_http"]:
            self._door.complete(found.username, found.task_id, {"variables": values, "late_reason": reason})
            return "completed-http"
        submission = Submission(values, late_reason=reason, confirmed_at=self._application.clock.now())
        run(self._application, complete_task, found.task_id, submission, actor=found.actor)
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
