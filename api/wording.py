"""Faults in the reader's language: ``code`` and ``params`` become a title and a sentence. Both doors use it.

Texts are written in Chinese and translated by the catalogue under ``web/translations``. A code without words of its
own gets those of its class, so nobody ever reads an English log line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from api.finding_wording import word_file_fault
from workflows.errors import (
    ConcurrentUpdateError,
    FieldFault,
    IdempotencyConflictError,
    LoginError,
    NotAllowedError,
    NotFoundError,
    RejectedError,
    StaleVersionError,
    WorkflowError,
    WrongStateError,
)


@dataclass(frozen=True, slots=True)
class Worded:
    """What a person reads about a fault."""

    title: str
    detail: str


class _Params(dict[str, Any]):
    """Fills a text whose parameter is absent with nothing, rather than fail while telling of a failure."""

    def __missing__(self, key: str) -> str:
        return ""


_NOT_FOUND = _("没有找到")
_NOT_ALLOWED = _("不能这样做")
_STATE = _("现在不能这样做")
_REFUSED = _("没有办成，请更正后再试")
_LOGIN = _("需要登录")

_CLASSES: tuple[tuple[type[WorkflowError], Any, Any], ...] = (
    (NotFoundError, _NOT_FOUND, _("要找的内容不存在，或者您无权查看。")),
    (NotAllowedError, _NOT_ALLOWED, _("您没有做这件事的权限。")),
    (ConcurrentUpdateError, _STATE, _("同一时刻有人改动了同一内容。没有任何改动被保存，可以再试一次。")),
    (WrongStateError, _STATE, _("它的状态已经变化，现在不能这样做。")),
    (StaleVersionError, _("内容已有新的改动"), _("您打开之后，它又被改动过。请刷新后核对，再重新操作。")),
    (IdempotencyConflictError, _REFUSED, _("同一个幂等键先后带来了不同的内容。")),
    (LoginError, _LOGIN, _("请登录后再继续。")),
    (RejectedError, _REFUSED, _("所填内容有误。")),
    (WorkflowError, _("没有办成"), _("这件事没有办成，没有任何改动被保存。")),
)

_DETAILS: Mapping[str, Any] = {
    "activity-not-found": _("没有找到这个环节。"),
    "approval-confirmed": _("这项申请已经确认过了。"),
    "approval-lapsed": _("这项申请已经失效：之后有了更新的内容。"),
    "approval-not-found": _("没有找到这项复核申请。"),
    "approval-refused": _("这项申请已经驳回。如仍需要，请重新申请。"),
    "approval-waiting": _("同一事项已有一项申请在等待确认，不必重复申请。"),
    "attachment-archive-bomb": _("压缩包解开后会异常庞大，没有接收。"),
    "attachment-content-mismatch": _("文件内容与扩展名“%(ending)s”不符，没有接收。"),
    "attachment-empty": _("文件是空的，没有接收。"),
    "attachment-name-malformed": _("文件名必须带扩展名。"),
    "attachment-not-found": _("没有找到这个附件。"),
    "attachment-replaced": _("这个附件已有更新的版本，请替换最新版本。"),
    "attachment-too-large": _("文件超过上限（%(megabytes)s MB），没有接收。"),
    "attachment-type-forbidden": _("不接收这种文件。可以上传：%(allowed)s。"),
    "attachment-with-macros": _("文件带有宏，没有接收。"),
    "bad-code": _("只能用小写字母、数字和连字符，最多 60 个，不能以连字符开头。"),
    "bad-cursor": _("翻页位置已失效，请从第一页看起。"),
    "bad-extension": _("请填写要延长的工作日数，或者晚于现时限的日期。"),
    "bad-period": _("起止时间不对：应在办件开始之后，且止晚于起。"),
    "bad-text": _("文字里有不能保存的字符。"),
    "body-too-large": _("送来的内容太大，没有接收。"),
    "calendar-already-approved": _("这个日历版本已经生效。"),
    "calendar-invalid": _("日历文件有误，没有载入。"),
    "calendar-version-not-found": _("没有找到这个日历版本。"),
    "calendar-version-not-newer": _("%(year)s 年已有第 %(known)s 版日历，新文件的版本号必须更大。"),
    "case-active": _("办件正在办理，不能这样做。"),
    "case-cancelled": _("办件已经撤销。"),
    "case-cancelling": _("办件正在撤销，不能再办理。"),
    "case-completed": _("办件已经办结。"),
    "case-not-begun": _("办件还没有开始，不能这样做。"),
    "case-of-other-version": _("办件运行的不是这个版本，可能已经迁移。"),
    "case-not-found": _("没有找到这个办件，或者您无权查看。"),
    "case-suspended": _("办件已中止，恢复后才能办理。"),
    "checklist-not-found": _("没有找到这份清单，或者您无权查看。"),
    "checklist-not-in-force": _("清单还没有生效，不能列入问题。"),
    "concurrent-update": _("同一时刻有人改动了同一内容。没有任何改动被保存，可以再试一次。"),
    "confirmation-failed": _("密码不对，没有签署。连续输错 %(attempts)s 次，账号会锁定 %(minutes)s 分钟。"),
    "confirmation-required": _("签署前须在 %(minutes)s 分钟内重新输入密码。"),
    "copy-not-found": _("没有找到这份抄送，或者您已无权查看。"),
    "content-not-found": _("附件的内容已经不在，请报告系统管理员。"),
    "csrf-token-invalid": _("浏览器的请求没有带上防伪标记，没有任何改动被保存。请刷新页面后再试。"),
    "days-out-of-range": _("天数不在可以计算的范围内。"),
    "deadline-done": _("这个时限已经了结。"),
    "definition-active": _("这个版本正在使用。"),
    "definition-draft": _("这个版本还是草稿。"),
    "definition-invalid": _("流程文件有 %(count)s 处错误，没有保存。"),
    "definition-not-active": _("这个流程没有启用，不能发起。"),
    "definition-not-found": _("没有找到这个流程版本。"),
    "definition-retired": _("这个版本已经停用。"),
    "definition-trial": _("这个版本正在试运行。"),
    "draft-too-large": _("草稿太大，没有保存。"),
    "duty-not-found": _("没有找到这个责任事项。"),
    "escalation-not-found": _("没有找到这个督办，或者您无权查看。"),
    "escalation-not-waiting": _("这个督办现在没有等待决定的环节，可能已经有人决定或者已上送。"),
    "extension-not-possible": _("依照时限规则，不能这样延期。"),
    "extension-requested": _("这个环节已有一个延期申请在等待决定。"),
    "file-name-malformed": _("文件名不对。"),
    "file-not-found": _("没有找到这个文件。"),
    "filter-not-found": _("没有找到您的这个筛选。"),
    "file-twice": _("同一个文件名出现了两次。"),
    "files-missing": _("请选择要上传的文件。"),
    "form-invalid": _("有内容需要更正。"),
    "grant-not-found": _("此人没有这个角色。"),
    "grant-period": _("角色的起止日期不对：应从今天或以后开始，且止晚于起。"),
    "holding-end-past": _("任职只能到今天或以后结束，不改写历史。"),
    "holding-not-found": _("此人没有担任这个职务。"),
    "holding-overlaps": _("此人在这段时间已经担任这个职务。"),
    "holding-period": _("任职的起止日期不对。"),
    "idempotency-conflict": _("同一个幂等键先后带来了不同的内容。"),
    "idempotency-key-malformed": _("幂等键应为 1 到 %(maximum)s 个可见字符。"),
    "incident-not-found": _("没有找到这个异常，或者您无权查看。"),
    "incident-resolved": _("这个异常已经处理过了。"),
    "internal-error": _("系统出错了，没有任何改动被保存。请稍后再试；如果反复出现，请把请求编号告诉系统管理员。"),
    "fact-not-found": _("没有这一项事实。"),
    "fact-revised": _("这一项事实已被别人更正到第 %(version)s 版，请看过再改。"),
    "invalid-form": _("有内容需要更正。"),
    "invalid-request": _("所填内容有误。"),
    "limit-out-of-range": _("每页条数应在 %(least)s 到 %(most)s 之间。"),
    "login-failed": _("用户名或密码不对，或者账号不能使用。连续输错 %(attempts)s 次，账号会锁定 %(minutes)s 分钟。"),
    "malformed-request": _("请求的格式不对，无法读取。"),
    "message-not-expected": _("办件没有在等待这个消息。"),
    "message-ambiguous": _("不止一个办件或流程在等待这个消息，请给出关联值。"),
    "message-needs-unit": _("这个消息要发起新办件，请给出单位。"),
    "external-task-not-found": _("没有找到这个外部任务，或者您无权办理。"),
    "external-task-of-other": _("这个外部任务由另一个程序锁定。"),
    "external-task-lock-expired": _("锁定已经到期，不能延长。"),
    "external-task-failed": _("这个外部任务多次失败，等待处理异常。"),
    "signal-needs-unit": _("这要发起流程“%(process)s”的新办件，请给出单位。"),
    "signal-too-wide": _("等待这个信号的办件超过 %(limit)s 个，一次不能都通知。"),
    "start-unit-unknown": _("开始事件“%(element)s”没有说清它发起的办件属于哪个单位。"),
    "start-timer-unknown": _("开始事件“%(element)s”的时间算不出来。"),
    "migration-not-found": _("没有找到这次迁移。"),
    "migration-refused": _("这个办件在新版里没有合适的位置，没有迁移。下面列出原因。"),
    "method-not-allowed": _("这个地址不能这样访问。"),
    "feedback-not-found": _("没有找到这条意见。"),
    "rows-refused": _("有 %(count)s 处不对，没有任何改动被保存。"),
    "sheet-columns": _("表格缺少这些列：%(columns)s。请用下载的模板填写。"),
    "sheet-rows": _("表格的行太多，最多 %(limit)s 行。"),
    "sheet-too-large": _("表格超过上限（%(megabytes)s MB），没有接收。"),
    "sheet-unreadable": _("表格读不出来。请用下载的模板填写，另存为 xlsx。"),
    "handover-needs-receiver": _("这件待办只指名此人，请指定由谁接办。"),
    "handover-refused": _("有 %(count)s 项没有找到接收人，没有任何改动被保存。请逐项更正。"),
    "feed-not-found": _("没有这个订阅地址，或者它已经收回。"),
    "too-many-feeds": _("订阅地址最多 %(most)s 个，请先收回不用的。"),
    "ranking-off": _("本地没有开启排名。"),
    "missing-role": _("您的角色不能做这件事。"),
    "no-rows-here": _("这个环节没有要填的清单项目。"),
    "nothing-to-copy": _("本单位上年度没有生效的清单，没有可以带出的项目。"),
    "not-in-publicity": _("清单不在公示期内，不能提出意见。"),
    "problem-entry-not-found": _("没有找到这个问题，或者您无权查看。"),
    "no-deadline": _("这个环节没有时限，不需要延期。"),
    "not-a-colleague": _("只能转给在同一单位任职的人。"),
    "not-a-person": _("系统本身不能要令牌。"),
    "not-a-return-target": _("只能退回到已经有人办过的环节。"),
    "not-acceptable": _("没有这种格式的内容。"),
    "not-assignee": _("这件待办不在您手上。"),
    "not-authenticated": _("请登录后再继续。"),
    "not-candidate": _("这件待办不由您的职务办理，不能签收。"),
    "not-cleared": _("此人的知悉范围不够，不能经办。"),
    "seat-is-personal": _("这是本人的席位，须由本人办理，不能转给他人；离任后由继任者接替。"),
    "too-many-facts": _("共同事实太多了。"),
    "track-not-running": _("这一查已经结束，不再接受结论。"),
    "track-not-concluded": _("这一查还没有结论，不需要重新打开。"),
    "tracks-released": _("两查都已有结论，不能再单独打开；请由集体审议退回。"),
    "recused": _("这个人是当事人或须回避，不能经办这个环节。"),
    "not-decider": _("这个督办不由您决定。"),
    "not-of-this-unit": _("只有在该单位任职或者督办该单位的人才能发起。"),
    "not-participant": _("您在这个办件里没有待办，不能上传附件。"),
    "not-waiting": _("这个环节已经不在等待办理。"),
    "not-yourself": _("不能对自己这样做，请由另一人办理。"),
    "person-exists": _("人员编号或用户名已被使用。"),
    "person-left": _("此人已经离任。"),
    "person-not-active": _("此人的账号没有在用。"),
    "phrase-not-found": _("没有找到您的这条常用语。"),
    "person-not-found": _("没有找到这个人。"),
    "proxy-ended": _("这个代理已经结束。"),
    "proxy-not-found": _("没有找到这个代理。"),
    "proxy-overlaps": _("此人在这段时间已经担任或者代理这个职务。"),
    "proxy-period": _("代理应从今天或以后开始，并且有结束日期。"),
    "post-exists": _("这个单位已有这个职务。"),
    "post-key": _("没有这种职务。"),
    "post-not-found": _("这个单位没有这个职务。"),
    "problem-not-found": _("没有这个问题编号。"),
    "region-not-found": _("单位所属地区的参数还没有载入，不能发起。请联系流程管理员。"),
    "reset-not-possible": _("办件没有经过这个环节，或者不能从这里重新开始。"),
    "return-direct-not-possible": _("那一环节可能从别的路线离开（例如到时中断），不能直送。请改用逐步重走。"),
    "role-already-granted": _("此人已有这个角色。"),
    "roles-separated": _("系统、安全、审计三员必须是不同的人。"),
    "route-not-found": _("没有这个地址。"),
    "second-person-required": _("须双人复核：由申请人以外的另一名流程管理员确认。"),
    "session-expired": _("登录已过期，请重新登录。已保存的草稿都还在。"),
    "stale-version": _("您打开之后，它又被改动过。请刷新后核对，再重新操作。"),
    "task-cancelled": _("这件待办已经取消。"),
    "task-claimed-by-other": _("这件待办已被他人签收。"),
    "task-completed": _("这件待办已经办结，不能再次提交。"),
    "task-not-found": _("没有找到这件待办，或者您无权查看。"),
    "token-days": _("有效期应为 %(least)s 到 %(most)s 天。"),
    "token-invalid": _("令牌无效或已过期。"),
    "token-name": _("令牌名称应为 1 到 300 字。"),
    "token-not-found": _("没有找到您的这个令牌。"),
    "too-many-files": _("一次最多上传 %(limit)s 个文件。"),
    "unit-code-taken": _("单位编号已被使用。"),
    "unit-not-found": _("没有找到这个单位。"),
    "unit-too-deep": _("单位层级太深。"),
    "unknown-classification": _("没有这个密级。"),
    "unknown-role": _("没有这个角色。"),
    "unsupported-media-type": _("请求的内容应为 JSON（附件为 multipart）。"),
}

_TITLES: Mapping[str, Any] = {
    "body-too-large": _("内容太大"),
    "internal-error": _("系统出错"),
    "malformed-request": _("请求有误"),
    "route-not-found": _NOT_FOUND,
}
_FIELDS: Mapping[str, Any] = {
    "address-malformed": _("邮箱地址不对"),
    "attachment-not-found": _("附件不属于这个办件，请重新上传"),
    "bad-code": _("只能用小写字母、数字和连字符"),
    "bad-cursor": _("翻页位置已失效，请从第一页看起"),
    "bad-extension": _("请填写要延长的工作日数，或者晚于现时限的日期"),
    "bad-period": _("起止时间不对"),
    "bad-text": _("含有不能保存的字符"),
    "case-of-other-version": _("办件运行的不是原版本"),
    "cases-missing": _("请至少选择一个办件"),
    "days-out-of-range": _("天数不在可以计算的范围内"),
    "draft-too-large": _("草稿太大"),
    "field-control-character": _("含有不能显示的字符"),
    "field-date-out-of-range": _("年份应在 %(first)s 到 %(last)s 之间"),
    "field-entry-twice": _("同一项不能选两次"),
    "field-not-a-date": _("请填写日期，例如 2026-11-17"),
    "field-not-a-date-time": _("请填写日期和时间，例如 2026-11-17 09:30"),
    "field-not-a-list": _("应为多行"),
    "field-not-a-number": _("请填写数字"),
    "field-not-a-text": _("请填写文字"),
    "field-not-a-time": _("请填写时间，例如 09:30"),
    "field-not-a-truth-value": _("请选择是或否"),
    "field-not-an-object": _("内容不对"),
    "field-not-an-option": _("请从所列选项中选择"),
    "field-not-confirmed": _("请确认此项"),
    "field-not-shown": _("这一项在此不用填写"),
    "field-number-too-long": _("数字太长"),
    "field-pattern": _("格式不对。%(expected)s"),
    "field-person-unknown": _("没有这个人"),
    "field-read-only": _("这一项只能查看，不能改"),
    "field-required": _("请填写此项"),
    "row-unknown": _("没有这个编号的清单项目"),
    "field-too-few": _("至少 %(limit)s 项"),
    "field-too-large": _("不能大于 %(limit)s"),
    "field-too-long": _("最多 %(limit)s 字，现有 %(length)s 字"),
    "field-too-many": _("最多 %(limit)s 项"),
    "field-too-precise": _("小数最多 %(limit)s 位"),
    "field-too-short": _("至少 %(limit)s 字，现有 %(length)s 字"),
    "field-too-small": _("不能小于 %(limit)s"),
    "field-unit-unknown": _("没有这个单位"),
    "field-unknown": _("没有这一项"),
    "field-wrong": _("内容不对"),
    "file-name": _("文件名应为 1 到 %(limit)s 个可见字符，且不能重复"),
    "holding-end-past": _("应为今天或以后"),
    "holding-period": _("止应晚于起"),
    "late-reason-required": _("时限已过，请说明逾期原因"),
    "limit-out-of-range": _("应在 %(least)s 到 %(most)s 之间"),
    "mapping-unknown": _("原版或新版里没有这个元素"),
    "migration-same-version": _("原版本和新版本相同"),
    "no-deadline": _("这个环节没有时限"),
    "not-a-reset-target": _("流程图里没有这个环节"),
    "not-an-open-task": _("应是这个办件的一件未办待办"),
    "not-a-colleague": _("只能转给在同一单位任职的人"),
    "not-a-return-target": _("只能退回到已经有人办过的环节"),
    "row-formula": _("不接收公式，请填写数值或文字"),
    "handover-needs-receiver": _("只指名此人，请指定由谁接办"),
    "handover-receiver": _("请选择另一位账号在用的人"),
    "holding-overlaps": _("接收人在这段时间已经担任这个职务"),
    "not-cleared": _("此人的知悉范围不够"),
    "person-left": _("此人已经离任"),
    "person-not-found": _("没有找到这个人"),
    "proxy-overlaps": _("接收人在这段时间已经担任或者代理这个职务"),
    "proxy-period": _("代理应从今天或以后开始，止应晚于起"),
    "person-ambiguous": _("有几位“%(person)s”，请写编号：%(found)s"),
    "no-such-person": _("没有“%(person)s”这个人，或者账号已停用"),
    "reader-not-cleared": _("%(person)s的知悉范围不够，不能抄送"),
    "reader-recused": _("%(person)s是当事人或须回避，不能抄送"),
    "seat-is-personal": _("这是本人的席位，不能转给他人"),
    "recused": _("此人是当事人或须回避，不能经办"),
    "one-of-workdays-or-due-at": _("工作日数和日期请填写一个，且只填一个"),
    "out-of-range": _("应在 %(least)s 到 %(most)s 之间"),
    "reason-required": _("请说明理由"),
    "text-length": _("应为 %(least)s 到 %(most)s 字"),
    "too-long": _("最多 %(maximum)s 字"),
    "unknown-field": _("没有这一项"),
}


def word_error(error: WorkflowError) -> Worded:
    """Return what a person reads about ``error``."""
    title, detail = next((title, detail) for kind, title, detail in _CLASSES if isinstance(error, kind))
    return Worded(str(_TITLES.get(error.code, title)), _filled(_DETAILS.get(error.code, detail), error.params))


def word(code: str, params: Mapping[str, Any], kind: type[WorkflowError] = WorkflowError) -> Worded:
    """Return what a person reads about a fault that is told by its code; ``kind`` words a code without its own."""
    return word_error(kind("", code=code, **params))


def word_field(fault: FieldFault) -> str:
    """Return what a person reads beside a field; faults of data files that were sent have words of their own."""
    params = dict(fault.params)
    if fault.code not in _FIELDS and (told := word_file_fault(fault.code, params, fault.message)):
        return told
    return _filled(_FIELDS.get(fault.code, _FIELDS["field-wrong"]), params)


def known_codes() -> Iterable[str]:
    """Return every code that has words of its own."""
    return (*_DETAILS, *_FIELDS)


def _filled(text: Any, params: Mapping[str, Any]) -> str:
    values = _Params(params)
    if "maximum" in values and isinstance(values["maximum"], int):
        values["megabytes"] = values["maximum"] // (1024 * 1024)
    for name, value in params.items():
        if isinstance(value, list | tuple):
            values[name] = "、".join(map(str, value))
    return str(text) % values if "%(" in str(text) else str(text)
