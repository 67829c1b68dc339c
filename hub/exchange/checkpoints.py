"""Checkpoints of a stream: its size and root, signed with the site's key.

The newest are kept. Against them the hub finds by itself that its past was rewritten: then nothing is
signed. Where the key can't be used there is no checkpoint, and entries are handed over all the same:
a consumer sees that it has none, and its copy is proved by the next one.
"""

from __future__ import annotations

import json
import os
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from exchange_schemas.errors import Corrupt, Misdeclared
from exchange_schemas.issue import Issue
from hub.database import write
from hub.exchange.proofs import root_at
from hub.exchange.tables import exchange_checkpoint, exchange_view
from hub.exchange.views import View
from hub.instant import utc_now
from hub.site import Site
from hub.tree import checkpoint as notes
from hub.tree.frontier import Frontier
from publisher.portal.settings import read_settings
from publisher.signing_keys import site_signer

KEPT = 100  # checkpoints of a stream
_NAMELESS = "hub"


def checkpoint(site: Site, engine: Engine, view: View, size: int | None = None) -> str:
    """A signed note of the first `size` entries (None: of all); the kept one where there is one.

    Raises Misdeclared (proof_impossible) for more than there are, Corrupt (past_rewritten) where an
    earlier checkpoint says otherwise, Corrupt (stream_wrong), and Refused as `site_signer`.
    """
    with engine.connect() as connection:
        wanted, root = _root(site, connection, view, size)
        check(connection, view, wanted, root)
        known = _kept(connection, view, wanted)
        if known is not None:
            return known
        check_past(site, connection, view, wanted)
    signer = site_signer(site.keys, site.releases, os.environ)
    origin = origin_of(site, engine, view)
    at = utc_now()
    note = notes.write(origin, wanted, root, at, signer, origin)
    with write(engine) as connection:
        row = {"view_id": view.id, "size": wanted, "root": root, "note": note, "at": at}
        kind = postgresql_insert if engine.dialect.name == "postgresql" else sqlite_insert
        connection.execute(kind(exchange_checkpoint).values(row).on_conflict_do_nothing())
        # Another one may have signed the same size in the meantime: all are told the first one's.
        first = _kept(connection, view, wanted)
        _forget(connection, view)
    return first or note


def root(site: Site, connection: Connection, view: View, size: int | None = None) -> bytes:
    """The root of the first `size` entries (None: of all), 32 bytes. Raises as `checkpoint`."""
    return _root(site, connection, view, size)[1]


def origin_of(site: Site, engine: Engine, view: View) -> str:
    """`<site>/<dataset>/<view>`, which names a stream's checkpoints and never changes: from the first
    one on it is kept. The site is HUB_ORIGIN, or the host of the portal's address, or "hub".

    Raises Misdeclared where the portal's settings are wrong.
    """
    mine = exchange_view.c.id == view.id
    with write(engine) as connection:
        found = connection.scalar(select(exchange_view.c.origin).where(mine))
        if found is None:
            found = f"{_site_name(site)}/{view.dataset}/{view.name}"
            connection.execute(update(exchange_view).where(mine).values(origin=found))
    return str(found)


def check(connection: Connection, view: View, size: int, root: bytes) -> None:
    """Raises Corrupt (past_rewritten) where the kept checkpoint of this size has another root."""
    mine = (exchange_checkpoint.c.view_id == view.id) & (exchange_checkpoint.c.size == size)
    known = connection.scalar(select(exchange_checkpoint.c.root).where(mine))
    if known is not None and bytes(known) != root:
        raise Corrupt(rewritten(view, size))


def check_past(site: Site, connection: Connection, view: View, size: int) -> None:
    """Raises Corrupt (past_rewritten) where the newest kept checkpoint of fewer than `size` entries
    has another root than these entries have."""
    earlier = [(number, root) for number, root in kept(connection, view) if number < size]
    if earlier and root_at(site, connection, view, earlier[-1][0]) != earlier[-1][1]:
        raise Corrupt(rewritten(view, earlier[-1][0]))


def rewritten(view: View, size: int) -> Issue:
    """past_rewritten of a stream at a size."""
    words = {"dataset": view.dataset, "view": view.name}
    return Issue("past_rewritten", value=str(size), params=words)


def kept(connection: Connection, view: View) -> list[tuple[int, bytes]]:
    """(size, root) of the checkpoints that are kept, the oldest first."""
    columns = (exchange_checkpoint.c.size, exchange_checkpoint.c.root)
    query = select(*columns).where(exchange_checkpoint.c.view_id == view.id)
    rows = connection.execute(query.order_by(exchange_checkpoint.c.size))
    return [(row.size, bytes(row.root)) for row in rows]


def _root(site: Site, connection: Connection, view: View, size: int | None) -> tuple[int, bytes]:
    columns = (exchange_view.c.size, exchange_view.c.frontier)
    row = connection.execute(select(*columns).where(exchange_view.c.id == view.id)).one()
    if size is None or size == row.size:
        newest = Frontier.from_json(json.loads(row.frontier)) if row.frontier else Frontier()
        return newest.size, newest.root()
    if size < 0:
        words = {"dataset": view.dataset, "view": view.name, "size": str(row.size)}
        raise Misdeclared(Issue("proof_impossible", value=str(size), params=words))
    return size, root_at(site, connection, view, size)


def _kept(connection: Connection, view: View, size: int) -> str | None:
    mine = (exchange_checkpoint.c.view_id == view.id) & (exchange_checkpoint.c.size == size)
    found = connection.scalar(select(exchange_checkpoint.c.note).where(mine))
    return None if found is None else str(found)


def _forget(connection: Connection, view: View) -> None:
    mine = exchange_checkpoint.c.view_id == view.id
    oldest = (
        select(exchange_checkpoint.c.size)
        .where(mine)
        .order_by(exchange_checkpoint.c.size.desc())
        .offset(KEPT - 1)
        .limit(1)
    )
    last = connection.scalar(oldest)
    if last is not None:
        connection.execute(
            delete(exchange_checkpoint).where(mine, exchange_checkpoint.c.size < last)
        )


def _site_name(site: Site) -> str:
    told = os.environ.get("HUB_ORIGIN")
    if told:
        return told
    base = read_settings(site.portal_settings, os.environ).base_url
    return urlsplit(base).netloc or _NAMELESS
