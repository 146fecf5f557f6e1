"""What ``inspect`` tells about a state document."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflows.engine.types import (
    ActivityKey,
    ActivityKind,
    IncidentRaised,
    Outcome,
    SubscriptionSet,
    TimerSet,
    Variables,
)


@dataclass(frozen=True, slots=True)
class WaitingActivity:
    """An activity that is open. ``inner`` holds the variables of the scopes between it and its case."""

    activity: ActivityKey
    kind: ActivityKind
    inner: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is alive in a case. ``tokens`` counts it: the measure of a state's size."""

    variables: Variables
    waiting: tuple[WaitingActivity, ...]
    timers: tuple[TimerSet, ...]
    subscriptions: tuple[SubscriptionSet, ...]
    incidents: tuple[IncidentRaised, ...]
    outcome: Outcome | None
    tokens: int
