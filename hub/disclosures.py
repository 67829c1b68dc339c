"""Disclosures: what the ledger says now, as it would be public, and whether that was approved.

A new revision that gives another public view than the one that was approved asks for approval
again; one that changes only what the public doesn't see leaves the approval standing.
"""

from __future__ import annotations

import secrets

import polars as pl
from sqlalchemy import Connection, Engine, select, update

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.record import parse_records, with_digest
from exchange_schemas.standard import Standard
from hub import ledger
from hub.bulk import insert_frame, select_frame
from hub.database import write
from hub.tables import dataset, disclosure, revision
from publisher.scan import private_hits
from publisher.view import view_frame

DISCLOSURE_COLUMNS = pl.Schema(
    {
        "key": pl.String,
        "record_id": pl.String,
        "seq": pl.Int64,
        "view_digest": pl.Binary,
        "state": pl.String,
        "first_by": pl.String,
        "first_at": pl.String,
        "second_by": pl.String,
        "second_at": pl.String,
        "reason": pl.String,
        "release": pl.Int64,
    }
)


def refresh(engine: Engine, catalogue: Catalogue) -> dict[str, int]:
    """Ask for approval of what the ledger says now; returns dataset → newly pending records.

    Idempotent: each dataset remembers up to which revision it was done.
    """
    with engine.connect() as connection:
        known = set(connection.scalars(select(dataset.c.name)))
    names = [name for name in catalogue.datasets() if name in known]
    return {
        name: refresh_dataset(engine, catalogue.get(name))
        for name in names
        if catalogue.get(name).public
    }


def refresh_dataset(engine: Engine, standard: Standard) -> int:
    """As `refresh`, of one dataset."""
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        last = ledger.lock(connection, number)
        query = select(dataset.c.reviewed_seq).where(dataset.c.id == number)
        after = int(connection.execute(query).scalar_one())
        if last == after:
            return 0
        shown = _views(connection, standard, number, after, last)
        pending = _ask(connection, number, after, shown)
        done = update(dataset).where(dataset.c.id == number).values(reviewed_seq=last)
        connection.execute(done)
    return pending


def _views(
    connection: Connection, standard: Standard, number: int, after: int, last: int
) -> pl.DataFrame:
    """key, seq, view_digest (null: deleted), blocked (String) of each key's newest revision."""
    query = select(revision.c.key, revision.c.seq).where(
        revision.c.dataset_id == number, revision.c.seq > after, revision.c.seq <= last
    )
    keys = select_frame(connection, query, {"key": pl.String, "seq": pl.Int64})
    newest = keys.sort("seq").unique("key", keep="last", maintain_order=True)
    parts = [
        _view_digests(standard, newest.join(frame, on="seq", maintain_order="left"))
        for frame in ledger.content_frames(connection, standard.dataset, after, last)
    ]
    return pl.concat(parts)


def _view_digests(standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    alive = rows.filter(pl.col("json") != "")
    view = public_view(standard, alive)
    hits = private_hits(standard, view)
    why = hits.group_by(pl.col("line").alias(LINE)).agg(pl.col("field").first().alias("blocked"))
    shown = (
        view.select(LINE, "_digest")
        .join(why, on=LINE, how="left")
        .rename({LINE: "seq", "_digest": "view_digest"})
    )
    return rows.select("key", "seq").join(shown, on="seq", how="left")


def public_view(standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    """The public view of `rows` (seq, json): its fields, `_line` (seq), `_json` and `_digest`."""
    records = parse_records(rows["json"], standard.dtypes)
    view = view_frame(standard, records.with_columns(rows["seq"].alias(LINE)), "public")
    return with_digest(view, standard.fields_for("public"))


def _ask(connection: Connection, number: int, after: int, shown: pl.DataFrame) -> int:
    changed = select(revision.c.key).where(revision.c.dataset_id == number, revision.c.seq > after)
    query = select(*(disclosure.c[name] for name in DISCLOSURE_COLUMNS)).where(
        disclosure.c.dataset_id == number, disclosure.c.key.in_(changed)
    )
    known = select_frame(connection, query, DISCLOSURE_COLUMNS)
    asked = (
        shown.rename({"seq": "new_seq", "view_digest": "new_digest"})
        .join(known, on="key", how="left", maintain_order="left")
        .filter(pl.col("new_digest").is_not_null() | pl.col("record_id").is_not_null())
    )
    rows = _next_disclosures(asked)
    touched = asked.filter(pl.col("record_id").is_not_null())["key"].to_list()
    if touched:
        # One statement per key inside the driver; SQLite and PostgreSQL both plan it by the key.
        gone = "DELETE FROM disclosure WHERE dataset_id = {0} AND key = {1}"
        marks = ("?", "?") if connection.dialect.name == "sqlite" else ("%s", "%s")
        connection.exec_driver_sql(gone.format(*marks), [(number, key) for key in touched])
    insert_frame(connection, disclosure, rows.with_columns(pl.lit(number).alias("dataset_id")))
    return int((rows["state"] == "pending").sum())


def _next_disclosures(asked: pl.DataFrame) -> pl.DataFrame:
    """The disclosures as they are after their keys' newest revisions (`DISCLOSURE_COLUMNS`)."""
    deleted = pl.col("new_digest").is_null()
    same = pl.col("new_digest") == pl.col("view_digest")
    blocked = pl.col("blocked").is_not_null()
    stands = (
        same.fill_null(value=False)
        & ~blocked
        & pl.col("state").is_in(["pending", "approved", "published", "rejected"])
    )
    state = (
        pl.when(deleted)
        .then(pl.lit("withdrawn"))
        .when(stands)
        .then(pl.col("state"))
        .when(blocked)
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("pending"))
    )
    return asked.select(
        "key",
        pl.col("record_id").fill_null(_random_ids(asked.height)),
        pl.col("new_seq").alias("seq"),
        pl.coalesce("new_digest", "view_digest").alias("view_digest"),
        state.alias("state"),
        *(
            pl.when(stands).then(pl.col(n)).alias(n)
            for n in ("first_by", "first_at", "second_by", "second_at")
        ),
        pl.when(stands).then("reason").otherwise("blocked").alias("reason"),
        pl.when(deleted | same).then("release").alias("release"),
    )


def _random_ids(count: int) -> pl.Series:
    text = secrets.token_hex(8 * count)
    return pl.Series(
        [text[place : place + 16] for place in range(0, len(text), 16)], dtype=pl.String
    )
