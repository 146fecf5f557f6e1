"""Forms: what a step asks for. One object yields the fields of a page and the schema of the API.

Start with `fields` (the tree), then `reading` (from a file, every fault listed), `schema` and `validation` (values
checked and converted), and `description` (the form as the API tells it). docs/forms.md tells the format.
"""

from workflows.forms.description import describe_form, plain_json
from workflows.forms.fields import Field, FieldType, Form, Option
from workflows.forms.reading import form_key, read_form
from workflows.forms.validation import (
    CleanValues,
    Surroundings,
    attachment_ids,
    references,
    validate,
    validate_draft,
    visible_fields,
)

__all__ = [
    "CleanValues",
    "Field",
    "FieldType",
    "Form",
    "Option",
    "Surroundings",
    "attachment_ids",
    "describe_form",
    "form_key",
    "plain_json",
    "read_form",
    "references",
    "validate",
    "validate_draft",
    "visible_fields",
]
