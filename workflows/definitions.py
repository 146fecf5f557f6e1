"""Definitions 流程: check, deploy, put into force, retire. Identical bytes make no new version; nothing is overwritten.

    draft ── activate ──> active ── retire, or activate a newer one ──> retired
      └─ try ─> trial ───────┘

Cases keep the version they began with, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from workflows import approvals, ledger
from workflows.access import Actor
from workflows.bundle_contents import BundleContents
from workflows.bundles import bundle_path, digest_of, read_bundle, root_processes, split_upload
from workflows.duty_profile import Ground
from workflows.engine.model import EXTERNAL
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.forms import plain_json
from workflows.operations import OPERATIONS
from workflows.organisation import load_organisation
from workflows.start_events import arm_starts, drop_starts, waits_by_itself
from workflows.start_findings import check_starts
from workflows.store import Store
from workflows.store import definitions as rows
from workflows.tables import Approval, Bundle, BundleFile, Definition, DefinitionStatus, Role, TwoPersonAct

MAX_FILES = 300
MAX_PATH = 300


class DefinitionInvalidError(RejectedError):
    """Files that cannot be deployed or put into force: ``findings`` lists every remark, errors and others."""

    code = "definition-invalid"

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        first = "; ".join(f"{finding.element_id or finding.file}: {finding.message}" for finding in errors[:3])
        super().__init__(f"Expected files without errors, but there are {len(errors)}: {first}", count=len(errors))
        self.findings = tuple(findings)


def check_files(store: Store, files: Sequence[FileContent], *, profile: Profile | None = None) -> list[Finding]:
    """Return every finding on the files under ``profile``; None judges as for a draft. Writes nothing."""
    _require_files(files)
    bundles = split_upload(files).values()
    if profile is None:
        return [finding for bundle in bundles for finding in _judge_draft(store, bundle).findings]
    judged = [_judge(store, bundle, profile) for bundle in bundles]
    for contents in judged:
        contents.findings += check_starts(store, contents, Severity.ERROR)
    return [finding for contents in judged for finding in contents.findings]


def deploy_files(
    store: Store, files: Sequence[FileContent], *, actor: Actor
) -> list[tuple[Definition, tuple[Finding, ...]]]:
    """Deploy every family in ``files`` as a draft; return the definitions, those that were there before included.

    What BPMN forbids or the engine cannot run raises ``DefinitionInvalidError`` and nothing is written. What only a
    duty needs (owner, limit, clause …) is a warning on the draft, and blocks putting it into force.
    """
    actor.require_role(Role.FLOWADMIN)
    _require_files(files)
    bundles = [(bundle, _judge_draft(store, bundle)) for bundle in split_upload(files).values()]
    findings = [finding for _, contents in bundles for finding in contents.findings]
    if any(contents.refused for _, contents in bundles):
        raise DefinitionInvalidError(findings)
    deployed: list[tuple[Definition, tuple[Finding, ...]]] = []
    for bundle, contents in bundles:
        definitions = _store_bundle(store, bundle, contents, actor=actor)
        deployed.extend((definition, tuple(contents.findings)) for definition in definitions)
    return deployed


def _require_files(files: Sequence[FileContent]) -> None:
    """Refuse an upload that cannot be stored as a bundle, whatever its files say."""
    if not files:
        message = "Expected at least one file, but there is none."
        raise RejectedError(message, code="files-missing")
    if len(files) > MAX_FILES:
        message = f"Expected at most {MAX_FILES} files, but there are {len(files)}."
        raise RejectedError(message, code="too-many-files", limit=MAX_FILES)
    seen: set[str] = set()
    for file in files:
        path = bundle_path(file.path)
        if not path or len(path) > MAX_PATH or not path.isprintable():
            message = f"Expected a file name of at most {MAX_PATH} printable characters."
            raise RejectedError(message, code="file-name-malformed", limit=MAX_PATH)
        if path in seen:
            message = f"Expected the file {path} once, but it came twice."
            raise RejectedError(message, code="file-twice", path=path)
        seen.add(path)


def _judge(store: Store, files: Sequence[FileContent], profile: Profile) -> BundleContents:
    contents = read_bundle(files, profile=profile, ground=_ground(store))
    if not contents.processes and not contents.refused:
        message = "Expected a diagram with at least one executable process, but there is none."
        contents.findings.append(Finding(Severity.ERROR, "process-missing", message))
    return contents


def _judge_draft(store: Store, files: Sequence[FileContent]) -> BundleContents:
    """Judge by the standard; what a duty lacks besides is a warning."""
    contents = _judge(store, files, Profile.STANDARD)
    if contents.refused:
        return contents
    told = {(finding.code, finding.element_id, finding.file) for finding in contents.findings}
    for finding in _judge(store, files, Profile.DUTY).findings:
        if (finding.code, finding.element_id, finding.file) not in told:
            blocks = finding.severity is Severity.ERROR
            contents.findings.append(replace(finding, severity=Severity.WARNING) if blocks else finding)
    contents.findings += check_starts(store, contents, Severity.WARNING)
    return contents


def _ground(store: Store) -> Ground:
    return Ground(
        load_organisation(store.application.settings.law),
        store.application.law.calendar(store),
        store.now,
        frozenset({*OPERATIONS, EXTERNAL}),
        frozenset(definition.key for definition in rows.active_definitions(store)),
    )


def _store_bundle(
    store: Store, files: Sequence[FileContent], contents: BundleContents, *, actor: Actor
) -> Sequence[Definition]:
    digest = digest_of(files)
    known = rows.bundle_with_digest(store, digest)
    if known is not None:
        return rows.definitions_of_bundle(store, known.id)
    bundle = store.add(Bundle(digest=digest, created_at=store.now))
    for file in files:
        store.add_later(BundleFile(bundle_id=bundle.id, path=file.path, content=file.content))
    findings = [finding_document(finding) for finding in contents.findings]
    definitions = []
    for process in root_processes(contents.processes):
        definition = store.add(
            Definition(
                key=process.key,
                version=rows.last_version(store, process.key) + 1,
                name=(process.name or process.key)[:300],
                status=DefinitionStatus.DRAFT,
                bundle_id=bundle.id,
                file=process.file,
                findings=findings,
                created_at=store.now,
                created_by=actor.person_id,
            )
        )
        _record(store, definition, "definition-deployed", actor=actor, digest=digest)
        older = [each for each in rows.lock_versions(store, definition.key) if each is not definition]
        _lapse(store, older, "newer-draft", actor=actor, act=TwoPersonAct.ACTIVATION)
        definitions.append(definition)
    return definitions


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON."""
    document = {**asdict(finding), "severity": str(finding.severity)}
    return {**document, "params": plain_json(dict(finding.params))}


