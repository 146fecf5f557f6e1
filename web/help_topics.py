"""Help for every screen: what it is for and how to use it, in few sentences. A test holds it against the URL map.

A new page names its topic in ``TOPIC_OF``; what shows no screen (files for scripts, downloads) stands in ``NO_SCREEN``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Topic:
    """One help page: its title, what the screen is for, and what one does there."""

    title: Any
    purpose: Any
    hints: tuple[Any, ...]


_OWN_RIGHTS = _("只显示您有权查看的内容；看不到的，地址打开也会说没有找到。")
TOPICS: Mapping[str, Topic] = {
    "login": Topic(
        _("登录"),
        _("用管理员给您的用户名和密码登录。"),
        (
            _("连续输错几次，账号会锁定一段时间，可请安全保密管理员提前解锁。"),
            _("大字版、高对比度和语言在登录前就能选，登录后会替您记住。"),
        ),
    ),
    "home": Topic(
        _("工作台"),
        _("一眼看到有多少待办、最急的三件和最新的消息。"),
        (_("点灯旁的数字，直接打开那种灯的待办。"), _("有督办等您决定时，会多出一张卡片。")),
    ),
    "tasks": Topic(
        _("待办"),
        _("轮到您办的环节，快到期的排在前面。"),
        (
            _("几个人都能办的，先点“签收”，签收后别人就不能再办。"),
            _("筛选条件留在地址里，可以收藏，也可以发给同事。"),
            _OWN_RIGHTS,
        ),
    ),
    "done": Topic(
        _("已办"),
        _("您办结过的环节，和它所在的办件现在到了哪里。"),
        (_OWN_RIGHTS,),
    ),
    "started": Topic(
        _("我发起的"),
        _("您发起的办件，现在停在哪个环节、在谁手上。"),
        (_("点列名换一种排序，再点一次倒过来。"), _("常用的条件可以起个名字保存，还可以让列表一打开就用它。")),
    ),
    "copied": Topic(
        _("抄送"),
        _("抄送给您阅知的办件，以及把办件抄送给别人。"),
        (
            _("抄送只能看，不用办；看过请勾选“标为已阅”，账本会记下时间。"),
            _("您能抄送自己参与、发起或者督办的办件；对方须有相应的知悉范围。"),
        ),
    ),
    "phrases": Topic(
        _("常用语"),
        _("您常写的话，办理时按一下就填进意见。"),
        (_("只有您自己看得到。"),),
    ),
    "work": Topic(
        _("办理"),
        _("填写、附件、签署和提交都在这一页。"),
        (
            _("边写边存草稿，关掉页面、会话过期都不会丢；回车不会提交。"),
            _("提交后有不对的地方会逐条列出，点一下就到那里。"),
            _("“为什么是这一天”说明截止日期怎样算出。"),
            _("逾期仍可提交，须写明原因。"),
        ),
    ),
    "handing": Topic(
        _("退回、转办、延期、催办"),
        _("不能按原样办下去时，把工作交给别人、退回去、申请多一点时间，或者催一催。"),
        (
            _("退回只能到有人办过的环节，那一环节重新计时，总时限照走。"),
            _("转办只能给同一单位的人，对方签收前您仍可看到。"),
            _("延期是申请，由领导决定；批准之前时限不变。"),
        ),
    ),
    "overview": Topic(
        _("总览"),
        _("在办件按灯、单位和流程的数，趋势，堵在哪个环节，未来几天到期什么。"),
        (_("每个数字都能点开，看到的正好是那么多件。"), _("相同的内容可以导出 xlsx。")),
    ),
    "start": Topic(
        _("发起"),
        _("选流程和责任单位，填写开始要填的内容，发起一个办件。"),
        (_("有的流程由责任事项按期自动发起，不必手工发起。"), _("名称可以不填，系统按流程取名。")),
    ),
    "notices": Topic(
        _("消息"),
        _("转办、催办、时限变动、督办和每个工作日的提醒汇总。"),
        (_("读过的可以标为已读；提醒汇总一个工作日只有一份。"),),
    ),
    "cases": Topic(
        _("办件"),
        _("正在办和办过的事，按单位、流程、灯和时间查找。"),
        (_("点开一件，可以看到流程图、时间线、数据、附件和谁在办。"), _OWN_RIGHTS),
    ),
    "case": Topic(
        _("办件详情"),
        _("一件事从头到尾：现在在哪一步、谁在办、还剩几天、怎么走到这里的。"),
        (
            _("流程图旁边总有相同内容的环节列表。"),
            _("流程线只有真正走过的才标出。"),
            _("中止、恢复、撤销须有权的人，并写明理由。"),
        ),
    ),
    "twin": Topic(
        _("一案双查"),
        _("当事人责任和领导责任两查并排，看到共同事实、结论和矛盾之处。"),
        (_("共同事实有版本，更正会留下原来的内容。"), _("回避的人看不到这一件。")),
    ),
    "escalations": Topic(
        _("升级审批"),
        _("逾期的事提请有权的领导决定：督办、延期、转办或者不督办。"),
        (_("先看为什么提请、逾期多久、之前说过什么，再决定。"), _("决定要写理由，对方会收到。")),
    ),
    "checklists": Topic(
        _("责任清单与台账"),
        _("五张清单、清单项目、问题台账和整改台账，按单位、年度、灯查找。"),
        (
            _("“截至”可以看过去任何一天结束时的样子。"),
            _("“导出 xlsx”得到的就是当前筛选的内容。"),
            _("清单的内容在清单的办件里编制和修改，这里只读。"),
        ),
    ),
    "definitions": Topic(
        _("流程库"),
        _("有哪些流程、哪一版在用、每一版有多少在办件。"),
        (
            _("上传后先看检查报告：有错误的不能启用。"),
            _("启用新版本时，在办件默认按开始时的版本走完，也可以选择迁移。"),
        ),
    ),
    "migration": Topic(
        _("迁移在办办件"),
        _("把在办件从原来的版本移到新版继续办，先试算，再确认。"),
        (
            _("试算不改动任何东西：逐件说明能不能迁移、为什么、哪些待办和时限会变。"),
            _("没有对应环节的，可以另选一个，或者让它按原版办完。"),
            _("迁移在后台逐件进行，一件不能迁移不影响别的；已办完的记录和账本不变。"),
        ),
    ),
    "reset": Topic(
        _("重置办件"),
        _("让办件从已经办过的一个环节重新开始。"),
        (
            _("先选环节，看清会撤下哪些待办，再写理由确认。"),
            _("还没有经过的环节不能选：不能跳过规定的步骤。"),
        ),
    ),
    "steps": Topic(
        _("环节设置"),
        _("在用流程的每个环节：由谁办、时限、提醒、督办和依据。"),
        (
            _("日期是示例：假如环节在您选的那一天、在您选的地区开始。"),
            _("要改，请上传流程的新版本；地区的天数写在地区参数里。"),
        ),
    ),
    "reminders": Topic(
        _("灯与提醒"),
        _("各流程的临期、逾期、提醒和提请督办的规则，以及灯在各地区的名称和颜色。"),
        (_("灯的含义各地相同，只是名称和颜色可以不同。"), _("标“编者补”的天数法规没有写，可以由地区改。")),
    ),
    "operations": Topic(
        _("运行监控"),
        _("系统是否正常：定时有没有积压、后台有没有值守、有没有异常和送不出的邮件。"),
        (
            _("“后台值守”没有记录，说明后台程序没有启动，提醒和督办都不会发生。"),
            _("异常先排除原因再点“重试”；原因还在，会再出现一条。"),
        ),
    ),
    "calendar": Topic(
        _("日历"),
        _("工作日、节假日和调休，以及从某天起数若干工作日是哪一天。"),
        (
            _("国务院公布新一年的安排后载入；载入前可以先看会移动哪些时限。"),
            _("更正已公布的年份会移动已确定的日期，须由另一人批准。"),
        ),
    ),
    "year": Topic(
        _("年历"),
        _("一个单位全年的责任事项：什么时候办什么，依据是什么。"),
        (_("可以打印，也可以用带令牌的地址订阅到日历软件。"), _("灰色的日期是暂定的，国务院公布安排后可能移动。")),
    ),
    "organisation": Topic(
        _("组织与人员"),
        _("单位、职务、谁在任、谁代理，以及人员离任时的交接。"),
        (
            _("待办跟着职务走，换人不必逐件转办。"),
            _("本人可以为自己的职务设代理，到期自动结束。"),
            _("交接页列出此人持有的一切，一次交清；角色由安全保密管理员另行授予。"),
        ),
    ),
    "ledger": Topic(
        _("操作日志与账本"),
        _("谁在什么时候做了什么，每条都连成链，改动或删除会被发现。"),
        (_("“核验”会重算整条链和检查点，并说出哪里不符。"), _("意见和理由封存在别处，账本里只有摘要。")),
    ),
    "help": Topic(
        _("帮助与意见反馈"),
        _("每个页面右上角都有“本页帮助”；意见在“意见反馈”里提。"),
        (_("您提的意见和答复只有您和管理员能看到。"),),
    ),
}
TOPIC_OF: Mapping[str, str] = {
    "log_in_page": "login",
    "home": "home",
    "task_list": "tasks",
    "done_list": "done",
    "started_list": "started",
    "copied_list": "copied",
    "copies_page": "copied",
    "phrase_list": "phrases",
    "work_page": "work",
    "row_import_page": "work",
    "return_page": "handing",
    "transfer_page": "handing",
    "extend_page": "handing",
    "urge_page": "handing",
    "overview_page": "overview",
    "start_page": "start",
    "notice_list": "notices",
    "case_list": "cases",
    "case_sheet": "case",
    "supervision_register": "escalations",
    "year_page": "year",
    "case_page": "case",
    "twin_page": "twin",
    "escalation_list": "escalations",
    "escalation_page": "escalations",
    "checklist_list": "checklists",
    "checklist_rows": "checklists",
    "checklist_page": "checklists",
    "checklist_comparison": "checklists",
    "problem_list": "checklists",
    "rectification_list": "checklists",
    "definition_list": "definitions",
    "definition_page": "definitions",
    "upload_page": "definitions",
    "migrate_page": "migration",
    "migrate_case_page": "migration",
    "migration_page": "migration",
    "reset_page": "reset",
    "step_list": "steps",
    "reminder_list": "reminders",
    "operations_page": "operations",
    "timer_list": "operations",
    "incident_list": "operations",
    "calendar_page": "calendar",
    "organisation_page": "organisation",
    "unit_page": "organisation",
    "person_page": "organisation",
    "new_person_page": "organisation",
    "hand_over_page": "organisation",
    "ledger_page": "ledger",
    "record_search": "ledger",
    "help_page": "help",
    "topic_page": "help",
    "feedback_page": "help",
}
NO_SCREEN = frozenset(
    {"static", "download", "find_people", "case_diagram_file", "definition_file", "lights_css", "row_sheet"}
)


def topic_of(endpoint: str | None) -> str | None:
    """Return the topic of the page that an endpoint shows, None for what has none."""
    return TOPIC_OF.get((endpoint or "").removeprefix("web."))
