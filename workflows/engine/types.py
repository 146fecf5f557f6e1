"""What may cross the engine's border: plain frozen data, nothing of SpiffWorkflow or lxml.

The engine is a pure function: ``(process, state, command, context) -> Step``. Times are aware and in UTC. Values are
plain data: ``None, bool, str, int, Decimal, date, time, datetime, timedelta/Duration, list, dict`` (never ``float``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Variables = Mapping[str, Any]
Caught = tuple[tuple[str | None, bool], ...]  # escalations caught above: code (None: any), and whether it ends all


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Profile(StrEnum):
    """How strictly a diagram is checked: what BPMN forbids, or also what a duty needs (owner, limit, clause)."""

    STANDARD = "standard"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on an uploaded file. ``code`` is stable; ``params`` fill the translated message and hint."""

    severity: Severity
    code: str
    message: str
    hint: str = ""
    file: str = ""
    element_id: str = ""
    element_name: str = ""
    construct: str = ""
    path: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileContent:
    """One file of a bundle: its path inside the bundle and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True, order=True)
class ActivityKey:
    """Names one attempt at one element in one scope: the key of everything that waits or happened.

    ``scope_path`` joins the sub-processes around it by ``/``, outermost first (each ``element_id:iteration:attempt``).
    ``iteration`` counts rounds and instances from 0; ``attempt`` starts at 1 and grows with each return.
    """

    element_id: str
    scope_path: str = ""
    iteration: int = 0
    attempt: int = 1

    def __str__(self) -> str:
        return f"{self.scope_path}|{self.element_id}:{self.iteration}:{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> ActivityKey:
        """Read back what ``str`` wrote."""
        scope_path, _, tail = text.rpartition("|")
        element_id, iteration, attempt = tail.rsplit(":", 2)
        return cls(element_id, scope_path, int(iteration), int(attempt))


class ActivityKind(StrEnum):
    USER_TASK = "user_task"
    MANUAL_TASK = "manual_task"
    SERVICE_TASK = "service_task"
    BUSINESS_RULE_TASK = "business_rule_task"
    SUB_PROCESS = "sub_process"
    CALL_ACTIVITY = "call_activity"
    MULTI_INSTANCE = "multi_instance"
    EVENT = "event"
    GATEWAY = "gateway"


# --------------------------------------------------------------------------- context passed in


@dataclass(frozen=True, slots=True)
class Context:
    """What a command may see besides the state: the clock, named roots and the functions of this field.

    ``roots`` are read-only names (``case``, ``unit`` …) below the variables; ``functions``, pure and total or raising
    ``ExpressionError``; ``fuel`` bounds a command's steps; ``knows_unit``: may a child belong to it (None: any).
    """

    now: datetime
    roots: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    fuel: int = 20_000
    knows_unit: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class DueDate:
    """What a deadline function answers: the instant, the rule it came from, and whether the calendar is provisional."""

    at: datetime
    rule: str | None = None
    provisional: bool = False


# --------------------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Start:
    """Open a case at ``start_event`` (None: the none start) by its ``trigger`` (None: by hand)."""

    variables: Variables = field(default_factory=dict)
    start_event: str | None = None
    trigger: int | None = None
    caught: Caught = ()


@dataclass(frozen=True, slots=True)
class Complete:
    """Complete a waiting user or manual task. ``variables`` are written as given: the caller has checked the form."""

    activity: ActivityKey
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fire:
    """Fire an armed timer. ``occurrence`` is the one ``TimerSet`` announced; a stale one is refused."""

    activity: ActivityKey
    occurrence: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """Deliver a message to the one that waits for ``name`` longest in this case, a signal to all that wait for it."""

    kind: str  # "message" | "signal"
    name: str
    payload: Variables = field(default_factory=dict)
    correlation: str | None = None  # what it carries (specs/correlating.py); None: what its payload says


@dataclass(frozen=True, slots=True)
class EndChild:
    """A child case of ``activity`` ended. ``index`` is the instance number of a multi-instance body, else 0.

    ``outcome`` is ``completed``, ``error`` (with ``code``) or ``cancelled``. ``variables`` are the child's outputs.
    """

    activity: ActivityKey
    index: int
    outcome: str
    variables: Variables = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ChildEscalation:
    """A running child case of ``activity`` threw a BPMN escalation event; the child goes on."""

    activity: ActivityKey
    index: int
    code: str | None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FinishJob:
    """The service job of ``activity`` is done (``error_code`` None) or threw the BPMN error ``error_code``."""

    activity: ActivityKey
    variables: Variables = field(default_factory=dict)
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Run a token again that an incident stopped."""

    activity: ActivityKey


