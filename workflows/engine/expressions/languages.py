"""Which language an expression is in: what the file declares, as far as that can be believed, else its shape.

Modelers write XPath as the default of every file, whatever its expressions are in (it is the standard's default,
BPMN 2.0.2, table 8.1); and FEEL above texts in ``${...}``, which cannot be FEEL.
"""

from __future__ import annotations

import re

from workflows.engine.expressions.errors import ExpressionSyntaxError

FEEL, JUEL, PYTHON, JAVA, MVEL = "feel", "juel", "python", "java", "mvel"
UNSAID = ""
_DECLARED = (
    (FEEL, ("feel", "omg.org/spec/dmn")),
    (JUEL, ("juel", "uel", "expressionlanguage", "java.sun.com/products/jsp", "java.sun.com/jsp", "jsp.jstl.el")),
    (PYTHON, ("python",)),
    (MVEL, ("mvel",)),
    (JAVA, ("java.com/java",)),
)
_SEGMENT = re.compile(r"[$#]\{")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
# signs of XPath that FEEL reads as something else
_XPATH = re.compile(r"/|::|@|\$|\|[^|]|\bgetData\w+\(|\b(?:div|mod)\b")


def choose_language(text: str, declared: str, *, unary: bool = False) -> str:
    """Name the language, ``UNSAID`` for FEEL that may turn out to be Python, or raise by the name of another one."""
    said = _known(declared)
    if unary:
        if said in (JUEL, JAVA, MVEL) or text.lstrip().startswith(("${", "#{")):
            raise _not_run(declared or "JUEL")
        return FEEL
    if said in (FEEL, UNSAID) and not _marked(text) and _SEGMENT.search(_QUOTED.sub("", text)):
        return JUEL
    if said == UNSAID and declared and _XPATH.search(_QUOTED.sub("", text)):
        raise _not_run("XPath")
    return FEEL if _marked(text) else said


def _known(declared: str) -> str:
    """Find the language behind a name or an address; XPath says nothing."""
    name = declared.strip().lower()
    if name in ("el", JAVA):
        return JUEL if name == "el" else JAVA
    if not name or "xpath" in name:
        return UNSAID
    for language, words in _DECLARED:
        if any(word in name for word in words):
            return language
    raise _not_run(declared)


def _marked(text: str) -> bool:
    """Recognize the ``=`` that some modelers put before FEEL."""
    stripped = text.lstrip()
    return stripped.startswith("=") and not stripped.startswith("==")


def _not_run(language: str) -> ExpressionSyntaxError:
    return ExpressionSyntaxError("expression-language-not-supported", position=0, language=language[:100])
