"""Wishes from the portal's folder into the tables; each is removed once it is in.

Who dies between the two finds the wish again, and what it asks for is done already.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, insert, select

from exchange_schemas.days import today
from exchange_schemas.errors import Corrupt
from hub import subscriptions
from hub.database import write
from hub.site import Site
from hub.tables_of_subscriptions import WAITING, subscription, subscription_match
from publisher.columns import RECORD_ID
from publisher.library import Library
from publisher.query import Filters
from publisher.signed_links import read_link
from publisher.subscribing import (
    CONFIRM,
    LEAVE,
    LIST,
    SUBSCRIBE,
    Topic,
    Wish,
    WishFolder,
    read_topic,
)

MOST_MATCHES = 1_000  # records of one search that are known by number: the newest
_PAGE = 200

logger = logging.getLogger(__name__)


def take_in(site: Site, engine: Engine, library: Library, keys: list[bytes]) -> dict[str, int]:
    """Do what readers asked for; returns how many of each act, and how many were no use."""
    folder = WishFolder(site.subscriptions)
    done = {"subscribe": 0, "confirm": 0, "leave": 0, "list": 0, "useless": 0}
    for number in folder.waiting():
        try:
            wish = folder.read(number)
            done[wish.act if _do(engine, library, keys, wish) else "useless"] += 1
        except Corrupt as error:  # it may have an address: nothing of it is kept
            logger.warning("subscription: %s", error.issue.code)
            done["useless"] += 1
        folder.remove(number)
    return done


def is_waiting(site: Site) -> bool:
    """Whether anybody asked for something."""
    try:
        return bool(WishFolder(site.subscriptions).waiting())
    except OSError as error:
        logger.warning("subscriptions: %s", type(error).__name__)
        return False


def _do(engine: Engine, library: Library, keys: list[bytes], wish: Wish) -> bool:
    if wish.act == SUBSCRIBE:
        with write(engine) as connection:
            return subscriptions.subscribe(connection, wish)
    if wish.act == LIST:
        with write(engine) as connection:
            return subscriptions.ask_for_list(connection, wish.address)
    link = read_link(keys, wish.link, wish.act, today())
    if link is None:
        return False
    if wish.act == CONFIRM:
        return confirm(engine, library, link.owner)
    with write(engine) as connection:
        return wish.act == LEAVE and subscriptions.remove(connection, link.owner)


def confirm(engine: Engine, library: Library, name: str) -> bool:
    """Confirm a subscription, and note which records it matches by now."""
    with engine.connect() as connection:
        waits = (subscription.c.name == name) & (subscription.c.state == WAITING)
        told = connection.scalar(select(subscription.c.topic).where(waits))
    if told is None:
        return False
    found = matches(library, read_topic(told))
    with write(engine) as connection:
        row = subscriptions.confirm(connection, name)
        if row is not None:
            note_matches(connection, row["id"], found)
    return row is not None


def matches(library: Library, topic: Topic, dataset: str | None = None) -> list[tuple[str, str]]:
    """(dataset, record id) of the newest records that a topic matches, of one dataset or of all;
    none for all of a dataset, whose deltas tell."""
    if topic.whole or (dataset and topic.dataset not in (None, dataset)):
        return []
    name = dataset or topic.dataset
    if topic.code:
        return _of_company(library, topic.code, name)[:MOST_MATCHES]
    filters = Filters(name, topic.department, topic.county, topic.kind)
    pairs: list[tuple[str, str]] = []
    after: str | None = None
    while len(pairs) < MOST_MATCHES:
        hits = library.search(topic.words or "", filters, after, _PAGE)
        pairs += [(hit.dataset, hit.record_id) for hit in hits.items]
        after = hits.after
        if after is None:
            break
    return pairs[:MOST_MATCHES]


def _of_company(library: Library, code: str, dataset: str | None) -> list[tuple[str, str]]:
    """The records with the code, as that of whomever they are about or of another party."""
    hits = [hit for several in library.subject(code).values() for hit in several]
    found = [(hit.dataset, hit.record_id) for hit in hits]
    for release in library.datasets():
        standard = library.catalogue.get(release.dataset, release.standard_version)
        for name in (f"{party}_uscc" for party in standard.roles.parties):
            if name in standard.fields_for("public") and name != standard.roles.code:
                rows = library.rows(release.dataset, {name: code}, size=MOST_MATCHES).records
                found += [(release.dataset, str(row[RECORD_ID])) for row in rows]
    return [one for one in dict.fromkeys(found) if dataset in (None, one[0])]


def note_matches(connection: Connection, number: int, found: Sequence[tuple[str, str]]) -> None:
    """Remember records of a subscription; those that are known stay."""
    table = subscription_match
    mine = select(table.c.dataset, table.c.record_id).where(table.c.subscription_id == number)
    known = {(row.dataset, row.record_id) for row in connection.execute(mine)}
    new = [pair for pair in dict.fromkeys(found) if pair not in known]
    if new:
        names = ("subscription_id", "dataset", "record_id")
        rows = [dict(zip(names, (number, *pair), strict=True)) for pair in new]
        connection.execute(insert(table), rows)
