"""When a timer of a diagram would fire if it were set now: what the report of an upload shows."""

from __future__ import annotations

from workflows.engine.expressions import ExpressionError
from workflows.engine.model import EventDefinition
from workflows.engine.run.faults import Fault
from workflows.engine.run.timers import plan_timer
from workflows.engine.texts import TextFault, compile_timer
from workflows.engine.types import Context, DueDate


def first_firing(definition: EventDefinition, context: Context) -> DueDate:
    """Work out the first firing, or raise ``ExpressionError`` when it depends on what a case holds."""
    try:
        timer = compile_timer(definition)
        value = None
        if timer.expression is not None:
            value = timer.expression.evaluate(context.roots, now=context.now, functions=context.functions)
        plan = plan_timer(timer, value, context.now)
    except TextFault as fault:
        raise ExpressionError(fault.code, str(fault)) from fault
    except Fault as fault:
        raise ExpressionError(fault.code, fault.message) from fault
    return DueDate(plan.due_at, plan.rule, plan.provisional)
