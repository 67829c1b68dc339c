"""Deletes that were erased before the province was told: what we know of the record still names it.

An erased entry says neither whose it is nor what was said. Of a record that goes as a whole the ledger
keeps one random word for its key in all revisions, so the entry by which the province has the record,
and its delete, still find each other by their numbers.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from hub.bulk import select_frame
from hub.exchange.tables import exchange_erased
from hub.ledger import dataset_id
from hub.ledger_erasing import PREFIX
from hub.outbound.desk import Desk
from hub.outbound.tables import target_record
from hub.tables import revision

NAMED = {"seq": pl.Int64, "key": pl.String}
_AT_ONCE = 5_000  # numbers of one statement


def told_as_deletes(
    desk: Desk, connection: Connection, entries: pl.DataFrame, under_way: pl.DataFrame
) -> pl.DataFrame:
    """`entries` (`hub.tree.lines.ENTRY`) with erased deletes as deletes again, where the province holds the
    record or gets it by an entry that is `under_way` (`NAMED`)."""
    erased = entries.filter(pl.col("was") == "delete")["seq"]
    if erased.is_empty() or desk.view.audience == "public":  # whose deletes aren't erased
        return entries
    names = _names(desk, connection, erased, under_way)
    there = pl.col("seq").is_in(names["seq"].implode())
    return (
        entries.join(names.rename({"key": "_name"}), on="seq", how="left", maintain_order="left")
        .with_columns(
            pl.when(there).then(pl.lit("delete")).otherwise("operation").alias("operation"),
            pl.coalesce("key", "_name").alias("key"),
        )
        .drop("_name")
    )


def _names(
    desk: Desk, connection: Connection, erased: pl.Series, under_way: pl.DataFrame
) -> pl.DataFrame:
    """`NAMED` for those of `erased` of which something is known."""
    known = pl.concat([_held(desk, connection), under_way]).unique("seq")
    words = _words(desk, connection, pl.concat([known["seq"], erased]).unique())
    whose = known.join(words, on="seq").select("word", "key").unique("word")
    alone = under_way.filter(pl.col("seq").is_in(erased.implode()))  # it waited, and has its key
    found = words.filter(pl.col("seq").is_in(erased.implode())).join(whose, on="word")
    return pl.concat([alone, found.select(list(NAMED))]).unique("seq")


def _held(desk: Desk, connection: Connection) -> pl.DataFrame:
    """Erased entries by which the province holds a record."""
    has = target_record.c
    query = select(has.seq, has.key).join(exchange_erased, exchange_erased.c.seq == has.seq)
    number = dataset_id(connection, desk.target.dataset)
    mine = (has.target == desk.target.name) & (has.held == 1)
    return select_frame(
        connection, query.where(mine, exchange_erased.c.dataset_id == number), NAMED
    )


def _words(desk: Desk, connection: Connection, seqs: pl.Series) -> pl.DataFrame:
    """seq and word of those revisions whose record was erased as a whole."""
    has, parts = revision.c, [pl.DataFrame(schema={"seq": pl.Int64, "word": pl.String})]
    mine = (has.dataset_id == dataset_id(connection, desk.target.dataset)) & has.key.startswith(
        PREFIX
    )
    for at in range(0, len(seqs), _AT_ONCE):
        block = seqs[at : at + _AT_ONCE].to_list()
        query = select(has.seq, has.key.label("word")).where(mine, has.seq.in_(block))
        parts.append(select_frame(connection, query, parts[0].schema))
    return pl.concat(parts)