@dataclass(frozen=True, slots=True)
class Return:
    """Send the work back: withdraw the tokens that follow ``target`` and re-open it; ``direct``: see run/detours.py."""

    activity: ActivityKey
    target: str
    direct: bool = False


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Write case variables from outside (data edit, child links); waiting conditions are re-evaluated."""

    variables: Variables


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the case without reaching an end event; everything open is closed as cancelled."""

    reason: str = ""


Command = (
    Start | Complete | Fire | Deliver | EndChild | ChildEscalation | FinishJob | Retry | Return | SetVariables | Cancel
)


# --------------------------------------------------------------------------- what a command caused


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """A user or manual task waits for a person; ``inner`` are the variables of the scopes around it, below the case."""

    activity: ActivityKey
    kind: ActivityKind
    loop_counter: int | None = None
    item: Any = None
    inner: Variables = field(default_factory=dict)


class Closing(StrEnum):
    COMPLETED = "completed"
    CANCELLED = "cancelled"  # interrupted by a boundary event, a terminate end, a return or a cancelled case
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class ActivityClosed:
    activity: ActivityKey
    kind: ActivityKind
    closing: Closing


@dataclass(frozen=True, slots=True)
class ActivityOpened:
    """Any activity that stays open after the command (tasks, sub-processes, calls, jobs, catching events)."""

    activity: ActivityKey
    kind: ActivityKind


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A timer to fire at ``due_at``, intermediate, boundary (on ``host``) or behind an event gateway.

    ``rule`` names the deadline rule when the diagram gave one; ``provisional``: computed beyond the announced calendar.
    """

    activity: ActivityKey
    occurrence: int
    due_at: datetime
    expression: str
    host: ActivityKey | None = None
    rule: str | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class TimerCleared:
    activity: ActivityKey
    occurrence: int


@dataclass(frozen=True, slots=True)
class SubscriptionSet:
    activity: ActivityKey
    kind: str
    name: str
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionCleared:
    activity: ActivityKey
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class JobCreated:
    """A service task was reached: nothing ran. ``headers`` are its extension properties and topic."""

    activity: ActivityKey
    operation: str
    payload: Variables
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildStarted:
    """Start a child case: of a call, or of one isolated multi-instance body (``index``: its number, else 0).

    ``called`` is the process id (of such a body ``<process>#<element>``); ``unit`` whom it belongs to (``zc:unit``).
    """

    activity: ActivityKey
    index: int
    called: str
    variables: Variables
    binding: str = "deployment"
    business_key: str | None = None
    unit: str | None = None
    caught: Caught = ()


@dataclass(frozen=True, slots=True)
class ChildCancelled:
    activity: ActivityKey
    index: int


@dataclass(frozen=True, slots=True)
class MessageThrown:
    activity: ActivityKey
    kind: str  # "message" | "signal"
    name: str
    payload: Variables
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationThrown:
    """A BPMN escalation event left the case uncaught: for the parent case, if any."""

    activity: ActivityKey
    code: str | None


class HistoryKind(StrEnum):
    ENTERED = "entered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    TAKEN = "taken"  # a sequence flow: element_id is its id


@dataclass(frozen=True, slots=True)
class ElementEvent:
    kind: HistoryKind
    element_id: str
    activity: ActivityKey | None = None


@dataclass(frozen=True, slots=True)
class IncidentRaised:
    """A fault of the process. The token stays; ``Retry`` runs it again. ``code`` is stable, ``params`` plain JSON."""

    activity: ActivityKey
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the case ended: ``completed``, ``terminated``, ``error`` (with ``code``), ``cancelled``."""

    kind: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """All that one command caused, in order. ``state`` is the new opaque document; ``outcome`` None means open."""

    state: bytes
    tasks_opened: tuple[TaskOpened, ...] = ()
    opened: tuple[ActivityOpened, ...] = ()
    closed: tuple[ActivityClosed, ...] = ()
    timers_set: tuple[TimerSet, ...] = ()
    timers_cleared: tuple[TimerCleared, ...] = ()
    subscriptions_set: tuple[SubscriptionSet, ...] = ()
    subscriptions_cleared: tuple[SubscriptionCleared, ...] = ()
    jobs: tuple[JobCreated, ...] = ()
    children: tuple[ChildStarted, ...] = ()
    children_cancelled: tuple[ChildCancelled, ...] = ()
    thrown: tuple[MessageThrown, ...] = ()
    escalations: tuple[EscalationThrown, ...] = ()
    history: tuple[ElementEvent, ...] = ()
    variables: Variables = field(default_factory=dict)  # top-level case variables that changed
    incidents: tuple[IncidentRaised, ...] = ()
    outcome: Outcome | None = None
