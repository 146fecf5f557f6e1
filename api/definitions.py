"""Definitions 流程: upload with every finding told at once, list, read, put into force, retire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.approvals import ApprovalShape, told_request
from api.attachments import UPLOAD
from api.fields import Given, Instant, Nothing, anything, one_of, plain, said, text, truth
from api.http import act, actor, answer, expected_version, page_answer, show
from api.openapi import Paging, Resource, page_of
from api.problems import tell_findings
from workflows.definitions import (
    DefinitionInvalidError,
    check_files,
    deploy_files,
    try_definition,
)
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.errors import FieldFault, RejectedError
from workflows.idempotency import Answer
from workflows.law_acts import Activation, Outcome, put_into_force, take_out_of_force
from workflows.queries.definitions import (
    DefinitionDetail,
    DefinitionRow,
    definition_diagram,
    list_definitions,
    read_bundle_file,
    read_definition,
)
from workflows.rights import require_law_keeper
from workflows.store import Store
from workflows.tables import Definition, DefinitionStatus, LimitChoice, Role, StartTriggerKind, StartTriggerState

resource = Resource("definitions", "流程: process definitions and their versions")
XML = "application/xml"
_LONGEST_PATH = 300


class UploadQuery(Given):
    """``check``: report only. ``profile``: what the check judges by."""

    check = truth(load_default=False)
    profile = one_of(tuple(Profile))


class DefinitionQuery(Paging):
    """Which versions to list."""

    key = text(120)
    status = one_of(tuple(DefinitionStatus))


class FileQuery(Given):
    """Which file of the bundle."""

    path = text(_LONGEST_PATH, required=True)


class ActivateQuery(Given):
    """By which profile the version is judged again."""

    profile = one_of(tuple(Profile), load_default=Profile.DUTY.value)


class ActivateBody(Given):
    """Why, and whether running cases move along: they stay, or all that can move, with this choice about limits."""

    reason = text(least=0, load_default="")
    running = one_of(("stay", "move"), load_default="stay")
    limits = one_of(tuple(LimitChoice), load_default=LimitChoice.KEEP.value)


class ReasonGiven(Given):
    """Why; needed where the law wants a second person."""

    reason = text(least=0, load_default="")


ASKED: Mapping[int, type[Schema]] = {202: ApprovalShape}


class FindingShape(Schema):
    """One remark on uploaded files. Errors block, warnings inform."""

    severity = fields.String(metadata={"enum": [str(severity) for severity in Severity]})
    code = fields.String()
    file = said()
    element_id = said()
    element_name = said()
    path = said()
    message = fields.String()
    hint = said()
    params = anything()


class UploadedShape(Schema):
    """One version that stands after an upload; identical bytes make no new one."""

    key = fields.String()
    version = fields.Integer()
    status = fields.String()
    findings = fields.List(fields.Nested(FindingShape))


class UploadShape(Schema):
    """What stands after an upload."""

    items = fields.List(fields.Nested(UploadedShape))


class CheckShape(Schema):
    """Every finding of a check that found no error."""

    findings = fields.List(fields.Nested(FindingShape))


class DefinitionShape(Schema):
    """One version of a process. ``running`` counts the open cases that the caller may see."""

    key = fields.String()
    version = fields.Integer()
    name = fields.String()
    status = fields.String(metadata={"enum": [str(status) for status in DefinitionStatus]})
    created_at = Instant()
    created_by = said()
    activated_at = Instant(allow_none=True)
    retired_at = Instant(allow_none=True)
    running = fields.Integer()
    row_version = fields.Integer()


class StartShape(Schema):
    """A timer or condition of a start event that opens cases by itself. `state`: `armed`, `over` or `dropped`.

    `next_at` is null for conditions and when no date is left; `fault` tells why the last attempt failed, `retry_at`
    when the next follows.
    """

    process = fields.String()
    element_id = fields.String()
    name = said()
    kind = fields.String(metadata={"enum": [str(kind) for kind in StartTriggerKind]})
    expression = fields.String()
    state = fields.String(metadata={"enum": [str(state) for state in StartTriggerState]})
    next_at = Instant(allow_none=True)
    starts = fields.Integer()
    last_at = Instant(allow_none=True)
    fault = said()
    retry_at = Instant(allow_none=True)


class DefinitionDetailShape(DefinitionShape):
    """One version with its steps, files, parameters, findings and what starts it by itself."""

    clause = said()
    documentation = said()
    findings = fields.List(fields.Nested(FindingShape))
    steps = fields.List(fields.Dict())
    files = fields.List(fields.Dict())
    parameters = fields.List(fields.Dict())
    starts = fields.List(fields.Nested(StartShape))


@resource.post("/definitions", UploadShape, status=201, query=UploadQuery, other={200: CheckShape}, doc=UPLOAD)
def upload(query: dict[str, Any]) -> Response:
    """Upload diagrams with their forms, decisions and rules: multipart, one or more parts `file`.

    Errors are 422 with every finding. With `check=true` nothing is stored, and files without errors are 200.
    """

    def change(store: Store) -> Answer:
        files = _files()
        if query["check"]:
            profile = Profile(query["profile"]) if "profile" in query else None
            findings = check_files(store, files, profile=profile)
            if any(finding.severity is Severity.ERROR for finding in findings):
                raise DefinitionInvalidError(findings)
            return answer(CheckShape(), {"findings": tell_findings(findings)})
        deployed = deploy_files(store, files, actor=actor())
        items = [_describe_uploaded(definition, findings) for definition, findings in deployed]
        return answer(UploadShape(), {"items": items}, status=201)

    return act(change, see=lambda _store: actor().require_role(Role.FLOWADMIN))


def _files() -> list[FileContent]:
    files = [FileContent(file.filename or "", file.stream.read()) for file in request.files.getlist("file")]
    names = [file.path for file in files]
    for position, name in enumerate(names):
        if not 0 < len(name) <= _LONGEST_PATH or not name.isprintable() or names.index(name) != position:
            message = f"Expected file names of 1 to {_LONGEST_PATH} printable characters, each once."
            fault = FieldFault(f"/file/{position}", "file-name", message, (("limit", _LONGEST_PATH),))
            raise RejectedError(message, code="invalid-request", faults=[fault])
    return files


def _describe_uploaded(definition: Definition, findings: tuple[Finding, ...]) -> dict[str, Any]:
    told = {"key": definition.key, "version": definition.version, "status": definition.status}
    return {**told, "findings": tell_findings(findings)}


@resource.get("/definitions", page_of(DefinitionShape), query=DefinitionQuery)
def list_of_definitions(query: dict[str, Any]) -> Response:
    """List versions, by key, the newest first."""

    def ask(store: Store) -> Answer:
        page = list_definitions(store, actor=actor(), **query)
        return page_answer(page_of(DefinitionShape)(), page.map(asdict))

    return show(ask)


@resource.get("/definitions/<key>/<int:version>", DefinitionDetailShape)
def one_definition(key: str, version: int) -> Response:
    """Show a version; with `Accept: application/xml` its BPMN file, byte for byte."""
    reference = f"{key}:{version}"

    def ask(store: Store) -> Answer:
        detail = read_definition(store, reference, actor=actor())
        if _wants_xml():
            headers = {"Content-Type": XML, "Vary": "Accept", "ETag": f'"{detail.row.row_version}"'}
            return Answer(200, headers, definition_diagram(store, reference))
        return answer(DefinitionDetailShape(), _describe(detail), version=detail.row.row_version)

    return show(ask)


def _wants_xml() -> bool:
    return request.accept_mimetypes.best_match(["application/json", XML, "text/xml"]) in {XML, "text/xml"}


def _describe(detail: DefinitionDetail) -> dict[str, Any]:
    return asdict(detail.row) | {
        "clause": detail.clause,
        "documentation": detail.documentation,
        "findings": tell_findings(detail.findings),
        "steps": [asdict(step) for step in detail.steps],
        "files": [asdict(file) for file in detail.files],
        "parameters": [plain(asdict(parameter)) for parameter in detail.parameters],
        "starts": [asdict(each) for each in detail.starts],
    }


@resource.get("/definitions/<key>/<int:version>/file", query=FileQuery, media_type="application/octet-stream")
def one_file(query: dict[str, Any], key: str, version: int) -> Response:
    """Show one file of the bundle, byte for byte."""

    def ask(store: Store) -> Answer:
        content = read_bundle_file(store, f"{key}:{version}", query["path"])
        return Answer(200, {"Content-Type": "application/octet-stream"}, content)

    return show(ask)


@resource.post(
    "/definitions/<key>/<int:version>/activate", DefinitionShape, body=ActivateBody, query=ActivateQuery, other=ASKED
)
def activate(body: dict[str, Any], query: dict[str, Any], key: str, version: int) -> Response:
    """启用: put a version into force. It is judged again; the one before it is retired, its cases run on.

    With `running: move` the running cases of other versions move along as far as they can; `reason` says why. Where
    the law wants two persons for it, this is a request: 202, and `reason` must be told.
    """

    def change(store: Store) -> Outcome:
        moves = LimitChoice(body["limits"]) if body["running"] == "move" else None
        how = Activation(Profile(query["profile"]), moves)
        return put_into_force(store, key, version, actor=actor(), how=how, reason=body["reason"])

    return _keep_law(key, version, change)


@resource.post("/definitions/<key>/<int:version>/try", DefinitionShape, body=Nothing)
def put_on_trial(_body: dict[str, Any], key: str, version: int) -> Response:
    """试运行: cases may be started by naming the version."""
    return _keep_law(key, version, lambda store: Outcome(try_definition(store, key, version, actor=actor()), None))


@resource.post("/definitions/<key>/<int:version>/retire", DefinitionShape, body=ReasonGiven, other=ASKED)
def retire(body: dict[str, Any], key: str, version: int) -> Response:
    """停用: nothing new starts, running cases keep the version. A request (202) where the law wants two persons."""

    def change(store: Store) -> Outcome:
        return take_out_of_force(store, key, version, actor=actor(), reason=body["reason"])

    return _keep_law(key, version, change)


def _keep_law(key: str, version: int, change: Callable[[Store], Outcome]) -> Response:
    reference = f"{key}:{version}"

    def checked(store: Store) -> None:
        require_law_keeper(store, reference, actor=actor(), expected_version=expected_version())

    def changed(store: Store) -> Answer:
        checked(store)
        outcome = change(store)
        if outcome.approval is not None:
            return told_request(store, outcome.approval, status=202)
        store.session.flush()  # the line below reads rows
        row: DefinitionRow = read_definition(store, reference, actor=actor()).row
        return answer(DefinitionShape(), asdict(row), version=outcome.definition.row_version)

    def see(store: Store) -> None:
        require_law_keeper(store, reference, actor=actor(), expected_version=None)

    return act(changed, see=see, ready=checked)
