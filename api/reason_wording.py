"""Reasons inside findings and faults in Chinese, by code and parameters (`workflows/engine/reasons.py`).

A parameter that is itself a reason is worded too; a list is joined. A code without words here tells its English
sentence: an administrator must be told in any language rather than not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.decision_wording import DECISION_REASONS
from api.expression_wording import EXPRESSION_REASONS

_DURATION = "“{text}”不是 ISO 8601 的时长，例如 P3D（三天）、PT2H（两小时）"
_CYCLE = "“{text}”不是周期，例如 R3/PT10H（每十小时一次，共三次）"
_REFERENCE = "“{part}”里 @ 后面的单位写法不对"

REASONS: Mapping[str, str] = {
    "script-line": "“{line}”",
    "script-too-long": "超过 {limit} 字符",
    "script-language": "{language}",
    "in-expression": "“{text}”第 {place} 字处：{why}",
    **EXPRESSION_REASONS,
    **DECISION_REASONS,
    # times
    "duration-malformed": _DURATION,
    "duration-negative": "“{text}”在起算之前",
    "cron-malformed": "“{text}”不是 cron 的写法（秒、分、时、日、月、星期）",
    "cron-ambiguous": "“{text}”用数字写星期，各家文件的 1 不是同一天，请写 MON、TUE 等",
    "duration-mixed": "“{text}”把月和天、小时混在一起，请只用一种",
    "duration-out-of-range": "“{text}”太长",
    "date-malformed": "“{text}”不是日期，例如 2026-10-01",
    "date-out-of-range": "日历里没有“{text}”这一天",
    "date-time-malformed": "“{text}”不是日期和时间，例如 2026-10-01T10:30:00+08:00",
    "time-malformed": "“{text}”不是时间，例如 10:30:00",
    "time-out-of-range": "钟上没有“{text}”这个时间",
    "zone-out-of-range": "“{text}”里的时差不对",
    "zone-unknown": "“{text}”里的时区不存在",
    "cycle-malformed": _CYCLE,
    "cycle-cron": "“{text}”是 cron 的写法",
    "cycle-out-of-range": "“{text}”重复的次数太多",
    "cycle-not-positive": "“{text}”的间隔应大于零",
    "cycle-of-zero": "“{text}”重复零次，永远不会到时",
    # bodies that stay inside their case
    "body-without-collection": "它没有用 zc:collection 遍历集合",
    "body-passes-everything": "“{name}”传递全部变量",
    "body-inside-another": "它在另一个多实例子流程里面",
    "body-id-too-long": "它和流程的编号合起来太长，不能成为单独的流程",
    "body-moves-data": "{name} 有数据关联",
    "body-writes": "“{name}”写入数据项，却没有写 zc:output",
    "body-exchanges-messages": "“{name}”收发消息或信号",
    "body-compensates": "“{name}”以后可能要补偿",
    "body-ended-by-escalation": "“{name}”抛出的升级会结束它",
    "body-reads-case": "它要读办件的数据项“{name}”",
    # what a duty names
    "no-such-form": "这次上传里没有这个表单",
    "no-such-rule": "这次上传里没有这条时限规则",
    "no-such-operation": "系统没有这个操作",
    "owner-empty": "写法是空的",
    "owner-too-long": "写法太长",
    "owner-unknown-kind": "“{part}”应以 post、role、person 或 var 加冒号开头",
    "owner-value": "“{part}”的冒号后面应只有一个名称",
    "owner-unexpected-reference": "“{part}”不指单位，不能写 @",
    "owner-unknown-role": "“{part}”里没有这种角色",
    "owner-reference": _REFERENCE,
    "owner-unknown-post": "“{part}”里写的职务，组织文件里没有",
    "owner-unknown-relation": "“{part}”里写的单位关系，组织文件里没有",
    # what a value should be
    "true-or-false": "true 或 false",
    "text-up-to": "最多 {most} 字的文字",
    "whole-number": "0 到 {most} 的整数",
    "number": "数字",
    "object": "对象",
    "list-of-components": "字段的列表",
    "email-or-custom": "email 或 custom",
    "date-kinds": "date、time 或 datetime",
    "hide-expression": '应写成 {{"hide": "=表达式"}}',
    "pattern-not-a-text": "它不是最多 {most} 字的文字",
    "pattern-unreadable": "“{pattern}”读不懂",
}


class _Params(dict[str, Any]):
    """Fills what a text does not get with nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def word_reason(reason: Any) -> str:
    """Return the Chinese sentence of a reason given as plain data; anything else is what it says."""
    if isinstance(reason, list | tuple):
        return "、".join(word_reason(item) for item in reason)
    if not isinstance(reason, Mapping) or "code" not in reason:
        return str(reason)
    text = REASONS.get(str(reason["code"]))
    if text is None:
        return str(reason.get("message") or reason["code"])
    return text.format_map(word_params(reason.get("params") or {}))


def word_params(params: Mapping[str, Any]) -> _Params:
    """Return ``params`` with every reason among them worded."""
    return _Params({name: word_reason(value) for name, value in params.items()})
