"""How lists, their rows, problems and rectifications look in answers, and which of them a request asks for."""

from __future__ import annotations

from marshmallow import Schema, fields

from api.fields import Given, Instant, counted, day, one_of, said, text, truth
from api.openapi import Paging
from workflows.checklists.problems import SEVERITIES
from workflows.deadlines.lights import LightKey
from workflows.tables import CaseStatus, ChecklistStatus

KINDS = ("subject", "leadership", "supervision")
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_LIGHTS = {"description": "Key of the light; null before the row is performed."}


class RegisterQuery(Paging):
    """Which entries. ``as_of``: as they stood at the end of that day in China."""

    q = text(200)
    unit = text(120, metadata={"description": "A unit's code: it and all units below."})
    as_of = day()


class ListQuery(RegisterQuery):
    """Which lists."""

    year = counted(_FIRST_YEAR, _LAST_YEAR)
    status = one_of(tuple(ChecklistStatus))


class RowQuery(ListQuery):
    """Which rows of lists."""

    checklist = text(60)
    kind = one_of(KINDS)
    post = text(120)
    holder = text(120, metadata={"description": "A person's code."})
    light = one_of(tuple(LightKey))
    due_from = day()
    due_to = day()


class ProblemQuery(RegisterQuery):
    """Which problems."""

    year = counted(_FIRST_YEAR, _LAST_YEAR)
    status = one_of(("open", "closed"))
    severity = one_of(SEVERITIES)
    traced = truth()


class RectificationQuery(RegisterQuery):
    """Which rectifications."""

    status = one_of(tuple(CaseStatus))


class CompareQuery(Given):
    """With which list; without one, with the version before."""

    with_ = text(60, data_key="with")


class ListShape(Schema):
    """One list of a unit and year."""

    id = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    year = fields.Integer()
    status = fields.String(metadata={"enum": [str(status) for status in ChecklistStatus]})
    version = fields.Integer()
    digest = fields.String(metadata={"description": "Over all rows: what signatures and publication are bound to."})
    scope = said()
    place = fields.String()
    rows = fields.Integer()
    case_id = fields.String()
    created_at = Instant()
    publicised_at = Instant(allow_none=True)
    publicity_until = Instant(allow_none=True)
    in_force_at = Instant(allow_none=True)
    archived_at = Instant(allow_none=True)


class RowShape(Schema):
    """One version of one row."""

    id = fields.String()
    checklist_id = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    year = fields.Integer()
    status = fields.String()
    no = fields.String()
    version = fields.Integer()
    kind = fields.String(metadata={"enum": list(KINDS)})
    duty = fields.String()
    measure = fields.String()
    due_on = fields.Date()
    holder_post = fields.String()
    holder = said()
    holder_name = said()
    holder_unit = fields.String()
    evidence = fields.String()
    digest = fields.String()
    valid_from = Instant()
    valid_to = Instant(allow_none=True)
    case_id = said()
    case_status = said()
    light = fields.String(allow_none=True, metadata=_LIGHTS)


class DifferenceShape(Schema):
    """One row number in two lists."""

    no = fields.String()
    kind = fields.String(metadata={"enum": ["new", "gone", "changed", "same"]})
    columns = fields.List(fields.String())
    before = fields.Nested(RowShape, allow_none=True)
    after = fields.Nested(RowShape, allow_none=True)


class ComparisonShape(Schema):
    """Two lists side by side."""

    items = fields.List(fields.Nested(DifferenceShape))


class ObjectionShape(Schema):
    """One objection. ``text`` and ``raised_by`` only for who raised it."""

    number = fields.Integer()
    row_no = said()
    text = said()
    raised_by = fields.String()
    raised_at = Instant()
    outcome = said()
    reply = said()
    answered_at = Instant(allow_none=True)


class ObjectionsShape(Schema):
    """The objections to a list."""

    items = fields.List(fields.Nested(ObjectionShape))


class ObjectionBody(Given):
    """What is said against a list, or one row of it."""

    row = text(20)
    text = text(2_000, required=True)


class ProblemBody(Given):
    """A problem found outside a regular check."""

    fact = text(2_000, required=True)
    basis = text(200, required=True)
    severity = one_of(SEVERITIES, load_default="normal")
    traced = truth(load_default=False)
    row = text(20)


class ProblemEntryShape(Schema):
    """One entry of the list of problems."""

    id = fields.String()
    number = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    year = fields.Integer()
    row_no = said()
    fact = fields.String()
    basis = fields.String()
    severity = fields.String(metadata={"enum": list(SEVERITIES)})
    traced = fields.Boolean()
    supervising_unit = fields.String()
    checklist_id = fields.String()
    case_id = said()
    rectification_case_id = said()
    accountability_case_id = said()
    found_at = Instant()
    closed_at = Instant(allow_none=True)
    status = fields.String(metadata={"enum": ["open", "closed"]})
    light = fields.String(allow_none=True, metadata=_LIGHTS)


class RectificationShape(Schema):
    """One rectification case."""

    id = fields.String()
    title = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    status = fields.String(metadata={"enum": [str(status) for status in CaseStatus]})
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    light = fields.String(allow_none=True, metadata=_LIGHTS)
    problem_id = said()
    problem_number = said()


class CopiedShape(Schema):
    """How many rows were put into the draft, and its version."""

    rows = fields.Integer()
    row_version = fields.Integer()
