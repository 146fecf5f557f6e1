"""What templates may call: dates, lights, labels, the menu and the built files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from flask_babel import gettext

from api.finding_wording import word_finding, word_place
from api.incident_wording import is_worded, word_incident
from web import dates
from web.assets import asset
from web.blueprint import application, ask, pages
from web.help_topics import topic_of
from web.labels import label
from web.lights import show_light
from web.locales import choose_locale
from web.preferences import reading_classes
from workflows.access import Actor
from workflows.queries.notices import Badges, badges

_FLOWADMIN, _AUDITOR, _SYSADMIN = "flowadmin", "auditor", "sysadmin"

_FILTERS: Mapping[str, Callable[..., Any]] = {
    "time": dates.show_time,
    "day": dates.show_day,
    "due": dates.show_due,
    "took": dates.show_duration,
    "label": label,
    "incident": lambda row: word_incident(row.message, row.params),
    "is_worded": is_worded,
    "finding": word_finding,
    "place": word_place,
}
for _name, _filter in _FILTERS.items():
    pages.add_app_template_filter(_filter, _name)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu; ``badge`` is what waits behind it."""

    title: str
    endpoint: str
    badge: int = 0
    is_urgent: bool = False


@pages.app_context_processor
def shared() -> dict[str, Any]:
    """Return what every template sees."""
    logged_in = g.get("logged_in")
    return {
        "asset": asset,
        "show_light": show_light,
        "left": dates.left,
        "overdue_by": dates.overdue_by,
        "now": application().clock.now(),
        "with_arguments": with_arguments,
        "sorted_by": sorted_by,
        "sort_direction": sort_direction,
        "reading_classes": reading_classes(),
        "language": choose_locale(),
        "me": logged_in.actor if logged_in else None,
        "menu": menu,
        "may": may,
        "help_topic": topic_of(request.endpoint),
    }


def may(*roles: str) -> bool:
    """Whether the reader has one of ``roles`` somewhere: what is offered, not what is allowed."""
    logged_in = g.get("logged_in")
    return bool(logged_in and logged_in.actor.has_role(*roles))


def sorted_by(column: str, *, first: str = "") -> str:
    """Return this address sorted by a column, the other way round when it is so already, from the first page on.

    ``first`` is how the list is sorted when the address does not say.
    """
    now = request.args.get("sort") or first
    return with_arguments(sort=f"-{column}" if now == column else column, after=None, before=None)


def sort_direction(column: str, *, first: str = "") -> str:
    """Return how the page is sorted by a column, in the words of ``aria-sort``; nothing when it is not."""
    now = request.args.get("sort") or first
    return {column: "ascending", f"-{column}": "descending"}.get(now, "")


def with_arguments(**changes: Any) -> str:
    """Return this address with some arguments changed, so that filters survive the next page."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value}
    kept.update(changes)
    return f"{request.path}?{urlencode({name: value for name, value in kept.items() if value is not None})}"


def menu() -> list[tuple[str, list[MenuItem]]]:
    """Return the menu of whoever is logged in."""
    actor: Actor = g.logged_in.actor
    waiting = ask(badges, actor=actor)
    groups = [_own_work(waiting), _cases(waiting), _registers(), _administration(actor)]
    return [(title, items) for title, items in groups if items]


def _own_work(waiting: Badges) -> tuple[str, list[MenuItem]]:
    return gettext("我的工作"), [
        MenuItem(gettext("工作台"), "web.home"),
        MenuItem(gettext("待办"), "web.task_list", waiting.todo, is_urgent=waiting.tasks.get("overdue", 0) > 0),
        MenuItem(gettext("已办"), "web.done_list"),
        MenuItem(gettext("我发起的"), "web.started_list"),
        MenuItem(gettext("抄送我的"), "web.copied_list", waiting.copies),
        MenuItem(gettext("发起"), "web.start_page"),
        MenuItem(gettext("消息"), "web.notice_list", waiting.notices),
    ]


def _cases(waiting: Badges) -> tuple[str, list[MenuItem]]:
    return gettext("办件与督办"), [
        MenuItem(gettext("进度总览"), "web.overview_page"),
        MenuItem(gettext("办件"), "web.case_list"),
        MenuItem(gettext("升级审批"), "web.escalation_list", waiting.escalations, is_urgent=waiting.escalations > 0),
        MenuItem(gettext("督办台账"), "web.supervision_register"),
    ]


def _registers() -> tuple[str, list[MenuItem]]:
    return gettext("清单与台账"), [
        MenuItem(gettext("年历"), "web.year_page"),
        MenuItem(gettext("责任清单"), "web.checklist_list"),
        MenuItem(gettext("清单项目"), "web.checklist_rows"),
        MenuItem(gettext("问题台账"), "web.problem_list"),
        MenuItem(gettext("整改台账"), "web.rectification_list"),
    ]


def _administration(actor: Actor) -> tuple[str, list[MenuItem]]:
    items = [MenuItem(gettext("流程库"), "web.definition_list")]
    if actor.has_role(_FLOWADMIN, _AUDITOR, _SYSADMIN):
        items.append(MenuItem(gettext("环节设置"), "web.step_list"))
    items.append(MenuItem(gettext("灯与提醒"), "web.reminder_list"))
    if actor.has_role(_FLOWADMIN, _AUDITOR, _SYSADMIN):
        items.append(MenuItem(gettext("运行监控"), "web.operations_page"))
    if actor.has_role(_FLOWADMIN, _AUDITOR):
        items.append(MenuItem(gettext("异常"), "web.incident_list"))
    items += [MenuItem(gettext("日历"), "web.calendar_page"), MenuItem(gettext("组织"), "web.organisation_page")]
    if actor.has_role(_AUDITOR):
        items.append(MenuItem(gettext("操作日志"), "web.record_search"))
        items.append(MenuItem(gettext("账本"), "web.ledger_page"))
    return gettext("制度与系统"), items