def finding_from(document: Mapping[str, Any]) -> Finding:
    """Read back what ``finding_document`` wrote."""
    return Finding(**{**document, "severity": Severity(document["severity"])})


def activate_definition(
    store: Store,
    key: str,
    version: int,
    *,
    actor: Actor,
    profile: Profile = Profile.DUTY,
    approval: Approval | None = None,
) -> Definition:
    """Put a version into force; the one before it is retired, its cases run on.

    The version is judged again, under ``profile`` and today's calendar: errors raise ``DefinitionInvalidError``.
    Activating the version in force changes nothing. Raises ``WrongStateError`` for a retired one. ``approval`` is the
    confirmed request, where the law wants two persons (``workflows/law_acts.py``).
    """
    definition, contents = _judge_for_force(store, key, version, actor=actor, profile=profile)
    if contents is None:
        return definition
    _require_second(store, TwoPersonAct.ACTIVATION, approval, actor=actor)
    _, others = _lock(store, key, version)
    replaced = [other for other in others if other.status == DefinitionStatus.ACTIVE]
    for other in replaced:
        _retire(store, other, actor=actor, replaced_by=version)
    store.session.flush()  # the database lets one version of a key be active
    _change(definition, DefinitionStatus.ACTIVE)
    definition.activated_at, definition.activated_by = store.now, actor.person_id
    _record(store, definition, "definition-activated", actor=actor, profile=str(profile))
    _lapse(store, [definition, *others], "activated", actor=actor)
    store.session.flush()  # whoever starts a case in this transaction must find it
    if any(waits_by_itself(process) for process in contents.processes.values()):
        arm_starts(store, definition, replaced)
    return definition


