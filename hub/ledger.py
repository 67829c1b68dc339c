"""The ledger: per dataset an append-only, gap-free sequence of revisions.

Two runs that append to one dataset at the same time wait for each other at the dataset's row, so
`seq` is given in the order of commits and a reader of "after n" can't miss a late committer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.bulk import insert_keys, select_frame, select_frames
from hub.changes import ChangeSet
from hub.heads import HEAD_COLUMNS, Heads, read_heads
from hub.ledger_partitions import make_room
from hub.segment import ROWS, pack, unpack
from hub.tables import DELETE, UPSERT, dataset, head, revision, run, segment

_SEGMENTS = 64  # read at a time, to bound memory

OPERATIONS = {UPSERT: "upsert", DELETE: "delete"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision as it is exchanged; `content` is canonical JSON, None for a delete."""

    seq: int
    operation: str
    key: str
    digest: bytes
    standard_version: str
    recorded_at: str
    content: bytes | None


def dataset_id(connection: Connection, name: str) -> int:
    """The dataset's number, registered on first use."""
    found = connection.scalar(select(dataset.c.id).where(dataset.c.name == name))
    if found is not None:
        return int(found)
    # Another may register it at the same moment.
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(dataset).values(name=name, seq=0, reviewed_seq=0)
    connection.execute(added.on_conflict_do_nothing())
    return dataset_id(connection, name)


def _number(connection: Connection, name: str) -> int:
    """The dataset's number, 0 where it has none yet. Asked first, so that only its parts are looked at."""
    return int(connection.scalar(select(dataset.c.id).where(dataset.c.name == name)) or 0)


def head_seq(connection: Connection, name: str) -> int:
    """The last sequence number of a dataset; 0 where nothing was recorded yet."""
    return int(connection.scalar(select(dataset.c.seq).where(dataset.c.name == name)) or 0)


def lock(connection: Connection, number: int) -> int:
    """Take the dataset for appending until the transaction ends; returns its last seq.

    FOR NO KEY UPDATE, because rows that refer to the dataset are inserted before: their key-share
    lock would make two runs wait for each other.
    """
    mine = dataset.c.id == number
    query = select(dataset.c.seq).where(mine).with_for_update(key_share=True)
    return int(connection.execute(query).scalar_one())


def heads(connection: Connection, number: int, feed_id: int) -> Heads:
    """The dataset's records now, read in blocks; `feed_id` is the feed that asks."""
    query = select(head.c.key, head.c.digest, head.c.feed_id).where(head.c.dataset_id == number)
    return read_heads(lambda: select_frames(connection, query, HEAD_COLUMNS), feed_id)


@dataclass(slots=True)
class Appending:
    """Revisions on their way into one dataset, in the caller's transaction.

    Starting takes the dataset's lock, so that no other run can append until the transaction ends.
    """

    connection: Connection
    number: int
    run_id: int
    feed_id: int
    before: int = field(init=False)
    seq: int = field(init=False)
    room: int = field(init=False)  # the last seq that the tables have parts for

    def __post_init__(self) -> None:
        self.before = self.seq = lock(self.connection, self.number)
        self.room = make_room(self.connection, self.number, self.seq, self.seq)

    def write(self, rows: pl.DataFrame, operation: int = UPSERT) -> None:
        """Append rows (key, digest, json) in their order, and move the heads with them."""
        first, last = self.seq + 1, self.seq + rows.height
        if last > self.room:
            self.room = make_room(self.connection, self.number, first, last)
        constants = {"dataset_id": self.number, "operation": operation, "run_id": self.run_id}
        insert_keys(self.connection, revision, rows.select("key", "digest"), first, constants)
        packed = zip(range(first, last + 1, ROWS), pack(rows["json"]), strict=True)
        segments = [
            {
                "dataset_id": self.number,
                "first_seq": start,
                "last_seq": min(start + ROWS - 1, last),
                "content": content,
            }
            for start, content in packed
        ]
        self.connection.execute(insert(segment), segments)
        words = {"dataset": self.number, "before": self.seq, "feed": self.feed_id}
        self.connection.execute(_MOVE_HEADS[operation], words)
        self.seq = last

    def finish(self, gone: pl.Series) -> tuple[int, int]:
        """Delete the keys that are gone; returns (first, last) seq of all that was written.

        `last` < `first` where nothing was.
        """
        if len(gone):
            nothing = {"digest": pl.lit(bytes(32)), "json": pl.lit("")}
            self.write(gone.to_frame("key").with_columns(**nothing), DELETE)
        if self.seq > self.before:
            mine = dataset.c.id == self.number
            self.connection.execute(update(dataset).where(mine).values(seq=self.seq))
        return self.before + 1, self.seq


def append(
    connection: Connection, number: int, changes: ChangeSet, run_id: int
) -> tuple[int, int]:
    """Write a whole change set as revisions; returns as `Appending.finish`."""
    appending = Appending(connection, number, run_id, changes.feed_id)
    for rows in changes.parts:
        appending.write(rows)
    return appending.finish(changes.gone)


