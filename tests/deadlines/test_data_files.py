"""Data are read by libyaml where it may, and everything it refuses is judged by PyYAML: both say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from workflows.deadlines.data_files import _FastLoader, _StrictLoader, parse_document
from workflows.deadlines.errors import DataFaultsError

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "bpmn").rglob("*") if path.suffix in {".yaml", ".json"})


def test_both_readers_give_the_same_data_for_every_file_of_the_law():
    assert len(FILES) > 40

    for path in FILES:
        content = path.read_bytes()
        assert yaml.load(content, _FastLoader) == yaml.load(content, _StrictLoader) == parse_document(content, "f")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[a,", '{"a": ['])
def test_a_document_that_nests_without_end_is_a_fault_and_not_a_crash(opening):
    with pytest.raises(DataFaultsError) as told:
        parse_document(opening * 20_000, "deep.yaml")

    assert [(fault.file, fault.code) for fault in told.value.faults] == [("deep.yaml", "not-yaml")]


def test_what_libyaml_would_not_be_trusted_with_is_still_read():
    assert parse_document("[" * 110 + "]" * 110, "deep.yaml") == parse_document("- " * 109 + "[]", "deep.yaml")


@pytest.mark.parametrize("text", ["a: 1\na: 2", "{a: 1, a: 2}", "- {b: {c: 1, c: 2}}", "1: a\n1: b"])
def test_a_key_given_twice_is_told_with_its_line(text):
    with pytest.raises(DataFaultsError) as told:
        parse_document("\n" + text, "twice.yaml")

    (fault,) = told.value.faults
    assert "stands twice" in fault.message
    assert fault.params["line"] == 2 + text.count("\n")
