"""Re-reads one dataset's ledger and recomputes all that can be recomputed.

Digest of every revision from its content, unless that was erased; the sequence without gaps; the heads and the counts of
the runs from the revisions. Each check names the first wrong record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import polars_hash as plh
import pyarrow as pa
from sqlalchemy import Connection, Engine, RowMapping, select

from exchange_schemas.issue import Issue
from hub.bulk import select_frame
from hub.exchange.tables import exchange_erased
from hub.ledger_erasing import NO_DIGEST, NOTHING
from hub.segment import unpack
from hub.snapshot import snapshot
from hub.tables import DELETE, UPSERT, dataset, head, revision, run, segment

REVISION_COLUMNS = {
    "seq": pl.Int64,
    "key": pl.String,
    "operation": pl.Int64,
    "digest": pl.Binary,
    "run_id": pl.Int64,
}
HEAD_COLUMNS = {"key": pl.String, "seq": pl.Int64, "digest": pl.Binary}
RANGE_COLUMNS = {"first_seq": pl.Int64, "last_seq": pl.Int64}
RUN_COLUMNS = {
    "run_id": pl.Int64,
    "added": pl.Int64,
    "changed": pl.Int64,
    "gone": pl.Int64,
    **RANGE_COLUMNS,
}
SEGMENTS = 64  # unpacked at a time: 64,000 records

# What unpacking a damaged segment may raise; a wrong size asks for too much memory.
UNREADABLE = (pa.ArrowException, OSError, MemoryError, OverflowError, ValueError)


@dataclass(frozen=True, slots=True)
class Ledger:
    """One dataset at one moment. `end` is the last sequence number given out."""

    name: str
    number: int
    end: int
    revisions: pl.DataFrame  # REVISION_COLUMNS, by seq
    heads: pl.DataFrame  # HEAD_COLUMNS
    ranges: pl.DataFrame  # RANGE_COLUMNS of the segments, by first_seq
    runs: pl.DataFrame  # RUN_COLUMNS of the committed runs, by run_id
    erased: pl.Series  # revisions whose content the law wanted gone


def check_ledger(
    engine: Engine, name: str, checked: Callable[[int], None]
) -> tuple[int, list[Issue]]:
    """(number of revisions, at most one issue of each check); `checked` is told seqs on the way."""
    with snapshot(engine) as connection:
        ledger = _load(connection, name)
    issues = [*_check_seqs(ledger), *_check_heads(ledger), *_check_runs(ledger)]
    # Outside the snapshot, which mustn't stay open for long: segments never change.
    with engine.connect() as connection:
        issues += next(([i] for i in _check_contents(connection, ledger, checked)), [])
    return ledger.revisions.height, issues


def _load(connection: Connection, name: str) -> Ledger:
    query = select(dataset.c.id, dataset.c.seq).where(dataset.c.name == name)
    number, end = connection.execute(query).one()
    columns = [revision.c[column] for column in REVISION_COLUMNS]
    revisions = select(*columns).where(revision.c.dataset_id == number).order_by(revision.c.seq)
    heads = select(head.c.key, head.c.seq, head.c.digest).where(head.c.dataset_id == number)
    ranges = (
        select(segment.c.first_seq, segment.c.last_seq)
        .where(segment.c.dataset_id == number)
        .order_by(segment.c.first_seq)
    )
    counts = (run.c.added, run.c.changed, run.c.gone, run.c.first_seq, run.c.last_seq)
    committed = (run.c.dataset_id == number) & (run.c.state == "committed")
    runs = select(run.c.id, *counts).where(committed).order_by(run.c.id)
    erased = select(exchange_erased.c.seq).where(exchange_erased.c.dataset_id == number)
    return Ledger(
        name,
        number,
        end,
        select_frame(connection, revisions, REVISION_COLUMNS),
        select_frame(connection, heads, HEAD_COLUMNS),
        select_frame(connection, ranges, RANGE_COLUMNS),
        select_frame(connection, runs, RUN_COLUMNS),
        pl.Series(list(connection.scalars(erased)), dtype=pl.Int64),
    )


def _check_seqs(ledger: Ledger) -> Iterator[Issue]:
    """Both the revisions and the segments cover 1 … end, once."""
    seqs = ledger.revisions["seq"]
    for first, last in ((seqs, seqs), (ledger.ranges["first_seq"], ledger.ranges["last_seq"])):
        found = _first_break(first, last, ledger.end)
        if found is not None:
            words = {"dataset": ledger.name, "expected": str(ledger.end)}
            yield Issue(found[0], value=str(found[1]), params=words)
            return


def _first_break(first: pl.Series, last: pl.Series, end: int) -> tuple[str, int] | None:
    """Where ranges that should follow each other up to `end` don't: (code, sequence number)."""
    follows = last.shift(1, fill_value=0) + 1
    off = (first != follows).arg_true()
    if len(off):
        expected, found = int(follows[off[0]]), int(first[off[0]])
        return ("seq_gap", expected) if found > expected else ("seq_beyond", found)
    reached = int(last[-1]) if len(last) else 0
    if reached == end:
        return None
    return ("seq_gap", reached + 1) if reached < end else ("seq_beyond", end + 1)


