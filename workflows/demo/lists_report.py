"""The report of a run over all lists: one document for programs, some lines for people."""

from __future__ import annotations

from typing import Any

from workflows.demo.lists import Figures

_PER = 1_000


def lists_document(found: Figures) -> dict[str, Any]:
    """Return the figures as plain data; ``pace`` is seconds by completions, straight when nothing is quadratic."""
    published = found.lists["in_force"] or 1
    return {
        "units": found.units,
        "people": found.people,
        "lists": found.lists,
        "steps": dict(found.steps),
        "refused": dict(found.refused),
        "seconds": {
            "set_up": round(found.set_up, 1),
            "opening": round(found.opening, 1),
            "completing": round(found.completing, 1),
            "house": round(found.house, 1),
            "all": round(found.seconds, 1),
            "cpu": round(found.cpu, 1),
            "per_1000_lists": round(found.seconds * _PER / published, 1),
        },
        "rows": found.rows,
        "pace": [{"completions": done, "seconds": round(seconds, 1)} for done, seconds in found.pace],
    }


def lists_lines(found: Figures) -> list[str]:
    """Return the figures as lines of text."""
    told = lists_document(found)
    seconds = told["seconds"]
    published, total = found.lists["in_force"], sum(found.lists.values())
    lines = [f"{found.units} units, {found.people} people: {published} lists in force of {total}"]
    lines.append(f"{seconds['all']} s in all, {seconds['per_1000_lists']} s per 1,000 lists")
    lines.append("seconds: " + ", ".join(f"{name} {number}" for name, number in seconds.items()))
    lines.append("steps: " + ", ".join(f"{name} {number}" for name, number in found.steps.items()))
    lines.append("rows: " + ", ".join(f"{name} {number}" for name, number in found.rows.items()))
    if found.refused:
        lines.append(f"refused: {dict(found.refused)}")
    return lines
