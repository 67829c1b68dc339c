"""Disclosures: what the ledger says now, as it would be public, and whether that was approved.

A new revision that gives another public view than the one that was approved asks for approval
again; one that changes only what the public doesn't see leaves the approval standing.
"""

from __future__ import annotations

import secrets

import polars as pl
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.record import with_digest
from exchange_schemas.standard import Standard
from hub import ledger
from hub.bulk import insert_frame, select_frame
from hub.database import create_tables, write
from hub.repeat import views_digest
from hub.tables import dataset, disclosure, revision, view_basis
from hub.translated import records_as, with_versions
from publisher.scan import private_hits
from publisher.view import view_frame, visible

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

WAY = " → "  # in the reason of what is blocked: from a version to one without counterpart
NO_VIEW = 32  # zero bytes in place of a digest: there is no public view


def refresh(engine: Engine, catalogue: Catalogue) -> dict[str, int]:
    """Ask for approval of what the ledger says now; returns dataset → newly pending records.

    Idempotent: each dataset remembers up to which revision it was done, and with which standard.
    """
    create_tables(engine)  # a site that is older than one of them
    with engine.connect() as connection:
        known = set(connection.scalars(select(dataset.c.name)))
    names = [name for name in catalogue.datasets() if name in known]
    return {
        name: refresh_dataset(engine, catalogue, catalogue.get(name))
        for name in names
        if catalogue.get(name).public
    }


def refresh_dataset(engine: Engine, catalogue: Catalogue, standard: Standard) -> int:
    """As `refresh`, of one dataset."""
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        last = ledger.lock(connection, number)
        basis = views_digest(catalogue, standard.dataset)
        after = _reviewed(connection, number, basis)
        if last == after:
            return 0
        shown = _views(connection, catalogue, standard, number, after, last)
        pending = _ask(connection, number, after, shown)
        done = update(dataset).where(dataset.c.id == number).values(reviewed_seq=last)
        connection.execute(done)
        connection.execute(delete(view_basis).where(view_basis.c.dataset_id == number))
        connection.execute(insert(view_basis).values(dataset_id=number, digest=basis))
    return pending


def _reviewed(connection: Connection, number: int, basis: str) -> int:
    """Up to which revision the views are what they would be now; 0 where another standard, or
    another version of this program, made them."""
    query = (
        select(dataset.c.reviewed_seq, view_basis.c.digest)
        .join(view_basis, view_basis.c.dataset_id == dataset.c.id, isouter=True)
        .where(dataset.c.id == number)
    )
    row = connection.execute(query).one()
    return int(row.reviewed_seq) if row.digest == basis else 0


def _views(
    connection: Connection,
    catalogue: Catalogue,
    standard: Standard,
    number: int,
    after: int,
    last: int,
) -> pl.DataFrame:
    """key, seq, view_digest (null: not public), blocked (String) of each key's newest revision."""
    query = select(revision.c.key, revision.c.seq).where(
        revision.c.dataset_id == number, revision.c.seq > after, revision.c.seq <= last
    )
    keys = select_frame(connection, query, {"key": pl.String, "seq": pl.Int64})
    newest = keys.sort("seq").unique("key", keep="last", maintain_order=True)
    newest = with_versions(connection, standard.dataset, newest)
    parts = [
        _view_digests(catalogue, standard, newest.join(frame, on="seq", maintain_order="left"))
        for frame in ledger.content_frames(connection, standard.dataset, after, last)
    ]
    return pl.concat(parts)


def _view_digests(catalogue: Catalogue, standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    alive = rows.filter(pl.col("json") != "")
    view = public_view(catalogue, standard, alive)
    hits = private_hits(standard, view)
    why = hits.group_by(pl.col("line").alias(LINE)).agg(pl.col("field").first().alias("blocked"))
    shown = (
        view.select(LINE, "_digest")
        .join(why, on=LINE, how="left")
        .rename({LINE: "seq", "_digest": "view_digest"})
    )
    return rows.select("key", "seq").join(
        pl.concat([shown, _untranslatable(catalogue, standard, alive)]), on="seq", how="left"
    )


def untranslated(connection: Connection, name: str) -> int:
    """How many records aren't public because the current version has no counterpart for them."""
    query = (
        select(func.count())
        .select_from(disclosure)
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .where(
            dataset.c.name == name,
            disclosure.c.state == "blocked",
            disclosure.c.reason.contains(WAY),
        )
    )
    return int(connection.scalar(query) or 0)


def _untranslatable(catalogue: Catalogue, standard: Standard, alive: pl.DataFrame) -> pl.DataFrame:
    """Records of an earlier version without a counterpart in the current one: blocked, and why."""
    earlier = alive.filter(pl.col("version") != standard.version)
    found = records_as(catalogue, standard, earlier)
    lost = earlier.filter(~pl.col("seq").is_in(found.rows[LINE].implode()))
    return lost.select(
        "seq",
        view_digest=pl.lit(bytes(NO_VIEW)),
        blocked=pl.concat_str(pl.col("version"), pl.lit(f"{WAY}{standard.version}")),
    )


def public_view(catalogue: Catalogue, standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    """The public view of `rows` (seq, version, json): its fields, `_line` (seq), `_json`, `_digest`.

    Records that the standard's `public_when` excludes have none, and those of an earlier version
    that are no valid records of the current one.
    """
    records = records_as(catalogue, standard, rows).rows
    view = view_frame(standard, records.filter(visible(standard, "public")), "public")
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
