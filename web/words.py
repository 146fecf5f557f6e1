"""What is handed in beside the form: the comment 附言, the reason of lateness and whom to copy. Kept with the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

_LONGEST = 4000
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class Words:
    """The texts that belong to the act of handing in and not to the form. ``copies`` is the line as it was typed."""

    comment: str = ""
    late_reason: str = ""
    copies: str = ""

    def document(self) -> dict[str, Any]:
        """Return them as a draft keeps them."""
        return {"comment": self.comment, "late_reason": self.late_reason, "copies": self.copies}


NO_WORDS = Words()


def typed_words() -> Words:
    """Return what the form of the page holds."""
    given = request.form
    return Words(
        given.get("comment", "")[:_LONGEST],
        given.get("late_reason", "")[:_LONGEST],
        given.get("copies", "").strip()[:_LONGEST_LINE],
    )


def kept_words(kept: Mapping[str, Any]) -> Words:
    """Return what a draft holds; programs keep the people to copy as a list."""
    copies = kept.get("copies") or ""
    line = copies if isinstance(copies, str) else "、".join(str(each) for each in copies)
    return Words(str(kept.get("comment") or ""), str(kept.get("late_reason") or ""), line)


def with_phrase(words: Words, phrase: str) -> Words:
    """Return the words with a phrase at the end of the comment."""
    comment = f"{words.comment.rstrip()}\n{phrase}" if words.comment.strip() else phrase
    return Words(comment[:_LONGEST], words.late_reason, words.copies)
