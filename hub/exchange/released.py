"""The public stream: made of what releases add, change and remove, and of nothing else.

A record's key is its record id. What a release takes back is erased from the stream by the act that
makes the release, so the stream has the content of the current release and of no other: an entry that
was superseded is an erased one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, Engine, delete, inspect, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.record import DIGEST, JSON, with_digest
from hub.bulk import insert_frame, select_frame
from hub.database import write
from hub.exchange.appending import State, addition_of, append_in, lock, state_of
from hub.exchange.rewriting import take_out
from hub.exchange.sealed_files import alone, sweep
from hub.exchange.shown import SHOWN
from hub.exchange.tables import exchange_published, exchange_view
from hub.exchange.views import View, views_of
from hub.site import Site
from hub.staging import staged
from publisher.columns import RECORD_ID, SALT
from publisher.contents import COMMITMENT, Contents, contents_of
from publisher.history import read_events
from publisher.manifest import Release
from publisher.release import current_release

AT_ONCE = 32_768  # entries of one transaction
_LIVING = {RECORD_ID: pl.String, COMMITMENT: pl.Binary, "seq": pl.Int64}


@dataclass(frozen=True, slots=True)
class Difference:
    """What the stream has and the current release hasn't, and the other way round.

    `stale`: living entries (record_id, _commitment, seq) whose content is public no more; `gone`: the
    record ids of those that aren't in the release at all; `put`: ids that it has with other content.
    """

    stale: pl.DataFrame
    gone: pl.Series
    put: pl.Series


def extend(
    site: Site, engine: Engine, catalogue: Catalogue, view: View, at_most: int | None = None
) -> int:
    """Take what the current release changes into the public stream, after what it took back was
    erased there; returns the stream's size. As `stream.extend`."""
    goal = None if at_most is None else state_of(engine, view).size + at_most
    while True:
        release = current_release(site.releases, view.dataset)
        if release is None:
            return state_of(engine, view).size
        erase_taken_back(site, engine, view, release)
        state = state_of(engine, view)
        if state.release == release.number or (goal is not None and state.size >= goal):
            return state.size
        _extend(site, engine, catalogue, view, release, goal)


def take_back(site: Site, engine: Engine, name: str | None = None) -> None:
    """Erase what current releases took back from the public streams of one dataset, or of all."""
    if not inspect(engine).has_table(exchange_view.name):
        return  # a site that is older than streams
    with engine.connect() as connection:
        views = [view for view in views_of(connection, name) if view.audience == "public"]
    for view in views:
        release = current_release(site.releases, view.dataset)
        if release is not None:
            erase_taken_back(site, engine, view, release)


def erase_taken_back(site: Site, engine: Engine, view: View, release: Release) -> int:
    """Erase the content of entries that `release`, or one that came behind it, hasn't any more; returns
    how many.

    Raises as `rewriting.take_out`; then the stream still has the content and nothing may follow.
    """
    if state_of(engine, view).erased_release == release.number:
        return 0
    with alone(site, view):
        with write(engine) as connection:
            state = lock(connection, view)
            # While it waited for its turn, the next release may have come, and been erased after:
            # by the older one, what is new in it would be erased.
            release = current_release(site.releases, view.dataset) or release
            if state.erased_release == release.number:
                return 0
            ids = _touched(site, view, state.erased_release, release)
            stale = difference(connection, view, contents_of(release.path), ids).stale
            count = take_out(site, connection, view, stale["seq"])
            _note(connection, view, erased_release=release.number)
        with engine.connect() as connection:
            sweep(site, connection, view)
    return count


def difference(
    connection: Connection, view: View, contents: Contents, ids: pl.Series | None
) -> Difference:
    """How the stream and a release's content differ, among the records `ids` (None: all)."""
    now = contents.read(RECORD_ID, COMMITMENT)
    before = living(connection, view, ids)
    if ids is not None:
        now = now.filter(pl.col(RECORD_ID).is_in(ids.implode()))
    both = [RECORD_ID, COMMITMENT]
    stale = before.join(now, on=both, how="anti")
    gone = stale.join(now, on=RECORD_ID, how="anti")[RECORD_ID].sort()
    return Difference(stale, gone, now.join(before, on=both, how="anti")[RECORD_ID])


def living(connection: Connection, view: View, ids: pl.Series | None = None) -> pl.DataFrame:
    """record_id, _commitment and seq of the records that the public stream has as living."""
    table = exchange_published.c
    query = select(table.record_id, table.commitment, table.seq).where(table.view_id == view.id)
    if ids is None:
        return select_frame(connection, query, _LIVING)
    with staged(connection, ids.to_frame(RECORD_ID), RECORD_ID) as wanted:
        mine = wanted.c.record_id == table.record_id
        return select_frame(connection, query.join(wanted, mine), _LIVING)


