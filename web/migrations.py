"""迁移在办办件: the wizard (versions, partners of elements, dry run, reason), and the progress of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word, word_error, word_field
from web.blueprint import act, actor, ask, pages, wants_fragment
from web.filters import arguments, text_of
from workflows.errors import RejectedError, WorkflowError, WrongStateError
from workflows.mapping import Found
from workflows.migrations import Asked, MigrationRefusedError, Wish, ask_migration, migrate_case
from workflows.queries.approvals import list_approvals
from workflows.queries.cases import CaseRow, case_row
from workflows.queries.migrations import Plan, cases_of_migration, plan_migration, read_migration, versions_of
from workflows.rights import require_case_keeper
from workflows.tables import LimitChoice, Role

_REFUSED = 422
_LONGEST = 4_000
_PARTNER = "m/"  # before the id of an element of the old version: the id of its partner, empty for none
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands in the form of the wizard."""

    mapping: Mapping[str, str]
    limits: LimitChoice = LimitChoice.KEEP
    with_children: bool = False
    which: str = "all"
    cases: Sequence[str] = ()
    reason: str = ""
    show: str = ""
    is_sent: bool = False


def _typed() -> _Typed:
    form = request.form
    given = {name.removeprefix(_PARTNER): value for name, value in form.items() if name.startswith(_PARTNER)}
    return _Typed(
        mapping={name: value[:120] for name, value in list(given.items())[:5_000]},
        limits=LimitChoice.RECOUNT if form.get("limits") == LimitChoice.RECOUNT else LimitChoice.KEEP,
        with_children=form.get("with_children") == "1",
        which="list" if form.get("which") == "list" else "all",
        cases=form.getlist("case"),
        reason=form.get("reason", "")[:_LONGEST],
        show=form.get("show", ""),
        is_sent=True,
    )


@pages.get("/definitions/<key>/<int:version>/migrate")
def migrate_page(key: str, version: int) -> str:
    """Suggest partners and tell what moving the running cases of another version here would do."""
    actor().require_role(Role.FLOWADMIN)
    return _wizard(key, version, _source(key, version, request.args.get("from", "")), _Typed({}))


@pages.post("/definitions/<key>/<int:version>/migrate")
def migrate_form(key: str, version: int) -> Response | str:
    """Judge again with what was chosen, or begin."""
    actor().require_role(Role.FLOWADMIN)
    typed, source = _typed(), _source(key, version, request.form.get("from", ""))
    if request.form.get("act") != "begin" or source is None:
        return _wizard(key, version, source, typed)
    cases = typed.cases if typed.which == "list" else None
    try:
        wish = _wish(key, source, version, typed)
        asked = act(ask_migration, wish, cases=cases, reason=typed.reason, actor=actor())
    except (RejectedError, WrongStateError) as fault:
        return make_response(_wizard(key, version, source, typed, fault), _REFUSED)
    return _begun(asked)


@pages.get("/cases/<case_id>/migrate")
def migrate_case_page(case_id: str) -> str:
    """Show the wizard for one case."""
    ask(require_case_keeper, case_id, actor=actor())
    row = ask(case_row, case_id, actor=actor())
    to = _target(row, request.args.get("to", ""))
    return _wizard(row.definition_key, to, row.definition_version, _Typed({}), case=row)


@pages.post("/cases/<case_id>/migrate")
def migrate_case_form(case_id: str) -> Response | str:
    """Judge one case again, or move it."""
    ask(require_case_keeper, case_id, actor=actor())
    row, typed = ask(case_row, case_id, actor=actor()), _typed()
    to = _target(row, request.form.get("version", ""))
    if request.form.get("act") != "begin":
        return _wizard(row.definition_key, to, row.definition_version, typed, case=row)
    wish = _wish(row.definition_key, row.definition_version, to, typed)
    try:
        asked = act(migrate_case, case_id, wish, reason=typed.reason, actor=actor())
    except (RejectedError, WrongStateError) as fault:
        page = _wizard(row.definition_key, to, row.definition_version, typed, fault, case=row)
        return make_response(page, _REFUSED)
    if asked.approval is not None or typed.with_children:
        return _begun(asked)
    flash(gettext("办件已迁移到第 %(version)d 版。", version=to))
    return redirect(url_for("web.case_page", case_id=case_id))


def _begun(asked: Asked) -> Response:
    if asked.approval is not None:
        flash(gettext("已提交申请，须由另一名流程管理员确认后生效。"))
    else:
        flash(gettext("迁移已开始，在后台逐件进行。"))
    return redirect(url_for("web.migration_page", migration_id=asked.migration.id))


def _wish(key: str, source: int, target: int, typed: _Typed) -> Wish:
    return Wish(key, source, target, typed.mapping, typed.limits, typed.with_children)


