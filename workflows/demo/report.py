"""The report of a play: what was judged and what was counted, as one page without anything from outside, and as JSON.

The page is Chinese whatever the locale: it is a document for the file, not a page of the product.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from workflows.clock import SHANGHAI
from workflows.deadlines.lights import LightKey, Lights
from workflows.demo.invariants import Verdict
from workflows.demo.judging import Judgement
from workflows.demo.play import Tally
from workflows.demo.plots import Part, stacked_bars
from workflows.demo.report_words import COLUMNS, WORDS

_MOST_FAULTS = 20
_MOST_UNITS = 24
_PAGE = Path(__file__).with_name("report_page.html")


@dataclass(frozen=True)
class Run:
    """How a play went: with which seed, how long it took, and what people did."""

    seed: int
    tally: Tally
    seconds: float
    set_up_seconds: float
    check_seconds: float
    database: str
    lights: Lights  # how the default region shows them


def write_report(folder: Path, judgement: Judgement, played: Run) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.json`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    page.write_text(_page(judgement, played), encoding="utf-8")
    document = json.dumps(as_document(judgement, played), ensure_ascii=False, indent=2, default=str)
    data.write_text(document + "\n", encoding="utf-8")
    return page, data


def as_document(judgement: Judgement, played: Run | None = None) -> dict[str, Any]:
    """Return everything as plain data."""
    found = {
        "holds": judgement.holds,
        "as_of": judgement.as_of.astimezone(SHANGHAI).isoformat(),
        "invariants": [
            {
                "key": verdict.key,
                "title": verdict.title,
                "holds": verdict.holds,
                "looked_at": verdict.looked_at,
                "faults": list(verdict.faults),
            }
            for verdict in judgement.verdicts
        ],
        "counts": judgement.counts,
    }
    return found if played is None else {**found, "run": _described(played)}


def _described(played: Run) -> dict[str, Any]:
    told = {name: value for name, value in vars(played).items() if name != "lights"}
    return {**told, "tally": _tallied(played.tally)}


def _tallied(tally: Tally) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(tally).items()}


# ------------------------------------------------------------------ the page


def _page(judgement: Judgement, played: Run) -> str:
    counts, parts = judgement.counts, _parts(played.lights)
    families = counts["families"]
    sections = [
        _head(judgement, played),
        _section("不变量", _verdicts(judgement.verdicts)),
        _section(
            "按族、按月、按单位",
            stacked_bars("各流程族的环节", _stacks(counts["lights"], "family", families), parts),
            stacked_bars("各月开出的环节", _stacks(counts["months"], "month"), parts),
            stacked_bars(f"环节最多的 {_MOST_UNITS} 个单位", _most(_stacks(counts["units"], "unit")), parts),
        ),
        _section("办件", _table(_named(counts["cases"], families), ("family", "status", "number"))),
        _section("责任事项的期次", _table(counts["occurrences"], ("duty_id", "title", "period", "status", "number"))),
        _section("督办与延期", _table(counts["escalations"], ("kind", "outcome", "level", "at_ladder_end", "number"))),
        _section("阶梯终点仍未决定，点名", _table(counts["at_ladder_end"], ("title", "unit", "decider", "decide_by"))),
        _section("日期的移动", _table(counts["moves"], ("ground", "number"))),
        _section("异常", _table(counts["incidents"], ("code", "status", "number"))),
        _section("人们做了什么", _acts(played.tally)),
        _section("账本里的事件", _table(counts["acts"], ("kind", "via", "number"))),
        _section("全部单位", _units(counts["units"], parts)),
    ]
    title = f"责成·演示城市一年（种子 {played.seed}）"
    return _PAGE.read_text(encoding="utf-8").replace("{title}", title).replace("{body}", "".join(sections))


def _parts(lights: Lights) -> tuple[Part, ...]:
    """Return the stacks' parts: what is done by how it ended, what is open by its light."""
    done, normal, near, late = (
        lights.show(key) for key in (LightKey.DONE, LightKey.NORMAL, LightKey.NEAR, LightKey.OVERDUE)
    )
    return (
        Part("in_time", "按期办结", done.chart),
        Part("late", f"{late.name}办结", late.background, late.colour),
        Part("normal", f"在办·{normal.name}", normal.chart),
        Part("near", f"在办·{near.name}", near.chart),
        Part("overdue", f"在办·{late.name}", late.chart, late.colour),
    )


