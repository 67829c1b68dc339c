"""Many entries at once: whole segments go from the ledger straight into files, past the tail.

For a stream that is far behind, such as a new one. What is read and hashed ahead by one thread is
written by another.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice

from sqlalchemy import Engine, insert, update

from exchange_schemas.catalogue import Catalogue
from hub import ledger
from hub.database import write
from hub.exchange.appending import lock, state_of
from hub.exchange.blocks import cut, sealed_in, written
from hub.exchange.ledger_rows import ledger_rows
from hub.exchange.sealed_files import alone, sweep
from hub.exchange.segment_files import PART, Part, new_segment
from hub.exchange.segments import Segment, row_of
from hub.exchange.shown import look_of, shown
from hub.exchange.tables import exchange_segment, exchange_view
from hub.exchange.views import View
from hub.progress import Progress
from hub.site import Site
from hub.tree.frontier import Frontier
from hub.tree.hashing import hashes_of


@dataclass(frozen=True, slots=True)
class _Read:
    """A part from entry `first` on, read when `erasure` was the newest one."""

    first: int
    part: Part
    erasure: int


def seal_from_ledger(
    site: Site, engine: Engine, catalogue: Catalogue, view: View, progress: Progress
) -> int:
    """Seal whole segments as long as the tail is empty and the ledger has more of them; returns how
    many. The rest is for `stream.extend` and `sealing.seal`, whose promises are kept here too."""
    if view.audience == "public":
        return 0
    made, parts = 0, max(view.segment_entries // PART, 1)
    with alone(site, view) as folder, closing(_ahead(engine, catalogue, view)) as coming:
        with engine.connect() as connection:
            sweep(site, connection, view)
        while (begun := next(coming, None)) is not None:
            whole = (one.part for one in chain([begun], islice(coming, parts - 1)))
            segment = new_segment(folder, view, begun.first, whole)
            if not _enter(engine, view, begun.erasure, segment):
                break  # somebody else has taken entries in: they are in the tail
            made += 1
            progress.rows(segment.last)
    return made


def _ahead(engine: Engine, catalogue: Catalogue, view: View) -> Generator[_Read]:
    """The parts of all whole segments that the ledger has; the next one is made beside."""
    starts = iter(_starts(engine, view))
    with ThreadPoolExecutor(1) as pool:

        def begin() -> Future[_Read] | None:
            after = next(starts, None)
            return None if after is None else pool.submit(_read, engine, catalogue, view, after)

        coming = begin()
        while coming is not None:
            found = coming.result()
            coming = begin()
            yield found


def _starts(engine: Engine, view: View) -> range:
    """The entries after which parts begin: none while there is a tail."""
    state, each = state_of(engine, view), view.segment_entries
    with engine.connect() as connection:
        head = ledger.head_seq(connection, view.dataset)
    whole = (head - state.size) // each if state.size == state.sealed else 0
    return range(state.size, state.size + whole * each, min(PART, each))


def _read(engine: Engine, catalogue: Catalogue, view: View, after: int) -> _Read:
    erasure = state_of(engine, view).erasure
    with engine.connect() as connection:
        rows = ledger_rows(connection, view.dataset, after, min(PART, view.segment_entries))
    entries = sealed_in(shown(catalogue, look_of(view), rows))
    return _Read(after + 1, Part(cut(view, after + 1, *written(entries)), entries), erasure)


def _enter(engine: Engine, view: View, erasure: int, segment: Segment) -> bool:
    """Name the files, and let the stream reach to their end; False where it isn't as it was."""
    with write(engine) as connection:
        now = lock(connection, view)
        before = segment.first - 1
        if (now.size, now.sealed, now.erasure) != (before, before, erasure):
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
