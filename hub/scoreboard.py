"""How timely and how well departments report and disclose: by department, dataset and month.

The measures are those that provinces keep for 双公示 (发改办财金〔2018〕424号 asks for reporting,
timeliness and quality). Months are those of days in Shanghai. What a department did before it was
merged counts for the department that answers for it on the day of the scoreboard.

| rate | numerator | denominator |
|---|---|---|
| reporting_rate | `reported` | `owed` |
| compliance_rate | `accepted` | `read` |
| timeliness_rate | `in_time` | `in_time` + `late` + `overdue` |

- `owed`: reports for the month that were made, or whose last day (`report_by` of the law) is over;
  `reported`: those made by data or by a nil report; `silent`: the others. See `reporting`.
- `runs`, `read`, `accepted`, `rejected`: deliveries taken in the month, and their rows, as the
  department first gave them.
- `in_time`, `late`, `overdue`: records by the month in which the law wants them public; public
  until then, public later, not public although the day is over.
- `corrected_rows`, `corrected_records`, `withdrawn`, `repaired`, `objections_upheld`, `nil_reports`:
  see `occurrences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Connection, cast, func, select

from exchange_schemas.catalogue import Catalogue
from hub.bulk import select_frame
from hub.deliveries import as_delivered
from hub.months import is_in, month_at
from hub.occurrences import SOURCES
from hub.reporting import reporting
from hub.scope import Scope
from hub.tables import run

GROUPS = ("department", "dataset", "month")
OWED = ("owed", "reported", "silent")
ROWS = ("read", "accepted", "rejected")
COUNTS = (
    "owed", "reported", "silent", "nil_reports", "runs", "read", "accepted", "rejected",
    "corrected_rows", "in_time", "late", "overdue", "corrected_records", "withdrawn", "repaired",
    "objections_upheld",
)  # fmt: skip
#: rate → its numerator, and what its denominator is the sum of.
RATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "reporting_rate": ("reported", ("owed",)),
    "compliance_rate": ("accepted", ("read",)),
    "timeliness_rate": ("in_time", ("in_time", "late", "overdue")),
}
BOARD = pl.Schema(
    {
        **dict.fromkeys(GROUPS, pl.String),
        **dict.fromkeys(COUNTS, pl.Int64),
        **dict.fromkeys(RATES, pl.Float64),
    }
)
#: What rows of the database are grouped by; `named` makes GROUPS of them.
LONG = {"dataset_id": pl.Int64, "department": pl.String, "month": pl.String}
_MEASURED = {**LONG, "measure": pl.String, "count": pl.Int64}


def board(connection: Connection, catalogue: Catalogue, scope: Scope) -> pl.DataFrame:
    """`BOARD`: one row for each department, dataset and month of which there is anything to say.

    A rate is a decimal, or null where its denominator is 0. Raises Refused (calendar_over).
    """
    parts = [_counted(connection, scope), _rows(connection, scope)]
    long = pl.concat([named(scope, part) for part in parts])
    long = pl.concat([long, _owed(connection, catalogue, scope)])
    return summed(_wide(long), GROUPS)


def summed(frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """The counts of a board added up by some of `GROUPS`, with the rates of the sums."""
    added = frame.group_by(list(by)).agg(pl.col(name).sum() for name in COUNTS)
    return with_rates(added.sort(list(by)))


def with_rates(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with `RATES`; null where the denominator is 0, or where a count is null."""
    parts = {name: (pl.col(above), sum(map(pl.col, of))) for name, (above, of) in RATES.items()}
    return frame.with_columns(
        pl.when(below > 0).then(above / below).cast(pl.Float64).alias(name)
        for name, (above, below) in parts.items()
    )


def _counted(connection: Connection, scope: Scope) -> pl.DataFrame:
    """dataset_id, department, month, measure, count of everything that is listed one by one."""
    sources = dict.fromkeys(source for name, source in SOURCES.items() if name != "rejected")
    parts = [pl.DataFrame(schema=_MEASURED)]
    for source in sources:
        rows = source(scope).subquery()
        groups = (rows.c.dataset_id, rows.c.department, rows.c.month, rows.c.measure)
        query = select(*groups, func.count()).group_by(*groups)
        parts.append(select_frame(connection, query, _MEASURED))
    return pl.concat(parts)


def _rows(connection: Connection, scope: Scope) -> pl.DataFrame:
    """As `_counted`: the rows of deliveries, which their runs have counted."""
    month = month_at(run.c.started_at, scope.months)
    groups = (run.c.dataset_id, run.c.department, month)
    query = (
        select(*groups, *(cast(func.sum(run.c[name]), BigInteger) for name in ROWS))
        .where(
            is_in(run.c.started_at, scope.months),
            as_delivered(),
            scope.within(run.c.dataset_id, run.c.department),
        )
        .group_by(*groups)
    )
    found = select_frame(connection, query, {**LONG, **dict.fromkeys(ROWS, pl.Int64)})
    return found.unpivot(ROWS, index=list(LONG), variable_name="measure", value_name="count")


def _owed(connection: Connection, catalogue: Catalogue, scope: Scope) -> pl.DataFrame:
    """GROUPS, measure, count of the reports owed."""
    told = reporting(connection, catalogue, scope.names, scope.months, scope.on)
    if scope.department is not None:
        told = told.filter(pl.col("department") == scope.department)
    made = pl.col("by").is_not_null()
    counted = told.filter(made | (pl.col("due") < scope.on)).rename({"period": "month"})
    added = counted.group_by(list(GROUPS)).agg(
        owed=pl.len().cast(pl.Int64),
        reported=made.sum().cast(pl.Int64),
        silent=(~made).sum().cast(pl.Int64),
    )
    return added.unpivot(OWED, index=list(GROUPS), variable_name="measure", value_name="count")


def named(scope: Scope, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the dataset's name, and the department that answers today."""
    names: dict[Any, str] = dict(scope.numbers)
    dataset = pl.col("dataset_id").replace_strict(names, default=None, return_dtype=pl.String)
    owners = pl.col("dataset").replace_strict(
        dict(scope.owners), default=None, return_dtype=pl.String
    )
    told = frame.with_columns(dataset.alias("dataset"))
    told = told.with_columns(pl.col("department").fill_null(owners))
    heirs = scope.answering.named(told["department"].unique())
    rest = [name for name in frame.columns if name not in LONG]
    return told.with_columns(pl.col("department").replace(heirs)).select([*GROUPS, *rest])


def _wide(long: pl.DataFrame) -> pl.DataFrame:
    """A column for each measure, with 0 where there was nothing."""
    named = {name: pl.col("count").filter(pl.col("measure") == name).sum() for name in COUNTS}
    return long.group_by(list(GROUPS)).agg(**named)
