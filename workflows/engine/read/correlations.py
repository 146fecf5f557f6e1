"""Reads the correlation keys of a file (BPMN 2.0.2 §8.4.2, Tables 8.31–8.36)."""

from __future__ import annotations

from lxml import etree

from workflows.engine.model import BPMN, Correlations, Text
from workflows.engine.read.parts import bpmn_children, expression_of, local_id, text_of
from workflows.engine.xml import local_name

_Found = dict[str, dict[str, Text]]


def read_correlations(root: etree._Element) -> Correlations:
    """Read keys wherever a collaboration or conversation holds them, properties and subscriptions."""
    keys = {
        (key.get("id") or "").strip(): tuple(
            local_id(text_of(item)) for item in bpmn_children(key) if local_name(item) == "correlationPropertyRef"
        )
        for key in root.iter(f"{{{BPMN}}}correlationKey")
    }
    retrievals = {(item.get("id") or "").strip(): _retrievals(item) for item in _all(root, "correlationProperty")}
    return Correlations(keys, retrievals, _bindings(root))


def _all(root: etree._Element, tag: str) -> list[etree._Element]:
    return [item for item in bpmn_children(root) if local_name(item) == tag]


def _retrievals(item: etree._Element) -> dict[str, Text]:
    """Read how a property is found in each message; the last one counts where one message has two."""
    found = {}
    for retrieval in _all(item, "correlationPropertyRetrievalExpression"):
        for path in _all(retrieval, "messagePath"):
            found[local_id(retrieval.get("messageRef"))] = expression_of(path)
    return found


def _bindings(root: etree._Element) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for process in _all(root, "process"):
        for subscription in _all(process, "correlationSubscription"):
            key = local_id(subscription.get("correlationKeyRef"))
            bound = found.setdefault((process.get("id") or "").strip(), {}).setdefault(key, {})
            for binding in _all(subscription, "correlationPropertyBinding"):
                for path in _all(binding, "dataPath"):
                    bound[local_id(binding.get("correlationPropertyRef"))] = expression_of(path)
    return found
