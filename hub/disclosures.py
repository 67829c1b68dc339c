"""Disclosures: what the ledger says now, as it would be public, and whether that was approved.

A new revision that gives another public view than the one that was approved asks for approval
again; one that changes only what the public doesn't see leaves the approval standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from exchange_schemas import clocks
from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.departments import successor
from exchange_schemas.errors import Misdeclared
from exchange_schemas.law import Law
from exchange_schemas.law_check import check_law
from exchange_schemas.record import with_digest
from exchange_schemas.standard import Standard
from exchange_schemas.validate import Checked
from hub import ledger, ledger_partitions
from hub.asked import KNOWN, NO_VIEW, SHOWN, next_states
from hub.bulk import select_frame
from hub.database import create_tables, write
from hub.disclosure_rows import store
from hub.planner import look_again
from hub.policies import apply_policies
from hub.repeat import views_digest
from hub.tables import dataset, revision
from hub.tables_of_review import disclosure, move, view_basis
from hub.translated import records_as, with_versions
from publisher.scan import private_hits
from publisher.view import view_frame, visible

_DONE = (dataset.c.reviewed_seq, view_basis.c.digest)
_WITH_BASIS = dataset.outerjoin(view_basis, view_basis.c.dataset_id == dataset.c.id)
WAY = " → "  # in `why` of what is blocked: from a version to one without counterpart


@dataclass(frozen=True, slots=True)
class Refreshing:
    """One dataset on its way from revisions to disclosures, on one day under one law."""

    catalogue: Catalogue
    standard: Standard
    law: Law
    day: date


def refresh(engine: Engine, catalogue: Catalogue) -> dict[str, int]:
    """Ask for approval of what the ledger says now; returns dataset → newly pending records.

    Idempotent: each dataset remembers up to which revision it was done, and with which standard.
    Raises Misdeclared (law_invalid): then nothing is asked, and nothing new becomes public.
    """
    create_tables(engine)
    for issue in check_law(catalogue.law(), map(catalogue.get, catalogue.datasets())):
        raise Misdeclared(issue)  # a rule that holds for nothing would silently not count
    with engine.connect() as connection:
        query = select(dataset.c.name, dataset.c.seq, *_DONE).select_from(_WITH_BASIS)
        known = {row.name: row for row in connection.execute(query)}
    public = [n for n in catalogue.datasets() if n in known and catalogue.get(n).public]
    # Most have nothing new, and each that is looked at closer takes the database's only pen for a while.
    behind = [n for n in public if known[n].seq != _up_to(known[n], views_digest(catalogue, n))]
    done = {name: refresh_dataset(engine, catalogue, catalogue.get(name)) for name in behind}
    return {name: done.get(name, 0) for name in public}


def refresh_dataset(engine: Engine, catalogue: Catalogue, standard: Standard) -> int:
    """As `refresh`, of one dataset."""
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        basis = views_digest(catalogue, standard.dataset)
        if ledger.head_seq(connection, standard.dataset) == _reviewed(connection, number, basis):
            return 0  # a run that is under way isn't waited for: it asks once it has committed
        last = ledger.lock(connection, number)
        after = _reviewed(connection, number, basis)
        if last == after:
            return 0
        on = Refreshing(catalogue, standard, catalogue.law(), today())
        parts = ledger_partitions.newest_parts(connection, number, last)
        look_again(connection, last - after, disclosure.name, move.name, *parts)
        known = _known(connection, number, after)
        shown = _shown(connection, on, number, after, last, known.select("key", "published_on"))
        asked = shown.join(known, on="key", how="left", maintain_order="left")
        rows = next_states(asked, on.day.isoformat())
        pending = store(connection, number, rows, on.law.name, standard.review.examined)
        approved = apply_policies(connection, catalogue, standard, number, on.day)
        _note_done(connection, number, last, basis)
    return max(0, pending - approved)


def _note_done(connection: Connection, number: int, last: int, basis: str) -> None:
    done = update(dataset).where(dataset.c.id == number).values(reviewed_seq=last)
    connection.execute(done)
    connection.execute(delete(view_basis).where(view_basis.c.dataset_id == number))
    connection.execute(insert(view_basis).values(dataset_id=number, digest=basis))


def _reviewed(connection: Connection, number: int, basis: str) -> int:
    """Up to which revision the views are what they would be now; 0 where another standard, another
    law or another version of this program made them."""
    query = select(*_DONE).select_from(_WITH_BASIS).where(dataset.c.id == number)
    return _up_to(connection.execute(query).one(), basis)


def _up_to(row: Any, basis: str) -> int:
    return int(row.reviewed_seq) if row.digest == basis else 0


def _known(connection: Connection, number: int, after: int) -> pl.DataFrame:
    """The disclosures (`KNOWN`) of the keys that have revisions after `after`."""
    changed = select(revision.c.key).where(revision.c.dataset_id == number, revision.c.seq > after)
    query = select(*(disclosure.c[name] for name in KNOWN)).where(
        disclosure.c.dataset_id == number, disclosure.c.key.in_(changed)
    )
    return select_frame(connection, query, KNOWN)


def _shown(
    connection: Connection,
    on: Refreshing,
    number: int,
    after: int,
    last: int,
    published: pl.DataFrame,
) -> pl.DataFrame:
    """What each key's newest revision looks like in public (`SHOWN`)."""
    query = select(revision.c.key, revision.c.seq).where(
        revision.c.dataset_id == number, revision.c.seq > after, revision.c.seq <= last
    )
    keys = select_frame(connection, query, {"key": pl.String, "seq": pl.Int64})
    newest = keys.sort("seq").unique("key", keep="last", maintain_order=True)
    newest = newest.join(published, on="key", how="left", maintain_order="left")
    newest = with_versions(connection, on.standard.dataset, newest)
    parts = [
        _looks(on, newest.join(frame, on="seq", maintain_order="left"))
        for frame in ledger.content_frames(connection, on.standard.dataset, after, last)
    ]
    return pl.concat(parts)


