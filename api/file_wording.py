"""Findings on files as files in Chinese, by code and params: XML, forms, YAML data, and what a date comes to.

English readers get the sentence that the reader of the file wrote. Forms: ``workflows/forms/reading.py``; data files:
``workflows/deadlines/data_files.py`` and those that read with it; dates: ``workflows/duty_profile.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

_SAVE_AS_UTF8 = "请另存为 UTF-8。"
_CORRECT = "请改正。"
_CALENDAR = "请改规则，或者载入这一年的日历。"

FILES: Mapping[str, tuple[str, str]] = {
    # XML
    "xml-too-large": ("文件有 {size} 字节，最多 {limit} 字节。", "请把流程拆开。"),
    "xml-empty": ("文件是空的。", "请重新导出。"),
    "xml-encoding-invalid": ("文件的内容与编码 {encoding} 不符（第 {byte} 字节）。", _SAVE_AS_UTF8),
    "xml-encoding-unknown": ("不读编码 {encoding} 的文件。", _SAVE_AS_UTF8),
    "xml-doctype-forbidden": ("不读带文档类型声明（DOCTYPE）的文件。", "请删去这一声明。"),
    "xml-malformed": ("不是合法的 XML（第 {line} 行）。", "请用流程图工具重新导出。"),
    "xml-too-deep": ("元素嵌套超过 {limit} 层。", "请减少嵌套。"),
    "xml-too-many-attributes": ("一个元素的属性超过 {limit} 个。", "请改正这个元素。"),
    "xml-too-many-elements": ("XML 元素超过 {limit} 个。", "请把流程拆开。"),
    "not-bpmn": ("根元素是 {root}，不是 BPMN 2.0 的 definitions。", "请导出为 BPMN 2.0 XML。"),
    # a bundle
    "defined-twice": ("“{key}”在这一包文件里定义了两次。", "请只留一个。"),
    "file-type-unknown": (
        "“{path}”不是流程图、决策表、表单或 YAML 文件。",
        "请上传 .bpmn、.dmn、.json（表单）和 .yaml（时限规则、参数）文件。",
    ),
    # a case that is moved onto another version
    "migration-element-gone": (
        "“{element}”上有办件停着，新版里没有这个环节。",
        "请对应到同类的环节，或者先把办件办过去。",
    ),
    "migration-kind-changed": (
        "“{element}”上有办件停着，新版里它是另一种元素。",
        "请对应到同类的环节，或者先把办件办过去。",
    ),
    "migration-scope-changed": ("“{element}”上有办件停着，新版里它在另一个子流程里。", "请先把办件办过去。"),
    "migration-flow-gone": ("“{element}”在等会合，已经到的一支（{flow}）在新版里不通到这里。", "请先把办件办过去。"),
    "migration-mapping-unknown": (
        "对应表里的“{element}”在旧版里没有，或者对应到的环节在新版里没有。",
        "请核对两版流程图里的编号。",
    ),
    "migration-event-fault": ("“{element}”上新加的事件何时发生算不出来。", "请先补上办件里缺的内容，或者修改新版。"),
    "migration-process-gone": ("新版里没有流程“{element}”。", "请让这个办件按原版办完。"),
    "migration-place-taken": ("两次办理在新版里会落在同一处。", "请换一种对应，或者让办件按原版办完。"),
    "migration-rule-gone": (
        "“{element}”的时限依照规则 {rule}，新版里没有这条规则。",
        "请选择按新版重新计算时限。",
    ),
    "migration-limit-not-countable": (
        "“{element}”的时限不能按新版规则 {rule} 重新计算。",
        "请选择保留原时限，或者修改新版。",
    ),
    # forms
    "form-too-large": ("表单文件超过 {limit} 字节。", "请拆开或缩短。"),
    "form-too-many-fields": ("表单超过 {limit} 项。", "请拆开。"),
    "form-too-deep": ("表单嵌套超过 {limit} 层。", "请减少嵌套。"),
    "form-not-json": ("表单不是合法的 JSON（第 {line} 行）。", _CORRECT),
    "form-not-a-form": ("表单应是对象，type 为 default，并有 components。", "请用表单工具重新导出。"),
    "form-property-unknown": ("不认识属性“{property}”。", "请删去：没有人读它。"),
    "form-wrong-type": ("“{property}”应为{expected}。", _CORRECT),
    "form-type-unknown": ("不认识字段类型“{type}”。", "可用的类型见 docs/forms.md。"),
    "form-key-missing": ("字段的键“{key}”不是名称。", "键以字母或汉字开头，只含字母、汉字、数字和下划线。"),
    "form-key-twice": ("键“{key}”用了两次，另一处在 {other}。", "请给每个字段各自的键。"),
    "form-id-mismatch": ("表单的 id 应与路径一致：{expected}。", "请改 id 或改路径。"),
    "form-limits-crossed": ("下限大于上限。", _CORRECT),
    "form-pattern-refused": ("格式（pattern）不能用：{reason}。", "请按 RE2 的写法改正。"),
    "form-options-missing": ("没有选项。", "请至少写一个选项。"),
    "form-option-wrong": ("选项应是对象，value 和 label 都是文字。", _CORRECT),
    "form-option-twice": ("有两个选项的值相同。", "请给每个选项各自的值。"),
    "form-default-wrong": ("默认值不在选项里。", _CORRECT),
    "form-condition-wrong": ("隐藏条件不对：{reason}。", _CORRECT),
    # data files
    "file-too-large": ("文件超过 {limit} 字节。", "请拆开。"),
    "not-yaml": ("不是能读懂的 YAML 或 JSON（第 {line} 行）。", _CORRECT),
    "expression-wrong": ("表达式读不懂：{reason}。", _CORRECT),
    "wrong-type": ("“{field}”的值类型不对，应为{expected}。", _CORRECT),
    "missing": ("缺少“{field}”。", "请补上。"),
    "empty": ("“{field}”是空的。", "请补上。"),
    "out-of-range": ("值 {value} 不在 {least} 到 {most} 之间。", _CORRECT),
    "unknown-value": ("不认识“{value}”，应为其中之一：{allowed}。", _CORRECT),
    "unknown-field": ("没有“{field}”这一项。", "请检查拼写，或者删去。"),
    "bad-key": ("名称“{key}”含有不能用的字符，或者太长。", _CORRECT),
    "not-a-date": ("“{value}”不是日期，例如 2027-01-01。", _CORRECT),
    "listed-twice": ("{day} 写了两次。", "请只留一个。"),
    "reason-missing": ("{day} 没有写理由。", "请补上。"),
    "rule-twice": ("时限规则“{key}”写了两次。", "请只留一条。"),
    "limit-missing": ("没有写期限：既没有数量和单位，也没有 anchor。", "请写其中之一。"),
    "editor-cites-law": ("编者补的规则不能写条款。", "编者补的内容不能当作法规展示，请删去条款。"),
    "source-missing": ("没有写出处。", "请写出处，或者标为编者补。"),
    "amount-missing": ("有单位，没有数量。", "请补上 amount。"),
    "parameter-without-amount": ("有参数，没有它可以替换的数量。", "请补上 amount。"),
    "unit-missing": ("有数量，没有单位。", "请补上 unit。"),
    "anchor-unclear": ("anchor 里 end_of 和 month_day 应写一个，且只写一个。", _CORRECT),
    "not-a-month-day": ("“{value}”不是月日，例如 01-31。", _CORRECT),
    "not-a-colour": ("“{value}”不是颜色，例如 #b3270b。", _CORRECT),
    "duty-twice": ("责任事项“{id}”写了两次。", "请只留一条。"),
    "definition-not-found": ("没有生效的流程“{definition}”。", "请先启用这个流程。"),
    "element-not-found": ("流程里没有环节“{element}”。", _CORRECT),
    "parameter-unknown": ("流程没有参数“{parameter}”。", _CORRECT),
    "deadline-rule-not-found": ("没有时限规则“{rule}”。", "请加上这条规则。"),
    "recurrence-missing": ("没有写周期：既没有 rrule，也没有 festivals。", "请写其中之一。"),
    "rrule-not-supported": ("周期“{rrule}”用了不支持的写法。", _CORRECT),
    "not-an-rrule": ("“{rrule}”不是 RRULE 的写法。", _CORRECT),
    "rrule-empty": ("周期“{rrule}”十二年内没有一天。", _CORRECT),
    "period-not-unique": ("有两天落在同一期（{period}）里。", "请改周期或期次。"),
    "offset-beside-rule": ("时限规则自己有期限，不能再写 offset。", "请删去 offset。"),
    "wrong-year": ("{day} 不属于 {year} 年（也不在上一年十二月）。", _CORRECT),
    "free-and-worked": ("{day} 既是假日又是上班日。", "请只留一个。"),
    "make-up-on-weekday": ("补班日 {day} 不是周六或周日。", _CORRECT),
    "day-unclear": ("solar、lunar、term 应写一个，且只写一个。", _CORRECT),
    "year-twice": ("{year} 年第 {version} 版写了两次。", "请只留一个。"),
    # what a limit or timer comes to
    "deadline-date": ("从现在起算，{at} 到期。", ""),
    "timer-date": ("从现在起算，{at} 到时。", ""),
    "deadline-date-provisional": ("从现在起算，{at} 到期（暂定，日历还没有公布到那一年）。", ""),
    "timer-date-provisional": ("从现在起算，{at} 到时（暂定，日历还没有公布到那一年）。", ""),
    "deadline-rule-unverified": ("时限规则“{rule}”的原文待核。", ""),
    "parameter-not-found": ("时限规则“{rule}”用的参数“{parameter}”不在这一包文件里。", "请在 parameters.yaml 里加上。"),
    "start-unit-unknown": (
        "说不清“{element}”到时发起的办件属于哪个单位。",
        "请在开始事件或流程上写 zc:unit，例如 zc:unit='\"gov\"'（FEEL 表达式，得出单位代码）。",
    ),
    "start-timer-unknown": (
        "“{element}”的时间在没有办件时算不出来。",
        "请写日期、周期，或者只用 unit、parameters 的表达式。",
    ),
    "start-catch-up-unknown": ("“{element}”的 zc:catchUp 是“{value}”，应为 all 或 last。", _CORRECT),
    "start-condition-needs-data": (
        "“{element}”的条件要看 {names}，发起之前没有人给出：只在外部程序报来数据（POST /conditions）时判断。",
        "",
    ),
    "timer-depends-on-case": ("时间“{expression}”要看办件的数据，现在算不出日期。", ""),
    "calendar-empty": ("没有载入任何一年的工作日历。", "请先载入日历。"),
    "calendar-before-first-year": ("日期落在 {year} 年，日历从 {first} 年开始。", _CALENDAR),
    "calendar-beyond-range": ("日期落在 {year} 年，日历最远到 {last} 年。", _CALENDAR),
    "rule-unknown": ("没有时限规则“{key}”。", "请加上这条规则。"),
    "not-a-whole-number": ("“{value}”不是整数。", _CORRECT),
    "amount-out-of-range": ("期限 {amount} 太大或者是负数。", _CORRECT),
    "festival-unknown": ("没有法定节日“{name}”。", _CORRECT),
    "anchor-before-start": ("规则指定的日子在起算之前。", _CORRECT),
    "parameter-not-a-number": ("规则“{rule}”的参数“{parameter}”不是整数。", "请改参数。"),
}
# how the readers of data files name what they expect
KINDS: Mapping[str, str] = {
    "str": "文字",
    "int": "整数",
    "list": "列表",
    "mapping": "键与值",
    "value": "数字、文字、真假、日期或列表",
}
