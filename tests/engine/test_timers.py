"""When timers fire: every way of writing a time that a modeler uses, and nonsense by its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.engine.dialect_scene import in_dialects
from tests.engine.scene import NOW, Play, codes, compiled, definitions, node, process, tasks, timer
from workflows.engine.expressions import PEOPLE_ZONE
from workflows.engine.run.cron import parse_cron
from workflows.engine.values import ValueFault


def due(text: str, kind: str = "timeDuration", **variables: Any) -> datetime:
    play = Play(node("intermediateCatchEvent", "c", timer(text, kind)), "s > c\n c > e", **variables)
    return next(iter(play.timers.values())).due_at


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=PEOPLE_ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT1H30M", NOW + timedelta(minutes=90)),
        ("P2W", NOW + timedelta(weeks=2)),
        ("P1W2DT3H", NOW + timedelta(days=9, hours=3)),
        ("P1M", local(2026, 4, 2, 9)),
        ("P1Y", local(2027, 3, 2, 9)),
        ("P1M10D", local(2026, 4, 12, 9)),
        ("P1Y2M3DT4H5M6S", local(2027, 5, 5, 13, 5, 6)),
        ('"PT1H"', NOW + timedelta(hours=1)),
        ("'PT1H'", NOW + timedelta(hours=1)),
        ('="PT1H"', NOW + timedelta(hours=1)),
        ('=duration("PT1H")', NOW + timedelta(hours=1)),
        ("${span}", NOW + timedelta(minutes=5)),
        ("#{span}", NOW + timedelta(minutes=5)),
        ("=span", NOW + timedelta(minutes=5)),
        ("5s", NOW + timedelta(seconds=5)),
        ("1d 2h", NOW + timedelta(hours=26)),
        ("500ms", NOW + timedelta(milliseconds=500)),
    ],
)
def test_a_duration(text, expected):
    assert due(text, span="PT5M") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-01T10:30:00Z", datetime(2026, 10, 1, 10, 30, tzinfo=UTC)),
        ("2026-10-01T10:30:00+08:00", datetime(2026, 10, 1, 2, 30, tzinfo=UTC)),
        ("2026-10-01T10:30:00+0800", datetime(2026, 10, 1, 2, 30, tzinfo=UTC)),
        ("2026-10-01T10:30:00.000+0200", datetime(2026, 10, 1, 8, 30, tzinfo=UTC)),
        ("2026-10-01T10:30:00", datetime(2026, 10, 1, 2, 30, tzinfo=UTC)),
        ("2026-10-01T10:30", datetime(2026, 10, 1, 2, 30, tzinfo=UTC)),
        ("2026-10-01 10:30:00", datetime(2026, 10, 1, 2, 30, tzinfo=UTC)),
        ("2026-10-01", datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("2026-10-01T10:30:00+02:00[Europe/Berlin]", datetime(2026, 10, 1, 8, 30, tzinfo=UTC)),
        ("2026-10-01T10:30:00[Europe/Berlin]", datetime(2026, 10, 1, 8, 30, tzinfo=UTC)),
        ("${day}", datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_date(text, expected):
    assert due(text, "timeDate", day="2027-01-01T00:00:00") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R3/PT10M", NOW + timedelta(minutes=10)),
        ("R/P1M1D", local(2026, 4, 3, 9)),
        ("R2/2026-05-01T00:00:00+0800/P1D", local(2026, 5, 1)),
        ("0 0 12 * * ?", local(2026, 3, 2, 12)),
        ("0/10 * * * * ?", NOW + timedelta(seconds=10)),
        ("0 0/5 * * * ?", NOW + timedelta(minutes=5)),
        ("0 30 9 ? * MON-FRI", local(2026, 3, 2, 9, 30)),
        ("0 0 9 1 * ?", local(2026, 4, 1, 9)),
        ("0 0 0 L * ?", local(2026, 3, 31)),
        ("0 0 0 ? * MON#2", local(2026, 3, 9)),
        ("0 0 0 ? * FRIL", local(2026, 3, 27)),
        ("0 0 0 15W * ?", local(2026, 3, 16)),
        ("0 0 12 1 1 ? 2030", local(2030, 1, 1, 12)),
        ("30 9 * * 1-5", local(2026, 3, 2, 9, 30)),
        ("*/15 * * * *", NOW + timedelta(minutes=15)),
        ("@daily", local(2026, 3, 3)),
    ],
)
def test_a_cycle(text, expected):
    assert due(text, "timeCycle") == expected


def test_a_border_timer_by_cron_fires_again_and_again():
    border = node("boundaryEvent", "b", timer("0 0 12 * * ?", "timeCycle"), attachedToRef="A", cancelActivity="false")
    play = Play(tasks("A", "B") + border, "s > A\n A > e\n b > B\n B > e")

    play.wait(days=3)

    assert play.count("b") == 3
    assert play.timers[play.key("b")].due_at == local(2026, 3, 5, 12)


@pytest.mark.parametrize(
    ("text", "dialect", "weekday"),
    [("0 0 0 ? * 2", "quartz", "Monday"), ("0 0 0 * * 2", "spring", "Tuesday"), ("0 0 * * 0", "", "Sunday")],
)
def test_numbers_of_weekdays_mean_what_their_dialect_says(text, dialect, weekday):
    found = parse_cron(text, dialect).after(NOW)

    assert found is not None
    assert found.astimezone(PEOPLE_ZONE).strftime("%A") == weekday


def test_a_file_of_camunda_counts_as_quartz_and_one_of_nobody_is_asked():
    drawn = process(
        node("intermediateCatchEvent", "c", timer("0 0 0 ? * 2", "timeCycle")) + tasks("A"), "s > c\n c > A\n A > e"
    )
    camunda = drawn.replace('<bpmn:userTask id="A"', '<bpmn:userTask id="A" activiti:assignee="x"')

    assert codes(definitions(drawn)) == [("timer-invalid", "c")]
    accepted = compiled(in_dialects(definitions(camunda)))
    assert next(iter(Play(accepted.processes["P"]).timers.values())).due_at == local(2026, 3, 9)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-PT5M", "timeDuration"),
        ("P", "timeDuration"),
        ("PT", "timeDuration"),
        ("P1M-10D", "timeDuration"),
        ("pt5m", "timeDuration"),
        ("P999999999Y", "timeDuration"),
        ("R3/PT5M", "timeDuration"),
        ("PT5M", "timeDate"),
        ("2026-02-30T00:00:00Z", "timeDate"),
        ("2026-13-01", "timeDate"),
        ("2026-10-01T25:00:00Z", "timeDate"),
        ("2026-10-01T10:30:00[Mars/Base]", "timeDate"),
        ("R0/PT5M", "timeCycle"),
        ("R3/PT0S", "timeCycle"),
        ("R999999999/PT0S", "timeCycle"),
        ("R3/-PT5M", "timeCycle"),
        ("61 * * * * ?", "timeCycle"),
        ("0 0 25 * * ?", "timeCycle"),
        ("0 0 0 32 * ?", "timeCycle"),
        ("0 0 0 ? * FOO", "timeCycle"),
        ("0 0/0 0 * * ?", "timeCycle"),
        ("0 0 0 ? * 2", "timeCycle"),
    ],
)
def test_nonsense_is_refused_by_name(text, kind):
    drawn = process(node("intermediateCatchEvent", "c", timer(text, kind)), "s > c\n c > e")

    assert codes(definitions(drawn)) == [("timer-invalid", "c")]


def test_a_day_that_never_comes_is_no_loop():
    assert parse_cron("0 0 0 31 2 ?").after(NOW) is None


@pytest.mark.parametrize("text", ["", "* *", "0 0 0 0 0 0 0 0", "a b c d e f", "0 0 0 ? * MON#9", "0 0 0 40W * ?"])
def test_what_is_no_cron_text_is_a_fault(text):
    with pytest.raises(ValueFault):
        parse_cron(text, "quartz")
