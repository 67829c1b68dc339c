"""A stream of nothing but leaves: its rows and the files of its hashes, planted without any entries.

So that a tree of millions of leaves is there in seconds; what seals real entries makes the same files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Engine, insert, select

from hub.database import write
from hub.exchange.segment_files import tops_of
from hub.exchange.segments import folder_of, span
from hub.exchange.tables import exchange_block, exchange_segment, exchange_view
from hub.exchange.views import View
from hub.instant import utc_now
from hub.ledger import dataset_id
from hub.site import Site
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes
from hub.tree.tiles import roots

BLOCK = 4_096  # entries of the tail in one row


def planted(
    site: Site, engine: Engine, parts: Iterator[Hashes], segment: int, name: str = "planted"
) -> View:
    """A stream of the leaves of all `parts`: whole segments of `segment` are sealed, the rest is tail.

    Each part but the last must be one segment.
    """
    with write(engine) as connection:
        number = dataset_id(connection, name)
        row = {"dataset_id": number, "name": "government", "audience": "government"}
        row |= {"segment_entries": segment, "created_at": utc_now()}
        connection.execute(insert(exchange_view).values(row))
        mine = exchange_view.c.dataset_id == number
        view_id = connection.scalar(select(exchange_view.c.id).where(mine))
    view = View(int(view_id or 0), name, "government", "government", None, None, None, segment)
    folder_of(site, view).mkdir(parents=True, exist_ok=True)
    frontier, sealed = Frontier(), 0
    with write(engine) as connection:
        for leaves in parts:
            if len(leaves) == segment:
                row = _seal(site, view, leaves, frontier.size)
                connection.execute(insert(exchange_segment).values(row))
                sealed += segment
            elif len(leaves):
                connection.execute(insert(exchange_block), _tail(view, leaves, frontier.size))
            frontier = frontier.extend(leaves)
        now = {"size": frontier.size, "sealed": sealed, "frontier": json.dumps(frontier.to_json())}
        connection.execute(exchange_view.update().where(exchange_view.c.id == view.id).values(now))
    return view


def _seal(site: Site, view: View, leaves: Hashes, size: int) -> dict[str, object]:
    first, last = size + 1, size + len(leaves)
    place = folder_of(site, view) / f"{span(first, last)}.hashes"
    place.write_bytes(leaves.tobytes() + roots(leaves).tobytes())
    row = {"view_id": view.id, "first_seq": first, "last_seq": last, "edition": 1}
    row |= {"ndjson_sha256": "", "ndjson_size": 0, "parquet_sha256": "", "parquet_size": 0}
    row |= {"hashes_sha256": "", "frames": "[]", "sealed_at": utc_now()}
    return row | {"root": Frontier().extend(leaves).root(), "tops": tops_of(roots(leaves))}


def _tail(view: View, leaves: Hashes, size: int) -> list[dict[str, object]]:
    return [
        {
            "view_id": view.id,
            "first_seq": size + at + 1,
            "last_seq": min(size + at + BLOCK, size + len(leaves)),
            "lines": b"",
            "lines_size": 0,
            "leaves": leaves[at : at + BLOCK].tobytes(),
        }
        for at in range(0, len(leaves), BLOCK)
    ]
