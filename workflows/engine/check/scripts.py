"""Scripts are read at upload: each line is one that runs, or is refused by name (BPMN 2.0.2 §10.3.3)."""

from __future__ import annotations

from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_functions
from workflows.engine.model import Node
from workflows.engine.scripts import compile_script
from workflows.engine.texts import TextFault


def check_script(report: Report, file: str, node: Node) -> None:
    """Check the script of a script task; one without a script has nothing to do."""
    text = node.texts.get("script")
    if text is None or not text.body.strip():
        report.add("script-missing", file, node)
        return
    try:
        script = compile_script(text, node.zc.get("result", ""))
    except TextFault as fault:
        report.add(fault.code, file, node, reason=fault.reason)
        return
    for expression in script.expressions:
        check_functions(report, file, node, expression)
