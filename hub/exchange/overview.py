"""Every consumer beside every dataset, in numbers: read at once and counted in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select, text

from exchange_schemas.days import today
from hub.bulk import select_frame
from hub.exchange.overdue import overdue
from hub.exchange.refusal_answers import open_by_consumer
from hub.exchange.tables import exchange_view
from hub.exchange.tables_of_receipts import ERASED, REFUSED, TAKEN, receipt_range
from hub.grants.grant import living
from hub.grants.tables import consumer_grant
from hub.tables import consumer, dataset

_WHOSE = ("consumer_id", "view_id")
# The log has a row for each page: the database joins what follows on each other, so that a long log
# comes as the few spans that it says.
_SPANS = text(
    """
    WITH told AS (
        SELECT consumer_id, view_id, dataset_id, after_seq, last_seq, at, CASE WHEN after_seq <= max(
            last_seq) OVER (PARTITION BY consumer_id, view_id ORDER BY after_seq, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS begins, id
        FROM exchange_log WHERE entries > 0 AND view_id IS NOT NULL
    ), numbered AS (
        SELECT consumer_id, view_id, dataset_id, after_seq, last_seq, at, sum(begins) OVER (
            PARTITION BY consumer_id, view_id ORDER BY after_seq, id) AS span
        FROM told
    )
    SELECT consumer_id, view_id, dataset_id, min(after_seq) + 1, max(last_seq), max(at)
    FROM numbered GROUP BY consumer_id, view_id, dataset_id, span
    """
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One consumer and one stream, in numbers of entries.

    `size` is how many there are; `given` how many it was given; of these it took, refused or erased
    some, and is silent on `silent`. `taken_up_to` is the last entry before the first that it hasn't
    taken. `to_answer` refusals wait for the department. `late` of the silent ones are overdue.
    """

    consumer_id: int
    consumer: str
    dataset: str
    view: str
    granted: bool
    size: int
    given: int
    taken: int
    refused: int
    erased: int
    taken_up_to: int
    to_answer: int
    late: int
    late_since: str | None
    last_at: str | None

    @property
    def silent(self) -> int:
        """Entries that it was given and hasn't answered for."""
        return max(self.given - self.taken - self.refused - self.erased, 0)


def overview(connection: Connection) -> list[Standing]:
    """A row for each consumer and stream of which it was given anything or may have it today, by the
    names of consumer and dataset."""
    found = [_standing(connection, row) for row in _counted(connection).iter_rows(named=True)]
    waiting = open_by_consumer(connection)
    late = {(one.consumer_id, one.view_id): one for one in overdue(connection)}
    told = []
    for one in found:
        key = one["consumer_id"], one.pop("view_id")
        over = late.get(key)
        more = {"late": over.entries, "late_since": over.since} if over else {}
        told.append(
            Standing(
                **{**one, "to_answer": waiting.get(key, 0), "late": 0, "late_since": None} | more
            )
        )
    have = {(one.consumer_id, one.dataset) for one in told}
    told += [one for one in _ungiven(connection) if (one.consumer_id, one.dataset) not in have]
    return sorted(told, key=lambda one: (one.consumer, one.dataset, one.view))


def _counted(connection: Connection) -> pl.DataFrame:
    """consumer_id, view_id, dataset_id, last_at and the counts of entries."""
    shape = {
        "consumer_id": pl.Int64, "view_id": pl.Int64, "dataset_id": pl.Int64, "first": pl.Int64,
        "last": pl.Int64, "at": pl.String,
    }  # fmt: skip
    given = select_frame(connection, _SPANS, shape)
    ranges = _ranges(connection)
    sums = ranges.group_by(_WHOSE).agg(
        *(
            (pl.col("last") - pl.col("first") + 1)
            .filter(pl.col("state") == state)
            .sum()
            .alias(state)
            for state in (TAKEN, REFUSED, ERASED)
        )
    )
    done = merged_spans(ranges.filter(pl.col("state") != REFUSED))
    whole = done.filter(pl.col("first") == 1).select(*_WHOSE, taken_up_to="last")
    return (
        given.group_by(*_WHOSE, "dataset_id")
        .agg(last_at=pl.col("at").max())
        .join(_sizes(given), on=_WHOSE, how="left")
        .join(sums, on=_WHOSE, how="left")
        .join(whole, on=_WHOSE, how="left")
        .fill_null(0)
        .sort(_WHOSE)
    )


def _ranges(connection: Connection) -> pl.DataFrame:
    has = receipt_range.c
    query = select(
        has.consumer_id, has.view_id, has.state, has.first_seq.label("first"),
        has.last_seq.label("last"),
    )  # fmt: skip
    shape = {
        "consumer_id": pl.Int64, "view_id": pl.Int64, "state": pl.String, "first": pl.Int64,
        "last": pl.Int64,
    }  # fmt: skip
    return select_frame(connection, query, shape)


def merged_spans(frame: pl.DataFrame) -> pl.DataFrame:
    """consumer_id, view_id, first, last: the union of each one's spans, in order."""
    before = pl.col("last").cum_max().shift(1).over(_WHOSE)
    return (
        frame.sort(*_WHOSE, "first")
        .with_columns(begins=(pl.col("first") > before + 1).fill_null(value=True))
        .with_columns(group=pl.col("begins").cum_sum())
        .group_by(*_WHOSE, "group")
        .agg(pl.col("first").min(), pl.col("last").max())
        .sort(*_WHOSE, "first")
        .drop("group")
    )


def _sizes(spans: pl.DataFrame) -> pl.DataFrame:
    entries = (pl.col("last") - pl.col("first") + 1).sum()
    return spans.group_by(_WHOSE).agg(given=entries)


def _standing(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    named = (
        select(
            consumer.c.name.label("consumer"),
            dataset.c.name.label("dataset"),
            exchange_view.c.name,
        )
        .add_columns(exchange_view.c.audience, exchange_view.c.size, dataset.c.seq)
        .where(consumer.c.id == row["consumer_id"], exchange_view.c.id == row["view_id"])
        .join_from(exchange_view, dataset, dataset.c.id == exchange_view.c.dataset_id)
        .join(consumer, consumer.c.id == row["consumer_id"])
    )
    found = connection.execute(named).one()
    size = found.size if found.audience == "public" else max(found.size, found.seq)
    lives = (consumer_grant.c.consumer_id == row["consumer_id"]) & living(today())
    mine = lives & (consumer_grant.c.dataset == found.dataset)
    granted = connection.scalar(select(func.count()).where(mine))
    words = {"consumer": found.consumer, "dataset": found.dataset, "view": found.name}
    told = {name: value for name, value in row.items() if name != "dataset_id"}
    return {**told, **words, "size": size, "granted": bool(granted)}


def _ungiven(connection: Connection) -> list[Standing]:
    """Who may have a dataset and never took anything."""
    query = (
        select(consumer.c.id, consumer.c.name, consumer_grant.c.dataset, dataset.c.seq)
        .add_columns(consumer_grant.c.audience)
        .join_from(consumer_grant, consumer, consumer.c.id == consumer_grant.c.consumer_id)
        .join(dataset, dataset.c.name == consumer_grant.c.dataset, isouter=True)
        .where(living(today()), consumer.c.revoked_at.is_(None))
    )
    zeros = dict.fromkeys(
        ("given", "taken", "refused", "erased", "taken_up_to", "to_answer", "late"), 0
    )
    return [
        Standing(
            consumer_id=number, consumer=name, dataset=one, view=audience, granted=True,
            size=int(seq or 0), late_since=None, last_at=None, **zeros,
        )
        for number, name, one, seq, audience in connection.execute(query)
    ]  # fmt: skip
