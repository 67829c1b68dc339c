"""Declarations from the console become feeds of the site: checked, confined, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, exists, select

from adapters.feed import Feed
from adapters.feed_check import check_feed
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.declared_feeds import declared_feeds
from hub.feed_confining import confined, folder_of, is_of_console
from hub.feed_departments import department_of, may_deliver
from hub.feed_text import feed_from
from hub.site import Site
from hub.tables import feed as feed_table


def faults(feed: Feed, catalogue: Catalogue, departments: Collection[str]) -> Iterator[Issue]:
    """Everything wrong with a declaration by somebody who hands in records for `departments`."""
    yield from check_feed(feed, catalogue)
    yield from confined(feed)
    mine = department_of(feed, catalogue)
    if mine is None:
        return  # its standard is unknown, which was said
    if mine not in departments:
        yield Issue("feed_department_other", value=mine)
    elif not may_deliver(catalogue.get(feed.standard, feed.version), mine, today()):
        yield Issue("feed_standard_other", value=feed.standard, params={"department": mine})


@dataclass(frozen=True, slots=True)
class Ready:
    """A declaration that may be written; `again` replaces the one that stands there."""

    feed: Feed
    text: str
    again: bool


def prepare(
    connection: Connection,
    site: Site,
    catalogue: Catalogue,
    text: str,
    departments: Collection[str],
) -> Ready:
    """The feed that `text` declares, to be kept as a file of the site.

    One of the console that is the departments' own, and of the same dataset, is replaced. Raises
    Misdeclared for what is wrong with it (`faults`), Refused (feed_name_taken).
    """
    declared = feed_from(text, site.feeds)
    made = feed_from(text, folder_of(site.feeds) / f"{declared.name}.yml")
    for issue in faults(made, catalogue, departments):
        raise Misdeclared(issue)
    return Ready(made, text, _is_own(connection, site, catalogue, made, departments))


def put(ready: Ready) -> Path:
    """Write the declaration, whole or not at all; raises Refused (feed_name_taken) where somebody was
    quicker."""
    place = ready.feed.path
    if not _write(place, ready.text, again=ready.again):
        raise Refused(Issue("feed_name_taken", value=ready.feed.name))
    return place


def _is_own(
    connection: Connection,
    site: Site,
    catalogue: Catalogue,
    made: Feed,
    departments: Collection[str],
) -> bool:
    """Whether there is such a feed that may be replaced; raises Refused (feed_name_taken) for any other."""
    taken = Refused(Issue("feed_name_taken", value=made.name))
    declared = declared_feeds(site.feeds)
    found = declared.feeds.get(made.name)
    if found is None:
        # Of a declaration that can't be read nobody knows whose it is; of a feed that was, the runs and
        # the records are there still.
        known = exists().where(feed_table.c.name == made.name)
        if made.path in declared.broken or connection.scalar(select(known)):
            raise taken
        return False
    own = is_of_console(site.feeds, found) and found.path == made.path
    mine = department_of(found, catalogue)
    same = found.standard == made.standard and mine == department_of(made, catalogue)
    if not (own and same and mine in departments):
        raise taken
    return True


def _write(place: Path, text: str, *, again: bool) -> bool:
    """Whether the file stands there now; without `again` only where there was none."""
    place.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=place.parent, prefix=".new-", encoding="utf-8", delete=False
    ) as copy:
        copy.write(text)
        copy.flush()
        os.fsync(copy.fileno())
    new = Path(copy.name)
    try:
        new.chmod(0o644)
        if again:
            new.replace(place)
        else:
            os.link(new, place)  # fails where somebody was quicker
    except FileExistsError:
        return False
    finally:
        new.unlink(missing_ok=True)
    return True
