"""From the files of a bundle to processes that run, or to the list of what must be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.engine.build import build_processes
from workflows.engine.check import BundleCheck, ProfileChecks
from workflows.engine.check.bundle import is_executable
from workflows.engine.check.isolation import Isolation
from workflows.engine.decisions import Decision, read_decisions
from workflows.engine.dialects import translate
from workflows.engine.limits import Limits
from workflows.engine.model import Document
from workflows.engine.process import Compilation, Process
from workflows.engine.read import read_file
from workflows.engine.read.global_tasks import resolve_global_tasks
from workflows.engine.types import FileContent, Finding, Profile, Severity

_DIAGRAMS = (".bpmn", ".xml", ".bpmn2")


def compile_files(
    files: Sequence[FileContent],
    *,
    profile: Profile = Profile.STANDARD,
    limits: Limits | None = None,
    check: ProfileChecks | None = None,
) -> Compilation:
    """Compile the diagrams and decisions of a bundle; files of other kinds are left alone.

    Never raises for what stands in a file. With any error among the findings there are no processes.
    """
    bounds, checks = limits or Limits(), check or ProfileChecks()
    decisions, findings = _read_decisions(files, bounds)
    documents: list[Document] = []
    for file in files:
        if file.path.lower().endswith(_DIAGRAMS):
            document, faults = read_file(file, bounds)
            findings.extend(faults)
            if document is not None:
                documents.append(document)
    documents = [translate(document) for document in resolve_global_tasks(documents)]
    report = BundleCheck(documents, decisions, profile=profile, limits=bounds, checks=checks).run()
    findings.extend(report.findings)
    if any(finding.severity == Severity.ERROR for finding in findings):
        return Compilation({}, decisions, tuple(findings))
    return Compilation(_build(documents, decisions, bounds, checks), decisions, tuple(findings))


def _read_decisions(files: Sequence[FileContent], limits: Limits) -> tuple[dict[str, Decision], list[Finding]]:
    decisions: dict[str, Decision] = {}
    findings: list[Finding] = []
    for file in files:
        if file.path.lower().endswith(".dmn"):
            found, faults = read_decisions(file, limits=limits)
            decisions.update({decision.id: decision for decision in found})
            findings.extend(faults)
    return decisions, findings


def _build(
    documents: Sequence[Document], decisions: Mapping[str, Decision], limits: Limits, checks: ProfileChecks
) -> dict[str, Process]:
    processes: dict[str, Process] = {}
    for document in documents:
        for sketch in document.sketches:
            if is_executable(sketch) and sketch.nodes:
                isolated = Isolation(sketch, decisions, checks.form_fields).bodies()
                processes.update(build_processes(document, sketch, decisions, limits, isolated))
    return processes
