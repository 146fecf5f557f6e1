"""Each row of the catalogue maps to steps, or says why not; the file and the diagrams agree in both directions."""

from __future__ import annotations

import pytest

from tests.law.law_files import DATA, EDITOR, FAMILIES, LAW, bundles, duties, load, steps
from workflows.deadlines.recurrence import read_recurrence
from workflows.duty_files import read_duties

every_family = pytest.mark.parametrize("family", FAMILIES)
ROWS = {row["id"]: row for row in load(DATA / "duty_rows.yaml")["duties"]}


@pytest.mark.parametrize("family", ["dual_reporting", "rectification", "responsibility_checklist", "accountability"])
def test_every_row_of_the_catalogue_of_this_family_is_answered_for(family: str) -> None:
    catalogue = {key for key, row in ROWS.items() if row["process"] == family}

    assert catalogue
    assert catalogue - {row["id"] for row in duties()[family]} == set()


@every_family
def test_a_duty_says_what_the_catalogue_says(family: str) -> None:
    for row in duties()[family]:
        told = ROWS[row["id"]]
        assert (row["title"], row["quote"], row["source"]) == (told["title"], told["quote"], told["source"])
        assert row["clause"] == f"{told['source']} {told['clause']}"


@every_family
def test_a_duty_maps_to_steps_that_exist_or_says_why_it_does_not(family: str) -> None:
    known = {step.id for step in steps(family)}

    for row in duties()[family]:
        assert row["definition"] == family
        if "not_modelled" in row:
            assert row["not_modelled"].strip()
            assert "elements" not in row
        else:
            assert row["elements"], row["id"]
            assert set(row["elements"]) - known == set(), row["id"]


@every_family
def test_every_step_of_the_family_that_rests_on_law_serves_a_duty(family: str) -> None:
    """Gateways and ends only carry the token."""
    served = {element for row in duties()[family] for element in row.get("elements", ())}
    kinds = {"userTask", "callActivity"}
    needed = {step.id for step in steps(family) if step.type in kinds and step.clause != EDITOR}

    assert needed - served == set()


@every_family
def test_a_periodic_duty_can_be_generated_and_an_event_duty_names_its_event(family: str) -> None:
    for row in duties()[family]:
        if "not_modelled" in row:
            continue
        assert row["catch_up"] in {"all", "latest", "none"}
        assert row["responsible"]["kinds"]
        rule = bundles()[family].deadlines[row["deadline"]]
        if row["trigger"]["kind"] == "periodic":
            recurrence = read_recurrence(row["trigger"], rule)
            assert recurrence.rrule == row["trigger"]["rrule"]
            assert row["trigger"]["lead"]["parameter"] in bundles()[family].parameters
        else:
            assert row["trigger"]["event"].strip()


def test_the_catalogue_and_the_file_agree_on_what_is_periodic() -> None:
    periodic = {row["id"] for row in duties()["dual_reporting"] if row["trigger"]["kind"] == "periodic"}

    assert periodic == {
        key for key, row in ROWS.items() if row["process"] == "dual_reporting" and row["trigger"] == "periodic"
    }
    for key in periodic:
        stated = ROWS[key]["recurrence"]["rrule"]
        mine = next(row["trigger"]["rrule"] for row in duties()["dual_reporting"] if row["id"] == key)
        assert mine.startswith(stated)


@every_family
def test_the_application_reads_the_file(family: str) -> None:
    path = LAW / "duties" / f"{family}.yaml"

    rows, _ = read_duties(path.read_bytes(), path.name)

    assert [row.id for row in rows] == [row["id"] for row in duties()[family]]
