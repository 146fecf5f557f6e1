"""Findings on DMN files and faults of decisions in Chinese, by code (`workflows/engine/decisions`)."""

from __future__ import annotations

from collections.abc import Mapping

_CORRECT = "请改正文件。"

DECISION_FINDINGS: Mapping[str, tuple[str, str]] = {
    "dmn-namespace": ("根元素是 {root}，不是 DMN 1.1 至 1.6 的 definitions。", "请导出为 DMN。"),
    "dmn-no-decision": ("文件里没有决策。", "请至少画一个决策。"),
    "dmn-import": ("“{element}”引用了另一个模型，本系统不读。", "请放在同一个文件里。"),
    "dmn-missing-id": ("有 {construct} 没有编号。", "请给每个元素一个编号。"),
    "dmn-duplicate-id": ("编号“{element}”用了不止一次。", "请给每个元素各自的编号。"),
    "dmn-no-table": ("“{element}”没有决策逻辑。", "请给它决策表或者表达式。"),
    "dmn-logic-incomplete": ("“{element}”的 {construct} 缺少 {part}。", "请补全。"),
    "dmn-requirement-unknown": ("“{element}”要用的“{reference}”不在文件里。", _CORRECT),
    "dmn-cycle": ("“{element}”直接或间接地要用到自己。", "请断开循环。"),
    "dmn-too-deep": ("“{element}”前面接连有 40 个以上的决策。", "请合并一些。"),
    "dmn-required-broken": ("“{element}”要用的内容本身有错误。", "请先改正它。"),
    "dmn-function-kind": ("“{element}”是用 {kind} 写的函数，不能运行。", "请用 FEEL 书写。"),
    "dmn-hit-policy": ("没有“{hit_policy}”这种命中策略。", "请用 DMN 1.5 的命中策略。"),
    "dmn-aggregation": (
        "“{element}”的汇总“{aggregation}”不合适：SUM、COUNT、MIN、MAX 只用于一列输出的 COLLECT。",
        _CORRECT,
    ),
    "dmn-priority-without-values": (
        "{hit_policy} 按输出的允许值排序，“{element}”没有写允许值。",
        "请列出一列输出的允许值，最要紧的写在最前面。",
    ),
    "dmn-no-output": ("决策表“{element}”没有输出。", "请加一列输出。"),
    "dmn-output-names": ("“{element}”有几列输出，各列要有各自的名称。", "请取名。"),
    "dmn-input-expression": ("输入“{element}”没有表达式。", "请写明看什么。"),
    "dmn-rule-width": (
        "第 {rule} 条规则有 {tests} 格输入、{results} 格输出，决策表有 {inputs} 列输入、{outputs} 列输出。",
        "请补齐每一格。",
    ),
    "dmn-type-not-checked": (
        "“{element}”的类型“{type}”没有定义，不检查它的值。",
        "请定义这个类型，或者用 FEEL 的类型。",
    ),
}
DECISION_REASONS: Mapping[str, str] = {
    "decision-not-unique": "决策“{decision}”只应有一条规则命中，却有 {count} 条：{rules}",
    "decision-rules-disagree": "决策“{decision}”命中的规则应当一致，{first} 和 {second} 却不同",
    "decision-aggregation-failed": "决策“{decision}”的 {aggregation} 没有结果。{why}",
    "decision-input-type": "“{name}”应为 {type}，却是 {value}",
    "decision-input-not-allowed": "{value} 不在“{name}”的允许值里",
    "decision-output-type": "“{name}”应为 {type}，却是 {value}",
    "decision-output-not-allowed": "{value} 不在“{name}”的允许值里",
    "decision-result-type": "“{name}”的结果应为 {type}，却是 {value}",
}
