"""Collects what one command causes, so that the ``Step`` tells only what is left of it at the end.

What was opened and closed within the same command never happened for the application: no task, no timer and no job
of it is reported. The element history keeps every movement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workflows.engine.types import (
    ActivityClosed,
    ActivityKey,
    ActivityKind,
    ActivityOpened,
    ChildCancelled,
    ChildStarted,
    Closing,
    ElementEvent,
    EscalationThrown,
    HistoryKind,
    IncidentRaised,
    JobCreated,
    MessageThrown,
    Outcome,
    Step,
    SubscriptionCleared,
    SubscriptionSet,
    TaskOpened,
    TimerCleared,
    TimerSet,
)


@dataclass
class Effects:
    """The lists of one ``Step`` while they grow."""

    tasks: dict[ActivityKey, TaskOpened] = field(default_factory=dict)
    opened: dict[ActivityKey, ActivityOpened] = field(default_factory=dict)
    shut: list[ActivityClosed] = field(default_factory=list)
    timers: dict[tuple[ActivityKey, int], TimerSet] = field(default_factory=dict)
    timers_cleared: list[TimerCleared] = field(default_factory=list)
    subscriptions: dict[tuple[ActivityKey, str, str], SubscriptionSet] = field(default_factory=dict)
    subscriptions_cleared: list[SubscriptionCleared] = field(default_factory=list)
    renewed: set[tuple[ActivityKey, str, str]] = field(default_factory=set)
    jobs: dict[ActivityKey, JobCreated] = field(default_factory=dict)
    children: dict[tuple[ActivityKey, int], ChildStarted] = field(default_factory=dict)
    children_cancelled: list[ChildCancelled] = field(default_factory=list)
    thrown: list[MessageThrown] = field(default_factory=list)
    escalations: list[EscalationThrown] = field(default_factory=list)
    history: list[ElementEvent] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    incidents: dict[ActivityKey, IncidentRaised] = field(default_factory=dict)

    def open(self, key: ActivityKey, kind: ActivityKind) -> None:
        """Record that an activity is open from now on."""
        self.opened[key] = ActivityOpened(key, kind)

    def close(self, key: ActivityKey, kind: ActivityKind, closing: Closing) -> None:
        """Record that an open activity is closed; one of this same command leaves no trace."""
        self.tasks.pop(key, None)
        self.jobs.pop(key, None)
        if self.opened.pop(key, None) is None:
            self.shut.append(ActivityClosed(key, kind, closing))

    def set_timer(self, timer: TimerSet) -> None:
        """Record an armed timer."""
        self.timers[timer.activity, timer.occurrence] = timer

    def clear_timer(self, key: ActivityKey, occurrence: int) -> None:
        """Record that a timer is not wanted any more."""
        if self.timers.pop((key, occurrence), None) is None:
            self.timers_cleared.append(TimerCleared(key, occurrence))

    def subscribe(self, key: ActivityKey, kind: str, name: str, correlation: str | None = None) -> None:
        """Record that an activity waits for a message."""
        self.subscriptions[key, kind, name] = SubscriptionSet(key, kind, name, correlation)

    def renew(self, key: ActivityKey, kind: str, name: str, correlation: str) -> None:
        """Record that a message that an activity waits for must carry this from now on."""
        if (key, kind, name) not in self.subscriptions:
            self.renewed.add((key, kind, name))
        self.subscribe(key, kind, name, correlation)

    def unsubscribe(self, key: ActivityKey, kind: str, name: str) -> None:
        """Record that an activity no longer waits for a message."""
        if self.subscriptions.pop((key, kind, name), None) is None or (key, kind, name) in self.renewed:
            self.subscriptions_cleared.append(SubscriptionCleared(key, kind, name))

    def start_child(self, child: ChildStarted) -> None:
        """Record that a child case must start."""
        self.children[child.activity, child.index] = child

    def cancel_child(self, key: ActivityKey, index: int) -> None:
        """Record that a child case must end."""
        if self.children.pop((key, index), None) is None:
            self.children_cancelled.append(ChildCancelled(key, index))

    def record(self, kind: HistoryKind, element_id: str, key: ActivityKey | None = None) -> None:
        """Add to the element history."""
        self.history.append(ElementEvent(kind, element_id, key))

    def step(self, state: bytes, outcome: Outcome | None) -> Step:
        """Freeze what has been collected."""
        return Step(
            state=state,
            tasks_opened=tuple(self.tasks.values()),
            opened=tuple(self.opened.values()),
            closed=tuple(self.shut),
            timers_set=tuple(self.timers.values()),
            timers_cleared=tuple(self.timers_cleared),
            subscriptions_set=tuple(self.subscriptions.values()),
            subscriptions_cleared=tuple(self.subscriptions_cleared),
            jobs=tuple(self.jobs.values()),
            children=tuple(self.children.values()),
            children_cancelled=tuple(self.children_cancelled),
            thrown=tuple(self.thrown),
            escalations=tuple(self.escalations),
            history=tuple(self.history),
            variables=dict(self.variables),
            incidents=tuple(self.incidents.values()),
            outcome=outcome,
        )
