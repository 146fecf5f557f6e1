"""组织: the tree of units, and who holds which post today."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template

from web.blueprint import ask, pages
from web.filters import text_of
from workflows.queries.paging import MAX_LIMIT
from workflows.queries.people import UnitRow, list_people, list_units


@pages.get("/organisation")
def organisation_page(faults: Sequence[tuple[str, str]] = ()) -> str:
    """Show all units, and the people of one or of a search."""
    unit, q = text_of("unit"), text_of("q")
    return render_template(
        "organisation.html",
        units=_all_units(),
        page=ask(list_people, unit=unit, q=q, after=text_of("after")),
        chosen={"unit": unit or "", "q": q or ""},
        faults=faults,
    )


def _all_units() -> list[UnitRow]:
    found: list[UnitRow] = []
    after: str | None = None
    while True:
        page = ask(list_units, after=after, limit=MAX_LIMIT)
        found.extend(page.items)
        after = page.next
        if after is None:
            return found
