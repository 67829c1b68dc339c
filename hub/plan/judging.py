"""Whether a target is reached, on track or behind, for a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from exchange_schemas.plan_targets import Step, Target
from hub.plan.periods import Period

REACHED, ON_TRACK, BEHIND, UNMEASURED = "已达到", "按期推进", "落后", "无法计量"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`step` is what counted for the period. `past_due`: its day is over and it isn't reached."""

    step: Step
    state: str
    past_due: bool


def judge(
    target: Target, period: Period, value: float | None, begun: date, day: date
) -> Judgement:
    """The state of a target in a period, as it is seen on `day`; `begun` is the day of the plan.

    The first step whose day isn't before the period's end counts, after them all the last one. Before its
    day a target is on track where the value is at least what an even way from the step before it (from 0
    on the plan's day) would have. What every period has to have is judged when the period is over.
    """
    step = step_of(target, period)
    seen = min(period.end, day)
    over = seen > step.by if target.each is None else period.end < day
    if value is None:
        return Judgement(step, UNMEASURED, past_due=False)
    if value >= step.value:
        return Judgement(step, REACHED, past_due=False)
    if over or value < expected(target, step, begun, seen):
        return Judgement(step, BEHIND, past_due=over)
    return Judgement(step, ON_TRACK, past_due=False)


def step_of(target: Target, period: Period) -> Step:
    """What counts for a period."""
    if target.each is not None:
        return Step(period.end, target.each)
    return next((one for one in target.steps if one.by >= period.end), target.steps[-1])


def expected(target: Target, step: Step, begun: date, seen: date) -> float:
    """What an even way to the step would have on a day up to the step's; 0 for what each period has to
    have."""
    if target.each is not None:
        return 0.0
    earlier = [one for one in target.steps if one.by < step.by]
    start = earlier[-1] if earlier else Step(min(begun, step.by), 0.0)
    days = (step.by - start.by).days
    share = 1.0 if not days else max(0, (seen - start.by).days) / days
    return start.value + (step.value - start.value) * share
