"""What was published on a day: newly unqualified food and products, penalties, blacklists."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import render_template, request

from exchange_schemas.errors import HubError
from exchange_schemas.standard import Standard
from publisher.columns import PUBLISHED_ON, hub_fields
from publisher.library import Library
from publisher.portal.events import event_of
from publisher.portal.news_groups import Group, Source, groups
from publisher.portal.pages import chinese, disclaimers, library, pages

SHOWN = 50  # records of a dataset on the page
WEEK = 7  # days
_UNREADABLE = (HubError, OSError, sqlite3.Error)  # a manifest, a file, an index
EARLIEST = date(2000, 1, 1)  # before it nothing was published on the web


@dataclass(frozen=True, slots=True)
class Part:
    """What is new in one dataset: how many records, and the first of them."""

    standard: Standard
    total: int
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class News:
    """What is new in one group."""

    group: Group
    parts: list[Part]

    @property
    def total(self) -> int:
        """Records in all datasets of the group."""
        return sum(part.total for part in self.parts)


@pages.get("/today")
def today() -> str:
    """The news of today, of another `?day=`, or of the `?days=7` until then."""
    known = library()
    now = known.today()
    day = max(min(_asked_day() or now, now), EARLIEST)
    days = WEEK if request.args.get("days") == str(WEEK) else 1
    news = list(news_of(known, day, days, SHOWN))
    return render_template(
        "today.html",
        day=day,
        days=days,
        first=day - timedelta(days=days - 1),
        now=now,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < now else None,
        news=news,
        notes=disclaimers(part.standard.dataset for one in news for part in one.parts),
        newest=newest_day(known) if not any(one.total for one in news) else None,
        event_of=partial(event_of, chinese=chinese()),
    )


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", "")[:10])
    except ValueError:
        return None


def news_of(known: Library, day: date, days: int, most: int) -> Iterator[News]:
    """The news of `days` days up to `day`, with the first `most` records of each dataset."""
    wanted = [(day - timedelta(days=back)).isoformat() for back in range(days)]
    for group in groups():
        parts = (_part(known, source, wanted, most) for source in group.sources)
        yield News(group, [part for part in parts if part is not None and part.total])


def _part(known: Library, source: Source, days: list[str], most: int) -> Part | None:
    """None where the dataset can't tell when its records were published, or can't be read."""
    try:
        release = known.latest(source.dataset)
        if release is None or (source.unless and known.latest(source.unless)):
            return None
        standard = known.catalogue.get(source.dataset, release.standard_version)
        if PUBLISHED_ON not in hub_fields(standard):
            return None
        found = known.rows(source.dataset, {**source.where, PUBLISHED_ON: days}, size=most)
    except _UNREADABLE:
        return None
    return Part(standard, found.total, found.records)


def newest_day(known: Library) -> date | None:
    """The last day on which anything of the groups was published."""
    found = [_last_day(known, one.dataset) for group in groups() for one in group.sources]
    days = [one for one in found if one is not None]
    return max(days) if days else None


def _last_day(known: Library, dataset: str) -> date | None:
    try:
        found = known.rows(dataset, sort=f"-{PUBLISHED_ON}", size=1)
        return date.fromisoformat(found.records[0][PUBLISHED_ON]) if found.records else None
    except (*_UNREADABLE, KeyError, ValueError):
        return None
