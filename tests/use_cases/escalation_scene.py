"""A late step and what follows: silence to a level, and decisions."""

from __future__ import annotations

from typing import Any

from tests.world import Handle, World, shanghai
from workflows.escalations import decide_escalation
from workflows.tables import Escalation, EscalationStage

LATE = shanghai(2026, 3, 10)  # the step's last day is the 9th: it is overdue as the 10th begins
DEPUTY, SECOND_DEPUTY = "p139", "p140"  # 分管领导 of the district: the second level
DISCIPLINE, SECRETARY = "p146", "p137"  # the third and the last


def overdue(world: World) -> tuple[str, Handle]:
    """A case whose first step nobody has done; the unit's statement is asked for."""
    case = world.start("approval")
    task = world.task("拟稿")
    world.move_to(LATE)
    return case, task


def decide(world: World, as_: str, outcome: str = "urge", *, late: str | None = None, **values: Any) -> Escalation:
    found = world.escalation(closed_at=None)
    done = world.run(
        decide_escalation,
        found.case_id,
        {"outcome": outcome, "note": "请说明进展", **values},
        actor=world.actor(as_),
        confirmed_at=world.now,
        late_reason=late,
    )
    world.settle()
    return done


def to_level(world: World, level: int) -> None:
    """Let the unit and every decider below ``level`` be silent."""
    while world.escalation().level < level or not world.tasks("决定") + world.tasks("决定（阶梯终点）"):
        world.let_pass(days=1)


def stages(world: World) -> list[tuple[int, str | None]]:
    return sorted((stage.level, stage.result) for stage in world.rows(EscalationStage))
