"""The stream of a view: entries taken from the ledger or from releases, each once and for good.

Salts are made when an entry is taken, so it has the bytes of that time ever after. A record that the
view may not have is a delete.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import polars as pl
from sqlalchemy import Connection, Engine, select

from exchange_schemas.catalogue import Catalogue
from hub.exchange import released
from hub.exchange.appending import State, addition_of, append, state_of
from hub.exchange.ledger_rows import ledger_rows
from hub.exchange.segments import extent
from hub.exchange.shown import look_of, shown
from hub.exchange.tables import exchange_view
from hub.exchange.views import View
from hub.ledger import head_seq
from hub.site import Site
from hub.tables import dataset

AT_ONCE = 32_768  # entries of one transaction, which bounds memory


def size(connection: Connection, view: View) -> int:
    """How many entries the stream has now."""
    return extent(connection, view)[0]


def has_grown(connection: Connection, view: View, seen: int) -> bool:
    """Whether the stream has entries behind `seen`, or may have when it is brought up to date."""
    if view.audience != "public":
        return head_seq(connection, view.dataset) > seen
    query = (
        select(exchange_view.c.size, exchange_view.c.release, dataset.c.published_release)
        .join(dataset, dataset.c.id == exchange_view.c.dataset_id)
        .where(exchange_view.c.id == view.id)
    )
    entries, taken, published = connection.execute(query).one()
    return bool(entries > seen or taken != published)


def extend(
    engine: Engine,
    catalogue: Catalogue,
    view: View,
    at_most: int | None = None,
    site: Site | None = None,
) -> int:
    """Take what is new into the stream, at most `at_most` entries; returns the stream's size.

    May be called by anybody at any time, also at the same time; killed at any moment it leaves a
    whole stream. The public view is made of releases, so it needs the `site` (ValueError).
    """
    if view.audience == "public":
        if site is None:
            raise ValueError("the public view is made of the site's releases")
        return released.extend(site, engine, catalogue, view, at_most)
    state = state_of(engine, view)
    goal = None if at_most is None else state.size + at_most
    with _Ahead(engine, view.dataset) as ahead:
        while True:
            room = AT_ONCE if goal is None else min(AT_ONCE, goal - state.size)
            rows = ahead.rows(state, room) if room > 0 else None
            if rows is None or rows.is_empty():
                return state.size
            seen = shown(catalogue, look_of(view), rows)
            append(engine, view, state, addition_of(view, seen))
            state = state_of(engine, view)


class _Ahead:
    """Reads the next revisions while those before are worked on."""

    def __init__(self, engine: Engine, dataset: str) -> None:
        self._engine, self._dataset = engine, dataset
        self._pool = ThreadPoolExecutor(1)
        self._next: tuple[tuple[int, int], Future[pl.DataFrame]] | None = None

    def __enter__(self) -> _Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def rows(self, state: State, limit: int) -> pl.DataFrame:
        """The revisions behind `state`. What was read ahead before another erasure isn't used."""
        wanted = (state.size, state.erasure)
        waiting, self._next = self._next, None
        fits = waiting is not None and waiting[0] == wanted and limit == AT_ONCE
        found = waiting[1].result() if fits and waiting else self._read(state.size, limit)
        if found.height == AT_ONCE:
            after = state.size + AT_ONCE
            self._next = (after, state.erasure), self._pool.submit(self._read, after, AT_ONCE)
        return found

    def _read(self, after: int, limit: int) -> pl.DataFrame:
        with self._engine.connect() as connection:
            return ledger_rows(connection, self._dataset, after, limit)
