"""审批单: a case as it is printed, signed and filed on paper."""

from __future__ import annotations

from flask import render_template

from web.blueprint import actor, ask, pages
from web.telling import handed_in, names_for
from workflows.queries.approval_sheets import approval_sheet
from workflows.queries.escalations import EscalationFilter, list_escalations


@pages.get("/cases/<case_id>/print")
def case_sheet(case_id: str) -> str:
    """Show a case for paper: opinions, signatures and dates of every step, files with their digests."""
    who = actor()
    sheet = ask(approval_sheet, case_id, actor=who)
    names = names_for(sheet.forms, sheet.attachments)
    return render_template(
        "case_sheet.html",
        sheet=sheet,
        row=sheet.row,
        lines=[(line, handed_in(line.detail, sheet.forms, names)) for line in sheet.lines],
        escalations=ask(list_escalations, EscalationFilter(source_case_id=case_id), actor=who).items,
        bare=True,
    )
