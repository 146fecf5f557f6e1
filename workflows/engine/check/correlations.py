"""Whether the keys that correlate messages say what they must (BPMN 2.0.2 §8.4.2); what is not clear is refused."""

from __future__ import annotations

from collections import Counter

from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_text
from workflows.engine.model import Document, Root

_UNCLEAR = "correlation-not-supported"


def check_correlations(report: Report, document: Document) -> None:
    """Check the keys, properties and subscriptions of a file, and the keys that a dialect gives to messages."""
    given = document.correlations
    for root in document.roots.values():
        if root.correlation is not None:
            check_text(report, document.file, root, root.correlation)
    used = {each for properties in given.keys.values() for each in properties}
    for property_id, retrievals in given.retrievals.items():
        subject = Root("correlationProperty", property_id or document.id)
        if property_id not in used or not retrievals:
            report.add(_UNCLEAR, document.file, subject)  # in no key, or never read from a message
        for text in retrievals.values():
            check_text(report, document.file, subject, text)
    _check_keys(report, document)
    _check_bindings(report, document)


def _check_keys(report: Report, document: Document) -> None:
    """Refuse a key that a message fits in part only, and two keys that share a message: neither says who gets it."""
    given, messages = document.correlations, Counter[str]()
    for key, properties in given.keys.items():
        read = [frozenset(given.retrievals.get(each, {})) for each in properties]
        everything = frozenset[str]().union(*read)
        messages.update(everything)
        shared = any(messages[message] > 1 for message in everything)
        twice = any(document.roots[each].correlation is not None for each in everything if each in document.roots)
        if not everything or shared or twice or any(each != everything for each in read):
            report.add(_UNCLEAR, document.file, Root("correlationKey", key or document.id))


def _check_bindings(report: Report, document: Document) -> None:
    given = document.correlations
    for process_id, subscriptions in given.bindings.items():
        for key, bound in subscriptions.items():
            subject = Root("correlationSubscription", process_id or document.id)
            if not key or set(bound) != set(given.keys.get(key, ())):
                report.add(_UNCLEAR, document.file, subject)
            for text in bound.values():
                check_text(report, document.file, subject, text)
