"""A fault of the process while it runs: it stops one token and becomes an incident."""

from __future__ import annotations

from typing import Any

# where a token keeps its incident until ``Retry``
INCIDENT = "incident"


class Fault(Exception):  # noqa: N818 - it is no error of the caller: the run turns it into an incident
    """``code`` is stable; the message is for whoever must repair the process or its data, and so are the params.

    They are plain data, from which doors word the fault in the reader's language.
    """

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.params = params
