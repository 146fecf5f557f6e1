"""Lists of definitions 流程: versions with their running cases, one version with its steps, its diagram and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from workflows.access import Actor
from workflows.definitions import finding_from
from workflows.engine.types import Finding
from workflows.errors import NotFoundError
from workflows.law import CompiledBundle
from workflows.queries.access import visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store, starts
from workflows.store import definitions as rows
from workflows.store.definitions import resolve_definition
from workflows.tables import BundleFile, Case, CaseStatus, Definition, Person, StartTrigger, StartTriggerState

_HUMAN = {"userTask", "manualTask"}


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """One version. ``running`` counts the open cases that the actor may see."""

    id: str
    key: str
    version: int
    name: str
    status: str
    row_version: int
    created_at: datetime
    created_by: str | None
    activated_at: datetime | None
    retired_at: datetime | None
    running: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """A human step of a version, as the step list beside the diagram tells it."""

    process: str
    element_id: str
    name: str
    type: str
    lane: str
    owner: str
    form: str
    deadline: str
    deadline_title: str
    clause: str
    documentation: str
    signs: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a version's bundle."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A parameter with its default; ``by_editor``: no text says it."""

    key: str
    label: str
    value: object
    unit: str
    source: str
    by_editor: bool


@dataclass(frozen=True, slots=True)
class StartRow:
    """A timer or condition that opens cases. ``next_at`` is empty for conditions and when no date is left.

    ``fault`` tells why the last attempt failed; ``retry_at`` when the next follows.
    """

    process: str
    element_id: str
    name: str
    kind: str
    expression: str
    state: str
    next_at: datetime | None
    starts: int
    last_at: datetime | None
    fault: str
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class DefinitionDetail:
    """One version with what it says and what was remarked on it."""

    row: DefinitionRow
    clause: str
    documentation: str
    findings: tuple[Finding, ...]
    steps: tuple[StepRow, ...]
    files: tuple[FileRow, ...]
    parameters: tuple[ParameterRow, ...]
    starts: tuple[StartRow, ...]


def list_definitions(
    store: Store,
    *,
    actor: Actor,
    key: str | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[DefinitionRow]:
    """Return one page of versions, by key, newest version first."""
    statement = select(Definition, Person.name).outerjoin(Person, Person.id == Definition.created_by)
    if key is not None:
        statement = statement.where(Definition.key == key)
    if status is not None:
        statement = statement.where(Definition.status == status)
    keys = [Key(Definition.key, str), Key(Definition.version, int, descending=True)]
    page = take_page(store, statement, keys, after=after, limit=limit)
    running = _running(store, [definition.id for definition, _ in page.items], actor=actor)
    return page.map(lambda found: _row(found[0], found[1], running.get(found[0].id, 0)))


def read_definition(store: Store, reference: str, *, actor: Actor) -> DefinitionDetail:
    """Return the version that ``key`` or ``key:version`` names, or raise ``NotFoundError``."""
    definition = resolve_definition(store, reference)
    creator = store.get(Person, definition.created_by) if definition.created_by else None
    running = _running(store, [definition.id], actor=actor).get(definition.id, 0)
    bundle = store.application.law.bundle(store, definition.id)
    process = bundle.processes[definition.key]
    parameters = bundle.parameters.values()
    return DefinitionDetail(
        row=_row(definition, creator.name if creator else None, running),
        clause=process.clause,
        documentation=process.documentation,
        findings=tuple(finding_from(document) for document in definition.findings),
        steps=_steps(store, definition),
        files=tuple(FileRow(path, size) for path, size in _files(store, definition)),
        parameters=tuple(
            ParameterRow(each.key, each.label, each.value, each.unit, each.source, each.by_editor)
            for each in parameters
        ),
        starts=tuple(_start(bundle, each) for each in starts.triggers_of(store, definition.id)),
    )


def _start(bundle: CompiledBundle, row: StartTrigger) -> StartRow:
    element = bundle.processes[row.process_key].elements[row.element_id]
    return StartRow(
        process=row.process_key,
        element_id=row.element_id,
        name=element.name,
        kind=row.kind,
        expression=row.expression,
        state=row.state,
        next_at=row.due_at if row.state == StartTriggerState.ARMED else None,
        starts=row.starts,
        last_at=row.last_at,
        fault=row.fault,
        retry_at=row.retry_at,
    )


def definition_diagram(store: Store, reference: str) -> bytes:
    """Return the BPMN file of the version that ``key`` or ``key:version`` names, as it was uploaded."""
    definition = resolve_definition(store, reference)
    return read_bundle_file(store, reference, definition.file)


def read_bundle_file(store: Store, reference: str, path: str) -> bytes:
    """Return one file of a version's bundle, or raise ``NotFoundError``."""
    definition = resolve_definition(store, reference)
    found = store.get(BundleFile, (definition.bundle_id, path))
    if found is None:
        message = f"Expected {reference} to have a file {path}, but it does not."
        raise NotFoundError(message, code="file-not-found", id=path)
    return found.content


def _running(store: Store, definition_ids: list[str], *, actor: Actor) -> dict[str, int]:
    statement = (
        select(Case.definition_id, func.count())
        .where(
            Case.definition_id.in_(definition_ids),
            Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]),
            visible_cases(actor),
        )
        .group_by(Case.definition_id)
    )
    return dict(store.session.execute(statement).all())


def _row(definition: Definition, creator: str | None, running: int) -> DefinitionRow:
    return DefinitionRow(
        id=definition.id,
        key=definition.key,
        version=definition.version,
        name=definition.name,
        status=definition.status,
        row_version=definition.row_version,
        created_at=definition.created_at,
        created_by=creator,
        activated_at=definition.activated_at,
        retired_at=definition.retired_at,
        running=running,
    )


def _steps(store: Store, definition: Definition) -> tuple[StepRow, ...]:
    """Return the human steps in the order of the diagram, those of called processes of the bundle included."""
    bundle = store.application.law.bundle(store, definition.id)
    whole = [bundle.processes[definition.key]]
    whole += [process for key, process in bundle.processes.items() if key != definition.key and "#" not in key]
    return tuple(
        StepRow(
            process=process.key,
            element_id=element.id,
            name=element.name,
            type=element.type,
            lane=element.lane,
            owner=element.owner,
            form=element.form,
            deadline=element.deadline,
            deadline_title=bundle.deadlines[element.deadline].title if element.deadline in bundle.deadlines else "",
            clause=element.clause,
            documentation=element.documentation,
            signs=element.signs,
        )
        for process in whole
        for element in process.elements.values()
        if element.type in _HUMAN
    )


def _files(store: Store, definition: Definition) -> list[tuple[str, int]]:
    return [(file.path, len(file.content)) for file in rows.files_of_bundle(store, definition.bundle_id)]
