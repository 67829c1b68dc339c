"""Progress against the plan as pages show it: by target, beside the plan's words and contradictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from exchange_schemas.plan_targets import Contradiction, Target, the_plan
from publisher.portal.chart_lines import Mark, Series, lines

DATASET = "target_progress"
STATES = ("已达到", "按期推进", "落后", "无法计量")  # of a record's status

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """A target with its records, the oldest first; there is at least one."""

    target: Target
    contradictions: Sequence[Contradiction]
    rows: Sequence[Row]

    @property
    def latest(self) -> Row:
        """The last period."""
        return self.rows[-1]

    @property
    def late(self) -> bool:
        """Whether it was reached, and measured for a period that begins after its day only."""
        days = str(self.latest["period_from"]), str(self.latest["target_date"])
        return self.latest["status"] == STATES[0] and days[0] > days[1]

    @property
    def drawn(self) -> bool:
        """Whether there is a value to draw."""
        return any(row.get("value") is not None for row in self.rows)


def progress_by_target(records: Iterable[Row]) -> dict[str, Progress]:
    """target → its progress, in the plan's order; targets without a record aren't among them."""
    plan = the_plan()
    grouped: dict[str, list[Row]] = {}
    for record in records:
        grouped.setdefault(str(record["target_id"]), []).append(record)
    return {
        name: Progress(
            target,
            plan.contradictions_of(name),
            sorted(grouped[name], key=lambda row: (row["period_until"], row["period"])),
        )
        for name, target in plan.targets.items()
        if name in grouped
    }


def by_sub_plan(found: Mapping[str, Progress]) -> dict[str, list[Progress]]:
    """Sub-plan → its targets."""
    grouped: dict[str, list[Progress]] = {}
    for one in found.values():
        grouped.setdefault(one.target.sub_plan, []).append(one)
    return grouped


def counts_by_state(found: Mapping[str, Progress]) -> dict[str, int]:
    """State → how many targets are in it in their last period; all states, in their order."""
    counted = Counter(str(one.latest["status"]) for one in found.values())
    return {state: counted[state] for state in STATES}


def chart(
    one: Progress, names: tuple[str, str], unit: str, *, narrow: bool = False
) -> dict[str, Any]:
    """The values over time against the steps to reach; `names` are what these two are called."""
    values = [
        (str(row["period_until"]), float(row["value"]))
        for row in one.rows
        if row.get("value") is not None
    ]
    # a line of one value can't be seen
    marks = [Mark(names[0], *values[0])] if len(values) == 1 else []
    series = [Series(names[0], values), Series(names[1], _stairs(one))]
    return lines(series, unit, marks, narrow=narrow, zero=True)


def _stairs(one: Progress) -> list[tuple[str, float | None]]:
    """The steps as a line that goes up at their days, from the plan's day to the last period."""
    last = max(date.fromisoformat(str(row["period_until"])) for row in one.rows)
    if one.target.each is not None:
        first = min(date.fromisoformat(str(row["period_from"])) for row in one.rows)
        return [(str(first), one.target.each), (str(last), one.target.each)]
    points: list[tuple[str, float | None]] = []
    begin = the_plan().begun
    for step in one.target.steps:
        points += [(str(begin), step.value), (str(step.by), step.value)]
        begin = step.by + timedelta(days=1)
    if last > one.target.steps[-1].by:
        points.append((str(last), one.target.steps[-1].value))
    return points
