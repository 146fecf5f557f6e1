import json
from datetime import date

import pytest

from workflows.deadlines.calendar import CalendarStatus
from workflows.deadlines.calendar_files import (
    calendar_year_document,
    load_calendar,
    load_calendar_years,
    read_calendar_year,
    read_pattern,
    write_calendar_year,
)
from workflows.deadlines.errors import DataFaultsError

GOOD = "year: 2027\nversion: 1\nstatus: invented\nsource: 虚构\noff_days: {2027-01-01: 元旦}\n"


def faults_of(read, text):
    with pytest.raises(DataFaultsError) as caught:
        read(text)
    return {(fault.path, fault.code) for fault in caught.value.faults}


def test_a_year_is_read_from_yaml_and_from_json():
    from_yaml = read_calendar_year(GOOD)
    document = {"year": 2027, "version": 1, "status": "invented", "source": "虚构", "off_days": {"2027-01-01": "元旦"}}

    assert from_yaml == read_calendar_year(json.dumps(document, ensure_ascii=False))
    assert from_yaml.off_days == {date(2027, 1, 1): "元旦"}
    assert from_yaml.status is CalendarStatus.INVENTED


def test_a_written_year_reads_back_the_same(invented_2027):
    assert read_calendar_year(write_calendar_year(invented_2027)) == invented_2027
    assert read_calendar_year(json.dumps(calendar_year_document(invented_2027))) == invented_2027


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("2027-01-01", "2028-01-01"), ("off_days.2028-01-01", "wrong-year")),
        (GOOD.replace("2027-01-01", "2026-11-30"), ("off_days.2026-11-30", "wrong-year")),
        (GOOD + "make_up_days: {2027-01-04: 上班}", ("make_up_days.2027-01-04", "make-up-on-weekday")),
        (
            GOOD.replace("2027-01-01", "2027-01-02") + "make_up_days: {2027-01-02: 上班}",
            ("make_up_days.2027-01-02", "free-and-worked"),
        ),
        (GOOD.replace("元旦", "''"), ("off_days.2027-01-01", "reason-missing")),
        (GOOD.replace("2027-01-01", "2027-02-30"), ("off_days.2027-02-30", "not-a-date")),
        (GOOD.replace("invented", "official"), ("status", "unknown-value")),
        (GOOD.replace("source: 虚构\n", ""), ("source", "missing")),
        (GOOD.replace("source: 虚构", "source: ' '"), ("source", "empty")),
        (GOOD.replace("version: 1", "version: true"), ("version", "wrong-type")),
        (GOOD.replace("version: 1", "version: 0"), ("version", "out-of-range")),
        (GOOD + "holydays: {}", ("holydays", "unknown-field")),
        (GOOD + "region: ../x", ("region", "bad-key")),
        (GOOD + "year: 2028", ("", "not-yaml")),
        ("- a list", ("", "wrong-type")),
        ("{", ("", "not-yaml")),
        ("!!python/object/apply:os.system [id]", ("", "not-yaml")),
        (b"\xff\xfe\x00", ("", "not-yaml")),
        (
            GOOD.replace("{2027-01-01: 元旦}", "{2027-01-01: 元旦, '2027-01-01': 元旦}"),
            ("off_days.2027-01-01", "listed-twice"),
        ),
        ("#" * 1_000_001, ("", "file-too-large")),
        (GOOD.replace("2027-01-01", "2027-01-01 10:00:00"), ("off_days.2027-01-01 10:00:00", "not-a-date")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_faulty_year_is_refused_with_the_place_and_kind_of_its_fault(text, fault):
    assert fault in faults_of(read_calendar_year, text)


def test_every_fault_is_listed_at_once():
    text = "year: 2027\nversion: x\noff_days: {2025-01-01: a, 2027-01-01: ''}\nmake_up_days: {2027-01-05: b}\nextra: 1"

    assert faults_of(read_calendar_year, text) == {
        ("version", "wrong-type"),
        ("source", "missing"),
        ("status", "missing"),
        ("off_days.2025-01-01", "wrong-year"),
        ("off_days.2027-01-01", "reason-missing"),
        ("make_up_days.2027-01-05", "make-up-on-weekday"),
        ("extra", "unknown-field"),
    }


def test_one_version_of_a_year_stands_in_one_file(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)

    assert ("b.yaml", "year-twice") in faults_of(load_calendar_years, tmp_path)


def test_a_folder_with_its_pattern_becomes_a_calendar(tmp_path, invented_2027):
    (tmp_path / "pattern.yaml").write_text("version: 3\nsource: s\nholidays: [{name: 元旦, solar: '01-01', days: 1}]")
    (tmp_path / "2027.yaml").write_text(write_calendar_year(invented_2027))

    calendar = load_calendar(tmp_path)

    assert calendar.version_of([2027, 2028]) == "2027:1+2028:p3"


@pytest.mark.parametrize(
    ("holiday", "code"),
    [
        ("{name: 甲, days: 1}", "day-unclear"),
        ("{name: 甲, solar: '01-01', lunar: '01-01', days: 1}", "day-unclear"),
        ("{name: 甲, solar: '13-01', days: 1}", "not-a-month-day"),
        ("{name: 甲, term: 冬至, days: 1}", "unknown-value"),
        ("{name: 甲, solar: '01-01'}", "missing"),
        ("{name: 甲, solar: '01-01', days: 99}", "out-of-range"),
        ("一", "wrong-type"),
    ],
)
def test_a_faulty_pattern_is_refused(holiday, code):
    assert code in {found for _, found in faults_of(read_pattern, f"version: 1\nsource: s\nholidays: [{holiday}]")}
