"""Words for the codes that rows carry: states, roles, kinds of events and notices, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from web.event_labels import EVENT

CASE_STATUS: Mapping[str, Any] = {
    "active": _("办理中"),
    "suspended": _("已中止"),
    "completed": _("已办结"),
    "cancelled": _("已撤销"),
}
TASK_STATUS: Mapping[str, Any] = {
    "open": _("待签收"),
    "claimed": _("办理中"),
    "completed": _("已办结"),
    "cancelled": _("已取消"),
}
DEFINITION_STATUS: Mapping[str, Any] = {
    "draft": _("草稿"),
    "trial": _("试运行"),
    "active": _("在用"),
    "retired": _("停用"),
}
APPROVAL_ACT: Mapping[str, Any] = {
    "calendar_correction": _("更正日历"),
    "activation": _("申请启用"),
    "retirement": _("申请停用"),
    "migration": _("申请迁移办件"),
}
APPROVAL_STATUS: Mapping[str, Any] = {
    "waiting": _("等待另一人确认"),
    "confirmed": _("已确认"),
    "refused": _("已驳回"),
    "lapsed": _("已失效"),
}
APPROVAL_NOTE: Mapping[str, Any] = {
    "newer-draft": _("有了更新的草稿"),
    "newer-version": _("有了更新的版本"),
    "activated": _("版本已经启用"),
    "retired": _("版本已经停用"),
}
ESCALATION_STATUS: Mapping[str, Any] = {
    "proposed": _("待决定"),
    "approved": _("已决定"),
    "rejected": _("不予督办"),
    "passed_up": _("已上送"),
    "closed": _("已了结"),
}
ESCALATION_KIND: Mapping[str, Any] = {"overdue": _("逾期督办"), "extension": _("延期申请")}
STAGE_RESULT: Mapping[str, Any] = {
    "approved": _("同意"),
    "rejected": _("不予督办"),
    "passed_up": _("到期未决定，上送"),
    "recused": _("回避，跳过"),
    "cancelled": _("督办撤销"),
    "open_at_end": _("到顶仍未决定，挂账"),
}
OUTCOME: Mapping[str, Any] = {
    "urge": _("催办"),
    "extend": _("准予延期"),
    "transfer": _("转办"),
    "order": _("督办单"),
    "talk": _("约谈"),
    "circular": _("通报"),
    "accountability": _("问责"),
    "reject": _("不予督办"),
    "completed": _("正常办结"),
}
_NOT_EXTENDED = _("不予延期")  # an extension is no 督办: refusing it must not read like one
EXTENSION_STATUS: Mapping[str, Any] = {**ESCALATION_STATUS, "rejected": _NOT_EXTENDED}
EXTENSION_OUTCOME: Mapping[str, Any] = {**OUTCOME, "reject": _NOT_EXTENDED}
INCIDENT_STATUS: Mapping[str, Any] = {"open": _("待处理"), "resolved": _("已处理")}
INCIDENT_CODE: Mapping[str, Any] = {
    "cardinality-not-a-number": _("多实例的数量不是数字"),
    "child-cancelled": _("下级办件被撤销"),
    "collection-not-a-list": _("多实例的集合不是列表"),
    "error-uncaught": _("错误没有被流程接住"),
    "decision-aggregation-failed": _("决策的汇总没有结果"),
    "decision-input-not-allowed": _("决策的输入不在允许值里"),
    "decision-input-type": _("决策的输入类型不对"),
    "decision-not-unique": _("决策有几条规则同时命中"),
    "decision-output-not-allowed": _("决策的输出不在允许值里"),
    "decision-output-type": _("决策的输出类型不对"),
    "decision-result-type": _("决策的结果类型不对"),
    "decision-rules-disagree": _("决策命中的规则不一致"),
    "entry-missing": _("数据里没有要取的一项"),
    "expression-failed": _("表达式算不出来"),
    "extension-not-possible": _("批准的延期超出时限规则，没有执行"),
    "expression-result-too-large": _("表达式的结果太大"),
    "expression-too-costly": _("表达式要算的步骤太多"),
    "expression-too-deep": _("表达式嵌套太深"),
    "function-arguments": _("函数的参数不对"),
    "function-failed": _("函数出错"),
    "fuel-exhausted": _("自动步骤太多，已停下"),
    "index-out-of-range": _("列表里没有这一项"),
    "job-failed": _("自动操作多次失败"),
    "list-empty": _("列表是空的"),
    "multi-instance-too-large": _("多实例太多"),
    "signal-chain-too-long": _("办件之间用信号互相应答，没完没了，已停下"),
    "signal-too-wide": _("等这个信号的办件太多，信号没有送出"),
    "no-candidate": _("没有人可以办理这个环节"),
    "transfer-not-possible": _("督办决定的转办人不能接手，没有转办"),
    "no-condition-holds": _("网关的条件都不成立"),
    "no-order": _("两个值之间没有先后"),
    "no-result": _("算式没有结果"),
    "not-a-function": _("调用的不是函数"),
    "not-a-number": _("不是数字"),
    "not-a-truth": _("不是真假值"),
    "not-boolean": _("条件既不是真也不是假"),
    "not-iterable": _("值不能逐项遍历"),
    "not-taken-apart": _("列表的项数不对"),
    "nobody-decides": _("没有人可以决定这个督办"),
    "operand-kind": _("值的种类不对"),
    "operands-unfit": _("两个值不能这样计算"),
    "part-missing": _("值没有这一部分"),
    "pattern-flags": _("正则表达式的标志不对"),
    "pattern-malformed": _("正则表达式不对"),
    "pattern-too-long": _("正则表达式太长"),
    "recusal-not-worked-out": _("谁须回避算不出来"),
    "result-not-plain": _("表达式的结果不是数据"),
    "state-unreadable": _("办件的状态读不出来"),
    "step-zero": _("步长是 0"),
    "timer-failed": _("定时多次失败"),
    "timer-never-fires": _("定时永远不会到"),
    "timer-value-invalid": _("定时的时间不对"),
    "too-many-tokens": _("同时进行的路线太多"),
    "unknown-function": _("没有这个函数"),
    "unknown-name": _("没有这个数据项"),
    "value-not-plain": _("数据项里不是数据"),
    "value-too-deep": _("数据嵌套太深"),
    "variable-invalid": _("数据不对"),
}
ROLE: Mapping[str, Any] = {
    "clerk": _("经办"),
    "supervisor": _("督办"),
    "flowadmin": _("流程管理员"),
    "auditor": _("审计员"),
    "sysadmin": _("系统管理员"),
    "secadmin": _("安全保密管理员"),
    "worker": _("外部程序"),
}
CLASSIFICATION: Mapping[str, Any] = {"public": _("公开"), "internal": _("内部"), "confidential": _("保密")}
SEVERITY: Mapping[str, Any] = {"error": _("错误"), "warning": _("警告"), "info": _("提示")}
UNIT: Mapping[str, Any] = {
    "hour": _("小时"),
    "day": _("日"),
    "workday": _("个工作日"),
    "month": _("个月"),
    "year": _("年"),
}
DAY_REASON: Mapping[str, Any] = {
    "weekday": _("工作日"),
    "weekend": _("周末"),
    "holiday": _("节假日"),
    "make_up": _("调休上班"),
    "calendar_day": _("自然日"),
    "clock_stopped": _("中止期间"),
}
ANCHOR: Mapping[str, Any] = {
    "end_of_month": _("当月末"),
    "end_of_quarter": _("当季末"),
    "end_of_half_year": _("半年末"),
    "end_of_year": _("当年末"),
    "month_day": _("指定日期"),
}
SEGMENT: Mapping[str, Any] = {"anchor": _("起算点"), "limit": _("法定期限"), "extension": _("延期")}
CONFIDENCE: Mapping[str, Any] = {
    "A": _("已核对原文"),
    "B": _("引自条文"),
    "C": _("待核"),
    "编者补": _("编者补，文件没有规定"),
}
MOVE_GROUND: Mapping[str, Any] = {
    "clock-stop": _("中止"),
    "extension": _("延期"),
    "calendar": _("日历载入"),
    "migration": _("迁移到新版"),
}
MIGRATION_STATUS: Mapping[str, Any] = {
    "asked": _("等待另一人确认"),
    "running": _("进行中"),
    "done": _("已完成"),
    "dropped": _("已驳回"),
}
MOVE_STATUS: Mapping[str, Any] = {
    "waiting": _("等待"),
    "moved": _("已迁移"),
    "stayed": _("留在原版"),
    "refused": _("不能迁移"),
    "failed": _("系统出错，没有迁移"),
}
PLANNED: Mapping[str, Any] = {**MOVE_STATUS, "moved": _("能迁移")}
LIMIT_CHOICE: Mapping[str, Any] = {"keep": _("保留原来的截止日期"), "recount": _("按新版重新计算")}
CHECKLIST: Mapping[str, Any] = {
    "drafting": _("编制中"),
    "signing": _("签字中"),
    "publicity": _("公示中"),
    "in_force": _("生效"),
    "archived": _("已归档"),
}
LIST_KIND: Mapping[str, Any] = {
    "subject": _("主体责任清单"),
    "leadership": _("领导责任清单"),
    "supervision": _("监督责任清单"),
}
SCOPE: Mapping[str, Any] = {
    "unit": _("本单位"),
    "system": _("本系统"),
    "area": _("本地区"),
    "public": _("全体"),
}
PROBLEM_STATUS: Mapping[str, Any] = {"open": _("未销号"), "closed": _("已销号")}
PROBLEM_SEVERITY: Mapping[str, Any] = {"normal": _("一般"), "serious": _("严重")}
DIFFERENCE: Mapping[str, Any] = {"new": _("新增"), "gone": _("删去"), "changed": _("有改动"), "same": _("相同")}
ROW_COLUMN: Mapping[str, Any] = {
    "kind": _("清单"),
    "duty": _("责任"),
    "measure": _("措施"),
    "due_on": _("时限"),
    "holder_post": _("责任人（职务）"),
    "holder": _("责任人（姓名）"),
    "holder_unit": _("单位"),
    "evidence": _("佐证"),
}
OBJECTION: Mapping[str, Any] = {"uphold": _("采纳"), "dismiss": _("不采纳")}
BELONGING: Mapping[str, Any] = {
    "post": _("职务"),
    "proxy": _("代理"),
    "task": _("待办"),
    "decision": _("等待决定的督办"),
    "seat": _("签字席位"),
    "case": _("发起的在办件"),
}
PERIOD: Mapping[str, Any] = {"past": _("已结束"), "now": _("在任"), "to_come": _("将任")}
PERSON: Mapping[str, Any] = {"active": _("账号在用"), "locked": _("停用"), "left": _("已离任")}
FEEDBACK: Mapping[str, Any] = {
    "new": _("未处理"),
    "taken": _("已采纳，处理中"),
    "done": _("已解决"),
    "declined": _("不采纳"),
}
RUNG: Mapping[str, Any] = {"remind": _("提醒"), "overdue": _("记为逾期"), "escalate": _("提请督办")}
RECIPIENT: Mapping[str, Any] = {"holder": _("经办人"), "starter": _("发起人")}
TIMER: Mapping[str, Any] = {
    "overdue": _("到点未触发"),
    "to_come": _("待触发"),
    "faulty": _("出错搁置"),
    "held": _("随办件中止"),
}
TIMER_KIND: Mapping[str, Any] = {"bpmn": _("流程图里的定时"), "ladder": _("提醒与督办")}
WORK: Mapping[str, Any] = {
    "timer": _("定时触发"),
    "timers": _("定时触发"),
    "inbox": _("办件来函"),
    "job": _("后台作业"),
    "jobs": _("后台作业"),
    "mail": _("邮件"),
    "outbox": _("邮件"),
    "digests": _("每日提醒"),
    "holders": _("任职变动"),
    "occurrences": _("开出期次"),
    "checkpoint": _("账本检查点"),
    "tidying": _("清理"),
}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "feedback": FEEDBACK,
    "rung": RUNG,
    "recipient": RECIPIENT,
    "timer": TIMER,
    "timer_kind": TIMER_KIND,
    "work": WORK,
    "belonging": BELONGING,
    "period": PERIOD,
    "role": ROLE,
    "person": PERSON,
    "case": CASE_STATUS,
    "task": TASK_STATUS,
    "definition": DEFINITION_STATUS,
    "approval": APPROVAL_STATUS,
    "approval_act": APPROVAL_ACT,
    "approval_note": APPROVAL_NOTE,
    "escalation": ESCALATION_STATUS,
    "extension": EXTENSION_STATUS,
    "extension_outcome": EXTENSION_OUTCOME,
    "escalation_kind": ESCALATION_KIND,
    "stage": STAGE_RESULT,
    "outcome": OUTCOME,
    "incident": INCIDENT_STATUS,
    "incident_code": INCIDENT_CODE,
    "classification": CLASSIFICATION,
    "severity": SEVERITY,
    "unit": UNIT,
    "day": DAY_REASON,
    "anchor": ANCHOR,
    "segment": SEGMENT,
    "confidence": CONFIDENCE,
    "move": MOVE_GROUND,
    "migration": MIGRATION_STATUS,
    "move_status": MOVE_STATUS,
    "planned": PLANNED,
    "limit_choice": LIMIT_CHOICE,
    "event": EVENT,
    "checklist": CHECKLIST,
    "list_kind": LIST_KIND,
    "scope": SCOPE,
    "problem": PROBLEM_STATUS,
    "problem_severity": PROBLEM_SEVERITY,
    "difference": DIFFERENCE,
    "row_column": ROW_COLUMN,
    "objection": OBJECTION,
}


def label(code: object, table: str) -> str:
    """Return the word for ``code``; a code without one shows itself."""
    return str(TABLES[table].get(str(code), code)) if code is not None else ""


def choices(table: str) -> list[tuple[str, str]]:
    """Return every code of a table with its word, for a choice on a page."""
    return [(code, str(word)) for code, word in TABLES[table].items()]
