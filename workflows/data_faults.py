"""Faults of data files as one error for the caller: every fault, with file and path."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.deadlines.errors import Fault
from workflows.errors import FieldFault, RejectedError

_SHOWN = 5


def rejected_data(code: str, faults: Sequence[Fault]) -> RejectedError:
    """Return the error for data files with faults. A fault's pointer is ``/<file>#<path inside it>``."""
    shown = "; ".join(map(str, faults[:_SHOWN]))
    return RejectedError(
        f"Expected files without faults, but there are {len(faults)}: {shown}",
        code=code,
        faults=[
            FieldFault(f"/{fault.file}#{fault.path}", fault.code, fault.message, tuple(fault.params.items()))
            for fault in faults
        ],
        count=len(faults),
    )
