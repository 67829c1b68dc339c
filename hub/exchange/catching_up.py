"""Bringing a stream up to its dataset when somebody asks for entries: a little at once, much by a job."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, select

from exchange_schemas.catalogue import Catalogue
from hub import jobs
from hub.database import look, write
from hub.exchange import stream
from hub.exchange.arrivals import State
from hub.exchange.tables import exchange_view
from hub.exchange.views import View
from hub.exchange.waiting import streams_wait, topic
from hub.site import Site
from hub.tables import dataset

INLINE = 5_000  # entries that a request takes in itself
_taking_in: dict[tuple[str, int], threading.Lock] = {}  # by database and view
PUBLIC = "public"  # the audience whose stream is made of releases

# Asked with every poll, so it is one query, and its text is made once.
_STANDING = (
    select(
        exchange_view.c.size, exchange_view.c.release, dataset.c.seq,
        dataset.c.published_release, dataset.c.published_move,
    )
    .join(dataset, dataset.c.id == exchange_view.c.dataset_id)
    .where(exchange_view.c.id == bindparam("view"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """`size` entries are in the stream; `head` is the last that there is or will be, as far as it is
    known; `state` is what `Arrivals` waits to change."""

    size: int
    head: int
    state: State


def catch_up(site: Site, engine: Engine, catalogue: Catalogue, view: View, after: int) -> Known:
    """Take what is new into the stream, up to `INLINE` entries; what is more, a job takes in.

    While a job is needed a request takes entries in only where there are none after `after` yet, so
    that it is quick, and goes on even where no worker runs.
    """
    with look(engine) as connection:
        known, lag = _standing(connection, view)
    if lag > INLINE:
        _have_it_done(engine, view)
    if not lag or (lag > INLINE and after < known.size):
        return known
    # Of a hundred that were woken by one entry, one takes it in and the others find it there.
    with _taking_in.setdefault((str(engine.url), view.id), threading.Lock()):
        with look(engine) as connection:
            known, lag = _standing(connection, view)
        if not lag:
            return known
        size = stream.extend(engine, catalogue, view, INLINE, site)
    return Known(size, size if view.audience == PUBLIC else max(known.head, size), known.state)


def _standing(connection: Connection, view: View) -> tuple[Known, int]:
    """Where the stream is, and how many entries it lacks. Of the public's it is only known whether a
    release is missing: 1, and its entries are counted when they are taken in."""
    row = connection.execute(_STANDING, {"view": view.id}).one()
    state = row.seq, row.published_release, row.published_move
    if view.audience == PUBLIC:
        return Known(row.size, row.size, state), int(row.published_release != row.release)
    head = max(row.seq, row.size)
    return Known(row.size, head, state), head - row.size


def _have_it_done(engine: Engine, view: View) -> None:
    with engine.connect() as connection:
        if jobs.waiting(connection, topic(view.dataset)):
            return  # which every request of a long catching up would find out under a lock
    with write(engine) as connection:
        streams_wait(connection, view.dataset)
