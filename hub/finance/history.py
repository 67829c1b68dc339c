"""What was said of each value before: from the ledger, where every word stays with its run.

A changed value of a period that was reported before is a revision: shown with before and after, when it was
said and by which run.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.days import HERE
from exchange_schemas.record import KEY, parse_records
from exchange_schemas.standard import Standard
from hub.bulk import select_frame
from hub.current import lines_after
from hub.finance.levels import rank, strictest
from hub.finance.series import DATASET, EXACT, FIELDS, OF_SERIES, source
from hub.tables import UPSERT, dataset, revision, run

REVISED = "修订"
_WORD = {"seq": pl.Int64, KEY: pl.String, "operation": pl.Int64, "run_id": pl.Int64}


def words(connection: Connection) -> pl.DataFrame:
    """Every revision of the dataset: seq, `_key`, operation, run_id, and `at`, when its run ended (UTC)."""
    mine = dataset.c.name == DATASET
    joined = revision.join(dataset, dataset.c.id == revision.c.dataset_id)
    query = (
        select(revision.c.seq, revision.c.key.label(KEY), revision.c.operation, revision.c.run_id)
        .select_from(joined)
        .where(mine)
        .order_by(revision.c.seq)
    )
    runs = select(run.c.id.label("run_id"), run.c.ended_at.label("at")).where(
        run.c.dataset_id == select(dataset.c.id).where(mine).scalar_subquery()
    )
    said = select_frame(connection, query, pl.Schema(_WORD))
    ended = select_frame(connection, runs, pl.Schema({"run_id": pl.Int64, "at": pl.String}))
    return said.join(ended, on="run_id", how="left", maintain_order="left")


def reported(said: pl.DataFrame) -> pl.DataFrame:
    """`_key` and `reported_on`: the day (Shanghai's) on which a value was first said."""
    moment = pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC", strict=False)
    day = moment.dt.convert_time_zone(str(HERE)).dt.date()
    first = said.filter(pl.col("operation") == UPSERT).unique(
        KEY, keep="first", maintain_order=True
    )
    return first.select(KEY, reported_on=day)


def revisions(connection: Connection, standard: Standard, said: pl.DataFrame) -> pl.DataFrame:
    """One row for each change of a value (or of its unit), oldest first."""
    several = said.filter(pl.len().over(KEY) > 1, pl.col("operation") == UPSERT)
    dtypes = {name: standard.dtypes[name] for name in FIELDS}
    parts = [pl.DataFrame(schema={**dtypes, "seq": pl.Int64})]
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == DATASET))
    if number is not None and several.height:
        for lines in lines_after(connection, int(number), 0):
            mine = lines.join(several.select("seq"), on="seq", maintain_order="left")
            fields = parse_records(mine["json"], dtypes)
            parts.append(fields.with_columns(seq=mine["seq"]))
    told = pl.concat(parts).join(several, on="seq").sort("seq")
    before = {
        f"_{name}": pl.col(name).shift(1).over(KEY) for name in ("value", "unit", "preliminary")
    }
    exact = told.with_columns(**before, confidential_level=_strictest())
    other = pl.col("value").cast(EXACT, strict=False) != pl.col("_value").cast(EXACT, strict=False)
    found = exact.filter(
        pl.col("_value").is_not_null(), other | (pl.col("unit") != pl.col("_unit"))
    )
    note = pl.when(pl.col("_preliminary").fill_null(value=False)).then(pl.lit("快报数更正"))
    return found.select(
        *OF_SERIES, "period", "period_to", "value", before="_value", run="run_id", revision="seq",
        changed_at="at", note=note, check=pl.lit(REVISED), records=pl.concat_list(source()),
    )  # fmt: skip


def _strictest() -> pl.Expr:
    """The level of a finding: the strictest of the value, of the one before, and of the record now. It shows
    both values, and what was confidential once stays so where it is told again."""
    return strictest(rank(), rank().shift(1).over(KEY), rank().last().over(KEY))
