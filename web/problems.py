"""Faults as pages: worded in the reader's language, with the way back. Status numbers: ``api/problems.py``."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from api.problems import status_of
from api.wording import Worded, word_error, word_field
from web.blueprint import pages, wants_fragment, who_asks
from workflows.errors import LoginError, RejectedError, WorkflowError

_logger = logging.getLogger(__name__)
_OWN_FAULT = 500
_PROGRAMS = ("/api/", "/engine-rest/", "/healthz", "/readyz", "/metrics")


@pages.errorhandler(WorkflowError)
def show_fault(error: WorkflowError) -> AnyResponse:
    """Show a fault of the caller; a page that could say it beside the field has done so before."""
    if isinstance(error, LoginError) and request.method == "GET" and not wants_fragment():
        return redirect(url_for("web.log_in_page", next=request.full_path.rstrip("?")))
    faults = [word_field(fault) for fault in error.faults] if isinstance(error, RejectedError) else []
    return problem_page(word_error(error), status_of(error), error.code, faults)


@pages.errorhandler(CSRFError)
def show_forgery(_error: CSRFError) -> AnyResponse:
    """Ask to send the form again: its token belongs to an ended session."""
    text = gettext("页面停留太久或者浏览器没有保存 Cookie，没有任何改动被保存。请返回、刷新后再试。")
    return problem_page(Worded(gettext("请刷新后再试"), text), 400, "csrf")


@pages.errorhandler(HTTPException)
def show_http_fault(error: HTTPException) -> AnyResponse:
    """Show what the server itself refuses: a wrong address, method or size."""
    status = error.code or 500
    details = {
        404: gettext("没有这个页面，或者您无权查看。"),
        405: gettext("这个地址不能这样访问。"),
        413: gettext("上传的内容太大，没有接收。"),
    }
    titles = {404: gettext("没有找到"), 413: gettext("内容太大")}
    text = Worded(titles.get(status, gettext("没有办成")), details.get(status, gettext("这件事没有办成。")))
    return problem_page(text, status, "http")


@pages.errorhandler(Exception)
def show_own_fault(error: Exception) -> AnyResponse:
    """Log our own fault and show its number, so that it can be found."""
    _logger.error("a page failed", extra={"action": "page_fault", "path": request.path}, exc_info=error)
    text = gettext("系统出错了，没有任何改动被保存。请稍后再试；如果反复出现，请把编号告诉系统管理员。")
    return problem_page(Worded(gettext("系统出错"), text), 500, "internal")


def problem_page(text: Worded, status: int, code: str, faults: list[str] | None = None) -> AnyResponse:
    """Return a page that tells a fault; for scripts only its sentence."""
    if "text/html" not in request.headers.get("Accept", "text/html") and "*/*" not in request.headers.get("Accept", ""):
        return make_response(Response(text.detail, status, mimetype="text/plain"))
    number = g.get("request_id", "")
    values = {"text": text, "status": status, "code": code, "faults": faults or [], "number": number}
    page = render_template("problem.html", bare=status >= _OWN_FAULT, **values)  # the menu may be what failed
    return make_response(page, status)


def catch_missing_pages(app: Flask) -> None:
    """Answer addresses that no route has; those of programs go to the handler that was there before."""
    before = app.error_handler_spec[None][404].get(NotFound)

    def missing(error: NotFound) -> AnyResponse:
        if request.path.startswith(_PROGRAMS):
            return make_response(before(error) if before else error.get_response())
        g.logged_in = who_asks()
        return show_http_fault(error)

    app.register_error_handler(404, missing)