def _source(key: str, version: int, wanted: str) -> int | None:
    """Return the version to move from: the one asked for, else the newest other one with running cases."""
    others = [(row.version, running) for row, running in ask(versions_of, key, actor=actor()) if row.version != version]
    if wanted.isascii() and wanted.isdecimal() and any(int(wanted) == number for number, _ in others):
        return int(wanted)
    return next((number for number, running in others if running), others[0][0] if others else None)


def _target(row: CaseRow, wanted: str) -> int:
    """Return the version to move to: the one asked for, else the one in force."""
    versions = [each for each, _ in ask(versions_of, row.definition_key, actor=actor())]
    if wanted.isascii() and wanted.isdecimal() and any(int(wanted) == each.version for each in versions):
        return int(wanted)
    return next((each.version for each in versions if each.status == "active"), row.definition_version)


def _wizard(
    key: str,
    version: int,
    source: int | None,
    typed: _Typed,
    fault: WorkflowError | None = None,
    *,
    case: CaseRow | None = None,
) -> str:
    plan: Plan | None = None
    if source is not None and source != version:
        only = None if case is None else [case.id]
        try:
            plan = ask(plan_migration, _wish(key, source, version, typed), only=only, actor=actor())
        except (RejectedError, WrongStateError) as found:
            fault = fault or found
    versions = ask(versions_of, key, actor=actor())
    return render_template(
        "migrate.html",
        key=key,
        version=version,
        source=source,
        versions=versions,
        name=next((row.name for row, _ in versions if row.version == version), key),
        typed=typed,
        plan=plan,
        case=case,
        fault=fault,
        faults=_faults(fault),
        gone=[each for each in plan.partners if each.pair.found is not Found.SAME_ID] if plan else [],
        same=[each for each in plan.partners if each.pair.found is Found.SAME_ID] if plan else [],
        added=_added(plan) if plan else {},
        marks=_marks(plan) if plan else ((), ()),
        shown=[each for each in plan.cases if not typed.show or each.status == typed.show] if plan else [],
        stay_words=_stay_words,
    )


def _faults(fault: WorkflowError | None) -> list[tuple[str, str]]:
    if isinstance(fault, RejectedError) and fault.faults:
        return [("f-reason" if each.pointer == "/reason" else "", word_field(each)) for each in fault.faults]
    if isinstance(fault, MigrationRefusedError) and fault.findings:
        return []  # the dry run below tells every reason
    return [("", word_error(fault).detail)] if fault is not None else []


def _stay_words(code: str) -> str:
    """Say why a case stays where it is."""
    return word(code, {}, WrongStateError).detail[:_MOST_WORDS]


def _added(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    """Return the elements that only the new version has, by type: what may stand for one that is gone."""
    olds = {partner.pair.old.id for partner in plan.partners}
    found: dict[str, list[tuple[str, str]]] = {}
    for process in plan.order.new.processes.values():
        for element in process.elements.values():
            choice = (element.id, f"{element.name} {element.id}".strip())
            if element.id not in olds and choice not in found.setdefault(element.type, []):
                found[element.type].append(choice)
    return found


def _marks(plan: Plan) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return what is painted on both diagrams: what has no partner, where cases stand, and what is new."""
    old: list[dict[str, str]] = []
    partners: set[str] = set()
    for partner in plan.partners:
        held = gettext("%(number)d 件", number=partner.holds) if partner.holds else ""
        if partner.pair.new is None:
            badge = " · ".join(each for each in (gettext("无对应"), held) if each)
            old.append({"element": partner.pair.old.id, "state": "incident", "badge": badge})
            continue
        partners.add(partner.pair.new.id)
        if partner.holds:
            old.append({"element": partner.pair.old.id, "state": "active", "badge": held})
    elements = {each.id for process in plan.order.new.processes.values() for each in process.elements.values()}
    fresh = sorted(elements - partners)
    return old, [{"element": each, "state": "near", "badge": gettext("新增")} for each in fresh]


@pages.get("/migrations/<migration_id>")
def migration_page(migration_id: str) -> str:
    """Show an order: its progress, and what became of each case."""
    row = ask(read_migration, migration_id, actor=actor())
    status = text_of("status")
    page = ask(cases_of_migration, migration_id, actor=actor(), status=status, after=text_of("after"))
    values: dict[str, Any] = {
        "row": row,
        "page": page,
        "chosen": arguments("status"),
        "stay_words": _stay_words,
        "requests": [
            each for each in ask(list_approvals, actor=actor(), subject=migration_id).items if each.status == "waiting"
        ],
    }
    return render_template("migration_progress.html" if wants_fragment() else "migration.html", **values)
