"""Writing down what the province said: of each entry once, in one transaction with all that follows."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, insert, update

from hub.bulk import insert_frame
from hub.database import write
from hub.exchange import receipts
from hub.exchange.receipt_ranges import Range
from hub.instant import utc_now
from hub.outbound import parcel
from hub.outbound.desk import Desk, lock
from hub.outbound.outbox import delivery_row
from hub.outbound.records import KNOWN, drop_entries, put
from hub.outbound.tables import ANSWERED, REFUSED, SENT, UNKNOWN, target_delivery, target_entry
from hub.outbound.written import identity_of
from hub.tables import exchange_log


def settle(
    desk: Desk, delivery: int, answers: pl.DataFrame, *, handed: bool = False
) -> tuple[int, int]:
    """Keep `answers` (`parcel.ANSWERS`) of a delivery; returns how many it took and refused.

    What is said again of an answered entry, or of one of another delivery, changes nothing.
    `handed`: the province has the rest for sure, and answers later.
    """
    with write(desk.engine) as connection:
        lock(connection, desk.target.name)
        return settle_within(connection, desk, delivery, answers, handed=handed)


def settle_within(
    connection: Connection, desk: Desk, delivery: int, answers: pl.DataFrame, *, handed: bool
) -> tuple[int, int]:
    """The same in the caller's transaction, which has the target's lock."""
    row = delivery_row(connection, delivery)
    if row["state"] == ANSWERED:
        return 0, 0
    rows = parcel.unpack(bytes(row["content"]))
    said = answers.unique(parcel.FLOW, keep="first", maintain_order=True)
    found = rows.join(said, on=parcel.FLOW, how="inner", maintain_order="left")
    taken = found.filter(pl.col("state") == parcel.TAKEN)
    refused = found.filter(pl.col("state") == parcel.REFUSED)
    _take(connection, desk, taken)
    _refuse(connection, desk, refused)
    _receipts(connection, desk, found)
    left = rows.join(found.select(parcel.FLOW), on=parcel.FLOW, how="anti", maintain_order="left")
    _keep(connection, row, left, (taken.height, refused.height), handed)
    return taken.height, refused.height


def _keep(
    connection: Connection, row: Any, left: pl.DataFrame, counts: tuple[int, int], handed: bool
) -> None:
    values: dict[str, Any] = {
        "taken": row["taken"] + counts[0],
        "refused": row["refused"] + counts[1],
        "state": SENT if handed or row["state"] == SENT else UNKNOWN,
        "content": parcel.pack(left),
    }
    if left.is_empty():
        values |= {"state": ANSWERED, "content": None, "answered_at": utc_now()}
    mine = target_delivery.c.id == row["id"]
    connection.execute(update(target_delivery).where(mine).values(values))


def _take(connection: Connection, desk: Desk, rows: pl.DataFrame) -> None:
    """The province holds what it took, and no longer what it deleted."""
    kept = pl.col(parcel.OPERATION) != parcel.DELETE
    told = rows.select(
        pl.col(parcel.KEY).alias("key"),
        pl.col(parcel.SEQ).alias("seq"),
        kept.cast(pl.Int64).alias("held"),
        pl.col(parcel.DIGEST).alias("digest"),
        identity_of(desk).alias("identity"),
    )
    put(connection, desk.target.name, told.select(list(KNOWN)))


def _refuse(connection: Connection, desk: Desk, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    drop_entries(connection, desk.target.name, rows[parcel.SEQ])
    told = rows.select(
        pl.lit(desk.target.name).alias("target"),
        pl.col(parcel.SEQ).alias("seq"),
        pl.col(parcel.KEY).alias("key"),
        pl.lit(REFUSED).alias("state"),
        pl.col(parcel.OPERATION).alias("operation"),
        pl.col("code").fill_null("refused").str.head(64),
        pl.col("reason"),
        pl.lit(utc_now()).alias("at"),
    )
    insert_frame(connection, target_entry, told)


def _receipts(connection: Connection, desk: Desk, found: pl.DataFrame) -> None:
    """What the province answers are its receipts, as if it had sent them itself."""
    if found.is_empty():
        return
    said = found.sort(parcel.SEQ).select(
        pl.col(parcel.SEQ),
        "state",
        pl.when(pl.col("state") == parcel.REFUSED)
        .then(pl.col("code").fill_null("refused").str.head(64))
        .alias("code"),
        pl.when(pl.col("state") == parcel.REFUSED).then(pl.col("reason")).alias("reason"),
    )
    receipts.record(connection, desk.consumer, desk.view, _ranges(said))


def _ranges(said: pl.DataFrame) -> list[Range]:
    """Neighbours of which the same is said are one range."""
    told = pl.struct("state", "code", "reason")
    apart = (pl.col(parcel.SEQ).diff().fill_null(1) != 1) | (told != told.shift(1)).fill_null(
        value=False
    )
    groups = (
        said.with_columns(apart.cum_sum().alias("_group"))
        .group_by("_group", maintain_order=True)
        .agg(
            pl.col(parcel.SEQ).min().alias("first"),
            pl.col(parcel.SEQ).max().alias("last"),
            pl.col("state").first(),
            pl.col("code").first(),
            pl.col("reason").first(),
        )
    )
    return [Range(*row) for row in groups.drop("_group").iter_rows()]


def log_given(connection: Connection, desk: Desk, dataset_id: int, rows: pl.DataFrame) -> None:
    """Note in the log of exchanges that the consumer is given these entries of a parcel."""
    apart = pl.col(parcel.SEQ).diff().fill_null(1) != 1
    spans = (
        rows.sort(parcel.SEQ)
        .select(parcel.SEQ, apart.cum_sum().alias("_group"))
        .group_by("_group", maintain_order=True)
        .agg(pl.col(parcel.SEQ).min().alias("first"), pl.col(parcel.SEQ).max().alias("last"))
    )
    about = {
        "consumer_id": desk.consumer.id, "dataset_id": dataset_id, "view_id": desk.view.id,
        "grant_id": desk.grant.id, "purpose": desk.grant.purpose, "kind": "delivery", "at": utc_now(),
    }  # fmt: skip
    told = [
        {**about, "after_seq": first - 1, "last_seq": last, "entries": last - first + 1}
        for first, last in spans.select("first", "last").iter_rows()
    ]
    connection.execute(insert(exchange_log), told)
