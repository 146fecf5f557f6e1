"""What a process of duties needs beyond BPMN: owner, limit, clause, form and decision of each step must resolve.

Pure: the contents of one bundle, the words of the organisation, a calendar and a moment in; findings out. Every limit
and timer is tried against the calendar, and its date shown, so that whoever uploads a diagram sees what it will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workflows.bundles import BundleContents
from workflows.candidates import OwnerSyntaxError, parse_owner
from workflows.deadlines.calendar import Calendar
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.functions import functions
from workflows.deadlines.rules import compute
from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.engine.types import DueDate, Finding, Severity
from workflows.engine.values import ValueFault, add_duration, parse_cycle, parse_date_time, parse_duration
from workflows.organisation import Organisation

if TYPE_CHECKING:
    from workflows.engine import Process
    from workflows.engine.process import Element

_HUMAN = {"userTask", "manualTask"}
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Ground:
    """What the checks are made against."""

    organisation: Organisation
    calendar: Calendar
    now: datetime
    known_processes: frozenset[str] = frozenset()  # keys in force outside this bundle

    def functions(self, contents: BundleContents) -> Mapping[str, Any]:
        """Return the functions of time over the bundle's own rules and defaults."""
        return functions(self.calendar, self.now, contents.deadlines, defaults(contents))


def defaults(contents: BundleContents) -> dict[str, Any]:
    """Return the bundle's parameters with the values that hold where no region says otherwise."""
    return {key: parameter.value for key, parameter in contents.parameters.items()}


def check_duties(contents: BundleContents, ground: Ground) -> list[Finding]:
    """Return every finding of the duty profile on the processes of one bundle, each element judged once."""
    found: dict[tuple[str, str, str, str], Finding] = {}
    for process in contents.processes.values():
        for finding in _check_process(process, contents, ground):
            found.setdefault((finding.file, finding.element_id, finding.code, str(finding.params)), finding)
    return list(found.values())


def _check_process(process: Process, contents: BundleContents, ground: Ground) -> Iterator[Finding]:
    note = _Notes(process.file)
    if process.deadline and process.deadline not in contents.deadlines:
        yield note.missing_rule(process.key, process.name, process.deadline)
    for element in process.elements.values():
        note = _Notes(process.file, element)
        if element.type in _HUMAN:
            yield from _check_human(element, contents, ground, note)
        yield from _check_references(element, contents, ground, note)
        yield from _check_dates(element, contents, ground, note)


def _check_human(element: Element, contents: BundleContents, ground: Ground, note: _Notes) -> Iterator[Finding]:
    if not element.owner:
        yield note.error("owner-missing", "Expected an owner (zc:owner), but nobody is named.")
    else:
        try:
            parse_owner(element.owner, ground.organisation)
        except OwnerSyntaxError as fault:
            yield note.error(fault.code, fault.message, **fault.params)
    if not element.deadline:
        yield note.error("deadline-missing", "Expected a limit by rule (zc:deadline), but there is none.")
    if not element.clause:
        yield note.error("clause-missing", "Expected the clause that the step rests on (zc:clause).")
    if not element.form:
        yield note.error("form-missing", "Expected a form (zc:form): no step's only content is to complete it.")
    elif element.form not in contents.forms:
        yield note.error("form-not-found", f"Expected form {element.form} in the upload.", form=element.form)


