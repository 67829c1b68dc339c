"""What the province took last of each record: one row for each, also of those that it deleted."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, delete, select, update

from hub.bulk import insert_frame, select_frame
from hub.exchange.tables import exchange_erased
from hub.outbound.tables import target_entry, target_record
from hub.tables import dataset

KNOWN = {
    "key": pl.String,
    "seq": pl.Int64,
    "held": pl.Int64,  # 0: deleted
    "digest": pl.String,
    "identity": pl.String,
}
NOTHING = "{}"
_AT_ONCE = 5_000  # keys of one statement


def known(connection: Connection, target: str, keys: pl.Series) -> pl.DataFrame:
    """`KNOWN` of those of `keys` of which it ever took something."""
    parts = [pl.DataFrame(schema=KNOWN)]
    has = target_record.c
    for block in _blocks(keys):
        query = select(has.key, has.seq, has.held, has.digest, has.identity).where(
            has.target == target, has.key.in_(block)
        )
        parts.append(select_frame(connection, query, KNOWN))
    return pl.concat(parts)


def put(connection: Connection, target: str, rows: pl.DataFrame) -> None:
    """It took these (`KNOWN`), in place of what is known of them; what is older than that says nothing."""
    before = known(connection, target, rows["key"]).select("key", pl.col("seq").alias("before"))
    newer = rows.join(before, on="key", how="left").filter(
        pl.col("before").is_null() | (pl.col("before") <= pl.col("seq"))
    )
    for block in _blocks(newer["key"]):
        mine = (target_record.c.target == target) & target_record.c.key.in_(block)
        connection.execute(delete(target_record).where(mine))
    named = newer.with_columns(pl.lit(target).alias("target"))
    insert_frame(connection, target_record, named.select("target", *KNOWN))


def forget_erased(connection: Connection, target: str, dataset_name: str) -> int:
    """Of records whose last entry, a delete, was erased nothing may be told any more; returns how many
    were known. The numbers stay, so that nothing older is sent."""
    erased = (
        select(exchange_erased.c.seq)
        .join(dataset, dataset.c.id == exchange_erased.c.dataset_id)
        .where(dataset.c.name == dataset_name)
    )
    has = target_record.c
    mine = (has.target == target) & (has.held == 0) & (has.identity != NOTHING)
    gone = update(target_record).where(mine, has.seq.in_(erased)).values(identity=NOTHING)
    return int(connection.execute(gone).rowcount)


def drop_entries(connection: Connection, target: str, seqs: pl.Series) -> None:
    """Take entries off the list of those that aren't simply taken."""
    for block in _blocks(seqs):
        mine = (target_entry.c.target == target) & target_entry.c.seq.in_(block)
        connection.execute(delete(target_entry).where(mine))


def drop_superseded(
    connection: Connection, target: str, states: tuple[str, ...], rows: pl.DataFrame
) -> None:
    """Take entries in `states` off that list that `rows` (key, seq) has a later one of."""
    has = target_entry.c
    for block in _blocks(rows["key"]):
        query = select(has.seq.label("old"), has.key).where(
            has.target == target, has.state.in_(states), has.key.in_(block)
        )
        old = select_frame(connection, query, {"old": pl.Int64, "key": pl.String})
        gone = old.join(rows, on="key").filter(pl.col("old") < pl.col("seq"))["old"]
        drop_entries(connection, target, gone)


def _blocks(values: pl.Series) -> list[list[object]]:
    return [values[at : at + _AT_ONCE].to_list() for at in range(0, len(values), _AT_ONCE)]
