"""What the files of one bundle say, once read: the record that checks and the cache of compiled law share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.deadlines.rules import DeadlineRule
from workflows.engine import Process
from workflows.engine.decisions import Decision
from workflows.engine.types import Finding, Severity
from workflows.forms.fields import Form
from workflows.parameters import Parameter


@dataclass
class BundleContents:
    """What the files of one bundle say. ``findings`` lists every remark on every file."""

    processes: Mapping[str, Process] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    deadlines: dict[str, DeadlineRule] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether any finding blocks."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)