def _check_references(element: Element, contents: BundleContents, ground: Ground, note: _Notes) -> Iterator[Finding]:
    if element.deadline and element.deadline not in contents.deadlines:
        yield note.missing_rule(element.id, element.name, element.deadline)
    if element.type == "businessRuleTask":
        decision = element.attributes.get("zc:decision", "")
        if decision not in contents.decisions:
            message = f"Expected the decision {decision!r} in the upload."
            yield note.error("decision-not-found", message, decision=decision)
    if element.type == "callActivity":
        called = element.attributes.get("calledElement", "")
        if called not in contents.processes and called not in ground.known_processes:
            message = f"Expected the process {called!r} in the upload or in force."
            yield note.error("called-process-not-found", message, process=called)


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
            yield note.info("deadline-rule-unverified", f"The text of rule {rule.key} is still to be verified (待核).")
        if rule.parameter and rule.parameter not in contents.parameters:
            message = f"Expected the parameter {rule.parameter} of rule {rule.key} among the parameters."
            yield note.warning("parameter-not-found", message, parameter=rule.parameter, rule=rule.key)
    for event in element.events:
        if event.kind == "timer":
            text = event.timer.body if event.timer else ""
            yield _try_timer(event.timer_kind, event.deadline, text, contents, ground, note)


def _try_timer(kind: str, rule_key: str, text: str, contents: BundleContents, ground: Ground, note: _Notes) -> Finding:
    """Return the finding that tells when a timer set now would fire, or why that cannot be told."""
    if rule_key and rule_key not in contents.deadlines:
        return note.missing_rule(note.element_id, note.element_name, rule_key)
    try:
        at = _fires_at(kind, rule_key, text, contents, ground)
    except DeadlineError as fault:
        return note.error(fault.code, str(fault), **fault.params)
    except (ExpressionError, ValueFault) as fault:
        message = f"The date depends on the case: {fault}"
        return note.info("timer-depends-on-case", message, expression=text)
    return note.date("timer-date", at, None)


def _fires_at(kind: str, rule_key: str, text: str, contents: BundleContents, ground: Ground) -> DueDate:
    if rule_key:
        limit = compute(contents.deadlines[rule_key], ground.now, ground.calendar, parameters=defaults(contents))
        return DueDate(limit.due_at, rule_key, limit.provisional)
    value = _literal(kind, text.strip(), ground.now)
    if value is None:
        scope = {"parameters": defaults(contents)}
        value = compile_expression(text).evaluate(scope, now=ground.now, functions=ground.functions(contents))
    if isinstance(value, str):
        value = _literal(kind, value, ground.now) or value
    if isinstance(value, DueDate):
        return value
    if isinstance(value, datetime):
        return DueDate(value if value.tzinfo else value.replace(tzinfo=_SHANGHAI))
    if isinstance(value, date):
        return DueDate(datetime.combine(value, time.min, tzinfo=_SHANGHAI))
    try:
        return DueDate(add_duration(ground.now, value))
    except (TypeError, AttributeError) as fault:
        raise ExpressionError("timer-not-a-date", f"Expected a date or duration, but it gives {value!r}.") from fault


def _literal(kind: str, text: str, now: datetime) -> Any:
    """Read ISO 8601 text as the kind of timer asks, None when it is none."""
    try:
        if kind == "timeDate":
            return parse_date_time(text)
        if kind == "timeCycle":
            cycle = parse_cycle(text)
            return cycle.start or add_duration(now, cycle.duration)
        return add_duration(now, parse_duration(text))
    except ValueFault:
        return None


class _Notes:
    """Makes findings on one element."""

    def __init__(self, file: str, element: Element | None = None) -> None:
        self.file = file
        self.element_id = element.id if element else ""
        self.element_name = element.name if element else ""
        self.construct = element.type if element else ""

    def error(self, code: str, message: str, **params: Any) -> Finding:
        return self._make(Severity.ERROR, code, message, params)

    def warning(self, code: str, message: str, **params: Any) -> Finding:
        return self._make(Severity.WARNING, code, message, params)

    def info(self, code: str, message: str, **params: Any) -> Finding:
        return self._make(Severity.INFO, code, message, params)

    def missing_rule(self, element_id: str, name: str, rule: str) -> Finding:
        self.element_id, self.element_name = element_id, name
        return self.error("deadline-rule-not-found", f"Expected the deadline rule {rule} in the upload.", rule=rule)

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
            element_id=self.element_id,
            element_name=self.element_name,
            construct=self.construct,
            params=dict(params),
        )
