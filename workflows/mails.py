"""Mails: one queued row becomes one message, worded in the reader's language at the moment it leaves.

Only what a person may see in their own lists is written, and of a confidential case only that something waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from workflows.clock import SHANGHAI
from workflows.engine.values import parse_date_time
from workflows.tables import Outbox
from workflows.wording import Wording, wording

Parts = tuple[str, str]  # subject, text


def make_mail(row: Outbox, sender: str) -> EmailMessage:
    """Write the message of a row. Its Message-ID follows from the row, so a repeated sending can be recognised."""
    subject, text = _KINDS[row.content["kind"]](row.content, wording(row.content.get("locale", "zh_CN")))
    mail = EmailMessage()
    mail["Message-ID"] = f"<{row.id}@{sender.rpartition('@')[2]}>"
    mail["Date"] = format_datetime(parse_date_time(row.content["at"]).astimezone(SHANGHAI))
    mail["From"] = sender
    mail["To"] = row.address
    mail["Subject"] = " ".join(subject.split())  # a line break would begin another header
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    mail.set_content(text, cte="base64")
    return mail


def is_address(text: str) -> bool:
    """Whether mail can be sent to ``text``: one ASCII address with a domain, and nothing that could be a header."""
    if not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        return bool(Address(addr_spec=text).domain)
    except (ValueError, IndexError, MessageError):
        return False


def _digest(content: Mapping[str, Any], words: Wording) -> Parts:
    lines: Sequence[Mapping[str, Any]] = content["lines"]
    subject = words.gettext("责成：%(day)s 有 %(count)d 项提醒", day=content["day"], count=len(lines))
    head = words.gettext("%(name)s，您好。以下事项需要您关注：", name=content["name"])
    foot = words.gettext("请登录系统办理。本邮件由系统自动发出，请勿回复。")
    return subject, "\n".join([head, "", *(f"· {_line(line, words)}" for line in lines), "", foot, ""])


def _line(line: Mapping[str, Any], words: Wording) -> str:
    states = {
        "near": words.gettext("即将到期"),
        "due": words.gettext("今日到期"),
        "overdue": words.gettext("已逾期"),
    }
    state = states.get(line["state"], words.gettext("提醒"))
    title = line["title"] or words.gettext("涉密事项，登录后查看")
    if line.get("kind") == "approval":
        title = words.gettext("复核申请：%(title)s", title=title)
    due = words.gettext("，期限 %(day)s", day=line["due"]) if line["due"] else ""
    provisional = words.gettext("（暂定）") if line["provisional"] else ""
    return f"【{state}】{title}{due}{provisional}"


def _message(content: Mapping[str, Any], words: Wording) -> Parts:
    foot = words.gettext("请登录系统办理。本邮件由系统自动发出，请勿回复。")
    return content["subject"], f"{content['body']}\n\n{foot}\n"


_KINDS: Mapping[str, Callable[[Mapping[str, Any], Wording], Parts]] = {"digest": _digest, "message": _message}