def judge_for_force(store: Store, key: str, version: int, *, actor: Actor, profile: Profile) -> Definition:
    """Lock a version that may be put into force, or is; raise as ``activate_definition`` does. Changes nothing."""
    return _judge_for_force(store, key, version, actor=actor, profile=profile)[0]


def _judge_for_force(
    store: Store, key: str, version: int, *, actor: Actor, profile: Profile
) -> tuple[Definition, BundleContents | None]:
    """Return the version and what its files say; nothing of them when it is in force already."""
    actor.require_role(Role.FLOWADMIN)
    definition, _ = _lock(store, key, version)
    if definition.status == DefinitionStatus.ACTIVE:
        return definition, None
    _require_state(definition, DefinitionStatus.DRAFT, DefinitionStatus.TRIAL)
    contents = _judge(store, _files(store, definition), profile)
    contents.findings += check_starts(store, contents, Severity.ERROR)
    if contents.refused:
        raise DefinitionInvalidError(contents.findings)
    return definition, contents


def _require_second(store: Store, act: TwoPersonAct, approval: Approval | None, *, actor: Actor) -> None:
    """Raise ``NotAllowedError`` where the law wants a confirmed request and there is none. The system is no person."""
    if approval is None and not actor.is_system and approvals.needs_second(store, act):
        message = f"Expected {act} to be asked for and confirmed by two persons."
        raise NotAllowedError(message, code="second-person-required")


def try_definition(store: Store, key: str, version: int, *, actor: Actor) -> Definition:
    """Put a draft on trial: cases may be started by naming the version, new ones still run the version in force."""
    actor.require_role(Role.FLOWADMIN)
    definition, _ = _lock(store, key, version)
    _require_state(definition, DefinitionStatus.DRAFT)
    _change(definition, DefinitionStatus.TRIAL)
    _record(store, definition, "definition-on-trial", actor=actor)
    return definition


def retire_definition(
    store: Store, key: str, version: int, *, actor: Actor, approval: Approval | None = None
) -> Definition:
    """Take a version out of force: nothing new starts, running cases keep it. Retiring twice changes nothing."""
    actor.require_role(Role.FLOWADMIN)
    definition, _ = _lock(store, key, version)
    if definition.status != DefinitionStatus.RETIRED:
        _require_second(store, TwoPersonAct.RETIREMENT, approval, actor=actor)
        _retire(store, definition, actor=actor)
        _lapse(store, [definition], "retired", actor=actor)
    return definition


def stream_of(key: str) -> str:
    """Return the ledger chain of a process."""
    return f"definition:{key}"


def _lapse(
    store: Store, definitions: Sequence[Definition], why: str, *, actor: Actor, act: TwoPersonAct | None = None
) -> None:
    """Let what was asked for and is overtaken lapse."""
    approvals.lapse(store, [f"{each.key}:{each.version}" for each in definitions], why, actor=actor, act=act)


def _files(store: Store, definition: Definition) -> list[FileContent]:
    return [FileContent(file.path, file.content) for file in rows.files_of_bundle(store, definition.bundle_id)]


def _lock(store: Store, key: str, version: int) -> tuple[Definition, list[Definition]]:
    versions = rows.lock_versions(store, key)
    found = next((definition for definition in versions if definition.version == version), None)
    if found is None:
        message = f"Expected definition {key}:{version} to exist, but it does not."
        raise NotFoundError(message, code="definition-not-found", id=f"{key}:{version}")
    return found, [definition for definition in versions if definition is not found]


def _require_state(definition: Definition, *allowed: DefinitionStatus) -> None:
    if definition.status not in allowed:
        message = f"Expected {definition.key}:{definition.version} to be {' or '.join(allowed)}, but it is not."
        raise WrongStateError(message, code=f"definition-{definition.status}", status=definition.status)


def _retire(store: Store, definition: Definition, *, actor: Actor, **content: Any) -> None:
    _change(definition, DefinitionStatus.RETIRED)
    definition.retired_at = store.now
    drop_starts(store, definition)
    _record(store, definition, "definition-retired", actor=actor, **content)


def _change(definition: Definition, status: DefinitionStatus) -> None:
    definition.status = status
    definition.row_version += 1


def _record(store: Store, definition: Definition, kind: str, *, actor: Actor, **content: Any) -> None:
    ledger.record(store, stream_of(definition.key), kind, {"version": definition.version, **content}, actor=actor)
