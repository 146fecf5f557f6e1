"""Compiles what correlates the messages of a process (BPMN 2.0.2 §8.4.2, and the key of a dialect's message)."""

from __future__ import annotations

from workflows.engine.model import Document
from workflows.engine.specs.correlating import Correlation
from workflows.engine.texts import compile_text


def compile_correlation(document: Document, process_id: str, message: str) -> Correlation | None:
    """Compile how messages of one root find their case; None when their name is all that counts."""
    root = document.roots.get(message)
    if root is not None and root.correlation is not None:
        return Correlation(own=(compile_text(root.correlation),))
    given = document.correlations
    for key, properties in given.keys.items():
        texts = [given.retrievals.get(each, {}).get(message) for each in properties]
        found = [text for text in texts if text is not None]
        if found and len(found) == len(texts):
            bound = given.bindings.get(process_id, {}).get(key, {})
            own = tuple(compile_text(bound[each]) for each in properties) if bound else ()
            return Correlation(key, own, tuple(compile_text(text) for text in found))
    return None


def compile_correlations(document: Document, process_id: str) -> dict[str, Correlation]:
    """Compile the correlation of every message of the file that has one, by its name."""
    compiled = {
        root.name: compile_correlation(document, process_id, key)
        for key, root in document.roots.items()
        if root.tag == "message"
    }
    return {name: correlation for name, correlation in compiled.items() if correlation is not None}