# The heads follow from the revisions, so the database moves them itself, in the order of their
# index. ON CONFLICT is the same in SQLite and PostgreSQL.
_UPSERT_HEADS = text(
    """
    INSERT INTO head (dataset_id, key, seq, digest, feed_id)
    SELECT dataset_id, key, seq, digest, :feed FROM revision
    WHERE dataset_id = :dataset AND seq > :before
    ORDER BY key
    ON CONFLICT (dataset_id, key)
    DO UPDATE SET seq = excluded.seq, digest = excluded.digest, feed_id = excluded.feed_id
    """
)
_DELETE_HEADS = text(
    """
    DELETE FROM head WHERE dataset_id = :dataset AND feed_id = :feed AND key IN (
        SELECT key FROM revision WHERE dataset_id = :dataset AND seq > :before)
    """
)
_MOVE_HEADS = {UPSERT: _UPSERT_HEADS, DELETE: _DELETE_HEADS}


def entries(connection: Connection, name: str, after: int, limit: int) -> list[Entry]:
    """At most `limit` revisions with seq > `after`, in order, without gaps."""
    query = (
        select(
            revision.c.seq,
            revision.c.operation,
            revision.c.key,
            revision.c.digest,
            run.c.standard_version,
            run.c.ended_at,
        )
        .join(run, run.c.id == revision.c.run_id)
        .where(revision.c.dataset_id == _number(connection, name), revision.c.seq > after)
        .order_by(revision.c.seq)
        .limit(limit)
    )
    rows = connection.execute(query).mappings().all()
    if not rows:
        return []
    lines = dict(contents(connection, name, after, rows[-1]["seq"]))
    return [_entry(row, lines[row["seq"]]) for row in rows]


def _entry(row: RowMapping, line: bytes) -> Entry:
    return Entry(
        seq=row["seq"],
        operation=OPERATIONS[row["operation"]],
        key=row["key"],
        digest=bytes(row["digest"]),
        standard_version=row["standard_version"],
        recorded_at=row["ended_at"],
        content=line or None,
    )


def content_frames(
    connection: Connection, name: str, after: int, last: int
) -> Iterator[pl.DataFrame]:
    """Frames of seq Int64 and json String ("" for a delete), for after < seq <= last."""
    query = _segments(_number(connection, name), after, last)
    result = connection.execute(query, execution_options={"yield_per": 64})
    for block in result.partitions(64):
        parts = [_lines(row.first_seq, row.content) for row in block]
        yield pl.concat(parts).filter(pl.col("seq").is_between(after + 1, last))


def frames_of(connection: Connection, name: str, wanted: pl.Series) -> Iterator[pl.DataFrame]:
    """Frames as `content_frames` gives them that have all of the sequences `wanted`, in order; of the
    ledger only those segments are read that have one of them."""
    number = _number(connection, name)
    bounds = select_frame(connection, _bounds(number), {"first": pl.Int64, "last": pl.Int64})
    asked = (
        wanted.sort()
        .to_frame("seq")
        .join_asof(
            bounds.set_sorted("first"), left_on="seq", right_on="first", strategy="backward"
        )
    )
    firsts = asked["first"].unique(maintain_order=True).drop_nulls().to_list()
    for at in range(0, len(firsts), _SEGMENTS):
        chosen = segment.c.first_seq.in_(firsts[at : at + _SEGMENTS])
        query = _segments(number, 0, int(bounds["last"].max())).where(chosen)  # type: ignore[arg-type]
        parts = [_lines(row.first_seq, row.content) for row in connection.execute(query)]
        if parts:
            yield pl.concat(parts)


def _bounds(number: int) -> Select[int, int]:
    return (
        select(segment.c.first_seq, segment.c.last_seq)
        .where(segment.c.dataset_id == number)
        .order_by(segment.c.first_seq)
    )


def _lines(first: int, content: bytes) -> pl.DataFrame:
    lines = unpack(content).decode().split("\n")
    return pl.DataFrame({"seq": range(first, first + len(lines)), "json": lines})


def contents(
    connection: Connection, name: str, after: int, last: int
) -> Iterator[tuple[int, bytes]]:
    """(seq, canonical JSON or b"" for a delete) of the revisions after < seq <= last."""
    for row in connection.execute(_segments(_number(connection, name), after, last)):
        for seq, line in enumerate(unpack(row.content).split(b"\n"), row.first_seq):
            if after < seq <= last:
                yield seq, line


def _segments(number: int, after: int, last: int) -> Select[int, bytes]:
    return (
        select(segment.c.first_seq, segment.c.content)
        .where(segment.c.dataset_id == number, within(after, last))
        .order_by(segment.c.first_seq)
    )


def within(after: int, last: int) -> ColumnElement[bool]:
    """Which segments have revisions after < seq <= last; by the key, so that none before is looked at."""
    starts = segment.c.first_seq.between(after - ROWS + 2, last)
    return starts & (segment.c.last_seq > after)
