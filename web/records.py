"""账本: the auditor's view of the ledger. Reading and verifying only."""

from __future__ import annotations

from flask import render_template, request

from web.blueprint import actor, ask, pages
from web.filters import arguments, day_of, text_of
from web.labels import label
from workflows.queries.choices import anybody_choices, names_of
from workflows.queries.records import (
    RecordFilter,
    check_ledger,
    kinds_of_records,
    list_checkpoints,
    list_records,
    list_streams,
    search_records,
)


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


@pages.get("/ledger/events")
def record_search() -> str:
    """操作日志: the events of all chains by person, kind, case and days."""
    who = actor()
    wanted = RecordFilter(text_of("person"), text_of("kind"), text_of("case"), day_of("from"), day_of("to"))
    page = ask(search_records, wanted, actor=who, after=text_of("after"))
    return render_template(
        "record_search.html",
        page=page,
        kinds=[(kind, label(kind, "event")) for kind in ask(kinds_of_records, actor=who)],
        people=ask(anybody_choices),
        names=ask(names_of, "person", sorted({row.actor for row in page.items})),
        chosen=arguments("person", "kind", "case", "from", "to"),
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
