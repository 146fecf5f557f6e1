"""A house whose scheduler stood still for a day: cases with timers that are long due. Also run as a child process."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from scheduler.duties import all_duties
from scheduler.loops import Runner
from workflows.access import system_actor
from workflows.application import Application, open_application
from workflows.cases import start_case
from workflows.clock import VirtualClock
from workflows.definitions import activate_definition, deploy_files
from workflows.engine.types import FileContent, Profile
from workflows.settings import Settings, load_settings
from workflows.store import Store
from workflows.tables import Unit
from workflows.transaction import run

DIAGRAM = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:test" id="defs">
  <process id="waiting" name="waiting" isExecutable="true">
    <startEvent id="begin"/>
    <sequenceFlow id="f1" sourceRef="begin" targetRef="pause"/>
    <intermediateCatchEvent id="pause">
      <timerEventDefinition id="t1"><timeDuration>PT1H</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="f2" sourceRef="pause" targetRef="again"/>
    <intermediateCatchEvent id="again">
      <timerEventDefinition id="t2"><timeDuration>PT0S</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="f3" sourceRef="again" targetRef="finish"/>
    <endEvent id="finish"/>
  </process>
</definitions>
"""


def open_house(settings: Settings, cases: int) -> Application:
    """Start ``cases`` a day ago, and return the application at that time."""
    application = open_application(settings, VirtualClock(datetime.now(UTC) - timedelta(days=1)))
    unit_id = run(application, _furnish)
    for _ in range(cases):
        run(application, start_case, definition="waiting", unit_id=unit_id, actor=system_actor())
    return application


def _furnish(store: Store) -> str:
    deploy_files(store, [FileContent("waiting/waiting.bpmn", DIAGRAM)], actor=system_actor())
    activate_definition(store, "waiting", 1, actor=system_actor(), profile=Profile.STANDARD)
    return store.add(Unit(code="u", name="办公室", kind="government", level="city", path="/u/")).id


def environment(settings: Settings) -> dict[str, str]:
    """Return what a child process needs to open the same house."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path.cwd()),
        "ZECHENG_VAR": str(settings.var),
        "ZECHENG_DATABASE_URL": settings.database_url,
        "ZECHENG_SCHEDULER_SECONDS": "1",
    }


def count(application: Application, condition: str) -> int:
    with application.database.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {condition}")).scalar_one())


def work_until_nothing_is_left() -> None:
    """Do all that is due, as one scheduler among several, and end."""
    application = open_application(load_settings())
    runner = Runner(application, all_duties(application.settings))
    for duty in all_duties(application.settings)[:3]:
        while runner.tick(duty):
            pass


if __name__ == "__main__":
    work_until_nothing_is_left()
