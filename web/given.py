"""What a plain form gives, read by the same schema that reads the body of its route."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import ValidationError

from api.fields import Given
from workflows.errors import RejectedError
from workflows.forms.remarks import faults_of


def given(schema: type[Given], **more: Any) -> dict[str, Any]:
    """Return the fields of this form; empty ones are absent. Raises ``RejectedError`` with a fault for each field."""
    reader = schema()
    names = {field.data_key or name for name, field in reader.fields.items()}
    told = {name: value.strip() for name, value in request.form.items() if name in names and value.strip()}
    try:
        loaded: dict[str, Any] = reader.load({**told, **more})
    except ValidationError as error:
        faults = list(faults_of(error.messages))
        raise RejectedError(f"Expected {len(faults)} field(s) to be other.", faults=faults) from error
    return loaded
