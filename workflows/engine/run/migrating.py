"""Moving a live state onto a changed definition: token by token, by the ids of the elements or a mapping of them.

A token keeps its number, round, attempt and memory. The pieces of the diagram (blocks) may be cut otherwise in the new
definition, so lineages and counters are told anew in its pieces (``renaming``). Events on borders and handlers that
are gone are called off, new ones begin to listen; anything else that is gone, or is of another kind now, forbids it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import CaseEndedError
from workflows.engine.moves import MigrationReport
from workflows.engine.run.case import Case
from workflows.engine.run.compensating import UNDO
from workflows.engine.run.detours import PARKED
from workflows.engine.run.faults import Fault
from workflows.engine.run.reach import flows_from
from workflows.engine.run.renaming import Names
from workflows.engine.run.state import load_state, save_state
from workflows.engine.run.token import LEAVING, Token
from workflows.engine.run.variables import VARIABLES
from workflows.engine.specs.activities import SubProcess
from workflows.engine.specs.ad_hoc import MEMO as AD_HOC
from workflows.engine.specs.ad_hoc import AdHocSubProcess
from workflows.engine.specs.catching import CORRELATION, PAST, SEEN, TRUE, CatchEvent
from workflows.engine.specs.complex_gateway import ComplexGateway
from workflows.engine.specs.events import ArmedActivity
from workflows.engine.specs.gateways import EventBasedGateway, Join
from workflows.engine.specs.node import ARRIVALS, CHOSEN
from workflows.engine.specs.triggers import TIMER
from workflows.engine.types import Context, Finding, Severity

if TYPE_CHECKING:
    from workflows.engine.process import Process
    from workflows.engine.specs.node import Node

_HINT = "Map it to an element of the same kind, or move the case on before."


def migrate(old: Process, new: Process, state: bytes, mapping: Mapping[str, str], context: Context) -> MigrationReport:
    """Move ``state`` of ``old`` onto ``new``; ``mapping`` gives new ids of elements and flows, others keep theirs.

    Nothing is changed but the answer: called without using its step it is a dry run.
    """
    case = load_state(old, state, context)
    if case.outcome is not None:
        raise CaseEndedError(f"The case has ended ({case.outcome.kind}).", outcome=case.outcome.kind)
    names = Names(old, new, mapping)
    findings = [_stray(element) for element in names.unknown()]
    findings += [found for token in case.tasks.values() for found in _judge(token, names)]
    if findings:
        return MigrationReport(tuple(findings))
    for token in list(case.tasks.values()):
        if _is_listening(token) and not names.is_same_event(token.task_spec):
            case.withdraw(token)
    waits = _stop_waiting(case, names)
    keys = {token.id: token.key for token in case.tasks.values() if token.opened}
    moved = _move(case, new, names, context)
    renamed = tuple((key, moved.tasks[number].key) for number, key in keys.items() if moved.tasks[number].key != key)
    kept = tuple(timer for token in moved.tasks.values() for timer in token.task_spec.timers(token))
    _call_off(moved, waits)
    findings = _begin_to_wait(moved, names, set(waits))
    if findings:
        return MigrationReport(tuple(findings))
    _supply(moved, names)
    moved.settle()
    alive = {(timer.activity, timer.occurrence) for t in moved.tasks.values() for timer in t.task_spec.timers(t)}
    timers = tuple(timer for timer in kept if (timer.activity, timer.occurrence) in alive)
    return MigrationReport((), renamed, timers, moved.effects.step(save_state(moved), moved.outcome))


# ---------------------------------------------------------------------- what forbids it


def _is_listening(token: Token) -> bool:
    """Tell whether a token only waits beside the work, so that it may be called off."""
    return token.task_spec.is_beside and LEAVING not in token.memo


def _judge(token: Token, names: Names) -> Iterator[Finding]:
    """Tell why a token cannot be moved."""
    spec = token.task_spec
    if _is_listening(token) or spec.name == names.roots[0]:
        return
    target, parent = names.target(spec), token.parent
    if target is None:
        yield _finding("migration-element-gone", token, f"{spec.element.id} holds a token and is gone.")
    elif _shape(target) != _shape(spec) or not _same_order(token, target, names):
        yield _finding("migration-kind-changed", token, f"{spec.element.id} is another kind of element now.")
    elif names.of(spec.element.scope) != target.element.scope or not _still_behind(parent, target, names):
        yield _finding("migration-scope-changed", token, f"{spec.element.id} lies in another place now.")
    else:
        gone = sorted(_flows_gone(token, target, names))
        if gone:
            message = f"What is at {spec.element.id} needs {gone[0]}, which is not there any more."
            yield _finding("migration-flow-gone", token, message, flow=gone[0])
    for _, entry in token.memo.get(UNDO, ()):
        if names.of(entry[0]) not in names.new:
            yield _finding("migration-element-gone", token, f"{entry[0]} is about to be undone and is gone.")


def _shape(spec: Node) -> tuple[Any, ...]:
    """Tell what an element must keep for what its token remembers to make sense."""
    return type(spec), spec.element.type, getattr(spec, "sequential", None), spec.start_quantity


def _same_order(token: Token, target: Node, names: Names) -> bool:
    """Tell whether what was done in a sequential ad-hoc sub-process still comes first."""
    old = token.task_spec
    if not (isinstance(old, AdHocSubProcess) and isinstance(target, AdHocSubProcess) and old.sequential):
        return True
    done = token.memo[AD_HOC]["next"] if AD_HOC in token.memo else 0
    return [names.of(spec.name) for spec in old.starts[:done]] == [spec.name for spec in target.starts[:done]]


def _still_behind(parent: Token | None, target: Node, names: Names) -> bool:
    """Tell whether an event still belongs to the event-based gateway that lets it wait."""
    if parent is None or not isinstance(parent.task_spec, EventBasedGateway):
        return True
    gateway = names.target(parent.task_spec)
    return gateway is None or any(arc.target is target for arc in gateway.arcs)


def _flows_gone(token: Token, target: Node, names: Names) -> set[str]:
    """List the flows, by their old names, that a token has come by or has chosen and that are not there any more."""
    leaving = {arc.id for arc in target.arcs}
    gone = {flow for flow in token.memo.get(CHOSEN, ()) if names.flow(flow) not in leaving}
    if isinstance(target, Join):
        arrived = {arrival[0] for arrival in token.memo.get(ARRIVALS, ())}
        gone |= {flow for flow in arrived if names.flow(flow) not in target.incoming}
    return gone


def _finding(code: str, token: Token, message: str, **params: Any) -> Finding:
    element = token.task_spec.element
    told = {"element": element.name or element.id, "activity": str(token.key), **params}
    return Finding(Severity.ERROR, code, message, _HINT, "", element.id, element.name, element.type, params=told)


def _stray(element: str) -> Finding:
    message = f"The mapping names {element}, but it leads from or to nothing."
    params = {"element": element}
    return Finding(Severity.ERROR, "migration-mapping-unknown", message, "", "", element, params=params)


# ---------------------------------------------------------------------- the move


def _move(case: Case, new: Process, names: Names, context: Context) -> Case:
    """Build the case anew on the new definition; what the old one has caused so far goes along."""
    moved = Case(new, context)
    moved.numbers, moved.effects = case.numbers, case.effects
    for token in case.tasks.values():
        spec = moved.process.net.task_specs[names.of(token.task_spec.name)]
        parent = moved.tasks.get(token._parent)  # noqa: SLF001 - the row of the tree
        again = Token(moved, spec, parent, token.state, token.id)
        again.scope = moved.tasks[token.scope.id]
        again.round, again.attempt, again.opened = token.round, names.attempt(token), token.opened
        again.redo = names.lineage(token.redo) if token.redo else None
        again.lineage = names.lineage(token.lineage, token.task_spec)
        if token.task_spec.block in token.lineage:
            again.lineage = names.share({**again.lineage, spec.block: token.round})
        again.internal_data = names.memo(token)
        if ARRIVALS in again.memo:
            moved.joins[again.scope.id, spec.name] = again
        if spec.is_watching(again):
            moved.watching[again.id] = again
    moved.root = moved.tasks[min(moved.tasks)]
    _count_attempts(moved)
    return moved


def _count_attempts(moved: Case) -> None:
    """Count the attempts that are open as used; tokens that have come to one pass get attempts of their own."""
    taken = set()
    for token in moved.tasks.values():
        parent = token.parent
        is_possible = parent is not None and isinstance(parent.task_spec, EventBasedGateway)
        if token.task_spec.is_beside or ARRIVALS in token.memo or is_possible:
            continue
        name = f"{token.task_spec.block}:{token.round}"
        attempts = token.scope.memo.get("attempts", {})
        if (token.scope.id, name, token.attempt) in taken:
            token.attempt = attempts.get(name, 1) + 1
        taken.add((token.scope.id, name, token.attempt))
        if token.attempt > attempts.get(name, 1):
            token.scope.memo["attempts"] = {**attempts, name: token.attempt}


def _is_held(token: Token) -> bool:
    """Tell whether a token is not at its element: before it, parked at it, or stopped when it was about to leave."""
    return any(mark in token.memo for mark in (ARRIVALS, PARKED, LEAVING))


def _stop_waiting(case: Case, names: Names) -> dict[int, tuple[Any, Any]]:
    """Let events in the flow forget what is something else in the new definition; tell what they waited for."""
    changed = {}
    for token in case.tasks.values():
        spec = token.task_spec
        if not isinstance(spec, CatchEvent) or spec.is_beside or names.is_same_event(spec):
            continue
        if token.opened and token.has_state(TaskState.STARTED | TaskState.WAITING) and not _is_held(token):
            changed[token.id] = spec.awaits(token), spec.timers(token)
            for memory in (SEEN, TRUE, TIMER, PAST, CORRELATION):
                token.memo.pop(memory, None)
    return changed


def _call_off(moved: Case, waits: Mapping[int, tuple[Any, Any]]) -> None:
    """Tell, under the new names, what is not waited for any more."""
    for number, (names, timers) in waits.items():
        key = moved.tasks[number].key
        for kind, name in names:
            moved.effects.unsubscribe(key, kind, name)
        for timer in timers:
            moved.effects.clear_timer(key, timer.occurrence)


# ---------------------------------------------------------------------- what is new


def _begin_to_wait(moved: Case, names: Names, again: set[int]) -> list[Finding]:
    """Let the events wait that only the new definition has; tell of all whose time cannot be worked out."""
    findings = []
    for token in list(moved.tasks.values()):
        try:
            _arm(token, names, again=token.id in again)
        except Fault as fault:
            told = {"element": token.task_spec.element.name or token.task_spec.element.id, "activity": str(token.key)}
            element = token.task_spec.element
            found = Finding(Severity.ERROR, "migration-event-fault", fault.message, "", "", element.id, params=told)
            findings.append(found)
    return findings


def _arm(token: Token, names: Names, *, again: bool) -> None:
    spec = token.task_spec
    is_root = token is token.workflow.root
    if again and isinstance(spec, CatchEvent):
        spec.arm(token, spec.plan(token))
    if PARKED in token.memo or not token.has_state(TaskState.STARTED | TaskState.WAITING):
        return
    here = {child.task_spec.name for child in token.children}
    if isinstance(spec, ArmedActivity) and token.opened:
        spec.arm_borders(token, [border for border in spec.borders if _is_new(border, here, names)])
    if isinstance(spec, EventBasedGateway) and token.opened:
        spec.let_wait(token, [arc for arc in spec.arcs if arc.target.name not in here])
    if isinstance(spec, SubProcess) and (token.opened or is_root):
        _declare(token, spec)
        fresh = [listener for listener in spec.listeners if _is_new(listener, here, names)]
        for node in [*fresh, *_offered(token, spec, names)]:
            token.workflow.spawn(token, node)


def _offered(token: Token, spec: SubProcess, names: Names) -> list[Node]:
    """List the activities that an ad-hoc sub-process offers only in the new definition."""
    if not isinstance(spec, AdHocSubProcess) or spec.sequential or token.memo[AD_HOC]["over"]:
        return []
    known = {names.of(name) for name in names.old}
    return [start for start in spec.starts if start.name not in known]


def _declare(scope: Token, spec: SubProcess) -> None:
    """Give a running scope the properties that only the new definition has."""
    held = scope.memo.get(VARIABLES, {})
    missing: dict[str, Any] = {name: None for name in spec.own if name not in held}
    if missing:
        scope.memo.setdefault(VARIABLES, {}).update(missing)


def _is_new(spec: Node, here: set[str], names: Names) -> bool:
    """Tell whether the old definition did not have this event, waiting for the same: it neither listens nor has."""
    if spec.name in here:
        return False
    olds = (old for old in names.old.values() if old.is_beside and names.of(old.name) == spec.name)
    return not any(names.is_same_event(old) for old in olds)


def _supply(moved: Case, names: Names) -> None:
    """Let joins go on that have all they need now, and give those that wait for more what nothing will bring.

    A flow that leads to a join only in the new definition may begin at a split that was passed: none comes by it.
    """
    before = {names.of(spec.name): spec for spec in names.old.values() if isinstance(spec, Join)}
    changed = [
        spec
        for spec in names.new.values()
        if isinstance(spec, Join) and _has_changed(before.get(spec.name), spec, names)
    ]
    scopes = [token for token in moved.tasks.values() if token.task_spec.is_scope and not token.task_spec.is_many]
    for scope in scopes if changed else ():
        for join in changed:
            _give_missing(scope, join)


def _has_changed(old: Join | None, new: Join, names: Names) -> bool:
    if old is None or type(old) is not type(new) or set(map(names.flow, old.incoming)) != set(new.incoming):
        return True
    return _activation(old) != _activation(new)


def _activation(join: Join) -> str:
    condition = getattr(join, "activation", None)
    return condition.text if condition is not None else ""


def _give_missing(scope: Token, join: Join) -> None:
    case = scope.workflow
    waiting = case.joins.get((scope.id, join.name))
    others = [each.task_spec for each in scope.children if not each.task_spec.is_beside]
    coming = {flow for spec in others if spec is not join for flow in flows_from(spec, join)}
    arrived = {arrival[0] for arrival in waiting.memo[ARRIVALS]} if waiting is not None else set()
    if join.waits_for_all and join.is_join and (arrived or coming):
        missing = sorted(set(join.incoming) - arrived - coming)
        waiting = join.restore(scope, [[flow, {}, None] for flow in missing]) if missing else waiting
    if waiting is None or ARRIVALS not in waiting.memo:
        return
    if join.is_complete(waiting):
        join.release(waiting)
    elif isinstance(join, ComplexGateway):
        waiting._set_state(TaskState.STARTED)  # noqa: SLF001 - so that the run loop looks at its condition
        case.queue(waiting)
