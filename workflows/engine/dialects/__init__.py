"""Dialects: what other tools write beside BPMN, said in the words of the neutral model (BPMN 2.0.2 §8.3.3).

Every attribute and element of a known vendor ends in one of four ways: *mapped* onto what runs here, *told* because
it does not change where tokens go or what data hold, *told with a warning* because code of another system was to run,
or *refused* by its name. The tables stand in docs/dialects.md; unknown namespaces are listed by the check.
"""

from __future__ import annotations

from workflows.engine.dialects.translation import translate

__all__ = ["translate"]
