"""What a process of duties needs beyond BPMN: owner, limit, clause, form and decision of each step must resolve.

Pure: the contents of one bundle, the words of the organisation, a calendar and a moment in; findings out. Every limit
and timer is tried against the calendar, and its date shown, so that whoever uploads a diagram sees what it will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflows.bundle_contents import BundleContents
from workflows.candidates import OwnerSyntaxError, parse_owner
from workflows.deadlines.calendar import Calendar
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.functions import functions
from workflows.deadlines.rules import compute
from workflows.engine import Element, ProfileChecks, first_firing
from workflows.engine.expressions import ExpressionError
from workflows.engine.model import EventDefinition
from workflows.engine.reasons import Reason
from workflows.engine.types import Context, DueDate, Finding, Severity
from workflows.engine.values import ValueFault
from workflows.organisation import Organisation

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_NO_FORM = Reason("no-such-form", "there is no such form in the upload")
_NO_RULE = Reason("no-such-rule", "there is no such rule in the upload")
_NO_OPERATION = Reason("no-such-operation", "there is no such operation")


@dataclass(frozen=True)
class Ground:
    """What the checks are made against. ``known_processes`` are keys in force outside the bundle."""

    organisation: Organisation
    calendar: Calendar
    now: datetime
    operations: frozenset[str]
    known_processes: frozenset[str] = frozenset()


def resolving(contents: BundleContents, ground: Ground | None) -> ProfileChecks:
    """Return how the engine's checks resolve names; ``contents`` holds the data files of the bundle already.

    Without ``ground`` only the fields of forms are told: they decide which bodies become cases of their own, so they
    must be the same whenever the bundle is compiled.
    """

    def form_fields(key: str) -> tuple[str, ...] | None:
        form = contents.forms.get(key)
        return None if form is None else form.variables

    if ground is None:  # what was accepted once is compiled again: a process of another bundle is still known
        return ProfileChecks(process=lambda _key: True, form_fields=form_fields)
    return ProfileChecks(
        owner=lambda text: _why_no_owner(text, ground.organisation),
        form=lambda key: None if key in contents.forms else _NO_FORM,
        deadline=lambda key: None if key in contents.deadlines else _NO_RULE,
        operation=lambda name: None if name in ground.operations else _NO_OPERATION,
        process=lambda key: key in ground.known_processes,
        form_fields=form_fields,
    )


def _why_no_owner(text: str, organisation: Organisation) -> Reason | None:
    try:
        parse_owner(text, organisation)
    except OwnerSyntaxError as fault:
        return Reason(fault.code, str(fault), fault.params)
    return None


def defaults(contents: BundleContents) -> dict[str, Any]:
    """Return the bundle's parameters with the values that hold where no region says otherwise."""
    return {key: parameter.value for key, parameter in contents.parameters.items()}


def show_dates(contents: BundleContents, ground: Ground) -> list[Finding]:
    """Try every limit and timer of the bundle's processes against the calendar; each element is told once."""
    found: dict[tuple[str, str, str, str], Finding] = {}
    for process in contents.processes.values():
        for element in process.elements.values():
            for finding in _check_dates(element, contents, ground, _Notes(process.file, element)):
                found.setdefault((finding.file, finding.element_id, finding.code, str(finding.params)), finding)
    return list(found.values())


def _check_dates(element: Element, contents: BundleContents, ground: Ground, note: _Notes) -> Iterator[Finding]:
    rule = contents.deadlines.get(element.deadline)
    if rule is not None:
        try:
            limit = compute(rule, ground.now, ground.calendar, parameters=defaults(contents))
        except DeadlineError as fault:
            yield note.error(fault.code, str(fault), **fault.params)
        else:
            yield note.date("deadline-date", DueDate(limit.due_at, rule.key, limit.provisional), limit.last_day)
        if rule.to_verify:
            yield note.info(
                "deadline-rule-unverified", f"The text of rule {rule.key} is still to be verified.", rule=rule.key
            )
        if rule.parameter and rule.parameter not in contents.parameters:
            message = f"Expected the parameter {rule.parameter} of rule {rule.key} among the parameters."
            yield note.warning("parameter-not-found", message, parameter=rule.parameter, rule=rule.key)
    for event in element.events:
        if event.kind == "timer":
            yield _try_timer(event, contents, ground, note)


def _try_timer(event: EventDefinition, contents: BundleContents, ground: Ground, note: _Notes) -> Finding:
    """Return the finding that tells when a timer set now would fire, or why that cannot be told."""
    try:
        at = _fires_at(event, contents, ground)
    except DeadlineError as fault:
        return note.error(fault.code, str(fault), **fault.params)
    except (ExpressionError, ValueFault) as fault:
        message = f"The date depends on the case: {fault}"
        return note.info("timer-depends-on-case", message, expression=event.timer.body if event.timer else "")
    return note.date("timer-date", at, None)


def _fires_at(event: EventDefinition, contents: BundleContents, ground: Ground) -> DueDate:
    if event.deadline in contents.deadlines:
        rule = contents.deadlines[event.deadline]
        limit = compute(rule, ground.now, ground.calendar, parameters=defaults(contents))
        return DueDate(limit.due_at, event.deadline, limit.provisional)
    parameters = defaults(contents)
    functions_now = functions(ground.calendar, ground.now, contents.deadlines, parameters)
    return first_firing(event, Context(ground.now, {"parameters": parameters}, functions_now))


class _Notes:
    """Makes findings on one element."""

    def __init__(self, file: str, element: Element) -> None:
        self.file = file
        self.element = element

    def error(self, code: str, message: str, **params: Any) -> Finding:
        return self._make(Severity.ERROR, code, message, params)

    def warning(self, code: str, message: str, **params: Any) -> Finding:
        return self._make(Severity.WARNING, code, message, params)

    def info(self, code: str, message: str, **params: Any) -> Finding:
        return self._make(Severity.INFO, code, message, params)

    def date(self, code: str, at: DueDate, last_day: date | None) -> Finding:
        """Return the finding that shows a date; one at midnight is shown as the day that ends there."""
        shown = str(last_day) if last_day else f"{at.at.astimezone(_SHANGHAI):%Y-%m-%d %H:%M}"
        tail = " (provisional)" if at.provisional else ""
        message = f"Set now, it would be due on {shown}{tail}."
        return self.info(code, message, at=shown, rule=at.rule or "", provisional=at.provisional)

    def _make(self, severity: Severity, code: str, message: str, params: Mapping[str, Any]) -> Finding:
        return Finding(
            severity,
            code,
            message,
            file=self.file,
            element_id=self.element.id,
            element_name=self.element.name,
            construct=self.element.type,
            params=dict(params),
        )
