"""The words and the frame of the report."""

from __future__ import annotations

FAMILIES = {"dual_reporting": "双报告", "rectification": "整改", "escalation": "督办升级"}

COLUMNS = {
    "family": "流程族",
    "status": "状态",
    "number": "数量",
    "duty_id": "责任事项",
    "title": "名称",
    "period": "期",
    "kind": "种类",
    "outcome": "决定",
    "level": "级别",
    "at_ladder_end": "阶梯终点",
    "unit": "责任单位",
    "decider": "决定人",
    "decide_by": "应于何时决定",
    "ground": "事由",
    "code": "代号",
    "via": "从何处",
}

WORDS = {
    "active": "在办",
    "suspended": "中止",
    "completed": "办结",
    "cancelled": "撤销",
    "open": "未结",
    "resolved": "已解决",
    "skipped": "略过",
    "overdue": "逾期督办",
    "extension": "延期申请",
    "urge": "催办",
    "extend": "延期",
    "transfer": "转办",
    "order": "督办单",
    "talk": "约谈",
    "circular": "通报",
    "accountability": "问责",
    "reject": "不予督办／不准延期",
    "proposed": "待决定",
    "passed_up": "上送中",
    "approved": "已决定",
    "rejected": "不予",
    "closed": "已办结，不必再办",
    "waiting": "当时不能办，改日再办",
    "completed-late": "逾期办结，注明原因",
    "completed-http": "办结（HTTP）",
    "completed-http-late": "逾期办结（HTTP）",
    "suspend": "中止办件",
    "resume": "恢复办件",
    "cancel": "撤销办件",
    "clock_stop": "停钟",
    "return": "退回",
    "leave": "离任，职务空缺",
    "fill": "补上空缺，异常重试",
    "clock-stop": "停钟",
    "calendar": "日历",
    "case": "办件",
    "task": "待办",
    "timer": "定时",
    "timers_fired": "点火的定时",
    "escalation": "督办",
    "deadline": "时限",
    "ledger_event": "账本事件",
    "ledger_checkpoint": "检查点",
    "notice": "通知",
    "person": "人员",
    "unit": "单位",
}

PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; color: #14202b; background: #ffffff;
  font: 15px/1.6 "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #c6d0da; }
.verdict { padding: .6rem 1rem; border-radius: 4px; font-weight: 600; }
.verdict.holds { background: #e2f3ec; color: #00694f; } .verdict.broken { background: #b3270b; color: #ffffff; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem 1rem; margin: 1rem 0; }
dt { color: #4a5562; font-size: .85rem; } dd { margin: 0; font-size: 1.1rem; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #e4e9ee; vertical-align: top; }
th { color: #4a5562; font-weight: 600; font-size: .85rem; }
td.number, th.number { text-align: right; } td.number { font-variant-numeric: tabular-nums; }
tr.broken td:first-child { color: #b3270b; font-weight: 600; } tr.holds td:first-child { color: #00694f; }
td:first-child { white-space: nowrap; } td ul { margin: .3rem 0; padding-left: 1.2rem; color: #b3270b; }
code { font-size: .85rem; color: #4a5562; }
figure { margin: 1.2rem 0; } figcaption { font-weight: 600; }
.legend { margin: .2rem 0 .4rem; font-size: .85rem; color: #4a5562; }
.legend span { margin-right: 1rem; white-space: nowrap; }
.legend i { display: inline-block; width: .9rem; height: .9rem; margin-right: .3rem; vertical-align: -.12rem; }
svg { width: 100%; height: auto; } svg text { font: 12px "Noto Sans SC", "Noto Sans CJK SC", sans-serif; }
svg .name, svg .total { fill: #14202b; }
@media print { body { max-width: none; padding: 0; } section { break-inside: auto; } }
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
