"""The reader's language: Chinese unless a cookie or the browser asks for English."""

from __future__ import annotations

from flask import has_request_context, request

LANGUAGES = {"zh_CN": "中文", "en": "English"}
COOKIE = "zecheng_locale"
_SOURCE = "zh_CN"  # the language that texts are written in


def choose_locale() -> str:
    """Return the locale of this request."""
    if not has_request_context():
        return _SOURCE
    wanted = request.cookies.get(COOKIE, "")
    if wanted in LANGUAGES:
        return wanted
    return "en" if request.accept_languages.best_match(["zh", "zh-CN", "en"]) == "en" else _SOURCE
