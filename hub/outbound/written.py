"""Entries of the stream as rows of a parcel, and what is wrong with those that can't be written."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.batch import LINE
from exchange_schemas.issue import ERRORS
from hub.outbound import parcel
from hub.outbound.desk import Desk
from hub.outbound.mapping import PART, Mapped
from hub.outbound.records import known
from hub.translated import records_as

_LAST, _HELD, _IDENTITY = "_last", "_held", "_identity"


@dataclass(frozen=True, slots=True)
class Written:
    """`rows` are a parcel's, still without flow and item; `issues` are of rows that aren't among them
    or are cut (`ISSUE_COLUMNS`, the line is the seq); `needless` are seqs of entries that ask for
    nothing: deletes of what the province doesn't have, erased ones, and those of which it took a later
    one."""

    rows: pl.DataFrame
    issues: pl.DataFrame
    needless: pl.Series


def write_entries(desk: Desk, connection: Connection, entries: pl.DataFrame) -> Written:
    """At most one entry (`hub.tree.lines.ENTRY`) of each record, as the province wants it."""
    has = known(connection, desk.target.name, entries["key"].drop_nulls()).select(
        "key", pl.col("seq").alias(_LAST), (pl.col("held") == 1).alias(_HELD),
        pl.col("identity").alias(_IDENTITY),
    )  # fmt: skip
    told = entries.join(has, on="key", how="left", maintain_order="left")
    # of a record of which it took a later entry it needs no earlier one: that would undo the later
    due = told.filter(pl.col(_LAST).is_null() | (pl.col(_LAST) <= pl.col("seq")))
    alive = due.filter(pl.col("operation") == "upsert")
    again = pl.col(_LAST) == pl.col("seq")
    gone = due.filter((pl.col("operation") == "delete") & (pl.col(_HELD) | again))
    mapped = map_entries(desk, alive)
    wrong = mapped.issues.filter(pl.col("code").is_in(ERRORS))["line"]
    rows = _upserts(desk, alive, mapped).filter(~pl.col(parcel.SEQ).is_in(wrong.implode()))
    settled = pl.concat([alive["seq"], gone["seq"]])
    needless = told.filter(~pl.col("seq").is_in(settled.implode()))["seq"]
    return Written(
        pl.concat([rows, _deletes(desk, gone)]).sort(parcel.SEQ), mapped.issues, needless
    )


def map_entries(desk: Desk, alive: pl.DataFrame) -> Mapped:
    """Upserts as the province's rows; records of another version of the standard are translated, and
    what can't be is an issue (province_untranslated)."""
    told = alive.select("seq", _version().alias("version"), pl.col("record").alias("json"))
    found = records_as(desk.catalogue, desk.standard, told)
    mapped = desk.mapper.map(found.rows)
    lost = found.issues.filter(~pl.col("line").is_in(found.rows[LINE].implode()))
    words = pl.struct(
        pl.lit(desk.standard.version).alias("expected"), pl.col("code").alias("reason")
    )
    lost = lost.unique("line", maintain_order=True).with_columns(
        pl.lit("province_untranslated").alias("code"),
        pl.lit(None, pl.String).alias("value"),
        words.struct.json_encode().alias("params"),
    )
    return Mapped(mapped.rows, pl.concat([lost, mapped.issues]).sort("line", maintain_order=True))


def _version() -> pl.Expr:
    return pl.col("standard").str.split("@").list.last()


def _upserts(desk: Desk, alive: pl.DataFrame, mapped: Mapped) -> pl.DataFrame:
    about = alive.select(
        pl.col("seq").alias(parcel.SEQ),
        pl.col("key").alias(parcel.KEY),
        pl.col("digest").alias(parcel.DIGEST),
        pl.when(pl.col(_HELD).fill_null(value=False))
        .then(pl.lit(parcel.UPDATE))
        .otherwise(pl.lit(parcel.INSERT))
        .alias(parcel.OPERATION),
    )
    rows = mapped.rows.rename({LINE: parcel.SEQ})
    return about.join(rows, on=parcel.SEQ).select(_order(desk))


def _deletes(desk: Desk, gone: pl.DataFrame) -> pl.DataFrame:
    """Of a delete the province is told which record it is, and nothing else."""
    names = desk.target.table.names
    identity = pl.Struct(dict.fromkeys([PART, *desk.target.table.identity], pl.String))
    told = gone.select(
        pl.col("seq").alias(parcel.SEQ),
        pl.col("key").alias(parcel.KEY),
        pl.lit("").alias(parcel.DIGEST),
        pl.lit(parcel.DELETE).alias(parcel.OPERATION),
        pl.col(_IDENTITY).str.json_decode(identity),
    ).unnest(_IDENTITY)
    empty = [pl.lit(None, pl.String).alias(name) for name in names if name not in told.columns]
    return told.with_columns(empty).select(_order(desk))


def _order(desk: Desk) -> list[str]:
    return [
        parcel.SEQ, parcel.KEY, parcel.DIGEST, parcel.OPERATION, parcel.PART,
        *desk.target.table.names,
    ]  # fmt: skip


def identity_of(desk: Desk) -> pl.Expr:
    """JSON of what says which record a parcel's row is of."""
    return pl.struct(PART, *desk.target.table.identity).struct.json_encode()