def _looks(on: Refreshing, rows: pl.DataFrame) -> pl.DataFrame:
    """`SHOWN` of `rows` (key, seq, published_on, version, department, author, json)."""
    alive = rows.filter(pl.col("json") != "")
    found = records_as(on.catalogue, on.standard, alive)
    frames = [
        _views_of(on.standard, found.rows),
        legal(on, found.rows, alive.select("seq", "published_on")),
    ]
    looks = rows.with_columns(
        gone=pl.col("json") == "",
        new_department=_department(on, rows),
        new_author=pl.col("author"),
    )
    for frame in frames:
        looks = looks.join(frame, left_on="seq", right_on=LINE, how="left", maintain_order="left")
    looks = looks.join(_untranslatable(on.standard, alive, found), on="seq", how="left")
    return looks.with_columns(
        blocked=pl.coalesce("lost", "blocked"),
        digest=pl.when(pl.col("lost").is_null()).then("digest").otherwise(pl.lit(NO_VIEW)),
    ).select(list(SHOWN))


def _department(on: Refreshing, rows: pl.DataFrame) -> pl.Series:
    """Which department answers for the records today: the one that delivered, or its successor."""
    told = rows["department"].fill_null(on.standard.department)
    heirs = {code: successor(code, on.day) for code in told.unique()}
    return told.replace({code: heir.code for code, heir in heirs.items() if heir is not None})


def _views_of(standard: Standard, records: pl.DataFrame) -> pl.DataFrame:
    """_line, digest and blocked (the fields that show private data) of the records with a view."""
    view = public_view_of(standard, records)
    hits = private_hits(standard, view)
    fields = hits.group_by(pl.col("line").alias(LINE)).agg(
        pl.col("field").unique().sort().str.join(", ").alias("blocked")
    )
    shown = view.select(LINE, pl.col("_digest").alias("digest"))
    return shown.join(fields, on=LINE, how="left")


def public_view_of(standard: Standard, records: pl.DataFrame) -> pl.DataFrame:
    """The public view of records of the standard (with `_line`), as `public_view` gives it."""
    view = view_frame(standard, records.filter(visible(standard, "public")), "public")
    return with_digest(view, standard.fields_for("public"))


def legal(on: Refreshing, records: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """_line, never (the rule that forbids publication), publish_by, publish_rule, public_until and
    until_rule (String) of `records`; `published` has seq and the first public day or null.

    Before its first public day it isn't known until when a record may be public.
    """
    days = published.select(
        pl.col("seq").alias(LINE), pl.col("published_on").str.to_date().alias("_published")
    )
    dated = records.join(days, on=LINE, how="left", maintain_order="left")
    dated = dated.drop("published_on", strict=False).rename({"_published": "published_on"})
    due = clocks.publish_by(on.law, on.standard, records)
    until = clocks.public_until(on.law, on.standard, dated)
    public = dated["published_on"].is_not_null()
    return pl.DataFrame(
        {
            LINE: records[LINE],
            "never": clocks.never_public(on.law, on.standard, records, on.day),
            "publish_by": due["publish_by"].cast(pl.String),
            "publish_rule": due["publish_rule"],
            "public_until": until["public_until"].cast(pl.String).set(~public, None),
            "until_rule": until["until_rule"].set(~public, None),
        }
    )


def _untranslatable(standard: Standard, alive: pl.DataFrame, found: Checked) -> pl.DataFrame:
    """Records of an earlier version without a counterpart in the current one: seq, and why."""
    earlier = alive.filter(pl.col("version") != standard.version)
    lost = earlier.filter(~pl.col("seq").is_in(found.rows[LINE].implode()))
    way = pl.concat_str(pl.col("version"), pl.lit(f"{WAY}{standard.version}"))
    return lost.select("seq", way.alias("lost"))


def untranslated(connection: Connection, name: str) -> int:
    """How many records aren't public because the current version has no counterpart for them."""
    query = (
        select(func.count())
        .select_from(disclosure)
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .where(
            dataset.c.name == name,
            disclosure.c.state == "blocked",
            disclosure.c.why.contains(WAY),
        )
    )
    return int(connection.scalar(query) or 0)


def public_view(catalogue: Catalogue, standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    """The public view of `rows` (seq, version, json): its fields, `_line` (seq), `_json`, `_digest`.

    Records that the standard's `public_when` excludes have none, and those of an earlier version
    that are no valid records of the current one.
    """
    return public_view_of(standard, records_as(catalogue, standard, rows).rows)
