"""Findings on uploaded files in Chinese, by code and parameters. English readers get the engine's own sentences.

The engine's catalogue stands here; files as files (XML, forms, YAML, dates) in ``file_wording``, reasons inside a
finding in ``reason_wording``. A code without words shows its English sentence: an administrator must be told of a
fault in any language rather than not at all. Tests keep the catalogues equal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from api.decision_wording import DECISION_FINDINGS
from api.file_wording import FILES, KINDS
from api.reason_wording import word_params
from workflows.definitions import finding_document
from workflows.engine.types import Finding

_REDRAW = "请改用本系统能运行的元素，或者等待支持它的版本。"
_ILLEGAL = "BPMN 2.0.2 不允许这样，请改正流程图。"

_NOT_SUPPORTED: Mapping[str, str] = {
    "choreography-not-supported": "编排活动",
    "implicit-throw-event-not-supported": "隐式抛出事件",
    "multi-instance-behavior-not-supported": "多实例行为事件",
    "parallel-event-gateway-not-supported": "并行事件网关",
    "data-association-not-supported": "只填目标一部分的数据关联",
    "correlation-not-supported": "按键关联消息",
    "called-element-expression-not-supported": "用表达式算出被调用的流程",
    "element-not-supported": "这种元素",
    "part-not-supported": "元素的这一部分",
}

_TEXTS: Mapping[str, tuple[str, str]] = {
    "process-missing": ("文件里没有流程。", "请至少画一个流程。"),
    "no-executable-process": ("没有标为可执行的流程。", '请在流程上设 isExecutable="true"。'),
    "process-not-executable": ("流程“{element}”不可执行，没有采用。", ""),
    "process-left-empty": ("流程“{element}”没有环节，没有采用。", ""),
    "process-empty": ("流程“{element}”没有环节。", "请画出流程要做的事。"),
    "too-many-elements": ("文件有 {count} 个元素，最多 {limit} 个。", "请把流程拆开。"),
    "nested-too-deep": ("“{element}”嵌套超过 {limit} 层。", "请改用调用活动。"),
    "scope-path-too-long": ("“{element}”外面各层子流程的编号合起来太长（{limit} 字符）。", "请缩短编号。"),
    "process-id-made-up": (
        "第 {line} 行的流程没有编号，这里按文件名叫它“{key}”。",
        "请给它一个编号：同名文件里的另一个流程会成为它的新版本。",
    ),
    "id-invalid": ("编号“{element}”含有空格或符号，或者超过 {limit} 字符。", "请缩短或改正。"),
    "id-in-two-processes": ("编号“{element}”在文件的两个流程里都有。", "请换一个编号。"),
    "duplicate-id": ("编号“{element}”用了不止一次。", "请给每个元素各自的编号。"),
    "process-duplicate": ("流程“{element}”在两个文件里都有。", "请只留一个。"),
    "unknown-namespace": ("命名空间 {namespace} 的扩展保留下来，但不起作用。", ""),
    "vendor-extension-ignored": ("“{element}”上 {namespace} 的 {names} 在这里不起作用。", ""),
    "vendor-extension-not-supported": (
        "“{element}”上 {namespace} 的 {names} 会改变流程的走法，这里不认识。",
        "请删去，或者改用 zc: 属性。",
    ),
    "vendor-metadata-kept": (
        "“{element}”上 {namespace} 的 {names} 说的是谁办、何时办、用什么办，不影响流程的走法。",
        "",
    ),
    "vendor-extension-unheard": ("“{element}”上 {namespace} 的 {names} 不是那个引擎里已知的说法，不起作用。", ""),
    "vendor-code-not-run": (
        "“{element}”上 {namespace} 的 {names} 是别的系统的程序，要由外部程序来办（外部任务 {detail}）。",
        "请让外部程序领取这个主题，或者指定操作（zc:operation）。",
    ),
    "vendor-listener-not-run": (
        "“{element}”上 {namespace} 的 {names} 在这里不执行：{detail}。",
        "流程如果靠它，请把它做的事画成环节。",
    ),
    "reference-read-as-name": (
        "“{element}”指向的 {names} 文件里没有，就当作代码或名称本身。",
        "请定义这个消息、信号、错误或升级。",
    ),
    "message-unnamed": ("“{element}”没有指明消息：外面发不到它，它发出的也没有人收。", "请设 messageRef。"),
    "own-extension-unknown": ("“{element}”上的 zc:{name} 没有含义，不起作用。", "请检查拼写。"),
    "attribute-invalid": ("“{element}”的 {name} 是“{value}”，应为 {expected}。", "请改正。"),
    "flow-end-unknown": ("连线“{element}”指向的“{reference}”不是环节。", _ILLEGAL),
    "flow-crosses-scope": ("连线“{element}”穿过了子流程的边界。", _ILLEGAL),
    "flow-into-start-event": ("连线“{element}”进入了开始事件。", _ILLEGAL),
    "flow-out-of-end-event": ("连线“{element}”从结束事件出来。", _ILLEGAL),
    "flow-into-boundary-event": ("连线“{element}”进入了边界事件。", _ILLEGAL),
    "condition-not-allowed": ("连线“{element}”在不能有条件的地方写了条件。", _ILLEGAL),
    "condition-on-default-flow": ("默认连线“{element}”上的条件不会被看。", ""),
    "gateway-condition-missing": (
        "连线“{element}”从网关“{gateway}”出来，没有条件，也不是默认连线。",
        "请写条件，或者设为默认连线。",
    ),
    "gateway-condition-assumed": (
        "网关“{gateway}”的出线“{element}”没有条件：排他网关在别的条件都不成立时走它，其他网关总是走它。",
        "请给它条件，或者设为默认流。",
    ),
    "activation-condition-missing": ("复杂网关“{element}”没有写何时往下走。", "请设 activationCondition。"),
    "instantiating-gateway-with-flow": ("网关“{element}”用来启动流程，却有进线或者在子流程里。", _ILLEGAL),
    "event-gateway-target-with-border": ("“{element}”接在事件网关后面，不能带边界事件。", _ILLEGAL),
    "default-flow-invalid": ("“{element}”的默认连线“{reference}”不是它的出线。", _ILLEGAL),
    "start-event-missing": ("“{element}”有结束事件，却没有开始事件，从没有进线的地方开始。", "请画上开始事件。"),
    "several-none-start-events": ("“{element}”有几个无触发的开始事件。", "请只留一个。"),
    "start-to-be-chosen": ("“{element}”有几个无触发的开始事件：启动时不指明就用第一个。", ""),
    "start-condition-by-clock": ("流程在用期间一直看开始事件“{element}”的条件，看的时候还没有办件的数据。", ""),
    "event-subprocess-start": ("事件子流程“{element}”要有一个带触发的开始事件，只能有一个。", _ILLEGAL),
    "event-subprocess-with-flow": ("事件子流程“{element}”不能有进线或出线。", _ILLEGAL),
    "event-subprocess-with-loop": ("事件子流程“{element}”带有循环。", "请把循环放到它里面。"),
    "error-start-must-interrupt": ("错误开始事件“{element}”必须中断。", _ILLEGAL),
    "handler-ambiguous": ("“{element}”与同一层的另一个事件子流程捕获相同的内容。", _ILLEGAL),
    "compensation-handler-missing": (
        "补偿事件“{element}”关联了 {count} 个补偿活动，应为一个。",
        "请用关联线连到负责补偿的活动。",
    ),
    "compensation-handler-with-flow": ("“{element}”是补偿活动，不能有进线或出线。", _ILLEGAL),
    "compensation-handler-unused": ("“{element}”是补偿活动，却没有什么由它补偿。", "请用关联线连到补偿事件。"),
    "compensation-activity-unknown": (
        "事件“{element}”要补偿的“{reference}”不是同一层的活动。",
        "请写同一层的活动，在事件子流程里可写外面一层的活动。",
    ),
    "compensation-never-happens": ("文件里没有什么会补偿“{element}”所在的流程。", ""),
    "cancel-outside-transaction": ("取消事件“{element}”不在事务子流程上，也不在它里面。", _ILLEGAL),
    "cancel-boundary-missing": (
        "事务子流程“{transaction}”没有取消边界事件：被“{element}”取消后到此为止。",
        "请画出取消后的去向。",
    ),
    "event-combination-invalid": ("事件“{element}”不能同时有 {kinds}。", _ILLEGAL),
    "event-condition-missing": ("条件事件“{element}”没有条件。", "请写条件。"),
    "link-name-missing": ("链接事件“{element}”没有名称。", "请给链接两端取同一个名称。"),
    "link-target-missing": ("“{element}”所在的一层没有接收链接“{name}”的事件。", _ILLEGAL),
    "link-target-ambiguous": ("链接“{name}”除了“{element}”还有别的事件接收。", _ILLEGAL),
    "link-with-flow": ("抛出的链接不能有出线，接收的链接不能有进线：“{element}”。", _ILLEGAL),
    "signal-missing": ("事件“{element}”没有写信号。", "请设 signalRef。"),
    "signal-unknown": ("事件“{element}”指向的信号“{reference}”不在文件里。", _ILLEGAL),
    "signal-name-missing": ("“{element}”的信号 {reference} 没有名称。", "请给信号取名。"),
    "start-event-not-none": ("子流程的开始事件“{element}”不能有触发。", _ILLEGAL),
    "start-timer-duration": ("定时开始事件“{element}”写的是时长，从版本生效时起算。", "用日期或周期更清楚。"),
    "variable-written-nowhere": (
        "“{element}”等待变量 {names}，但文件中没有任何地方写入它，只能由外部给出。",
        "请核对拼写；时限请写成 ISO 8601（如 P5D）、日期或 FEEL。",
    ),
    "start-event-without-flow": ("开始事件“{element}”没有出线。", _ILLEGAL),
    "nothing-to-start": ("“{element}”没有可以开始的地方。", _ILLEGAL),
    "event-definition-missing": ("事件“{element}”没有写明等待什么。", _ILLEGAL),
    "event-definition-unknown": ("事件“{element}”指向的“{reference}”不是事件定义。", _ILLEGAL),
    "event-not-allowed-here": ("{kind} 事件不能放在这里（{position}）：“{element}”。", _ILLEGAL),
    "message-missing": ("事件“{element}”没有写消息。", "请设 messageRef。"),
    "message-unknown": ("事件“{element}”指向的消息“{reference}”不在文件里。", _ILLEGAL),
    "message-name-missing": ("“{element}”的消息 {reference} 没有名称。", "请给消息取名。"),
    "error-unknown": ("事件“{element}”指向的错误“{reference}”不在文件里。", _ILLEGAL),
    "error-missing": ("错误结束事件“{element}”没有写错误，只有捕获任何错误的事件能接住。", ""),
    "error-code-missing": ("“{element}”的错误 {reference} 没有代码，只有捕获任何错误的事件能接住。", ""),
    "escalation-unknown": ("事件“{element}”指向的升级“{reference}”不在文件里。", _ILLEGAL),
    "escalation-missing": ("升级事件“{element}”没有写升级，只有捕获任何升级的事件能接住。", ""),
    "escalation-code-missing": ("“{element}”的升级 {reference} 没有代码，只有捕获任何升级的事件能接住。", ""),
    "timer-missing": ("定时事件“{element}”没有时间。", "请写日期、时长或周期。"),
    "timer-ambiguous": ("定时事件“{element}”有不止一个时间。", _ILLEGAL),
    "timer-invalid": ("“{element}”的时间读不懂：{reason}", "请按 ISO 8601 或 FEEL 书写。"),
    "boundary-host-missing": ("边界事件“{element}”没有附在环节上。", _ILLEGAL),
    "boundary-host-not-activity": ("边界事件“{element}”附着的不是活动。", _ILLEGAL),
    "boundary-without-outgoing": ("边界事件“{element}”没有出线，走到这里就结束。", "请画出后续。"),
    "error-boundary-must-interrupt": ("错误边界事件“{element}”必须中断。", _ILLEGAL),
    "boundary-ambiguous": ("“{element}”与同一活动的另一个边界事件捕获相同的内容。", _ILLEGAL),
    "boundary-never-happens": ("“{host}”里没有什么会引起边界事件“{element}”。", ""),
    "event-gateway-target": ("“{element}”跟在事件网关后面，却不是捕获事件。", _ILLEGAL),
    "event-gateway-too-few": ("事件网关“{element}”至少要有两条出线。", _ILLEGAL),
    "event-gateway-target-shared": ("“{element}”跟在事件网关后面，还有别的进线。", _ILLEGAL),
    "service-task-passes": (
        "服务任务“{element}”没有写操作，到达时即告完成。",
        "请设 zc:operation，或者改画用户任务。",
    ),
    "rule-task-passes": ("业务规则任务“{element}”没有写决策，到达时即告完成。", "请设 zc:decision。"),
    "send-task-passes": ("发送任务“{element}”没有写消息，不发送任何内容，到达时即告完成。", "请设 messageRef。"),
    "ad-hoc-without-condition": (
        "即席子流程“{element}”没有完成条件，里面每项活动各做一次即告结束。",
        "请设 completionCondition。",
    ),
    "ad-hoc-with-start-or-end": ("“{element}”不能放在即席子流程里。", _ILLEGAL),
    "script-missing": ("脚本任务“{element}”没有脚本，什么也不做。", "请写上脚本。"),
    "script-statement-not-supported": (
        "“{element}”的脚本里有不能运行的行：{reason}",
        "请写成“变量 = 表达式”、“del 变量”或“assert 表达式, 文字”的行。",
    ),
    "script-language-not-supported": (
        "“{element}”的脚本语言不能运行：{reason}",
        "请写成“变量 = 表达式”的行，或者一条 FEEL 表达式。",
    ),
    "resource-role-kept": ("“{element}”的 {construct} 予以保留，但不据以派给任何人。", "请设 zc:owner。"),
    "external-topic-missing": ("外部任务“{element}”没有主题，没有程序能领取。", "请设 zc:topic。"),
    "service-operation-missing": ("服务任务“{element}”没有写操作。", "请设 zc:operation。"),
    "decision-missing": ("决策任务“{element}”没有写决策。", "请设 zc:decision。"),
    "decision-not-found": ("“{element}”的决策“{decision}”不在这一包文件里。", "请加上它的 DMN 文件。"),
    "called-element-missing": ("调用活动“{element}”没有写调用什么。", "请设 calledElement。"),
    "called-process-not-found": ("“{element}”调用的流程“{called}”不存在。", "请加上它的流程图。"),
    "called-process-not-executable": (
        "“{element}”调用的流程“{called}”不可执行。",
        '请在该流程上设 isExecutable="true"。',
    ),
    "called-process-without-start": ("“{element}”调用的流程“{called}”没有无触发的开始事件。", "请给它一个。"),
    "transfer-invalid": ("“{element}”的映射要有目标，并有来源或表达式。", "请补全。"),
    "loop-condition-missing": ("“{element}”的循环没有写到何时或循环几次。", "请设 loopCondition 或 loopMaximum。"),
    "multi-instance-count-missing": (
        "多实例活动“{element}”既没有数量也没有集合。",
        "请设 loopCardinality 或 zc:collection。",
    ),
    "multi-instance-count-ambiguous": ("“{element}”既有数量又有集合。", "请只留一个。"),
    "multi-instance-output-incomplete": ("“{element}”的 zc:output 和 zc:outputItem 要一起写。", "请都写上。"),
    "multi-instance-too-large": (
        "“{element}”在一个办件里产生 {count} 个实例，最多 {limit} 个。",
        "请把循环体独立出来：用 zc:collection 遍历，只写 zc:output，用 zc:in 带入要读的值。",
    ),
    "multi-instance-not-isolated": (
        "“{element}”的实例留在办件里（最多 {limit} 个）：{reason}。",
        "请把循环体独立出来：用 zc:collection 遍历，只写 zc:output，用 zc:in 带入要读的值。",
    ),
    "expression-invalid": ("“{element}”的一个表达式读不懂：{reason}。", "请改正表达式。"),
    "expression-function-unknown": ("“{element}”的一个表达式调用了不存在的 {functions}。", "请用 FEEL 的函数。"),
    "expression-language-not-supported": ("“{element}”的一个表达式用了不能运行的语言：{reason}。", "请用 FEEL 书写。"),
    "unreachable-node": ("“{element}”永远到不了。", "请连上，或者删去。"),
    "no-outgoing-flow": ("“{element}”没有出线，流程到此为止。", "请画结束事件。"),
    "structural-deadlock": (
        "并行网关“{element}”等待的几条线，“{gateway}”从来不会都走到。",
        "请用与分开时同一种网关来汇合。",
    ),
    "copy-unknown": ("“{element}”的抄送对象“{value}”找不到：{reason}", "请改正 zc:copy。"),
    "owner-missing": ("“{element}”没有责任人。", "请设 zc:owner。"),
    "owner-unknown": ("“{element}”的责任人“{value}”找不到：{reason}", "请改正 zc:owner。"),
    "deadline-missing": ("“{element}”没有时限。", "请在 zc:deadline 写一条规则。"),
    "deadline-unknown": ("“{element}”的时限“{value}”没有定义：{reason}", "请加上这条规则。"),
    "clause-missing": ("“{element}”没有写依据的条款。", "请设 zc:clause。"),
    "form-missing": ("“{element}”没有表单。", "请设 zc:form。"),
    "form-unknown": ("“{element}”的表单“{value}”不在这一包文件里：{reason}", "请加上表单。"),
    "operation-unknown": ("“{element}”的操作“{value}”不认识：{reason}", "请用已有的操作。"),
}


_LINE = re.compile(r"line (\d+)")


def word_finding(finding: Finding) -> tuple[str, str]:
    """Return what a reader is told about a finding: what is wrong, and what to do about it."""
    if not _in_chinese():
        return finding.message, finding.hint
    if finding.code in _NOT_SUPPORTED:
        return f"还不能运行{_NOT_SUPPORTED[finding.code]}。", _REDRAW
    told = word_params({**_with_kinds(finding.params), "element": finding.element_name or finding.element_id})
    text, hint = (
        _TEXTS.get(finding.code)
        or DECISION_FINDINGS.get(finding.code)
        or _of_file(finding.code, finding.params)
        or (None, finding.hint)
    )
    return (finding.message if text is None else text.format_map(told)), hint


def word_file_fault(code: str, params: Mapping[str, Any], message: str) -> str:
    """Return the words for a fault of a data file, empty when there are none; ``message`` is the English sentence."""
    found = _of_file(code, params)
    if found is None:
        return ""
    return found[0].format_map(word_params(_with_kinds(params))) if _in_chinese() else message


def _of_file(code: str, params: Mapping[str, Any]) -> tuple[str, str] | None:
    provisional = FILES.get(f"{code}-provisional") if params.get("provisional") else None
    return provisional or FILES.get(code)


def _with_kinds(params: Mapping[str, Any]) -> Mapping[str, Any]:
    expected = params.get("expected")
    return {**params, "expected": KINDS[expected]} if isinstance(expected, str) and expected in KINDS else params


def word_place(finding: Finding) -> str:
    """Return where in the file a finding stands."""
    line = _LINE.fullmatch(finding.path)
    return f"第 {line[1]} 行" if line is not None and _in_chinese() else finding.path


def tell_finding(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON, its sentences in the reader's language."""
    message, hint = word_finding(finding)
    return {**finding_document(finding), "message": message, "hint": hint}


def _in_chinese() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "zh"


def worded_codes() -> frozenset[str]:
    """Return the codes of the engine's catalogue that have Chinese words."""
    return frozenset((*_NOT_SUPPORTED, *_TEXTS))
