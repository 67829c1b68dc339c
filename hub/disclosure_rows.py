"""Writes what follows from new revisions into the table of disclosures, set by set."""

from __future__ import annotations

import secrets

import polars as pl
from sqlalchemy import Connection, update

from hub.asked import KNOWN
from hub.bulk import insert_frame
from hub.decisions import Decision, Reason, close_decision, open_decision
from hub.staging import staged
from hub.tables_of_review import disclosure

_CLOCKS = ("publish_by", "publish_rule", "public_until", "until_rule")
_WRITTEN = [*KNOWN, "seq", *_CLOCKS]
_FIXED = ("key", "record_id", "published_on")


def store(connection: Connection, number: int, frame: pl.DataFrame, rule: str, needs: bool) -> int:
    """Write `frame` (`asked.next_states`) of dataset `number`; returns how many wait newly.

    One decision per act and reason says that the hub did it; `rule` is the version of the law.
    """
    decided = _with_decisions(connection, number, frame, rule)
    new = decided.filter(pl.col("before").is_null())
    known = decided.filter(pl.col("before").is_not_null())
    _insert(connection, number, new, needs)
    _update(connection, number, known)
    for (act, decision_id), part in decided.filter(pl.col("act").is_not_null()).group_by(
        "act", "decision_id"
    ):
        close_decision(connection, int(decision_id), str(act), part.height)
    return decided.filter((pl.col("state") == "pending") & ~pl.col("stands")).height


def _with_decisions(
    connection: Connection, number: int, frame: pl.DataFrame, rule: str
) -> pl.DataFrame:
    """`frame` with the decision that each moving row comes from; the others keep theirs."""
    moving = frame.filter(pl.col("act").is_not_null())
    made = moving.select("act", "reason").unique(maintain_order=True)
    ids = [
        open_decision(
            connection,
            Decision(number, act, rule, reason=None if why is None else Reason(why)),
        )
        for act, why in made.iter_rows()
    ]
    made = made.with_columns(pl.Series("_decision", ids, dtype=pl.Int64))
    joined = frame.join(made, on=["act", "reason"], how="left", nulls_equal=True)
    joined = joined.sort("seq")
    return joined.with_columns(decision_id=pl.coalesce("_decision", "decision_id"))


def _insert(connection: Connection, number: int, rows: pl.DataFrame, needs: bool) -> None:
    # In the order of the primary key, which is the order of the table on SQLite.
    named = rows.with_columns(record_id=_random_ids(rows.height)).select(_WRITTEN).sort("key")
    constants = {"dataset_id": number, "needs": int(needs)}
    insert_frame(connection, disclosure, named, **constants)


def _update(connection: Connection, number: int, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    with staged(connection, rows.select(_WRITTEN), "key") as table:
        values = {name: table.c[name] for name in _WRITTEN if name not in _FIXED}
        mine = (disclosure.c.dataset_id == number) & (disclosure.c.key == table.c.key)
        connection.execute(update(disclosure).where(mine).values(values))


def _random_ids(count: int) -> pl.Series:
    text = secrets.token_hex(8 * count)
    return pl.Series(
        [text[place : place + 16] for place in range(0, len(text), 16)], dtype=pl.String
    )
