"""What stands behind the numbers of a scoreboard: records, rows, and why rows were rejected."""

from __future__ import annotations

import polars as pl
from sqlalchemy import BigInteger, Connection, and_, cast, func, select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import ERRORS, Issue
from hub.bulk import select_frame
from hub.deliveries import as_delivered
from hub.months import is_in, month_at
from hub.occurrences import SOURCES
from hub.scope import Scope
from hub.scoreboard import GROUPS, LONG, named
from hub.tables import issue_count, run
from hub.tables_of_review import disclosure

CAUSES = pl.Schema(
    {**dict.fromkeys(GROUPS, pl.String), "code": pl.String, "field": pl.String, "count": pl.Int64}
)
LATE = pl.Schema(
    {
        **dict.fromkeys(GROUPS, pl.String),
        "record_id": pl.String,
        "state": pl.String,
        "publish_by": pl.Date,
        "publish_rule": pl.String,
        "days_late": pl.Int64,
    }
)

_LISTED = {**LONG, "measure": pl.String, "id": pl.String}


def causes(connection: Connection, scope: Scope) -> pl.DataFrame:
    """`CAUSES`: why rows were rejected, the most frequent first; a row may have several causes."""
    month = month_at(run.c.started_at, scope.months)
    groups = (run.c.dataset_id, run.c.department, month, issue_count.c.code, issue_count.c.field)
    query = (
        select(*groups, cast(func.sum(issue_count.c.count), BigInteger))
        .join(run, run.c.id == issue_count.c.run_id)
        .where(
            is_in(run.c.started_at, scope.months),
            as_delivered(),
            scope.within(run.c.dataset_id, run.c.department),
            issue_count.c.code.in_(ERRORS),
        )
        .group_by(*groups)
    )
    schema = {**LONG, "code": pl.String, "field": pl.String, "count": pl.Int64}
    found = named(scope, select_frame(connection, query, schema))
    added = found.group_by([*GROUPS, "code", "field"]).agg(pl.col("count").sum())
    return added.select(list(CAUSES)).sort(
        "count", *GROUPS, "code", descending=[True] + [False] * 4
    )


def overdue_records(connection: Connection, scope: Scope, limit: int = 1000) -> pl.DataFrame:
    """`LATE`: the records that should be public and aren't, the longest overdue first.

    At most `limit` of each department, so that none hides behind another.
    """
    rows = SOURCES["overdue"](scope).subquery()
    one = disclosure.c
    order = (one.publish_by, one.dataset_id, one.record_id)
    place = func.row_number().over(partition_by=rows.c.department, order_by=order)
    told = (one.record_id, one.state, one.publish_by, one.publish_rule)
    groups = (rows.c.dataset_id, rows.c.department, rows.c.month)
    same = and_(one.dataset_id == rows.c.dataset_id, one.record_id == rows.c.id)
    query = select(*groups, *told, place.label("place")).join(disclosure, same)
    placed = query.where(rows.c.measure == "overdue").subquery()
    schema = {**LONG, **{column.name: pl.String for column in told}}
    first = select(*(placed.c[name] for name in schema)).where(placed.c.place <= limit)
    found = named(scope, select_frame(connection, first, schema))
    day = pl.col("publish_by").str.to_date()
    late = (pl.lit(scope.on) - day).dt.total_days()
    listing = found.with_columns(publish_by=day, days_late=late).select(list(LATE))
    return listing.sort("publish_by", "dataset", "record_id")


def records(
    connection: Connection, scope: Scope, measure: str, after: str = "", limit: int = 1000
) -> list[str]:
    """The ids behind a number, in their order, from behind `after` on; see `occurrences`.

    Narrow the scope to the department, dataset and month of the number. Raises Misdeclared
    (measure_unknown).
    """
    if measure not in SOURCES:
        words = {"known": ", ".join(SOURCES)}
        raise Misdeclared(Issue("measure_unknown", value=measure, params=words))
    rows = SOURCES[measure](scope).subquery()
    query = select(rows.c.id).where(rows.c.measure == measure, rows.c.id > after)
    return list(connection.scalars(query.order_by(rows.c.id).limit(limit)))


def listed(connection: Connection, scope: Scope, limit: int) -> pl.DataFrame:
    """GROUPS, measure, id: at most `limit` ids behind every number but `in_time`, in their order."""
    parts = [pl.DataFrame(schema=_LISTED)]
    for source in dict.fromkeys(SOURCES.values()):
        rows = source(scope).subquery()
        groups = [rows.c[name] for name in (*LONG, "measure")]
        place = func.row_number().over(partition_by=groups, order_by=rows.c.id)
        query = select(*groups, rows.c.id, place.label("place")).where(rows.c.measure != "in_time")
        placed = query.subquery()
        columns = [placed.c[name] for name in _LISTED]
        first = select(*columns).where(placed.c.place <= limit).order_by(placed.c.place)
        parts.append(select_frame(connection, first, _LISTED))
    return named(scope, pl.concat(parts))
