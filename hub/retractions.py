"""What was taken back: looked for on our own surfaces, and told to the portal where it is gone.

The portal is told by a file for each dataset in `Site.retractions`. It has numbers of records and of
consumers, days and names of CKANs, and nothing of a party.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, func, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError
from hub import confirmations
from hub.ckan_targets import targets
from hub.confirmations import FEEDS, FILES, SEARCH
from hub.database import write
from hub.site import Site
from hub.subscription_receipts import merged, receipts
from hub.tables import dataset
from hub.tables_of_copies import confirmation
from hub.tables_of_review import holder_notice
from publisher.columns import RECORD_ID
from publisher.deltas import DELTA, read_delta
from publisher.files import CONTENT, RECORDS
from publisher.library import Library
from publisher.manifest import Release
from publisher.news import REMOVED, news
from publisher.retractions import Confirmation, Retractions, write_retractions

logger = logging.getLogger(__name__)

LOOKED_UP = 2_000  # records of one release that are asked for one by one; the files have all
NEWEST = 500  # changes of a dataset that are read as a feed reads them
NOTICES = 10_000  # the newest, that are counted


def confirm_own(site: Site, engine: Engine, catalogue: Catalogue, names: Iterable[str]) -> int:
    """Look for what the current releases took back, in what the portal reads; returns how many
    surfaces are found to be without it. What is still somewhere isn't confirmed, and looked for again.
    """
    library = Library(site.releases, catalogue)
    done = 0
    for name in names:
        release = library.latest(name)
        if release is None or not release.counts["removed"]:
            continue
        with engine.connect() as connection:
            number = connection.scalar(select(dataset.c.id).where(dataset.c.name == name))
            known = _confirmed(connection, int(number or 0), release.number)
        if missing := [one for one in _LOOKS if one not in known]:
            done += _look(engine, library, release, int(number or 0), missing)
    return done


def _confirmed(connection: Connection, number: int, release: int) -> set[str]:
    mine = (confirmation.c.dataset_id == number) & (confirmation.c.release == release)
    return set(connection.scalars(select(confirmation.c.surface).where(mine)))


def _look(
    engine: Engine, library: Library, release: Release, number: int, surfaces: list[str]
) -> int:
    delta = read_delta(release.path / DELTA)
    gone = delta.filter(pl.col("change") == REMOVED)[RECORD_ID]
    digest = confirmations.ids_sha256(gone)
    found = [one for one in surfaces if _LOOKS[one](library, release, gone)]
    with write(engine) as connection:
        for surface in found:
            confirmations.confirm(connection, number, surface, release.number, gone.len(), digest)
    return len(found)


def _not_in_files(_library: Library, release: Release, gone: pl.Series) -> bool:
    """Neither in the release's files, nor is there content of one before it."""
    before = [
        release.path.parent / str(n) / name for n in range(1, release.number) for name in CONTENT
    ]
    if any(path.exists() for path in before):
        return False
    # The name can't be met inside a value: there its quotes would be escaped.
    record_id = pl.col("line").str.extract(f'"{RECORD_ID}":"([^"]*)"')
    lines = pl.scan_lines(release.path / RECORDS, name="line")
    still = lines.filter(record_id.is_in(gone.implode())).select(pl.len()).collect()
    return int(still.item()) == 0


def _not_found(library: Library, release: Release, gone: pl.Series) -> bool:
    step = max(1, gone.len() // LOOKED_UP)
    return all(library.record(release.dataset, one) is None for one in gone.gather_every(step))


def _not_in_feeds(library: Library, release: Release, gone: pl.Series) -> bool:
    left = set(gone)
    told = news(library, release.dataset, NEWEST)
    return not any(one.record_id in left and one.kind != REMOVED for one in told)


_LOOKS = {FILES: _not_in_files, SEARCH: _not_found, FEEDS: _not_in_feeds}


def tell(site: Site, engine: Engine, catalogue: Catalogue) -> int:
    """Write the files of the datasets of which there is something new to tell; returns how many."""
    titles = _titles(site)
    with engine.connect() as connection:
        query = select(dataset.c.name).join(
            confirmation, confirmation.c.dataset_id == dataset.c.id
        )
        names = sorted(set(connection.scalars(query)))
        library = Library(site.releases, catalogue)
        known = [name for name in names if name in catalogue.datasets()]
        found = [_told(connection, library, name, titles) for name in known]
    return sum(write_retractions(site.retractions, one) for one in found)


def _told(
    connection: Connection, library: Library, name: str, titles: dict[str, str]
) -> Retractions:
    known = confirmations.of_dataset(connection, name)
    surfaces = {
        surface: [Confirmation(one["release"], one["at"]) for one in known.get(surface, [])]
        for surface in [*confirmations.OWN, *titles]
    }
    told = merged([_consumers(connection, name), receipts(connection, library, name)])
    return Retractions(name, surfaces, titles, told)


def _titles(site: Site) -> dict[str, str]:
    """surface → what a CKAN is called."""
    try:
        known = targets(site)
    except HubError as error:
        logger.warning("ckan.yml: %s", error.issue.code)
        return {}
    return {confirmations.surface_of(n): one.title or n for n, one in known.items()}


def _consumers(connection: Connection, name: str) -> dict[str, tuple[int, int]]:
    """record id → how many consumers were told that it ended, and how many confirmed it."""
    newest = (
        select(holder_notice)
        .join(dataset, dataset.c.id == holder_notice.c.dataset_id)
        .where(dataset.c.name == name)
        .order_by(holder_notice.c.id.desc())
        .limit(NOTICES)
        .subquery()
    )
    who = newest.c.consumer_id.distinct()
    confirmed = func.count(who).filter(newest.c.confirmed_at.is_not(None))
    query = select(newest.c.record_id, func.count(who), confirmed).group_by(newest.c.record_id)
    rows: list[Any] = list(connection.execute(query))
    return {record: (told, confirmed) for record, told, confirmed in rows}
