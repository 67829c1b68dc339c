"""Taking content out of the ledger, where the law wants it gone: the revisions stay, and say nothing.

An erased revision has `NOTHING` for its line and no digest; which they are stands in
`exchange_erased`. Where a record goes as a whole, its key is a random word in all of its revisions,
the same in each, so that what was added, changed and removed can still be counted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, insert, select, update

from hub.bulk import select_frame
from hub.exchange.tables import exchange_erased
from hub.segment import ROWS, pack, unpack
from hub.tables import UPSERT, head, revision, segment

NOTHING = "{}"  # the line of an erased upsert: a record without any field
NO_DIGEST = bytes(32)
PREFIX = "erased:"  # of the word in place of a key
REVISIONS = {"seq": pl.Int64, "key": pl.String, "operation": pl.Int64}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be erased: `rows` (`REVISIONS`), and the keys of which all revisions are among them
    and that go too."""

    rows: pl.DataFrame
    keys: tuple[str, ...]

    @property
    def seqs(self) -> pl.Series:
        """The sequence numbers, in order."""
        return self.rows["seq"].sort()


def revisions_of(
    connection: Connection, number: int, keys: list[str], seqs: list[int]
) -> pl.DataFrame:
    """The revisions of these keys and with these numbers (`REVISIONS`) that aren't erased yet."""
    columns = [revision.c[name] for name in REVISIONS]
    gone = select(exchange_erased.c.seq).where(exchange_erased.c.dataset_id == number)
    wanted = revision.c.key.in_(keys) | revision.c.seq.in_(seqs)
    query = select(*columns).where(revision.c.dataset_id == number, wanted)
    return select_frame(
        connection, query.where(revision.c.seq.not_in(gone)).order_by(revision.c.seq), REVISIONS
    )


def living(connection: Connection, number: int, rows: pl.DataFrame, keys: list[str]) -> list[int]:
    """The revisions among `rows` whose content the ledger says now, and those of living `keys`."""
    found = select(head.c.key, head.c.seq).where(
        head.c.dataset_id == number, head.c.key.in_(rows["key"].unique().to_list())
    )
    heads = {row.key: row.seq for row in connection.execute(found)}
    return [
        seq
        for seq, key in rows.select("seq", "key").iter_rows()
        if heads.get(key) == seq or (key in heads and key in keys)
    ]


def erase(connection: Connection, number: int, chosen: Chosen, erasure_id: int) -> None:
    """Empty these revisions, in the caller's transaction, which holds the dataset's lock."""
    seqs = chosen.seqs.to_list()
    told = [{"dataset_id": number, "seq": seq, "erasure_id": erasure_id} for seq in seqs]
    connection.execute(insert(exchange_erased), told)
    mine = revision.c.dataset_id == number
    connection.execute(
        update(revision).where(mine, revision.c.seq.in_(seqs)).values(digest=NO_DIGEST)
    )
    for key in chosen.keys:
        word = PREFIX + secrets.token_hex(16)
        connection.execute(update(revision).where(mine, revision.c.key == key).values(key=word))
    _empty_lines(connection, number, chosen.rows)


def _empty_lines(connection: Connection, number: int, rows: pl.DataFrame) -> None:
    upserts = rows.filter(pl.col("operation") == UPSERT)["seq"].to_list()
    for place in _segments(connection, number, upserts):
        mine = (segment.c.dataset_id == number) & (segment.c.first_seq == place)
        row = connection.execute(select(segment).where(mine)).mappings().one()
        lines = pl.Series(unpack(row["content"]).decode().split("\n"), dtype=pl.String)
        here = [seq - place for seq in upserts if place <= seq <= row["last_seq"]]
        (content,) = pack(lines.scatter(here, NOTHING))
        connection.execute(update(segment).where(mine).values(content=content))


def _segments(connection: Connection, number: int, seqs: list[int]) -> list[int]:
    """Where the segments begin that have these revisions."""
    found: set[int] = set()
    for seq in seqs:
        within = segment.c.first_seq.between(seq - ROWS + 1, seq) & (segment.c.last_seq >= seq)
        query = select(segment.c.first_seq).where(segment.c.dataset_id == number, within)
        found |= set(connection.scalars(query))
    return sorted(found)
