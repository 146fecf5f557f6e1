"""Dates as people read them: Shanghai time, the last day of a limit, and how far away it is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import gettext

from workflows.clock import SHANGHAI

_MIDNIGHT = time()
_INSTANT = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_DAY = 86_400


def local(moment: datetime) -> datetime:
    """Return an instant in Shanghai time."""
    return moment.astimezone(SHANGHAI)


def show_time(moment: datetime | str | None) -> str:
    """Return ``2026-11-17 09:30``, nothing for None."""
    if moment is None:
        return ""
    return f"{local(_instant(moment)):%Y-%m-%d %H:%M}"


def show_day(moment: datetime | date | str | None) -> str:
    """Return ``2026-11-17``."""
    if moment is None:
        return ""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
    return f"{local(moment):%Y-%m-%d}" if isinstance(moment, datetime) else f"{moment:%Y-%m-%d}"


def show_due(due_at: datetime | str | None) -> str:
    """Return the last day of a limit; ``due_at`` is exclusive. Limits in hours show their minute."""
    if due_at is None:
        return ""
    moment = local(_instant(due_at))
    return f"{last_day(moment):%Y-%m-%d}" if moment.time() == _MIDNIGHT else f"{moment:%Y-%m-%d %H:%M}"


def last_day(due_at: datetime) -> date:
    """Return the day on which a limit ends."""
    return (local(due_at) - _INSTANT).date()


def left(due_at: datetime | None, now: datetime) -> str:
    """Return ``剩 2 天`` or ``逾期 3 天`` in calendar days, hours on the last day of a limit in hours."""
    if due_at is None:
        return ""
    days = (last_day(due_at) - local(now).date()).days
    if due_at <= now:
        return str(gettext("逾期 %(days)d 天", days=-days) if days < 0 else gettext("今日逾期"))
    if days == 0 and local(due_at).time() != _MIDNIGHT:
        return str(gettext("剩 %(hours)d 小时", hours=(due_at - now) // _HOUR))
    return str(gettext("剩 %(days)d 天", days=days) if days > 0 else gettext("今日到期"))


def overdue_by(due_at: datetime, now: datetime) -> str:
    """Return ``3 天``: what stands beside the word of an overdue light."""
    days = (local(now).date() - last_day(due_at)).days
    return str(gettext("%(days)d 天", days=days) if days > 0 else gettext("今日"))


def show_duration(seconds: float | None) -> str:
    """Return ``3.2 天``, hours or minutes for what took less; a dash when nothing is known."""
    if seconds is None:
        return "—"
    if seconds >= _DAY:
        return str(gettext("%(days)s 天", days=f"{seconds / _DAY:.1f}"))
    if seconds >= _HOUR.total_seconds():
        return str(gettext("%(hours)s 小时", hours=f"{seconds / _HOUR.total_seconds():.1f}"))
    return str(gettext("%(minutes)d 分钟", minutes=round(seconds / 60)))


def _instant(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment
