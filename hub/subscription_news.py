"""What a subscriber is told of a release: read from what is public, when it is sent.

So nothing is kept twice, and a record that was withdrawn meanwhile is told of by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from exchange_schemas.standard import Standard
from hub.tables_of_subscriptions import WITHDRAWN
from publisher import news
from publisher.library import Library
from publisher.manifest import Release
from publisher.news import Change

MOST_TOLD = 100  # records that are named of what was published
MOST_WITHDRAWN = 10_000  # and of what was withdrawn; who holds more compares with tombstones.csv


@dataclass(frozen=True, slots=True)
class Told:
    """A record that was added or changed: what it is called and where it stands."""

    record_id: str
    change: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class News:
    """One release for one subscriber. `more` counts what isn't named in `records` or `withdrawn`."""

    dataset: str
    title: str
    title_en: str
    release: int
    at: str
    page: str
    delta: str
    count: int
    records: Sequence[Told] = ()
    withdrawn: Sequence[Change] = field(default=())

    @property
    def more(self) -> int:
        """How many aren't named."""
        return max(0, self.count - len(self.records) - len(self.withdrawn))


def read_news(library: Library, base: str, event: Mapping[str, Any]) -> News | None:
    """What an event is about; None where its dataset isn't public any more. `base` is the portal."""
    dataset, withdrawn = event["dataset"], event["kind"] == WITHDRAWN
    release = library.release(dataset, event["release"])
    if release is None:
        return None
    standard = library.catalogue.get(dataset, release.standard_version)
    wanted = None if event["records"] is None else set(orjson.loads(event["records"]))
    kinds = (news.REMOVED,) if withdrawn else (news.CHANGED, news.ADDED)
    found = _changes(release, kinds, wanted, MOST_WITHDRAWN if withdrawn else MOST_TOLD)
    count = sum(release.counts[kind] for kind in kinds) if wanted is None else len(wanted)
    place = f"{base}/datasets/{dataset}"
    return News(
        dataset,
        standard.title,
        standard.title_en,
        release.number,
        release.created_at,
        place,
        f"{place}/releases/{release.number}/delta.csv",
        count,
        () if withdrawn else _told(library, standard, place, found),
        found if withdrawn else (),
    )


def _changes(
    release: Release, kinds: Sequence[str], wanted: set[str] | None, most: int
) -> list[Change]:
    if wanted is None:
        found = [one for kind in kinds for one in news.changes(release, kind, most)]
    else:
        found = [one for one in news.named_changes(release, wanted) if one.kind in kinds]
    return found[:most]


def _told(library: Library, standard: Standard, place: str, found: Sequence[Change]) -> list[Told]:
    roles, told = standard.roles, []
    for one in found:
        record = library.record(one.dataset, one.record_id)
        if record is not None:
            parts = [record.get(name) for name in (roles.name, roles.document) if name]
            title = " ".join(str(part) for part in parts if part) or one.record_id
            address = f"{place}/records/{one.record_id}"
            told.append(Told(one.record_id, one.kind, " ".join(title.split()), address))
    return told
