"""帮助 and 意见反馈: a help page for every screen, a form for opinions, and the administrators' list of them."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from api.feedback import AnswerBody, FeedbackBody
from api.wording import word_field
from web.blueprint import act, actor, ask, inside, pages
from web.filters import arguments, text_of
from web.given import given
from web.help_topics import TOPICS
from web.labels import choices
from workflows.errors import RejectedError
from workflows.feedback import KEEPERS, answer_feedback, give_feedback, require_keeper
from workflows.queries.feedback import list_feedback

_REFUSED = 422
Fault = tuple[str, str]


@pages.get("/help/<topic>")
def topic_page(topic: str) -> str:
    """Show the help of one screen; readable before logging in, as the login page has help too."""
    if topic not in TOPICS:
        raise NotFound
    return render_template("help_topic.html", topic=TOPICS[topic], topics=TOPICS)


@pages.get("/feedback")
def feedback_page() -> str:
    """Show the form, what one said before, and to administrators what everybody said."""
    return _page()


@pages.post("/feedback")
def give() -> Response | str:
    """Keep an opinion."""
    try:
        act(give_feedback, **given(FeedbackBody), actor=actor())
    except RejectedError as fault:
        return make_response(_page([("f-text", word_field(each)) for each in fault.faults]), _REFUSED)
    flash(gettext("谢谢，意见已收到。有了答复会发消息给您。"))
    return redirect(url_for("web.feedback_page"))


@pages.post("/feedback/<feedback_id>/answer")
def answer_one(feedback_id: str) -> Response | str:
    """Say what becomes of an opinion."""
    ask(require_keeper, feedback_id, actor=actor())
    try:
        act(answer_feedback, feedback_id, **given(AnswerBody), actor=actor())
    except RejectedError as fault:
        return make_response(_page([(f"f-{feedback_id}", word_field(each)) for each in fault.faults]), _REFUSED)
    flash(gettext("已答复。"))
    return redirect(url_for("web.feedback_page"))


def _page(faults: list[Fault] | None = None) -> str:
    keeps = actor().has_role(*KEEPERS)
    return render_template(
        "feedback.html",
        page=ask(list_feedback, actor=actor(), status=text_of("status"), after=text_of("after")),
        keeps=keeps,
        about=inside(text_of("about"), ""),
        states=choices("feedback"),
        chosen=arguments("status"),
        faults=faults or [],
        given=request.form,
    )
