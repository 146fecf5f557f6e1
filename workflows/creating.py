"""New cases: rows pinned to a version of law and region. Those that another case opens begin by their own inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.access import Actor
from workflows.engine.types import ActivityKind, ChildStarted
from workflows.engine.values import to_json
from workflows.law import CompiledBundle
from workflows.store import Store, people
from workflows.store import cases as stored
from workflows.store.definitions import resolve_definition
from workflows.tables import Activity, Case, CaseStatus, Classification, Definition, Unit, new_id

_STRICTNESS = list(Classification)
BUSINESS_KEY = "business_key"  # the variable of a child case (``zc:in``) that becomes its business key


def stricter(one: str, other: str) -> bool:
    """Whether a classification is stricter than another."""
    return _STRICTNESS.index(Classification(one)) > _STRICTNESS.index(Classification(other))


def new_case(
    store: Store,
    definition: Definition,
    process_key: str,
    unit_id: str,
    region_version_id: str | None,
    *,
    actor: Actor,
    parent: Case | None = None,
) -> Case:
    """Return a case that has not begun, pinned to a version of law and region, classified as high as its parent."""
    bundle = store.application.law.bundle(store, definition.id)
    process = bundle.processes[process_key]
    own = process.classification or Classification.INTERNAL
    inherited = parent.classification if parent else Classification.PUBLIC
    return Case(
        id=new_id(),
        definition_id=definition.id,
        process_key=process_key,
        region_version_id=region_version_id,
        unit_id=unit_id,
        title="",
        status=CaseStatus.ACTIVE,
        classification=max(own, inherited, key=lambda name: _STRICTNESS.index(Classification(name))),
        recuses=process.keeps_out or (parent.recuses if parent else False),
        state=b"",
        row_version=1,
        history_seq=0,
        parent_case_id=parent.id if parent else None,
        root_case_id=(parent.root_case_id or parent.id) if parent else None,
        started_at=store.now,
        started_by=actor.person_id,
    )


def create_case(
    store: Store,
    *,
    definition: str,
    unit_id: str,
    variables: Mapping[str, Any],
    title: str,
    actor: Actor,
    source: Case,
    process: str | None = None,
    begin: Mapping[str, Any] | None = None,
) -> Case:
    """Create a case from within another's transaction: a new row that begins by its inbox, in its own transaction.

    It inherits the classification of ``source``, but is no child of it. ``process`` is a further process of the
    definition's bundle; a title that is empty is made by the diagram; ``begin`` names the start event, its trigger and
    the hops of what has triggered it.
    """
    region_id = store.application.law.region_for_unit(store, store.need(Unit, unit_id))
    version = resolve_definition(store, definition)
    case = new_case(store, version, process or version.key, unit_id, region_id, actor=actor, parent=source)
    case.parent_case_id, case.root_case_id, case.title = None, None, title
    store.add(case)
    _send_start(store, case, variables, source=source, begin=begin)
    return case


def create_children(
    store: Store,
    parent: Case,
    children: Sequence[tuple[Activity, ChildStarted]],
    *,
    bundle: CompiledBundle,
    actor: Actor,
) -> None:
    """Create the child cases of call activities and isolated multi-instance bodies; each begins by its inbox."""
    cases = [_new_child(store, parent, activity, child, bundle, actor) for activity, child in children]
    store.session.flush()  # their inboxes refer to them
    for case, (_, child) in zip(cases, children, strict=True):
        begin_with = {"caught": [list(each) for each in child.caught]} if child.caught else None
        _send_start(store, case, child.variables, source=parent, begin=begin_with)


def _new_child(
    store: Store, parent: Case, activity: Activity, child: ChildStarted, bundle: CompiledBundle, actor: Actor
) -> Case:
    if child.called in bundle.processes:
        definition = store.need(Definition, parent.definition_id)
    else:
        definition = resolve_definition(store, child.called)
    unit = people.find_unit(store, child.unit) if child.unit is not None else None  # the engine has asked for it
    unit_id, region_id = unit.id if unit is not None else parent.unit_id, parent.region_version_id
    case = new_case(store, definition, child.called, unit_id, region_id, actor=actor, parent=parent)
    case.parent_activity_id, case.child_index = activity.id, child.index
    case.business_key = child.business_key or child.variables.get(BUSINESS_KEY) or parent.business_key
    case.title = parent.title if activity.kind == ActivityKind.MULTI_INSTANCE else f"{parent.title}·{activity.name}"
    case.title = case.title[:300]
    return store.add_later(case)


def _send_start(
    store: Store, case: Case, variables: Mapping[str, Any], *, source: Case, begin: Mapping[str, Any] | None = None
) -> None:
    stored.send_to_case(
        store,
        case.id,
        "start",
        {"variables": to_json(dict(variables)), **(begin or {})},
        key=f"start:{case.id}",
        source_case_id=source.id,
    )
