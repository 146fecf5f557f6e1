"""流程库: versions with what was found on them, upload with its report, and putting a version into force."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePosixPath

from flask import Response as PlainResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_error, word_field
from web.blueprint import act, actor, ask, pages
from web.filters import arguments, text_of
from workflows.approvals import needs_second
from workflows.definitions import (
    DefinitionInvalidError,
    check_files,
    deploy_files,
)
from workflows.engine.types import FileContent, Finding, Profile
from workflows.errors import RejectedError
from workflows.law_acts import Activation, Outcome, put_into_force, take_out_of_force
from workflows.queries.approvals import list_approvals
from workflows.queries.definitions import definition_diagram, list_definitions, read_definition
from workflows.queries.migrations import list_migrations, versions_of
from workflows.tables import LimitChoice, Role, TwoPersonAct

_REFUSED = 422
_LONGEST_REASON = 4_000
_MOST_FILES = 300
_MOST_UNPACKED = 20 * 1024 * 1024


@pages.get("/definitions")
def definition_list() -> str:
    """List every version."""
    page = ask(list_definitions, actor=actor(), key=text_of("key"), status=text_of("status"), after=text_of("after"))
    waiting = ask(list_approvals, actor=actor(), status="waiting").items
    return render_template("definitions.html", page=page, waiting=waiting, chosen=arguments("key", "status"))


@pages.get("/definitions/<key>/<int:version>")
def definition_page(key: str, version: int) -> str:
    """Show one version: diagram, equal step list, findings, files, parameters."""
    return _page(key, version)


def _page(key: str, version: int, findings: Sequence[Finding] | None = None, fault: str = "") -> str:
    requests = ask(list_approvals, actor=actor(), subject=f"{key}:{version}").items
    detail = ask(read_definition, f"{key}:{version}", actor=actor())
    found = detail.findings if findings is None else findings
    marks = [
        {"element": each.element_id, "state": "found"} for each in found if each.element_id and each.severity != "info"
    ]
    return render_template(
        "definition.html",
        detail=detail,
        row=detail.row,
        findings=found,
        refused=findings is not None,
        marks=marks,
        waiting=[each for each in requests if each.status == "waiting"],
        decided=[each for each in requests if each.status != "waiting"],
        asks={str(each): ask(needs_second, each) for each in TwoPersonAct},
        fault=fault,
        versions=ask(versions_of, key, actor=actor()),
        orders=ask(list_migrations, actor=actor(), key=key).items,
    )


@pages.get("/definitions/<key>/<int:version>/diagram.bpmn")
def definition_file(key: str, version: int) -> Response:
    """Send the diagram as it was uploaded."""
    return PlainResponse(ask(definition_diagram, f"{key}:{version}"), mimetype="application/xml")


@pages.get("/definitions/upload")
def upload_page() -> str:
    """Ask for files."""
    actor().require_role(Role.FLOWADMIN)
    return render_template("upload.html", findings=None, deployed=(), fault="")


@pages.post("/definitions/upload")
def upload_files() -> Response | str:
    """Check files, and keep them as drafts unless only the report is wanted. Every finding is listed."""
    actor().require_role(Role.FLOWADMIN)
    try:
        files = _files()
        if request.form.get("act") == "check":
            findings = ask(check_files, files, profile=Profile.DUTY)
            return render_template("upload.html", findings=findings, deployed=(), fault="", checked=True)
        deployed = act(deploy_files, files, actor=actor())
    except DefinitionInvalidError as fault:
        return _refused(fault.findings, word_error(fault).detail)
    except RejectedError as fault:
        return _refused(None, word_error(fault).detail)
    flash(gettext("已保存为草稿，共 %(number)d 个流程版本。核对后再启用。", number=len(deployed)))
    if len(deployed) == 1:
        definition = deployed[0][0]
        return redirect(url_for("web.definition_page", key=definition.key, version=definition.version))
    return render_template("upload.html", findings=None, deployed=[each[0] for each in deployed], fault="")


def _refused(findings: Sequence[Finding] | None, told: str) -> Response:
    page = render_template("upload.html", findings=findings, deployed=(), fault=told)
    return make_response(page, _REFUSED)


def _files() -> list[FileContent]:
    chosen = [file for file in request.files.getlist("file") if file.filename][: _MOST_FILES + 1]
    files: list[FileContent] = []
    for file in chosen:
        name, content = _path(file.filename or ""), file.stream.read()
        files += _unpacked(content) if name.lower().endswith(".zip") else [FileContent(name, content)]
    return files


def _unpacked(content: bytes) -> list[FileContent]:
    """Return the files of an archive: a browser sends names without their folders, an archive keeps them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(inside) > _MOST_FILES or sum(entry.file_size for entry in inside) > _MOST_UNPACKED:
                raise RejectedError("Expected a small archive.", code="attachment-archive-bomb")
            return [FileContent(_path(entry.filename), archive.read(entry)) for entry in inside]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as fault:
        raise RejectedError("Expected an archive.", code="attachment-content-mismatch", ending="zip") from fault


def _path(name: str) -> str:
    """Return a relative path inside the bundle; folders that a browser sends are kept."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {"", "/", ".", ".."}]
    return "/".join(parts)


@pages.post("/definitions/<key>/<int:version>/activate")
def activate(key: str, version: int) -> Response:
    """启用: the version is judged once more; running cases stay, move along, or are chosen from a list next."""
    done = gettext("已启用第 %(version)d 版。新发起的办件用这一版。", version=version)
    running = request.form.get("running")
    limits = LimitChoice.RECOUNT if request.form.get("limits") == LimitChoice.RECOUNT else LimitChoice.KEEP
    how = Activation(moves=limits if running == "move" else None)
    return _keep_law(partial(put_into_force, how=how), key, version, done, choose=running == "list")


@pages.post("/definitions/<key>/<int:version>/retire")
def retire(key: str, version: int) -> Response:
    """停用: nothing new starts; running cases keep it."""
    return _keep_law(
        take_out_of_force, key, version, gettext("已停用第 %(version)d 版。在办件照旧办完。", version=version)
    )


def _keep_law(use_case: Callable[..., Outcome], key: str, version: int, done: str, *, choose: bool = False) -> Response:
    """Do it or ask for it, and say which; what is wrong is shown on the page of the version."""
    try:
        outcome = act(use_case, key, version, actor=actor(), reason=request.form.get("reason", "")[:_LONGEST_REASON])
    except DefinitionInvalidError as fault:
        return make_response(_page(key, version, fault.findings), _REFUSED)
    except RejectedError as fault:
        return make_response(_page(key, version, fault=word_field(fault.faults[0])), _REFUSED)
    flash(gettext("已提交申请，须由另一名流程管理员确认后生效。") if outcome.approval else done)
    if outcome.migrations:
        flash(gettext("在办件正在后台迁移，结果见本页“迁移”。"))
    if choose and outcome.approval is None:
        return redirect(url_for("web.migrate_page", key=key, version=version))
    return redirect(url_for("web.definition_page", key=key, version=version))
