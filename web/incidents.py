"""异常: faults of processes that wait for their administrator."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, ask, pages
from web.filters import arguments, text_of
from workflows.incidents import retry_incident
from workflows.queries.incidents import list_incidents


@pages.get("/incidents")
def incident_list() -> str:
    """List incidents of the units that the reader administers or audits."""
    found = ask(list_incidents, actor=actor(), status=text_of("status"), after=text_of("after"))
    return render_template("incidents.html", page=found, chosen=arguments("status"))


@pages.post("/incidents/<incident_id>/retry")
def retry(incident_id: str) -> Response:
    """Run again what stopped. If the cause is still there, a new incident follows."""
    act(retry_incident, incident_id, actor=actor())
    flash(gettext("已重试。原因还在的话，会再出现一条异常。"))
    return redirect(url_for("web.incident_list"))
