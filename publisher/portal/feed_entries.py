"""Records as entries of a feed, and withdrawn ones as tombstones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from exchange_schemas.days import HERE
from exchange_schemas.standard import Standard
from publisher import news
from publisher.columns import PUBLISHED_ON, RECORD_ID, SALT
from publisher.news import Change
from publisher.portal import shown
from publisher.portal.addresses import permanent, tag
from publisher.portal.feed_formats import Entry, Tombstone
from publisher.portal.pages import chinese, library
from publisher.portal.speech import text
from publisher.query import Hit

LONGEST = 600  # characters of a summary


def of_dataset(dataset: str, most: int) -> list[Entry]:
    """What the newest releases of a dataset added and changed."""
    changes = [one for one in news.news(library(), dataset, most) if one.kind != news.REMOVED]
    when = {one.record_id: one.at for one in changes if one.kind == news.CHANGED}
    return _entries(dataset, [one.record_id for one in changes], when)


def of_hits(hits: Sequence[Hit]) -> list[Entry]:
    """Records that were found, in their order."""
    found = ((hit.dataset, library().record(hit.dataset, hit.record_id)) for hit in hits)
    return of_records([(dataset, record) for dataset, record in found if record is not None])


def of_records(found: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
    """(dataset, record) of records that were read, in their order."""
    changed = {name: news.changed_at(library(), name) for name in {one[0] for one in found}}
    return [_entry(dataset, changed[dataset], record) for dataset, record in found]


def tombstones(datasets: Iterable[str], most: int) -> list[Tombstone]:
    """The newest withdrawals of several datasets."""
    found = [one for name in datasets for one in news.withdrawn(library(), name, most)]
    found.sort(key=lambda one: one.at, reverse=True)
    return [_tombstone(one) for one in found[:most]]


def _tombstone(change: Change) -> Tombstone:
    reason = change.reason_title if chinese() else change.reason
    told = [text("Not public any more"), reason or "", change.legal_basis or ""]
    why = ("；" if chinese() else "; ").join(one for one in told if one)
    return Tombstone(name_of(change.dataset, change.record_id), moment(change.at), why)


def name_of(dataset: str, record_id: str) -> str:
    """The tag URI of a record."""
    return tag("datasets", dataset, "records", record_id)


def _entries(dataset: str, ids: Sequence[str], changed: Mapping[str, str]) -> list[Entry]:
    """`changed` says when a record was changed last; what was removed meanwhile has no entry."""
    records = (library().record(dataset, record_id) for record_id in ids)
    return [_entry(dataset, changed, one) for one in records if one is not None]


def _entry(dataset: str, changed: Mapping[str, str], record: Mapping[str, Any]) -> Entry:
    standard, record_id = library().catalogue.get(dataset), str(record[RECORD_ID])
    published = _published(dataset, record)
    updated = moment(changed[record_id]) if record_id in changed else published
    return Entry(
        name=name_of(dataset, record_id),
        title=title_of(standard, record),
        address=permanent("pages.record", dataset=dataset, record_id=record_id),
        summary=_summary(standard, record),
        published=published,
        updated=max(updated, published),
        category=shown.title_of(standard, chinese()),
    )


def _published(dataset: str, record: Mapping[str, Any]) -> datetime:
    """The record's first public day; of records that don't say it, the day of their release."""
    day = str(record.get(PUBLISHED_ON) or "")[:10]
    try:
        return moment(f"{day}T00:00:00+08:00")
    except ValueError:
        release = library().latest(dataset)
        return moment(release.created_at if release else "2000-01-01T00:00:00+08:00")


def title_of(standard: Standard, record: Mapping[str, Any]) -> str:
    """What a record is called in a list: its dataset, its name, its document number."""
    roles = standard.roles
    parts = [record.get(one) for one in (roles.name, roles.document) if one]
    words = " ".join(str(part) for part in parts if part) or str(record["record_id"])
    return f"{shown.title_of(standard, chinese())}{'：' if chinese() else ': '}{words}"


def _summary(standard: Standard, record: Mapping[str, Any]) -> str:
    cells = [one for one in shown.cells(standard, dict(record), chinese()) if one.name != SALT]
    colon, stop = ("：", "；") if chinese() else (": ", "; ")
    whole = stop.join(f"{one.title}{colon}{' '.join(one.value.split())}" for one in cells)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…"


def moment(told: str) -> datetime:
    """An instant of a manifest, in the time of the departments."""
    return datetime.fromisoformat(told).astimezone(HERE)
