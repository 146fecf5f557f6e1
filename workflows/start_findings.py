"""What an upload is told of start events that wait by themselves: for which unit they open cases, and when.

Pure of writes. While no unit is loaded, units are not judged: the law is deployed before the organisation.
"""

from __future__ import annotations

from typing import Any

from workflows import engine
from workflows.bundle_contents import BundleContents
from workflows.duty_profile import defaults
from workflows.engine import Process, StartPoint
from workflows.engine.errors import EngineError
from workflows.engine.types import Finding, Severity
from workflows.errors import WrongStateError
from workflows.start_units import ROOTS, context_of, find_unit, root_unit
from workflows.store import Store, starts

CATCH_UP = ("all", "last")


def check_starts(store: Store, contents: BundleContents, severity: Severity) -> list[Finding]:
    """Return the findings on timers and conditions of start events; ``severity`` is that of an unknown unit."""
    found: list[Finding] = []
    for process in contents.processes.values():
        for point in process.start_events:
            if "#" not in process.key and (point.timer is not None or point.condition is not None):
                found += _check(store, contents, process, point, severity)
    return list({(each.element_id, each.code): each for each in found}.values())


def _check(
    store: Store, contents: BundleContents, process: Process, point: StartPoint, severity: Severity
) -> list[Finding]:
    found = []
    said = process.elements[point.id].attributes.get("zc:catchUp", "").strip()
    if said and said not in CATCH_UP:
        message = f"Expected zc:catchUp to be one of {', '.join(CATCH_UP)}, but it is {said!r}."
        found.append(_finding(Severity.ERROR, "start-catch-up-unknown", message, process, point, value=said))
    context = context_of(store, root_unit(store), defaults(contents), contents.deadlines)
    if starts.root_units(store):
        try:
            find_unit(store, process, point.id, context)
        except WrongStateError as fault:
            found.append(_finding(severity, fault.code, fault.message, process, point, **fault.params))
    if point.timer is not None:
        try:
            engine.plan_start(process, point, context)
        except EngineError as fault:
            found.append(_finding(severity, "start-timer-unknown", fault.message, process, point))
    unread = sorted(point.condition.names - ROOTS) if point.condition is not None else []
    if unread:
        names = ", ".join(unread)
        message = f"Nobody tells {names} before there is a case: the condition is looked at when they are sent."
        found.append(_finding(Severity.WARNING, "start-condition-needs-data", message, process, point, names=names))
    return found


def _finding(
    severity: Severity, code: str, message: str, process: Process, point: StartPoint, **params: Any
) -> Finding:
    element = process.elements[point.id]
    return Finding(
        severity,
        code,
        message,
        file=process.file,
        element_id=point.id,
        element_name=element.name,
        construct=element.type,
        params={"element": element.name or point.id, **params},
    )
