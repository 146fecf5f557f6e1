"""Cut the text of an expression into tokens: iterative, linear, bounded by the caller's length limit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflows.engine.expressions.errors import ExpressionSyntaxError

KEYWORDS = frozenset(
    {
        "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "is",
        "not", "null", "of", "or", "return", "satisfies", "some", "then", "true", "True", "False", "None",
    }
)  # fmt: skip
_SPACE = re.compile(r"(?:[\s\u00a0\u3000]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_NAME = re.compile(r"[^\W\d]\w*|\?")
_OPERATOR = re.compile(r"\*\*|\.\.|==|!=|<=|>=|->|[-+*/%=<>()\[\]{},:.@]")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_FULL_WIDTH = dict(zip("（），：＝＞＜＋－＊／［］｛｝．“”‘’", "(),:=><+-*/[]{}.\"\"''", strict=True))
_MAX_DIGITS = 1_000
_PRECISION = 34
_MAX_EXPONENT = 6_144  # of decimal128
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)

Phrases = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is ``number``, ``string``, ``name``, ``keyword``, ``operator`` or ``end``."""

    kind: str
    text: str
    position: int
    value: Any = None


def phrase_patterns(phrases: Iterable[str], *, before_call: bool = False) -> Phrases:
    """Prepare names with blanks to be taken as one token; a longer one wins.

    The built-in ones (``string length``) are only taken ``before_call``, in front of ``(``, so that two variables
    joined by a word such as ``and`` stay what they are.
    """
    behind = r"(?=\s*\()" if before_call else r"(?!\w)"
    longest_first = sorted({phrase for phrase in phrases if not phrase.isidentifier()}, key=len, reverse=True)
    if not longest_first:
        return ()
    choices = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
    return (re.compile(f"(?:{choices}){behind}"),)


def tokenize(text: str, patterns: Phrases = ()) -> list[Token]:
    """Cut ``text`` into tokens, the last of kind ``end``, or raise ``ExpressionSyntaxError``."""
    tokens: list[Token] = []
    position = 0
    while True:
        skipped = _SPACE.match(text, position)
        position = skipped.end() if skipped else position
        if position >= len(text):
            return [*tokens, Token("end", "", len(text))]
        token, position = _next(text, position, patterns)
        tokens.append(token)


def _next(text: str, position: int, patterns: Phrases) -> tuple[Token, int]:
    character = text[position]
    if character in "\"'":
        return _string(text, position)
    if found := _NUMBER.match(text, position):
        return _number(text, found)
    if found := _NAME.match(text, position):
        return _name(text, position, found, patterns)
    if found := _OPERATOR.match(text, position):
        return Token("operator", found.group(), position), found.end()
    raise unexpected(text, position)


def _name(text: str, position: int, found: re.Match[str], patterns: Phrases) -> tuple[Token, int]:
    for pattern in patterns:
        if spaced := pattern.match(text, position):
            return Token("name", " ".join(spaced.group().split()), position), spaced.end()
    word = found.group()
    return Token("keyword" if word in KEYWORDS else "name", word, position), found.end()


def _number(text: str, found: re.Match[str]) -> tuple[Token, int]:
    return number_token(text, found), found.end()


def number_token(text: str, found: re.Match[str]) -> Token:
    """Make the token of a number that ``found`` in ``text``: exact, whole ones as ``int``."""
    digits = found.group()
    following = text[found.end() : found.end() + 1]
    if following.isalpha() or following == "_":
        raise ExpressionSyntaxError("name-begins-with-digit", position=found.start(), word=digits[:60] + following)
    if len(digits) > _MAX_DIGITS:
        raise ExpressionSyntaxError("number-too-long", position=found.start(), limit=_MAX_DIGITS)
    whole = digits.isdigit() and len(digits.lstrip("0")) <= _PRECISION
    value = int(digits) if whole else Decimal(digits)
    if isinstance(value, Decimal) and not -_MAX_EXPONENT < value.adjusted() <= _MAX_EXPONENT:
        raise ExpressionSyntaxError("number-beyond-range", position=found.start())
    return Token("number", digits, found.start(), value)


def _string(text: str, start: int) -> tuple[Token, int]:
    quote = text[start]
    position = start + 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    if position >= len(text):
        raise ExpressionSyntaxError("string-not-closed", position=start)
    body = _ESCAPE.sub(_unescape, text[start + 1 : position])
    return Token("string", text[start : position + 1], start, body), position + 1


def _unescape(found: re.Match[str]) -> str:
    short, long, other = found.groups()
    if other is not None:
        # An unknown escape stays: FEEL's patterns are written "\d" as often as "\\d".
        return _PLAIN_ESCAPES.get(other, "\\" + other)
    code = int(short or long, 16)
    if code > _LAST_CHARACTER or code in _SURROGATES:
        raise ExpressionSyntaxError("escape-unknown", escape=found.group())
    return chr(code)


def unexpected(text: str, position: int) -> ExpressionSyntaxError:
    """Say that the character at ``position`` begins nothing."""
    character = text[position]
    if character in _FULL_WIDTH:
        plain = _FULL_WIDTH[character]
        return ExpressionSyntaxError("full-width-character", position=position, character=character, plain=plain)
    if text.startswith(("&&", "||"), position):
        word = "and" if character == "&" else "or"
        return ExpressionSyntaxError("sign-of-another-language", position=position, sign=character * 2, word=word)
    return ExpressionSyntaxError("character-unknown", position=position, character=character)
