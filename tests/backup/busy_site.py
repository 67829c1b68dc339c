"""A site with runs, reviews, releases, sealed streams, a consumer and its receipts; and work in it.

As a program: `python -m tests.backup.busy_site SITE` makes the site, or where it is there goes on working
in it until it is ended, and prints the ledger's last sequence number after every commit.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, select

from exchange_schemas.errors import HubError
from hub import demo
from hub.cli.demo import _pull
from hub.database import connect
from hub.exchange.keeping import keep
from hub.exchange.views import views_of
from hub.progress import Silent
from hub.site import Site
from hub.tables import dataset

MARKET = "market_entity"
FEED, ROWS = "sample_registration", "registration.csv"
ENTRIES = "256"  # of a segment: the sample fills one
os.environ.setdefault("HUB_SEGMENT_ENTRIES", ENTRIES)


class Session:
    """As much of a command's session as pulling needs."""

    def text(self, message: str) -> str:
        return message


def worked_on(path: Path) -> tuple[Site, Engine]:
    """The site, new, with everything done once."""
    site, engine = demo.prepare(path)
    for feed in demo.sample_feeds(site)[:2]:
        demo.run_feed(site, engine, feed, Silent())
    demo.approve_all(site, engine)
    demo.publish(site, engine, Silent())
    _pull(Session(), site, engine)
    keep_streams(site, engine)
    return site, engine


def keep_streams(site: Site, engine: Engine) -> None:
    with engine.connect() as connection:
        views = views_of(connection)
    for view in views:
        keep(site, engine, site.catalogue(), view, Silent())


def change(site: Site, number: int) -> None:
    """Another delivery: one company has another address."""
    place = site.feeds / ROWS
    head, *lines = place.read_bytes().decode("gb18030").splitlines(keepends=True)
    at = number % len(lines)
    lines[at] = lines[at].replace("0668-", f"0668-{number % 10}", 1)
    coming = place.with_name(".coming")
    coming.write_bytes("".join([head, *lines]).encode("gb18030"))
    coming.replace(place)


def last_seq(engine: Engine, name: str = MARKET) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(dataset.c.seq).where(dataset.c.name == name)) or 0)


def work(site: Site, engine: Engine, number: int) -> None:
    """Some of everything that a hub does."""
    change(site, number)
    demo.run_feed(site, engine, site.feeds / f"{FEED}.yml", Silent())
    print(last_seq(engine), flush=True)
    keep_streams(site, engine)
    if number % 3 == 0:
        with suppress(HubError):
            demo.approve_all(site, engine)
            demo.publish(site, engine, Silent())


def main() -> None:
    site = Site(Path(sys.argv[1]).resolve())
    if not site.feeds.is_dir():
        worked_on(site.path)
        return
    engine = connect(site.database_url)
    for number in range(1, 10_000):
        work(site, engine, number)


if __name__ == "__main__":
    main()
