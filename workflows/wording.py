"""Texts that leave the house without a page: mails. Written in Chinese, translated by the catalogues beside this file.

A catalogue is read from its ``.po`` as translators keep it; there are few texts, and nothing has to be compiled first.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

_CATALOGUES = Path(__file__).parent / "translations"
_SOURCE = "zh_CN"


class Wording:
    """The texts of one language; what a catalogue lacks stays Chinese."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def gettext(self, text: str, **values: object) -> str:
        """Return the text in this language with its placeholders filled in."""
        return (self._texts.get(text) or text) % values


@cache
def wording(locale: str) -> Wording:
    """Return the wording for a locale such as ``zh_CN`` or ``en``."""
    if locale == _SOURCE:
        return Wording({})
    for name in (locale, locale.partition("_")[0]):
        path = _CATALOGUES / name / "LC_MESSAGES" / "messages.po"
        if name.replace("_", "").isalnum() and path.exists():
            with path.open("rb") as file:
                catalogue = read_po(file, locale=name)
            return Wording({str(message.id): str(message.string) for message in catalogue if message.id})
    return Wording({})
