"""The analysis `targets`: every target of the plan, measured and judged, as records of target_progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Any

import polars as pl

from exchange_schemas.plan_query import REPORTED, REPORTS, Query, read_query
from exchange_schemas.plan_targets import Plan, Target, the_plan
from hub.analysis.inputs import Inputs, Result
from hub.plan.judging import judge
from hub.plan.measuring import Measured, measure
from hub.plan.periods import Period, period_of
from hub.plan.reported import reported

PROGRESS = "target_progress"
COMPUTED, BY_REPORT = "计算", "报送"  # target_progress.measured_by
NO_RECORD = "数据集 {title} 还没有记录"
NOTHING = "数据集 {title} 中没有符合条件的记录"
NO_REPORT = "还没有部门报送这项目标的数值"


@dataclass(slots=True)
class Source:
    """The datasets, each scanned and counted once."""

    inputs: Inputs
    frames: dict[str, pl.LazyFrame] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def scan(self, dataset: str) -> pl.LazyFrame:
        """Its records."""
        if dataset not in self.frames:
            self.frames[dataset] = self.inputs.scan(dataset)
        return self.frames[dataset]

    def size(self, dataset: str) -> int:
        """How many records it has."""
        if dataset not in self.sizes:
            self.sizes[dataset] = self.scan(dataset).select(pl.len()).collect().item()
        return self.sizes[dataset]


def compute(inputs: Inputs) -> Iterator[Result]:
    """target_progress: one record for each target and period that can be measured, or one of the current
    period that says why not.

    Values of now (without a day in the records) are kept for the months that were measured before;
    everything else is computed anew, and what is no longer so is gone.
    """
    rows = progress_of(the_plan(), inputs)
    frame = pl.DataFrame(rows, schema=_schema(rows, inputs), orient="row")
    yield Result(PROGRESS, frame, _gone(inputs, rows))


def progress_of(plan: Plan, inputs: Inputs) -> list[dict[str, Any]]:
    """The records of all targets; raises Misdeclared as `read_query`."""
    source = Source(inputs)
    reports = source.scan(REPORTS).collect()
    found: list[dict[str, Any]] = []
    for target in plan.targets.values():
        query = read_query(target.measure, inputs.catalogue, target.id)
        found += _of_target(plan, target, query, source, reports)
    return found


def _of_target(
    plan: Plan, target: Target, query: Query, source: Source, reports: pl.DataFrame
) -> Iterator[dict[str, Any]]:
    words = words_of(plan, target) | {
        "measured_by": BY_REPORT if query.kind == REPORTED else COMPUTED,
        "datasets": list(query.datasets),
    }
    day = source.inputs.day
    now = period_of(day, query.every or "month")
    if query.kind == REPORTED:
        found = reported(reports, target.id, str(query.every), day)
        for one in found:
            yield words | _row(plan, target, one.measured, day) | {"report_no": one.report_no}
        if not found:
            yield words | _without(plan, target, now, day, NO_REPORT)
        return
    known = source.inputs.catalogue
    for dataset in query.datasets:
        if not source.size(dataset):
            reason = NO_RECORD.format(title=known.get(dataset).title)
            yield words | _without(plan, target, now, day, reason)
            return
    for measured in measure(query, source.scan, known, plan.begun, day):
        if measured.value is None:
            reason = NOTHING.format(title=known.get(query.dataset).title)
            yield words | _without(plan, target, measured.period, day, reason)
        else:
            yield words | _row(plan, target, measured, day)


def words_of(plan: Plan, target: Target) -> dict[str, Any]:
    """What a record says of its target, whatever was measured."""
    return {
        "target_id": target.id,
        "title": target.title_zh,
        "title_en": target.title_en,
        "sub_plan": target.sub_plan,
        "place": target.place,
        "quote": target.says,
        "accountable": target.accountable,
        "departments": list(target.departments),
        "unit": target.unit,
        "assumption": target.assumes_zh,
        "contradictions": [one.title_zh for one in plan.contradictions_of(target.id)] or None,
    }


def _row(plan: Plan, target: Target, measured: Measured, day: Any) -> dict[str, Any]:
    judged = _judged(plan, target, measured.period, measured.value, day)
    return judged | {
        "value": shown(measured.value, judged["target_value"]),
        "numerator": written(measured.numerator),
        "denominator": written(measured.denominator),
    }


def _without(plan: Plan, target: Target, period: Period, day: Any, reason: str) -> dict[str, Any]:
    return _judged(plan, target, period, None, day) | {"reason": reason}


def _judged(
    plan: Plan, target: Target, period: Period, value: float | None, day: Any
) -> dict[str, Any]:
    found = judge(target, period, value, plan.begun, day)
    return {
        "period": period.name,
        "period_from": str(period.begin),
        "period_until": str(period.end),
        "target_value": written(found.step.value),
        "target_date": str(found.step.by),
        "status": found.state,
        "past_due": found.past_due,
    }


def written(value: float | None) -> str | None:
    """A number as records have it: at most two decimals, none where it is whole."""
    if value is None:
        return None
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shown(value: float | None, to_reach: str) -> str | None:
    """A value as `written`; rounded down where rounding would show what isn't reached as reached."""
    if value is not None and value < float(to_reach) <= round(value, 2):
        value = floor(value * 100) / 100
    return written(value)


def _schema(rows: Iterable[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    dtypes = inputs.catalogue.get(PROGRESS).dtypes
    names = {name for row in rows for name in row}
    return {name: dtype for name, dtype in dtypes.items() if name in names}


def _gone(inputs: Inputs, rows: list[dict[str, Any]]) -> pl.Series:
    """Keys of records that this computing doesn't say again, but for measured values of months before."""
    known = inputs.frame(PROGRESS, "target_id", "period", "status")
    said = pl.DataFrame(
        {
            "target_id": [row["target_id"] for row in rows],
            "period": [row["period"] for row in rows],
        },
        schema={"target_id": pl.String, "period": pl.String},
    )
    left = known.join(said, on=["target_id", "period"], how="anti")
    snapshots = [
        name
        for name, target in the_plan().targets.items()
        if read_query(target.measure, inputs.catalogue, name).every is None
    ]
    kept = pl.col("target_id").is_in(snapshots) & (pl.col("status") != "无法计量")
    return left.filter(~kept)["_key"]
