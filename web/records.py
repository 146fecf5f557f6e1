"""账本: the auditor's view of the ledger. Reading and verifying only."""

from __future__ import annotations

from flask import render_template, request

from web.blueprint import actor, ask, pages
from web.filters import text_of
from workflows.queries.records import check_ledger, list_checkpoints, list_records, list_streams


@pages.get("/ledger")
def ledger_page() -> str:
    """List the chains, or the events of one."""
    stream, who = text_of("stream"), actor()
    if stream:
        page = ask(list_records, stream, actor=who, after=text_of("after"))
        return render_template("records.html", stream=stream, page=page, report=None)
    page_of_streams = ask(list_streams, actor=who, text=text_of("q"), after=text_of("after"))
    checkpoints = ask(list_checkpoints, actor=who, limit=5).items
    return render_template(
        "ledger.html", page=page_of_streams, checkpoints=checkpoints, report=None, q=text_of("q") or ""
    )


@pages.post("/ledger/verify")
def verify_ledger() -> str:
    """Verify one chain or everything, and show what is wrong."""
    stream, who = request.form.get("stream", "").strip() or None, actor()
    report = ask(check_ledger, actor=who, stream=stream)
    if stream:
        page = ask(list_records, stream, actor=who)
        return render_template("records.html", stream=stream, page=page, report=report)
    page_of_streams = ask(list_streams, actor=who)
    checkpoints = ask(list_checkpoints, actor=who, limit=5).items
    return render_template("ledger.html", page=page_of_streams, checkpoints=checkpoints, report=report, q="")
