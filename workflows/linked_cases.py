"""Cases that other cases open: an independent case with a link, whose end is told by a message to who opened it.

A case opened so is no child: it may outlive its source, belong to another unit and be opened by another family. The
source may go on, or wait at a message event; the message comes through its inbox like everything between cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.access import system_actor
from workflows.creating import create_case, stricter
from workflows.engine.values import to_json
from workflows.errors import WorkflowError
from workflows.store import Store, people
from workflows.tables import Case, CaseLink


class OpeningError(WorkflowError):
    """A case cannot be opened with these inputs of ``open_case``."""

    code = "open-case-failed"


def open_case(store: Store, case: Case, inputs: Mapping[str, Any]) -> Any:
    """Open a case of ``definition`` for ``unit`` (a code; the unit of the case when none) with ``variables``.

    ``tell`` names the message that the opening case gets when the opened one has ended: its payload is one variable of
    that name, a context with ``case``, ``outcome`` (``completed``, ``cancelled``, ``error(…)``) and ``ended_at``.
    Returns a context with the new ``case``'s id.
    """
    definition, title = inputs.get("definition"), inputs.get("title") or ""
    variables = inputs.get("variables") or {}
    if not isinstance(definition, str) or not isinstance(variables, Mapping) or not isinstance(title, str):
        message = "Expected definition to be a text and variables to be a context."
        raise OpeningError(message)
    unit_id = people.need_unit(store, inputs["unit"]).id if inputs.get("unit") else case.unit_id
    opened = open_linked(
        store,
        case,
        definition=definition,
        unit_id=unit_id,
        variables=variables,
        title=title,
        tell=inputs.get("tell"),
    )
    return {"case": opened.id, "definition": definition}


def open_linked(
    store: Store,
    source: Case,
    *,
    definition: str,
    unit_id: str,
    variables: Mapping[str, Any],
    title: str = "",
    tell: str | None = None,
) -> Case:
    """Create a case from within another's transaction, with the link between them; the opener's ledger tells of it.

    When what is opened is more confidential, the opener's chain says only that a further matter was opened: whoever
    reads it may not know of that one. Its own chain then names the opener.
    """
    opened = create_case(
        store,
        definition=definition,
        unit_id=unit_id,
        variables=variables,
        title=title[:300],
        actor=system_actor("job"),
        source=source,
    )
    store.add_later(
        CaseLink(
            source_case_id=source.id,
            target_case_id=opened.id,
            relation=definition,
            message=tell,
            opened_at=store.now,
        )
    )
    content = {"case": opened.id, "definition": definition, "unit": unit_id, "variables": sorted(to_json(variables))}
    if stricter(opened.classification, source.classification):
        ledger.record(store, f"case:{opened.id}", "case-opened-by", {"case": source.id}, actor=system_actor("job"))
        content = {"classification": opened.classification}
    ledger.record(store, f"case:{source.id}", "case-opened", content, actor=system_actor("job"))
    return opened
