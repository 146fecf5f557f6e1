"""Collects findings: all of them, each naming its element."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.catalogue import MESSAGES
from workflows.engine.model import Arrow, Document, Node, Root, Sketch
from workflows.engine.reasons import plain_params
from workflows.engine.types import Finding, Severity

Subject = Node | Arrow | Sketch | Document | Root


class Report:
    """The findings on one bundle."""

    def __init__(self, functions: frozenset[str] | None = None) -> None:
        self.functions = functions  # those beyond FEEL that expressions may call; None: not judged
        self.findings: list[Finding] = []

    def add(self, code: str, file: str, subject: Subject, *, fallback: str = "", **params: Any) -> None:
        """Add a finding on an element. ``fallback`` names another element when the subject has no id of its own.

        A parameter may be a ``Reason``: its sentence stands in the message, its code and parameters in ``params``.
        """
        severity, message, hint = MESSAGES[code]
        element_id = _id_of(subject) or fallback
        name = getattr(subject, "name", "") or ""
        construct = params.pop("construct", "") or _construct(subject)
        path = getattr(subject, "path", "")
        filled = {"element": name or element_id or path or construct, "construct": construct, **params}
        self.findings.append(
            Finding(
                severity,
                code,
                message.format(**filled),
                hint.format(**filled),
                file=file,
                element_id=element_id,
                element_name=name,
                construct=construct,
                path=path,
                params=plain_params(filled),
            )
        )

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == Severity.ERROR for finding in self.findings)


def _id_of(subject: Subject) -> str:
    if isinstance(subject, Arrow):
        return subject.id if subject.given else ""
    if isinstance(subject, Node):
        return subject.id if subject.given else subject.anchor
    if isinstance(subject, Sketch):
        return subject.id if subject.given else subject.anchor
    return subject.id


def _construct(subject: Subject) -> str:
    if isinstance(subject, Arrow):
        return "sequenceFlow"
    if isinstance(subject, Node):
        kinds = "+".join(event.kind for event in subject.events if event.kind)
        return f"{subject.tag}:{kinds}" if kinds else subject.tag
    if isinstance(subject, Root):
        return subject.tag
    return "process" if isinstance(subject, Sketch) else "definitions"
