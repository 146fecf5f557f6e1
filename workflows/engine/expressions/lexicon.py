"""Cut a text in JUEL or Python into tokens. FEEL, whose names may hold blanks, has `tokens` to itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.tokens import Token, number_token, unexpected

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_NAME = re.compile(r"[^\W\d]\w*")
_PREFIXED = re.compile(r"([rRuUbBfF]{1,2})?(?=[\"'])")
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words and signs of one language. ``escapes`` None: an unknown escape stays as it is written."""

    keywords: frozenset[str]
    space: re.Pattern[str]
    operator: re.Pattern[str]
    escape: re.Pattern[str]
    escapes: Mapping[str, str]
    strict_escapes: bool
    prefixes: bool


def cut(text: str, lexicon: Lexicon, start: int = 0, *, braced: bool = False) -> tuple[list[Token], int]:
    """Cut ``text`` from ``start`` into tokens and an ``end``; ``braced`` stops at the brace that closes the segment."""
    tokens: list[Token] = []
    position, open_braces = start, 0
    while True:
        skipped = lexicon.space.match(text, position)
        position = skipped.end() if skipped else position
        if position >= len(text):
            if braced:
                raise ExpressionSyntaxError("segment-not-closed", position=start, opening=text[start - 2 : start])
            return [*tokens, Token("end", "", position)], position
        if braced and text[position] == "}" and open_braces == 0:
            return [*tokens, Token("end", "}", position)], position
        token, position = _next(text, position, lexicon)
        open_braces += (token.text == "{") - (token.text == "}") if token.kind == "operator" else 0
        tokens.append(token)


def _next(text: str, position: int, lexicon: Lexicon) -> tuple[Token, int]:
    quoted = _PREFIXED.match(text, position) if lexicon.prefixes or text[position] in "\"'" else None
    if quoted:
        return _string(text, position, (quoted.group(1) or "").lower(), lexicon)
    if found := _NUMBER.match(text, position):
        return number_token(text, found), found.end()
    if found := _NAME.match(text, position):
        word = found.group()
        return Token("keyword" if word in lexicon.keywords else "name", word, position), found.end()
    if found := lexicon.operator.match(text, position):
        return Token("operator", found.group(), position), found.end()
    raise unexpected(text, position)


def _string(text: str, start: int, prefix: str, lexicon: Lexicon) -> tuple[Token, int]:
    opening = start + len(prefix)
    position = opening + 1
    while position < len(text) and text[position] != text[opening]:
        position += 2 if text[position] == "\\" else 1
    if position >= len(text):
        raise ExpressionSyntaxError("string-not-closed", position=start)
    if "b" in prefix:
        raise ExpressionSyntaxError("word-not-run", position=start, word="b'...'")
    body = text[opening + 1 : position]
    written = text[start : position + 1]
    if "f" in prefix:
        return Token("formatted", written, opening + 1, body), position + 1
    body = body if "r" in prefix else unescaped(body, opening + 1, lexicon)
    return Token("string", written, opening + 1, body), position + 1


def unescaped(body: str, position: int, lexicon: Lexicon) -> str:
    """Put characters for the escapes in the body of a text that begins at ``position``."""

    def put(found: re.Match[str]) -> str:
        code = next((digits for digits in found.groups() if digits), None)
        if code:
            number = int(code, 16)
            if number <= _LAST_CHARACTER and number not in _SURROGATES:
                return chr(number)
        elif (plain := lexicon.escapes.get(found.group()[1:])) is not None:
            return plain
        elif not lexicon.strict_escapes:
            return found.group()
        raise ExpressionSyntaxError("escape-unknown", position=position + found.start(), escape=found.group())

    return lexicon.escape.sub(put, body)
