"""``definitions``: check, deploy and conform, from files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from api.cli.session import operator, ready_application, tells_faults
from workflows.definitions import (
    DefinitionInvalidError,
    activate_definition,
    check_files,
    deploy_files,
    finding_document,
)
from workflows.engine.conform import conform
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.tables import Definition, DefinitionStatus
from workflows.transaction import read, run

group = AppGroup("definitions", help="Check, deploy and conform process definitions.")
_FILES = click.argument("paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
_PROFILE = click.Choice([str(profile) for profile in Profile])
_MARKS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


@group.command("deploy")
@_FILES
@click.option("--activate", is_flag=True, help="Put what was deployed into force.")
@click.option("--profile", type=_PROFILE, default=str(Profile.DUTY), help="What activation asks for.")
@tells_faults
def deploy(paths: Sequence[Path], activate: bool, profile: str) -> None:  # noqa: FBT001 - click's flag
    """Deploy diagrams with their forms, decisions and YAML files as drafts."""
    application = ready_application()
    files = list(_read_files(paths))
    try:
        deployed = run(application, deploy_files, files, actor=operator())
        shown = {str(finding): finding for _, findings in deployed for finding in findings}
        _print_findings([finding for finding in shown.values() if finding.severity is not Severity.INFO])
        definitions = [definition for definition, _ in deployed]
        if activate:
            definitions = [_activate(definition, Profile(profile)) for definition in definitions]
    except DefinitionInvalidError as fault:
        _print_findings(fault.findings)
        click.echo(fault.message, err=True)
        sys.exit(1)
    for definition in definitions:
        click.echo(f"{definition.key}:{definition.version} {definition.status}")


def _activate(definition: Definition, profile: Profile) -> Definition:
    if definition.status not in {DefinitionStatus.DRAFT, DefinitionStatus.TRIAL}:
        return definition
    key, version = definition.key, definition.version
    return run(ready_application(), activate_definition, key, version, actor=operator(), profile=profile)


@group.command("check")
@_FILES
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--profile", type=_PROFILE, help="Judge by one profile. Default: as for a draft.")
@tells_faults
def check(paths: Sequence[Path], as_json: bool, profile: str | None) -> None:  # noqa: FBT001 - click's flag
    """Report every finding on files; nothing is written. Exit 1 when there are errors."""
    files = list(_read_files(paths))
    findings = read(ready_application(), check_files, files, profile=Profile(profile) if profile else None)
    if as_json:
        click.echo(
            json.dumps({"findings": [finding_document(each) for each in findings]}, ensure_ascii=False, indent=2)
        )
    else:
        _print_findings(findings)
    sys.exit(int(any(finding.severity is Severity.ERROR for finding in findings)))


@group.command("conform")
@click.argument("cases", metavar="CASES.json", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def conform_cases(cases: Path, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """Run a file of conformance cases on the virtual clock, without a database."""
    try:
        listed = _read_cases(cases)
    except (OSError, ValueError, TypeError) as fault:
        raise click.ClickException(f"Expected {cases} to be a file of cases, but {fault}") from fault
    result = conform(listed, lambda name: (cases.parent / name).read_bytes())
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    for verdict in result["cases"]:
        click.echo(f"{verdict['verdict']:8} {verdict['id']}  {verdict['why']}".rstrip())
    click.echo(", ".join(f"{number} {name}" for name, number in result["summary"].items()))


def _read_cases(path: Path) -> list[dict[str, Any]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    listed = content["cases"] if isinstance(content, dict) and "cases" in content else content
    if not isinstance(listed, list) or not all(isinstance(case, dict) for case in listed):
        raise TypeError("it holds no list of cases.")
    return listed


def _read_files(paths: Sequence[Path]) -> Iterator[FileContent]:
    """Read files, and those of folders below them."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not file.name.startswith("."):
                yield FileContent(file.as_posix(), file.read_bytes())


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = ":".join(part for part in (finding.file, finding.element_id) if part)
        click.echo(f"{_MARKS[finding.severity]:8}{place}  {finding.message} [{finding.code}]")
        if finding.hint and finding.severity is Severity.ERROR:
            click.echo(f"{'':8}  {finding.hint}")
