"""Bundles: which uploaded files belong together, and what they say. Pure: bytes in, contents and findings out.

A bundle is one family: its diagrams, with the forms, decisions, deadline rules and parameter defaults they need. An
upload (or ``bpmn/``) may hold several families; ``split_upload`` takes it apart so that a change in one family makes
no new version of another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from workflows.deadlines.errors import DataFaultsError
from workflows.deadlines.rule_files import read_rules
from workflows.deadlines.rules import DeadlineRule
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.forms.fields import Form
from workflows.parameters import Parameter, read_parameters

if TYPE_CHECKING:
    from workflows.engine import Process, ProfileChecks
    from workflows.engine.decisions import Decision

T = TypeVar("T")

DIAGRAM_SUFFIXES = (".bpmn", ".bpmn2", ".bpmn20.xml", ".xml")
DECISION_SUFFIXES = (".dmn",)
FORM_SUFFIXES = (".json", ".form")
DATA_SUFFIXES = (".yaml", ".yml")
PARAMETERS = "parameters"  # the stem of a file of parameter defaults


@dataclass
class BundleContents:
    """What the files of one bundle say. ``findings`` lists every remark on every file."""

    processes: Mapping[str, Process] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    deadlines: dict[str, DeadlineRule] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether any finding blocks."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def read_bundle(
    files: Sequence[FileContent], *, profile: Profile, check: ProfileChecks | None = None
) -> BundleContents:
    """Read every file of one bundle. Nothing raises for bad content: each fault is a finding."""
    from workflows.engine import compile_files  # noqa: PLC0415

    contents = BundleContents()
    for file in files:
        _read_data_file(file, contents)
    diagrams = [file for file in files if is_diagram(file.path)]
    compilation = compile_files(diagrams, profile=profile, check=check)
    contents.processes = compilation.processes
    contents.findings.extend(compilation.findings)
    return contents


def _read_data_file(file: FileContent, contents: BundleContents) -> None:
    from workflows.engine.decisions import read_decisions  # noqa: PLC0415
    from workflows.forms.reading import read_form  # noqa: PLC0415

    if is_diagram(file.path):
        return
    try:
        if file.path.endswith(DECISION_SUFFIXES):
            decisions, findings = read_decisions(file)
            contents.findings.extend(findings)
            _add_all(contents, contents.decisions, {decision.key: decision for decision in decisions}, file.path)
        elif file.path.endswith(FORM_SUFFIXES):
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
        contents.findings.extend(
            Finding(Severity.ERROR, fault.code, fault.message, file=file.path, path=fault.path, params=fault.params)
            for fault in faults.faults
        )


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


def digest_of(files: Iterable[FileContent]) -> str:
    """Return the SHA-256 over paths and bytes: identical files make no new version, in whatever order they came."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path):
        content = hashlib.sha256(file.content).hexdigest()
        total.update(f"{len(file.path)}:{file.path}:{content}\n".encode())
    return total.hexdigest()
