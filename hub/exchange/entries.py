"""Exchange: entries in the version of the standard that a consumer asks for, a page at a time.

Entries as they are kept are read from their stream (`hub.exchange.reading`); another version is
made anew for each page, out of the ledger.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer
from hub.exchange import shown as showing
from hub.exchange.ledger_rows import ledger_rows
from hub.exchange.reading import HASH, Page, leaves
from hub.exchange.segments import extent
from hub.exchange.shown import Look, look_of, shown
from hub.exchange.views import View
from hub.site import Site
from hub.tree.lines import line

MAX_LIMIT = 5_000


def translated(
    site: Site,
    connection: Connection,
    catalogue: Catalogue,
    view: View,
    after: int,
    limit: int,
    version: str,
) -> Page:
    """At most `limit` entries of a stream with seq > `after`, in another version of the standard.

    Without salt, but with `leaf`, the hash (hex) of the entry as it is kept, so that what was taken
    can be compared with a checkpoint. Raises Misdeclared (version_not_here) for the public view,
    which is of releases.
    """
    if view.audience == "public":
        words = {"dataset": view.dataset}
        raise Misdeclared(Issue("version_not_here", value=version, params=words))
    head = extent(connection, view)[0]
    rows = ledger_rows(connection, view.dataset, after, max(min(limit, head - after), 0))
    if rows.is_empty():
        return Page(b"", 0, after, head)
    found = _shown(catalogue, look_of(view), rows, version)
    hashes = leaves(site, connection, view, after + 1, after + rows.height).hex()
    leaf = pl.Series([hashes]).str.extract_all(f".{{{2 * HASH}}}").explode()
    quoted = pl.concat_str(pl.lit('"'), pl.lit(leaf), pl.lit('"'))
    return _page(found.with_columns(quoted.alias("leaf")), after, head)


def _shown(
    catalogue: Catalogue, look: Look, rows: pl.DataFrame, asked: str | None
) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return shown(catalogue, look, rows, asked).with_columns(
        pl.concat_str(pl.lit('"'), "translated_from", pl.lit('"')).alias("translated_from"),
        nothing.alias("salt"), nothing.alias("commitment"), nothing.alias("leaf"),
    )  # fmt: skip


def _page(found: pl.DataFrame, after: int, head: int) -> Page:
    if found.is_empty():
        return Page(b"", 0, after, head)
    lines = found.select(line(more=("leaf", "translated_from", "refused")))["line"]
    body = lines.str.join("\n").item() + "\n"
    return Page(body.encode(), found.height, int(found["seq"][-1]), head)


def pseudonym(dataset: str, consumer: Consumer) -> pl.Expr:
    """What the consumer knows in place of the column `key`, where that is private."""
    return showing.pseudonym(dataset, consumer.salt)


def check_version(catalogue: Catalogue, dataset: str, version: str, today: date) -> None:
    """Raises Misdeclared where a version is unknown, or was served until a day before `today`."""
    until = catalogue.get(dataset, version).version_days.get(version, (None, None))[1]
    if until is not None and until < today:
        words = {"dataset": dataset, "expected": until.isoformat()}
        raise Misdeclared(Issue("version_ended", value=version, params=words))