def _extend(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,
    view: View,
    release: Release,
    goal: int | None,
) -> None:
    """Add what differs, part by part; ends early where another one was quicker, or at `goal`."""
    state = state_of(engine, view)
    if state.erased_release != release.number:
        return  # another release is the current one by now: what it took back mustn't be added
    contents = contents_of(release.path)
    with write(engine) as connection:  # it stages ids
        ids = _touched(site, view, state.release, release)
        differs = difference(connection, view, contents, ids)
    fields = _fields(catalogue, view, release, contents)
    left = len(differs.gone) + len(differs.put)
    for entries in _entries(view, release, contents, differs, fields):
        part = entries if goal is None else entries.head(max(goal - state.size, 0))
        left -= part.height
        with write(engine) as connection:
            if not _append(connection, view, state, part):
                return
            if left == 0:
                _note(connection, view, release=release.number)
            state = lock(
                connection, view
            )  # as this one leaves it: others' entries aren't in `differs`
        if goal is not None and state.size >= goal:
            return
    if left == 0:
        with write(engine) as connection:
            if lock(connection, view) == state:
                _note(connection, view, release=release.number)


def _append(connection: Connection, view: View, state: State, entries: pl.DataFrame) -> bool:
    """Write entries (`SHOWN` and the release's _commitment), and which records are living now."""
    if entries.is_empty():
        return True
    first = state.size + 1
    numbered = entries.with_columns(
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("seq")
    )
    if not append_in(connection, view, state, addition_of(view, numbered.select(list(SHOWN)))):
        return False
    with staged(connection, numbered.select(pl.col("key").alias(RECORD_ID)), RECORD_ID) as table:
        mine = exchange_published.c.view_id == view.id
        moved = exchange_published.c.record_id.in_(select(table.c.record_id))
        connection.execute(delete(exchange_published).where(mine, moved))
    rows = numbered.filter(pl.col("operation") == "upsert").select(
        pl.col("key").alias(RECORD_ID), pl.col(COMMITMENT).alias("commitment"), "seq"
    )
    insert_frame(connection, exchange_published, rows, view_id=view.id)
    return True


def _entries(
    view: View, release: Release, contents: Contents, differs: Difference, fields: list[str]
) -> Iterator[pl.DataFrame]:
    """What is to be added, some entries at a time: first what is gone, then in the release's order."""
    standard = f"{view.dataset}@{release.standard_version}"
    own = pl.lit(release.created_at).alias("recorded_at"), pl.lit(standard).alias("standard")
    for first in range(0, len(differs.gone), AT_ONCE):
        keys = differs.gone[first : first + AT_ONCE]
        yield _shaped(
            pl.DataFrame({"key": keys}).with_columns(pl.lit("delete").alias("operation"), *own)
        )
    wanted = differs.put.to_frame()
    for rows in contents.slices(AT_ONCE) if len(differs.put) else ():
        put = rows.join(wanted, on=RECORD_ID, how="semi", maintain_order="left")
        if put.height:
            yield _shaped(with_digest(put, fields).select(
                pl.col(RECORD_ID).alias("key"), pl.lit("upsert").alias("operation"), COMMITMENT,
                pl.col(DIGEST).bin.encode("hex").alias("digest"), pl.col(JSON).alias("record"), *own,
            ))  # fmt: skip


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    schema = {**SHOWN, COMMITMENT: pl.Binary}
    return pl.concat([pl.DataFrame(schema=schema), rows], how="diagonal").select(list(schema))


def _fields(catalogue: Catalogue, view: View, release: Release, contents: Contents) -> list[str]:
    """The release's columns that the view has: all but the salt, or of the standard's the granted."""
    names = [name for name in contents.columns if name != SALT]
    if view.fields is None:
        return names
    standard = catalogue.get(view.dataset, release.standard_version)
    return [n for n in names if n not in standard.fields or n in view.fields]


def _touched(site: Site, view: View, known: int | None, release: Release) -> pl.Series | None:
    """The records that releases after `known` changed; None: it may be any."""
    if known is None or known >= release.number:
        return None
    events = read_events(site.releases / view.dataset, range(known + 1, release.number + 1))
    return events[RECORD_ID].unique()


def _note(connection: Connection, view: View, **values: int) -> None:
    mine = exchange_view.c.id == view.id
    connection.execute(update(exchange_view).where(mine).values(values))