def _check_heads(ledger: Ledger) -> Iterator[Issue]:
    """The heads are the last revision of each key, where that isn't a delete."""
    newest = ledger.revisions.unique("key", keep="last", maintain_order=True)
    living = newest.filter(pl.col("operation") == UPSERT).select(list(HEAD_COLUMNS))
    both = living.join(ledger.heads, on="key", how="full", suffix="_head", coalesce=True)
    wrong = both.filter(
        pl.col("seq").ne_missing(pl.col("seq_head"))
        | pl.col("digest").ne_missing(pl.col("digest_head"))
    ).sort(pl.coalesce("seq", "seq_head"))
    if wrong.height:
        yield Issue("head_wrong", value=wrong["key"][0], params={"dataset": ledger.name})


def _check_runs(ledger: Ledger) -> Iterator[Issue]:
    """What each run says that it added, changed and removed is what its revisions do."""
    before = pl.col("operation").shift(1).over("key")
    new = before.is_null() | (before == DELETE)
    upsert = pl.col("operation") == UPSERT
    found = (
        ledger.revisions.with_columns(added=upsert & new, changed=upsert & ~new, gone=~upsert)
        .group_by("run_id")
        .agg(
            pl.col("added", "changed", "gone").sum().cast(pl.Int64),
            first_seq=pl.col("seq").min(),
            last_seq=pl.col("seq").max(),
        )
    )
    both = ledger.runs.join(found, on="run_id", how="full", suffix="_found", coalesce=True)
    counted = both.with_columns(
        pl.col(f"{name}{end}").fill_null(0)
        for name in ("added", "changed", "gone")
        for end in ("", "_found")
    )
    for row in counted.sort("run_id").iter_rows(named=True):
        for name in RUN_COLUMNS:
            if name != "run_id" and row[name] != row[f"{name}_found"]:
                words = {
                    "field": name,
                    "expected": str(row[name]),
                    "found": str(row[f"{name}_found"]),
                }
                yield Issue("run_wrong", value=str(row["run_id"]), params=words)
                return


def _check_contents(
    connection: Connection, ledger: Ledger, checked: Callable[[int], None]
) -> Iterator[Issue]:
    """Every line of every segment has the digest that its revision says."""
    for block in ledger.ranges.iter_slices(SEGMENTS):
        within = segment.c.first_seq.between(block["first_seq"][0], block["first_seq"][-1])
        query = (
            select(segment)
            .where(segment.c.dataset_id == ledger.number, within)
            .order_by(segment.c.first_seq)
        )
        for row in connection.execute(query).mappings():
            yield from _check_segment(ledger, row)
        checked(int(block["last_seq"][-1]))


def _check_segment(ledger: Ledger, row: RowMapping) -> Iterator[Issue]:
    first, last = row["first_seq"], row["last_seq"]
    unreadable = Issue(
        "segment_unreadable", value=f"{first}…{last}", params={"dataset": ledger.name}
    )
    try:
        lines = unpack(row["content"]).split(b"\n")
    except UNREADABLE:
        yield unreadable
        return
    if len(lines) != last - first + 1:
        yield unreadable
        return
    seqs = pl.int_range(first, last + 1, eager=True)
    stored = pl.DataFrame({"seq": seqs, "line": pl.Series(lines, dtype=pl.Binary)})
    start = ledger.revisions["seq"].search_sorted(first)
    said = ledger.revisions.slice(start, len(lines))
    both = stored.join(said, on="seq", maintain_order="left")
    wrong = both.filter(_digest(pl.col("seq").is_in(ledger.erased.implode())) != pl.col("digest"))
    if wrong.height:
        yield Issue("digest_wrong", value=f"{ledger.name} #{wrong['seq'][0]} {wrong['key'][0]}")


def _digest(gone: pl.Expr) -> pl.Expr:
    """What a revision's digest should be; `gone` says where it was erased."""
    sha256 = plh.col("line").chash.sha2_256().str.decode("hex")
    deleted = (pl.col("operation") == DELETE) & (pl.col("line") == b"")
    erased = gone & (pl.col("line") == NOTHING.encode())
    return pl.when(deleted | erased).then(pl.lit(NO_DIGEST)).otherwise(sha256)