def _named(rows: Iterable[Mapping[str, Any]], families: Mapping[str, str]) -> list[Mapping[str, Any]]:
    return [{**row, "family": families.get(row["family"], row["family"])} for row in rows]


def _head(judgement: Judgement, played: Run) -> str:
    verdict = "全部不变量成立" if judgement.holds else "有不变量被破坏"
    totals = judgement.counts["totals"]
    facts = [
        ("截至", _moment(judgement.as_of)),
        ("数据库", played.database),
        ("布置", f"{played.set_up_seconds:.1f} 秒"),
        ("演练", f"{played.seconds:.1f} 秒，{played.tally.days} 天"),
        ("核对", f"{played.check_seconds:.1f} 秒"),
    ]
    facts += [(WORDS.get(name, name), str(number)) for name, number in totals.items()]
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    mark = "holds" if judgement.holds else "broken"
    return f'<p class="verdict {mark}">{verdict}</p><dl>{cells}</dl>'


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _verdicts(verdicts: Iterable[Verdict]) -> str:
    rows = []
    for verdict in verdicts:
        mark = "✓ 成立" if verdict.holds else f"✗ 破坏 {len(verdict.faults)} 处"
        faults = "".join(f"<li>{escape(fault)}</li>" for fault in verdict.faults[:_MOST_FAULTS])
        listed = f"<ul>{faults}</ul>" if faults else ""
        state = "holds" if verdict.holds else "broken"
        rows.append(
            f'<tr class="{state}"><td>{mark}</td><td>{escape(verdict.title)}{listed}</td>'
            f'<td class="number">{verdict.looked_at}</td><td><code>{escape(verdict.key)}</code></td></tr>'
        )
    head = '<tr><th>结论</th><th>不变量</th><th class="number">核对了</th><th>代号</th></tr>'
    return f'<table class="verdicts">{head}{"".join(rows)}</table>'


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    if not rows:
        return "<p>没有。</p>"
    head = "".join(f'<th class="{_align(column)}">{escape(COLUMNS.get(column, column))}</th>' for column in columns)
    lines = []
    for row in rows:
        cells = "".join(
            f'<td class="{_align(column)}">{escape(_shown(column, row[column]))}</td>' for column in columns
        )
        lines.append(f"<tr>{cells}</tr>")
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _align(column: str) -> str:
    return "number" if column == "number" else "text"


def _shown(column: str, value: Any) -> str:
    if column == "at_ladder_end":
        return "是" if value else ""
    if column == "decide_by":
        return "" if value is None else _moment(value)
    return "" if value is None else WORDS.get(str(value), str(value))


def _moment(at: Any) -> str:
    read = datetime.fromisoformat(f"{at}+00:00" if isinstance(at, str) else at.isoformat())
    return read.astimezone(SHANGHAI).strftime("%Y年%m月%d日 %H:%M")


def _stacks(
    rows: Iterable[Mapping[str, Any]], column: str, names: Mapping[str, str] | None = None
) -> list[tuple[str, Mapping[str, int]]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[(names or {}).get(row[column], row[column])][row["light"]] = row["number"]
    return list(found.items())


def _most(stacks: list[tuple[str, Mapping[str, int]]]) -> list[tuple[str, Mapping[str, int]]]:
    return sorted(stacks, key=lambda each: -sum(each[1].values()))[:_MOST_UNITS]


def _acts(tally: Tally) -> str:
    rows = [{"kind": kind, "number": number} for kind, number in sorted(tally.acts.items())]
    rows += [{"kind": f"表单更正：{kind}", "number": number} for kind, number in sorted(tally.corrected.items())]
    rows += [{"kind": f"被拒绝：{kind}", "number": number} for kind, number in sorted(tally.refused.items())]
    return _table(rows, ("kind", "number"))


def _units(rows: Sequence[Mapping[str, Any]], parts: Sequence[Part]) -> str:
    keys = [part.key for part in parts]
    head = "".join(f'<th class="number">{escape(part.name)}</th>' for part in parts)
    lines = []
    for unit, numbers in sorted(_stacks(rows, "unit"), key=lambda each: -sum(each[1].values())):
        cells = "".join(f'<td class="number">{numbers.get(key, 0) or ""}</td>' for key in keys)
        lines.append(f"<tr><td>{escape(unit)}</td>{cells}</tr>")
    return f"<table><tr><th>单位</th>{head}</tr>{''.join(lines)}</table>"
