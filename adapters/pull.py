"""Pull a feed's delivery, and read it as raw batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import polars as pl

from adapters.artefact import Artefact, Store
from adapters.child import read_in_child
from adapters.delivered import Delivered, Parcel, Told
from adapters.discreet import discreet, discreet_headers, speaking_discreetly
from adapters.environment import expand_all, values_in
from adapters.feed import Feed
from adapters.limits import Limits, limits_from_environment
from adapters.members import members, unpacked
from adapters.occurrence import with_occurrence
from adapters.plugins import find_reader, find_source
from adapters.source import Ask
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame
from exchange_schemas.place import EACH

INTERNAL = "HUB_INTERNAL_FEEDS"  # names of feeds, by commas: set by who runs the hub


def pull(
    feed: Feed,
    store: Store,
    cursor: str | None = None,
    upload: Path | None = None,
    progress: Callable[[str], None] = lambda _words: None,
    limits: Limits | None = None,
) -> Delivered:
    """Fetch the feed's present delivery and keep it; `limits` in place of the environment's.

    Raises SourceUnavailable (file_missing and what the source raises), SourceUnreadable
    (delivery_too_large), Misdeclared (secret_missing).
    """
    limits = limits or limits_from_environment()
    options = expand_all(feed.source.options)
    secrets = values_in(feed.source.options)
    internal = feed.name in os.environ.get(INTERNAL, "").split(",")
    folder = feed.path.parent
    ask = Ask(options, folder, internal, cursor, limits, upload, progress)
    parcel = Parcel(store, limits)
    with speaking_discreetly(secrets):
        artefact = parcel.keep(iter(find_source(feed.source.kind).pull(ask)), feed.name)
    told = tuple(
        Told(
            one.name,
            discreet(one.origin, secrets),
            discreet_headers(one.headers, secrets),
            one.size,
        )
        for one in parcel.told
    )
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Delivered(artefact, now, told, parcel.cursor)


def read(feed: Feed, artefact: Artefact, keys: bool = False) -> Iterator[Batch]:
    """The delivery as raw batches of about 4 MB, at least one (which may have no rows).

    `_line` and the source's columns, all text. Every batch of one file of the delivery has the same
    columns. `_line` is the line, for JSON the place of the item in its list, from 1, for workbooks
    the row of the sheet; for deliveries of several files see `exchange_schemas.place`. With `keys`
    it is the list of all keys that the source holds, where the delivery has one.

    Raises SourceUnreadable as the format does, and column_missing where the feed maps a column that
    the file doesn't have.
    """
    found = members(artefact, "*" if keys else feed.format.members, keys)
    parts = (_placed(_read_member(feed, one, keys), k) for k, one in enumerate(found))
    batches = chain.from_iterable(parts)
    yield from with_occurrence(feed, _tell_header_only(feed, batches))


def read_file(feed: Feed, artefact: Artefact, place: int) -> Iterator[Batch]:
    """One file of a delivery, as `read` gives it among the others: none, where it has no rows."""
    for one in members(artefact, feed.format.members, place=place):
        yield from _placed(_read_member(feed, one, keys=False), place)


def _read_member(feed: Feed, member: Artefact, keys: bool) -> Iterator[Batch]:
    reader = find_reader(feed.format.kind)
    with unpacked(member, reader.whole_file) as plain:
        batches = (
            read_in_child(reader.read, feed, plain) if reader.hostile else reader.read(feed, plain)
        )
        first = next(batches)
        columns = [name for name in first.rows.columns if name != LINE]
        absent = _find_absent(feed, columns, member.name, keys)
        told = _tell_unknown(feed, columns)
        first = Batch(first.rows, pl.concat([told, first.issues]), first.unreadable)
        yield from _fill(chain([first], batches), absent)


def _placed(batches: Iterator[Batch], place: int) -> Iterator[Batch]:
    """The lines of the delivery's file number `place`, from 0, apart from those of the others."""
    if place == 0:
        yield from batches
        return
    for batch in batches:
        rows = batch.rows.with_columns(pl.col(LINE) + place * EACH)
        yield Batch(
            rows, batch.issues.with_columns(pl.col("line") + place * EACH), batch.unreadable
        )


def _find_absent(feed: Feed, columns: list[str], file: str, keys: bool) -> list[str]:
    """Optional columns that the delivery lacks; any other one is a reason to stop."""
    absent = [name for name in feed.columns if name not in columns]
    rules = [] if keys else [rule for rule in feed.fields.values() if not rule.optional]
    needed = {name for rule in rules for name in rule.columns}
    stop = [name for name in absent if name in needed]
    if stop:
        params = {"found": "、".join(columns)}
        issue = Issue("column_missing", value="、".join(stop), file=file, params=params)
        raise SourceUnreadable(issue)
    return absent


def _tell_unknown(feed: Feed, columns: list[str]) -> pl.DataFrame:
    known = {*feed.columns, *feed.ignore}
    unknown = [Issue("column_unknown", value=n) for n in columns if n not in known]
    unused = [Issue("ignore_unused", value=n) for n in feed.ignore if n not in columns]
    return issues_frame([*unknown, *unused])


def _fill(batches: Iterator[Batch], absent: list[str]) -> Iterator[Batch]:
    empty = [pl.lit(None, pl.String).alias(name) for name in absent]
    for batch in batches:
        rows = batch.rows.with_columns(empty) if absent else batch.rows
        yield Batch(rows, batch.issues, batch.unreadable)


def _tell_header_only(feed: Feed, batches: Iterator[Batch]) -> Iterator[Batch]:
    """At least one batch; a snapshot without rows is told."""
    rows, batch = 0, None
    for batch in batches:
        rows += batch.rows.height + batch.unreadable
        yield batch
    empty = dict.fromkeys(feed.columns, pl.String)
    schema = batch.rows.schema if batch is not None else {LINE: pl.Int64, **empty}
    if not rows and (batch is not None or feed.mode == "snapshot"):
        yield Batch(pl.DataFrame(schema=schema), issues_frame([Issue("header_only")]))
    elif batch is None:
        yield Batch(pl.DataFrame(schema=schema))
