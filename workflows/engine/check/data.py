"""Data associations: their expressions, and assignments that fill a whole target (BPMN 2.0.2 §10.4.2)."""

from __future__ import annotations

from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_text
from workflows.engine.data import Association, Ports
from workflows.engine.model import Node


def check_data(report: Report, file: str, node: Node) -> None:
    """Check what a node takes in and gives out."""
    if node.data is None:
        return
    for association in (*node.data.into, *node.data.out):
        if association.transformation is not None:
            check_text(report, file, node, association.transformation)
        for given, target in association.assignments:
            if given.body:
                check_text(report, file, node, given)
            if not given.body or not _is_whole(target.body.strip(), association, node.data):
                report.add("data-association-not-supported", file, node, construct="assignment")
        if len(association.sources) > 1 and association.transformation is None and not association.assignments:
            report.add("data-association-not-supported", file, node, construct="sourceRef")


def _is_whole(target: str, association: Association, ports: Ports) -> bool:
    return target in ("", association.target, ports.name_of(association.target))
