"""Bundles: which uploaded files belong together, and what they say. Pure: bytes in, contents and findings out.

A bundle is one family: its diagrams, with the forms, decisions, deadline rules and parameter defaults they need. An
upload (or ``bpmn/``) may hold several families; ``split_upload`` takes it apart so that a change in one family makes
no new version of another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from workflows.bundle_contents import BundleContents
from workflows.deadlines.errors import DataFaultsError, Fault
from workflows.deadlines.rule_files import read_rules
from workflows.duty_profile import Ground, resolving, show_dates
from workflows.engine import Process, compile_files
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.forms.reading import read_form
from workflows.parameters import read_parameters

T = TypeVar("T")

DIAGRAM_SUFFIXES = (".bpmn", ".bpmn2", ".bpmn20.xml", ".xml")
DECISION_SUFFIXES = (".dmn",)
FORM_SUFFIXES = (".json", ".form")
DATA_SUFFIXES = (".yaml", ".yml")
_FAMILY = re.compile(r"diagrams/([^/]+)/")
FOLDERS = ("diagrams", "forms", "decisions", "deadlines")
PARAMETERS = "parameters"  # the stem of a file of parameter defaults


def read_bundle(files: Sequence[FileContent], *, profile: Profile, ground: Ground | None = None) -> BundleContents:
    """Read every file of one bundle. Nothing raises for bad content: each fault is a finding.

    ``ground`` is what names are resolved against; without it (law that was checked before) names are left alone.
    """
    contents = BundleContents()
    for file in files:
        if not is_compiled(file.path):
            _read_data_file(file, contents)
    compiled = [file for file in files if is_compiled(file.path)]
    compilation = compile_files(compiled, profile=profile, check=resolving(contents, ground))
    contents.processes, contents.decisions = compilation.processes, compilation.decisions
    contents.findings[:0] = compilation.findings
    if ground is not None:
        dates = show_dates(contents, ground)
        # a limit that cannot be counted is a fault of duties only; the dates are shown to everybody
        contents.findings += [each for each in dates if profile is Profile.DUTY or each.severity is Severity.INFO]
    return contents


def _read_data_file(file: FileContent, contents: BundleContents) -> None:
    try:
        if file.path.endswith(FORM_SUFFIXES):
            form, findings = read_form(file.path, file.content)
            contents.findings.extend(findings)
            if form is not None:
                _add_all(contents, contents.forms, {form.key: form}, file.path)
        elif PurePosixPath(file.path).stem == PARAMETERS and file.path.endswith(DATA_SUFFIXES):
            _add_all(contents, contents.parameters, read_parameters(file.content, file.path), file.path)
        elif file.path.endswith(DATA_SUFFIXES):
            rules = {rule.key: rule for rule in read_rules(file.content, file.path)}
            _add_all(contents, contents.deadlines, rules, file.path)
        else:
            contents.findings.append(_unknown_file(file.path))
    except DataFaultsError as faults:
        contents.findings.extend(finding_of(fault) for fault in faults.faults)


def finding_of(fault: Fault) -> Finding:
    """Return a fault of a data file as a finding."""
    return Finding(Severity.ERROR, fault.code, fault.message, file=fault.file, path=fault.path, params=fault.params)


def _add_all(contents: BundleContents, known: dict[str, T], found: Mapping[str, T], path: str) -> None:
    for key, value in found.items():
        if key in known:
            message = f"Expected {key} once, but a second file of the bundle has it too."
            contents.findings.append(Finding(Severity.ERROR, "defined-twice", message, file=path, params={"key": key}))
        known[key] = value


def _unknown_file(path: str) -> Finding:
    return Finding(
        Severity.ERROR,
        "file-type-unknown",
        f"Expected a diagram, decision table, form or YAML file, but {path} is none of these.",
        hint="Upload .bpmn, .dmn, .json (forms) and .yaml (deadline rules, parameters) files.",
        file=path,
        params={"path": path},
    )


def is_diagram(path: str) -> bool:
    """Whether a file is read as a BPMN diagram, judged by its name."""
    return path.lower().endswith(DIAGRAM_SUFFIXES)


def is_compiled(path: str) -> bool:
    """Whether the engine reads the file: diagrams and decision tables."""
    return is_diagram(path) or path.lower().endswith(DECISION_SUFFIXES)


def bundle_path(path: str) -> str:
    """Return where a file stands in its bundle: from ``diagrams/``, ``forms/`` … on, else its bare name."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] in FOLDERS:
            return "/".join(parts[index:])
    return parts[-1] if parts else path


def split_upload(files: Sequence[FileContent]) -> Mapping[str, Sequence[FileContent]]:
    """Take an upload apart into bundles by family: the folder below ``diagrams/``; ``""`` holds loose diagrams.

    Files of no family in the upload (a shared decision table, statutory rules) go into every bundle.
    """
    placed = [FileContent(bundle_path(file.path), file.content) for file in files]
    families = sorted({found[1] for file in placed if (found := _FAMILY.match(file.path))})
    owners = [(_family_of(file.path, families), file) for file in placed]
    if not families:
        return {"": placed}
    shared = [file for family, file in owners if family is None and not is_diagram(file.path)]
    loose = [file for family, file in owners if family is None and is_diagram(file.path)]
    bundles = {family: [*(file for owner, file in owners if owner == family), *shared] for family in families}
    return {**bundles, "": [*loose, *shared]} if loose else bundles


def _family_of(path: str, families: Sequence[str]) -> str | None:
    """Return the family that a file belongs to by its place or the beginning of its name."""
    folder, _, rest = path.partition("/")
    if folder not in FOLDERS:
        return None
    name = rest.split("/")[0] if "/" in rest else PurePosixPath(rest).stem
    named = [family for family in families if name == family or name.startswith(f"{family}_")]
    return max(named, key=len, default=None)


def root_processes(processes: Mapping[str, Process]) -> list[Process]:
    """Return the processes that are definitions of their own: those that no other process of the bundle calls."""
    called = {
        name
        for key, process in processes.items()
        for element in process.elements.values()
        if (name := element.attributes.get("calledElement", "").rpartition(":")[2]) != key.partition("#")[0]
    }
    whole = [process for key, process in processes.items() if "#" not in key]
    return [process for process in whole if process.key not in called] or whole


def digest_of(files: Iterable[FileContent]) -> str:
    """Return the SHA-256 over paths and bytes: identical files make no new version, in whatever order they came."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path):
        content = hashlib.sha256(file.content).hexdigest()
        total.update(f"{len(file.path)}:{file.path}:{content}\n".encode())
    return total.hexdigest()
