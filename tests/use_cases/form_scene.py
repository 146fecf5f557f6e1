"""Forms in small pieces for tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.errors import RejectedError
from workflows.forms import Form, Surroundings, read_form, validate

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
AROUND = Surroundings(NOW)
LAW = Path(__file__).resolve().parents[2] / "bpmn"


def form_of(*components: dict, title: str = "表单") -> Form:
    document = {"type": "default", "id": "test", "title": title, "components": list(components)}
    form, findings = read_form("test.json", json.dumps(document).encode())
    assert form is not None, [finding.message for finding in findings]
    return form


def findings_of(*components: object, **document: object) -> list[tuple[str, str]]:
    whole = {"type": "default", "components": list(components), **document}
    form, findings = read_form("test.json", json.dumps(whole).encode())
    assert form is None
    return [(finding.code, finding.path) for finding in findings]


def faults_of(form: Form, values: object, around: Surroundings = AROUND) -> dict[str, str]:
    with pytest.raises(RejectedError) as caught:
        validate(form, values, around, pointer="")
    assert caught.value.code == "form-invalid"
    return {fault.pointer: fault.code for fault in caught.value.faults}


def text(key: str = "a", **more: object) -> dict:
    return {"type": "textfield", "key": key, "label": key, **more}
