from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from workflows.retention import Retention, RetentionError, load_retention, parse_retention

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = load_retention(ROOT / "bpmn")


@pytest.mark.parametrize(
    ("purpose", "written", "until"),
    [
        ("opinion", date(2026, 3, 2), date(2056, 3, 2)),
        ("urge-note", date(2026, 3, 2), date(2036, 3, 2)),
        ("something new", date(2026, 3, 2), date(2056, 3, 2)),
        ("urge-note", date(2028, 2, 29), date(2038, 2, 28)),
    ],
)
def test_a_text_is_kept_for_whole_years_from_the_day_it_was_written(purpose, written, until):
    assert SHIPPED.until(purpose, written) == until


def test_what_is_kept_for_ever_has_no_end():
    assert parse_retention({"default": "永久", "purposes": {}}).until("opinion", date(2026, 3, 2)) is None
    assert Retention(10, {"opinion": None}).until("opinion", date(2026, 3, 2)) is None


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"default": 30},
        {"default": 30, "purposes": []},
        {"default": 0, "purposes": {}},
        {"default": True, "purposes": {}},
        {"default": 30, "purposes": {"opinion": "ten"}},
        {"default": 30, "purposes": {}, "more": 1},
    ],
)
def test_a_faulty_file_is_refused(content):
    with pytest.raises(RetentionError):
        parse_retention(content)


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(RetentionError, match=r"retention\.yaml"):
        load_retention(tmp_path)


def test_every_purpose_in_the_file_is_one_that_texts_are_sealed_for():
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflows").glob("*.py")))

    assert [purpose for purpose in SHIPPED.purposes if not re.search(f'"{purpose}"', code)] == []
