"""One case moves onto another version of its process: judged as a whole first, written only when nothing forbids it.

Judging asks and changes nothing, so that it is the dry run too. The engine moves the tokens (decision 0088); here the
rows follow: names of attempts, tasks and timers, the pinned version, limits by the choice of whoever ordered it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workflows import engine
from workflows.case_deadlines import calendar_of, explanation_of, rule_of
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.functions import functions
from workflows.deadlines.revision import inputs_of
from workflows.deadlines.rules import AD_HOC, compute
from workflows.engine.errors import EngineError, TimerNotCountableError
from workflows.engine.types import ActivityKey, Context, Finding, Severity, Step, TimerSet
from workflows.mapping import new_process_key, part_for
from workflows.renames import places_of
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import migrations as rows
from workflows.store import tasks as stored_tasks
from workflows.surroundings import limits_of, parameters_of
from workflows.tables import (
    Activity,
    Case,
    CaseStatus,
    Deadline,
    Definition,
    LimitChoice,
    MoveStatus,
    Timer,
    TimerState,
    Unit,
)

if TYPE_CHECKING:
    from workflows.deadlines.explanation import Explanation
    from workflows.deadlines.rules import Deadline as Count
    from workflows.law import CompiledBundle


@dataclass(frozen=True, slots=True)
class Order:
    """From which version to which, what is called otherwise, and what becomes of limits that run."""

    source: Definition
    target: Definition
    old: CompiledBundle
    new: CompiledBundle
    mapping: Mapping[str, str]
    limits: LimitChoice
    with_children: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What moving a case does: the engine's report, where each attempt stands then, and dates that are counted anew.

    A limit with the count None stops: the new version names none there.
    """

    process: engine.Process
    mapping: Mapping[str, str]
    renamed: Mapping[ActivityKey, ActivityKey]
    step: Step
    places: Mapping[str, ActivityKey]
    timers: Sequence[tuple[Timer, TimerSet]]
    limits: Sequence[tuple[Deadline, Count | None]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a case would move, stay or be refused; ``code`` says why it stays."""

    verdict: MoveStatus
    code: str = ""
    findings: tuple[Finding, ...] = ()
    move: Move | None = None


def judge(store: Store, case: Case, order: Order) -> Judgement:
    """Tell what an order would do to a case, and why not. Changes nothing."""
    code = _why_it_stays(store, case, order)
    if code:
        return Judgement(MoveStatus.STAYED, code)
    old = order.old.processes[case.process_key]
    mapping = part_for(order.old.processes[case.process_key.partition("#")[0]], order.mapping)
    key = new_process_key(case.process_key, mapping)
    if key not in order.new.processes:
        return _refused(_finding("migration-process-gone", case.process_key, f"{case.process_key} is gone."))
    judging = _Judging(store, case, order, order.new.processes[key])
    try:
        report = engine.migrate(old, judging.process, case.state, mapping, judging.context)
        if report.step is None:
            return _refused(*report.findings)
        return judging.decide(report, mapping)
    except EngineError as fault:
        return _refused(_finding(fault.code, "", str(fault)))


def _why_it_stays(store: Store, case: Case, order: Order) -> str:
    if case.definition_id != order.source.id:
        return "case-of-other-version"
    if case.status != CaseStatus.ACTIVE:
        return f"case-{case.status}"
    if not case.state:
        return "case-not-begun"
    return "case-cancelling" if stored.is_being_cancelled(store, case) else ""


def _refused(*findings: Finding) -> Judgement:
    return Judgement(MoveStatus.REFUSED, findings[0].code, tuple(findings))


def _finding(code: str, element: str, message: str, name: str = "", **params: object) -> Finding:
    told = {"element": name or element, **params}
    return Finding(Severity.ERROR, code, message, "", "", element, name, params=told)


class _Judging:
    """One case being judged: what the new version says where it stands."""

    def __init__(self, store: Store, case: Case, order: Order, process: engine.Process) -> None:
        self.store, self.case, self.order, self.process = store, case, order, process
        self.own_limits = limits_of(store, case, order.old)
        law = store.application.law
        self.region = law.region(store, case.region_version_id)
        unit = store.need(Unit, case.unit_id)
        self.context: Context = law.context(
            store, case, bundle=order.new, region=self.region, unit=unit, limits=self.own_limits
        )
        self.parameters = parameters_of(store, case, bundle=order.new, region=self.region, limits=self.own_limits)

    def decide(self, report: engine.MigrationReport, mapping: Mapping[str, str]) -> Judgement:
        """Judge the rows of a case that the engine would move."""
        assert report.step is not None  # noqa: S101 - whoever calls has looked
        renamed = dict(report.renamed)
        activities = rows.activities_of(self.store, self.case.id)
        places = places_of(activities, renamed, mapping)
        if places is None:
            return _refused(_finding("migration-place-taken", "", "An attempt stands where another would."))
        found: list[Finding] = []
        limits = list(self._limits({row.id: row for row in activities}, places, report.step, found))
        step = report.step
        timers: Sequence[tuple[Timer, TimerSet]] = ()
        if self.order.limits is LimitChoice.RECOUNT and step.outcome is None:
            step, timers = self._timers(step, report.timers, renamed, found)
        if found:
            return _refused(*found)
        move = Move(self.process, mapping, renamed, step, places, timers, limits)
        return Judgement(MoveStatus.MOVED, move=move)

    # ------------------------------------------------------------------ limits

    def _limits(
        self,
        activities: Mapping[str, Activity],
        places: Mapping[str, ActivityKey],
        step: Step,
        found: list[Finding],
    ) -> Iterator[tuple[Deadline, Count | None]]:
        """Count the running limits by the new law where that was chosen; add to ``found`` what cannot be."""
        closed = {each.activity for each in step.closed}
        for deadline in stored_tasks.running_deadlines(self.store, self.case.id):
            if deadline.rule == AD_HOC:
                continue
            rule, name = self.process.deadline, self.process.name
            if deadline.activity_id is not None:
                row = activities[deadline.activity_id]
                element = self.process.elements.get(places[row.id].element_id)
                if element is None or stored.key_of(row) in closed or places[row.id] in closed:
                    continue
                rule, name = element.deadline, element.name
            if self.order.limits is LimitChoice.KEEP:
                if deadline.rule not in self.order.new.deadlines:
                    found.append(_no_rule(deadline, name))
                continue
            try:
                yield deadline, self._count(rule, deadline) if rule else None
            except DeadlineError as fault:
                message = f"The limit of {name} cannot be counted by {rule}: {fault}"
                found.append(_finding("migration-limit-not-countable", "", message, name, rule=rule))

    def _count(self, rule: str, deadline: Deadline) -> Count:
        explanation: Explanation = explanation_of(deadline)
        stops, extensions = inputs_of(explanation)
        return compute(
            rule_of(self.order.new, rule),
            deadline.started_at,
            calendar_of(self.store, self.case),
            parameters=self.parameters,
            stops=stops,
            extensions=extensions,
            near=self.region.lights.near if self.region.lights else None,
        )

    # ------------------------------------------------------------------ timers

    def _timers(
        self,
        step: Step,
        kept: Sequence[TimerSet],
        renamed: Mapping[ActivityKey, ActivityKey],
        found: list[Finding],
    ) -> tuple[Step, Sequence[tuple[Timer, TimerSet]]]:
        """Plan the timers that were kept as the new version says, from the instant at which each was armed."""
        armed = {
            (renamed.get(key, key), timer.occurrence): timer
            for timer in rows.event_timers(self.store, self.case.id)
            if timer.state == TimerState.ARMED
            for key in [ActivityKey.parse(timer.step)]
        }
        planned: list[tuple[Timer, TimerSet]] = []
        state = step.state
        for told in kept:
            row = armed.get((told.activity, told.occurrence))
            if row is None:
                continue
            try:
                anew = engine.retime(self.process, state, told.activity, told.occurrence, self._context_at(row))
            except TimerNotCountableError as fault:
                name = self.process.elements[told.activity.element_id].name
                found.append(_finding("migration-event-fault", told.activity.element_id, str(fault), name))
                continue
            if anew is not None:
                state, timer = anew
                planned.append((row, timer))
        return replace(step, state=state), planned

    def _context_at(self, timer: Timer) -> Context:
        calendar = calendar_of(self.store, self.case)
        counted = functions(calendar, timer.armed_at, self.order.new.deadlines, self.parameters)
        return replace(self.context, now=timer.armed_at, functions=counted)


def _no_rule(deadline: Deadline, name: str) -> Finding:
    message = f"The limit of {name} runs by {deadline.rule}, which the new version does not have."
    return _finding("migration-rule-gone", "", message, name, rule=deadline.rule)
