"""Many entries at once: whole segments go from the ledger straight into files, past the tail.

For a stream that is far behind, such as a new one. What is read and hashed ahead by one thread is
written by another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import Engine, insert, update

from exchange_schemas.catalogue import Catalogue
from hub import ledger
from hub.database import write
from hub.exchange.appending import lock, state_of
from hub.exchange.blocks import cut, has_erased, sealed_in, written
from hub.exchange.ledger_rows import ledger_rows
from hub.exchange.sealed_files import alone, sweep
from hub.exchange.sealing import Draft, new_segment
from hub.exchange.segments import Segment, row_of
from hub.exchange.shown import look_of, shown
from hub.exchange.views import View
from hub.progress import Progress
from hub.site import Site
from hub.tables_of_exchange import exchange_segment, exchange_view
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes, hashes_of

_PART = 32_768  # entries that are worked on at a time
_LARGEST = 4 * _PART  # entries of a segment that fits into memory


@dataclass(frozen=True, slots=True)
class _Whole:
    """All entries of a segment, read when `erasure` was the newest one."""

    entries: pl.DataFrame
    texts: pl.Series
    hashes: Hashes
    erasure: int


def seal_from_ledger(
    site: Site, engine: Engine, catalogue: Catalogue, view: View, progress: Progress
) -> int:
    """Seal whole segments as long as the tail is empty and the ledger has more of them; returns how
    many. The rest is for `stream.extend` and `sealing.seal`, whose promises are kept here too."""
    if view.audience == "public" or view.segment_entries > _LARGEST:
        return 0
    made = 0
    with alone(site, view) as folder:
        with engine.connect() as connection:
            sweep(site, connection, view)
        for first, whole in _ahead(engine, catalogue, view):
            segment = _segment(folder, view, first, whole)
            if not _enter(engine, view, whole, segment):
                break  # somebody else has taken entries in: they are in the tail
            made += 1
            progress.rows(segment.last)
    return made


def _ahead(engine: Engine, catalogue: Catalogue, view: View) -> Iterator[tuple[int, _Whole]]:
    """(first seq, segment) of each whole one that the ledger has; the next one is made beside."""
    state, each = state_of(engine, view), view.segment_entries
    with engine.connect() as connection:
        head = ledger.head_seq(connection, view.dataset)
    if state.size != state.sealed:
        return
    starts = iter(range(state.size, head - each + 1, each))
    with ThreadPoolExecutor(1) as pool:

        def begin() -> tuple[int, Future[_Whole]] | None:
            after = next(starts, None)
            if after is None:
                return None
            return after + 1, pool.submit(_read, engine, catalogue, view, after)

        coming = begin()
        while coming is not None:
            first, whole = coming[0], coming[1].result()
            coming = begin()
            yield first, whole


def _read(engine: Engine, catalogue: Catalogue, view: View, after: int) -> _Whole:
    erasure, parts, texts, hashes = state_of(engine, view).erasure, [], [], []
    for start in range(after, after + view.segment_entries, _PART):
        count = min(_PART, after + view.segment_entries - start)
        with engine.connect() as connection:
            rows = ledger_rows(connection, view.dataset, start, count)
        parts.append(sealed_in(shown(catalogue, look_of(view), rows)))
        lines, leaves = written(parts[-1])
        texts.append(lines)
        hashes.append(leaves)
    return _Whole(pl.concat(parts), pl.concat(texts), np.concatenate(hashes), erasure)


def _segment(folder: Path, view: View, first: int, whole: _Whole) -> Segment:
    blocks = cut(view, first, whole.texts, whole.hashes)
    erased = (
        int((whole.entries["operation"] == "erased").sum()) if has_erased(whole.entries) else 0
    )
    return new_segment(folder, view, Draft(first, 1, blocks, whole.entries, erased), whole.hashes)


def _enter(engine: Engine, view: View, whole: _Whole, segment: Segment) -> bool:
    """Name the files, and let the stream reach to their end; False where it isn't as it was."""
    with write(engine) as connection:
        now = lock(connection, view)
        before = segment.first - 1
        if (now.size, now.sealed, now.erasure) != (before, before, whole.erasure):
            return False
        grown = _grown(now.frontier, view.segment_entries, segment.root)
        connection.execute(insert(exchange_segment).values(row_of(view, segment)))
        values = {
            "size": grown.size,
            "sealed": grown.size,
            "frontier": json.dumps(grown.to_json()),
        }
        mine = exchange_view.c.id == view.id
        connection.execute(update(exchange_view).where(mine).values(values))
    return True


def _grown(tree: Frontier, entries: int, root: bytes) -> Frontier:
    """A tree of whole segments and one more: over segments it has the nodes that it has over entries."""
    over = Frontier(tree.size // entries, tree.nodes).extend(hashes_of(root))
    return Frontier(tree.size + entries, over.nodes)
