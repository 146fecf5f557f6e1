"""登录: a session in the browser, ended by logging out."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word
from web.blueprint import COOKIE, act, application, ask, inside, pages
from web.preferences import remember
from workflows.accounts import LoginRefused, log_in, log_out, session_actor

_UNAUTHORISED = 401


@pages.get("/login")
def log_in_page() -> str | Response:
    """Show the form; whoever is logged in goes on."""
    target = inside(request.args.get("next"), url_for("web.home"))
    return redirect(target) if g.logged_in else render_template("login.html", next=target)


@pages.post("/login")
def log_in_form() -> Response | tuple[str, int]:
    """Open a session, or say no without telling why."""
    target = inside(request.form.get("next"), url_for("web.home"))
    username = request.form.get("username", "")
    client = f"{request.user_agent.string[:200]} {request.remote_addr}"
    result = act(log_in, username, request.form.get("password", ""), client=client)
    if isinstance(result, LoginRefused):
        error = result.error()
        text = word(error.code, error.params).detail
        return render_template("login.html", next=target, username=username, fault=text), _UNAUTHORISED
    answer = redirect(target)
    settings = application().settings
    answer.set_cookie(
        COOKIE,
        result.secret,
        max_age=settings.session_hours * 3600,  # relative: the house's clock may not be the browser's
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookies,
    )
    remember(answer, ask(session_actor, result.secret).actor)
    return answer


@pages.post("/logout")
def log_out_form() -> Response:
    """End the session."""
    act(log_out, request.cookies.get(COOKIE, ""))
    flash(gettext("已退出登录。"))
    answer = redirect(url_for("web.log_in_page"))
    answer.delete_cookie(COOKIE)
    return answer
