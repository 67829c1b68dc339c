"""Re-reads a stream and recomputes all that can be recomputed: files against their digests, leaves
against lines, the tree against kept checkpoints, what is erased against the ledger.

Each check names the first wrong entry or file. Reads only; may run while the hub works.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from polars.exceptions import PolarsError
from sqlalchemy import Connection, Engine, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.exchange import reading
from hub.exchange.checkpoints import kept, rewritten
from hub.exchange.ledger_rows import ledger_rows
from hub.exchange.released import difference, living
from hub.exchange.sealed_files import is_busy, left_over
from hub.exchange.segment_files import parts_of, root_of_row, tops_of
from hub.exchange.segments import Segment, extent, folder_of, segments_of
from hub.exchange.shown import look_of
from hub.exchange.snapshots import snapshots_of
from hub.exchange.tables import exchange_view
from hub.exchange.views import View
from hub.site import Site
from hub.tree.frontier import Frontier
from hub.tree.hashing import HASH, Hashes, hashes_of, leaf_hashes
from hub.tree.lines import columns
from hub.tree.tiles import WIDTH, roots
from publisher.contents import contents_of
from publisher.disk import sha256
from publisher.release import current_release


def check_stream(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,
    view: View,
    checked: Callable[[int], None],
) -> tuple[int, list[Issue]]:
    """(entries, at most one issue of each check); `checked` is told seqs on the way."""
    with engine.connect() as connection:
        size = extent(connection, view)[0]
        issues = [*_files(site, connection, view), *_left_over(site, connection, view)]
        if view.audience == "public":
            issues += [*_public(site, connection, view)]
        try:
            issues += [*_entries(site, connection, catalogue, view, size, checked)]
        except Corrupt as error:
            issues.append(error.issue)
    return size, issues


def _files(site: Site, connection: Connection, view: View) -> Iterator[Issue]:
    """Segments follow each other up to what is sealed, and every file has the digest that its row
    says; of the Parquet files, what they say is what the lines say."""
    folder, expected = folder_of(site, view), 1
    for one in segments_of(connection, view):
        if one.first != expected:
            yield reading.wrong(view, expected, "segments have a gap")
            return
        expected = one.last + 1
        for name, digest in (
            (one.lines_file, one.ndjson_sha256),
            (one.columns_file, one.parquet_sha256),
            (one.hashes_file, one.hashes_sha256),
        ):
            if _digest(folder / name) != digest and _still(connection, view, one):
                yield _wrong_file(view, name)
                return
        if not _is_subtree(folder / one.hashes_file, one):
            yield reading.wrong(
                view, one.first, "the hashes of a segment aren't those of its root"
            )
            return
        if not _same(folder, site, connection, view, one):
            yield _wrong_file(view, one.columns_file)
            return
    if expected <= extent(connection, view)[1]:
        yield reading.wrong(view, expected, "segments are missing")
        return
    for snapshot in snapshots_of(connection, view):
        there = [one.seq for one in snapshots_of(connection, view)]
        if _digest(folder / snapshot.file) != snapshot.sha256 and snapshot.seq in there:
            yield _wrong_file(view, snapshot.file)
            return


def _is_subtree(path: Path, one: Segment) -> bool:
    """Whether the file has the leaves that give the segment's hashes: those behind them, `tops`, root."""
    raw, count = path.read_bytes(), one.last - one.first + 1
    if len(raw) != HASH * (count + count // WIDTH):
        return False
    tiles = roots(hashes_of(raw[: HASH * count]))
    told = root_of_row(tiles) == one.root and one.tops in (None, tops_of(tiles))
    return told and raw[HASH * count :] == tiles.tobytes()


def _same(folder: Path, site: Site, connection: Connection, view: View, one: Segment) -> bool:
    """Whether the Parquet file says what the lines say, or another edition counts by now."""
    table = pl.scan_parquet(folder / one.columns_file)
    try:
        same = (
            all(
                (rows := _rows(lines)) is not None
                and table.slice(first - one.first, rows.height).collect().equals(rows)
                for first, _, lines in parts_of(site, connection, view, one)
            )
            and table.select(pl.len()).collect().item() == one.last - one.first + 1
        )
    except (FileNotFoundError, Corrupt, pl.exceptions.PolarsError):
        same = False  # of the lines it is said in another check
    return same or not _still(connection, view, one)


def _left_over(site: Site, connection: Connection, view: View) -> Iterator[Issue]:
    """Files that no row names, unless somebody is writing some just now."""
    if not folder_of(site, view).is_dir() or is_busy(site, view):
        return
    for name in left_over(site, connection, view)[:1]:
        yield Issue("stream_left_over", value=f"{view.dataset}/{view.name}/{name}")


def _public(site: Site, connection: Connection, view: View) -> Iterator[Issue]:
    """The public stream has the records of the release that it says it has."""
    release = current_release(site.releases, view.dataset)
    query = select(exchange_view.c.release).where(exchange_view.c.id == view.id)
    if release is None or connection.scalar(query) != release.number:
        return
    differs = difference(connection, view, contents_of(release.path), None)
    if differs.stale.height or len(differs.put):
        yield reading.wrong(view, release.number, "the records aren't those of this release")


def _digest(path: Path) -> str | None:
    try:
        return sha256(path)
    except FileNotFoundError:
        return None


def _still(connection: Connection, view: View, one: Segment) -> bool:
    """Whether this edition still counts: an erasure may have put another one in its place."""
    return one in segments_of(connection, view, one.first, one.last)


def _wrong_file(view: View, name: str) -> Issue:
    return Issue("stream_file_wrong", value=f"{view.dataset}/{view.name}/{name}")


def _entries(
    site: Site,
    connection: Connection,
    catalogue: Catalogue,
    view: View,
    size: int,
    checked: Callable[[int], None],
) -> Iterator[Issue]:
    """Every line has the leaf that is kept, seqs have no gap, the tree is that of the kept
    checkpoints and of the stream's own row, and content is what the ledger has."""
    tree, points = Frontier(), dict(kept(connection, view))
    # Read before the lines: what is superseded meanwhile is erased first, and is no fault then.
    public = living(connection, view) if view.audience == "public" else None
    for piece in reading.pieces(site, connection, view, 0, size):
        rows, last = _rows(piece.lines), min(piece.last, size)
        leaves = hashes_of(reading.leaves(site, connection, view, piece.first, piece.last))
        seqs = pl.int_range(piece.first, piece.last + 1, dtype=pl.Int64, eager=True)
        if rows is None or not rows["seq"].equals(seqs):
            yield reading.wrong(view, piece.first, "the lines can't be read, or have a gap")
            return
        wrong = _wrong_leaf(rows, leaves)
        if wrong is not None:
            yield reading.wrong(view, piece.first + wrong, "the line isn't that of its leaf")
            return
        if public is None:
            yield from _against_ledger(connection, catalogue, view, rows)
        else:
            yield from _against_published(view, rows.head(last - piece.first + 1), public)
        yield from _against_points(view, tree, leaves, points)
        tree = tree.extend(leaves[: last - piece.first + 1])
        checked(last)
    if not _is_tree(connection, view, tree):
        yield reading.wrong(view, size, "the tree isn't that of the entries")


def _rows(lines: bytes) -> pl.DataFrame | None:
    try:
        return columns(lines)
    except PolarsError:
        return None


def _wrong_leaf(rows: pl.DataFrame, leaves: Hashes) -> int | None:
    """The place of the first line that hasn't its leaf; of the first at all where one lacks a part."""
    try:
        wrong = np.flatnonzero((leaf_hashes(rows) != leaves).any(axis=1))
    except ValueError:
        return 0
    return int(wrong[0]) if len(wrong) else None


def _against_points(
    view: View, tree: Frontier, leaves: Hashes, points: dict[int, bytes]
) -> Iterator[Issue]:
    within = [n for n in points if tree.size < n <= tree.size + len(leaves)]
    for number in sorted(within):
        if tree.extend(leaves[: number - tree.size]).root() != points[number]:
            yield rewritten(view, number)
            return


def _is_tree(connection: Connection, view: View, tree: Frontier) -> bool:
    """Whether the stream's row has this tree; where it has grown since, that is another check's."""
    columns_ = (exchange_view.c.size, exchange_view.c.frontier)
    row = connection.execute(select(*columns_).where(exchange_view.c.id == view.id)).one()
    if row.size != tree.size:
        return True
    return tree == (Frontier.from_json(json.loads(row.frontier)) if row.frontier else Frontier())


def _against_published(view: View, rows: pl.DataFrame, public: pl.DataFrame) -> Iterator[Issue]:
    """Whatever isn't the entry of a living record (`released.living`) is erased."""
    upserts = rows.filter(pl.col("operation") == "upsert")
    stale = upserts.join(public, on="seq", how="anti", maintain_order="left")
    if stale.height:
        yield reading.wrong(view, int(stale["seq"][0]), "it isn't erased")


def _against_ledger(
    connection: Connection, catalogue: Catalogue, view: View, rows: pl.DataFrame
) -> Iterator[Issue]:
    """What the ledger erased is erased here; and a view that shows records as they are kept has
    their digests. What another view shows depends on the standard of that day."""
    first, entries = int(rows["seq"][0]), rows.height
    said = ledger_rows(connection, view.dataset, first - 1, entries)
    both = rows.join(said.select("seq", "digest", "erased", "version"), on="seq", suffix="_ledger")
    if both.height != entries:
        yield reading.wrong(view, first, "the ledger hasn't all of these entries")
        return
    gone = both.filter(pl.col("erased") & (pl.col("operation") != "erased"))
    look, versions = look_of(view), both["version"].unique().to_list()
    plain = [v for v in versions if look.as_kept(catalogue.get(view.dataset, v))]
    same = pl.col("digest") == pl.col("digest_ledger").bin.encode("hex")
    kept_as_is = pl.col("version").is_in(plain) & (pl.col("operation") == "upsert")
    other = both.filter(kept_as_is & ~same)
    for found, reason in ((gone, "it isn't erased"), (other, "the ledger says something else")):
        if found.height:
            yield reading.wrong(view, int(found["seq"][0]), reason)
            return
