"""Atom and RSS: what is new in a dataset, a search, about a company, and today.

Records that are withdrawn become tombstones in Atom, so that readers drop what they kept. Which
searches a withdrawn record had matched can't be told any more, because nothing is left of it: feeds of
searches and companies have the tombstones of their datasets, and readers skip those they never had.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, abort, g, request

from exchange_schemas.days import HERE
from publisher.portal import feed_entries, shown
from publisher.portal.addresses import home_address, permanent, settings, tag
from publisher.portal.events import events_of
from publisher.portal.feed_formats import ATOM, TYPES, Entry, Feed, Tombstone, written
from publisher.portal.pages import LONGEST_QUERY, chinese, library, released
from publisher.portal.search import read_asked
from publisher.portal.speech import text
from publisher.portal.today_page import WEEK, news_of

feeds = Blueprint("feeds", __name__)

MOST = 50  # entries, and as many tombstones
FRESH_SECONDS = 300  # for which a reader needn't ask again
_LONG_AGO = datetime(2000, 1, 1, tzinfo=HERE)
_SYNTAX = "<any(atom, rss):syntax>"


@feeds.get(f"/datasets/<dataset>/feed.{_SYNTAX}")
def dataset(dataset: str, syntax: str) -> Response:
    """The records that a dataset's newest releases added or changed."""
    _, standard = released(dataset)
    title = shown.title_of(standard, chinese())
    page = permanent("pages.dataset", dataset=dataset)
    entries = feed_entries.of_dataset(dataset, MOST)
    return _sent(syntax, title, page, ("datasets", dataset), entries, [dataset])


@feeds.get(f"/search/feed.{_SYNTAX}")
def search(syntax: str) -> Response:
    """The newest records that a search finds; it takes what the search page takes."""
    asked = read_asked()
    if not asked.anything:
        abort(404)
    hits = library().search(asked.query, asked.filters, size=MOST)
    entries = feed_entries.of_hits(hits.items)
    title = text("Search: {words}", words=" ".join(asked.parameters.values()))
    page = permanent("pages.search", **asked.parameters)
    name = ("search", *(f"{one}={value}" for one, value in asked.parameters.items()))
    return _sent(syntax, title, page, name, entries, _datasets(asked.filters.dataset))


@feeds.get(f"/subjects/<code>/feed.{_SYNTAX}")
def subject(code: str, syntax: str) -> Response:
    """The records about one company, of all datasets."""
    code = code[:LONGEST_QUERY].upper()
    events = events_of(library(), code, chinese())[:MOST]
    entries = feed_entries.of_records([(one.hit.dataset, one.record) for one in events])
    title = text("Company: {code}", code=code)
    page = permanent("pages.subject", code=code)
    return _sent(syntax, title, page, ("subjects", code), entries, _datasets())


@feeds.get(f"/today/feed.{_SYNTAX}")
def today(syntax: str) -> Response:
    """What the page "today" tells of the last seven days."""
    known = library()
    parts = [part for one in news_of(known, known.today(), WEEK, MOST) for part in one.parts]
    found = [(part.standard.dataset, one) for part in parts for one in part.records]
    entries = feed_entries.of_records(found)
    entries.sort(key=lambda entry: (entry.updated, entry.published), reverse=True)
    title, page = text("What is new today"), permanent("pages.today")
    return _sent(syntax, title, page, ("today",), entries[:MOST], _datasets())


def _datasets(one: str | None = None) -> list[str]:
    known = [release.dataset for release in library().datasets() if library().good(release)]
    return known if one is None else [name for name in known if name == one]


def _sent(
    syntax: str,
    title: str,
    page: str,
    name: tuple[str, ...],
    entries: Sequence[Entry],
    datasets: Sequence[str],
) -> Response:
    """The feed with what a reader needs to ask for it again cheaply."""
    gone = feed_entries.tombstones(datasets, MOST) if syntax == ATOM else []
    chosen, place = settings(), settings().place(chinese())
    site = f"{place}{chosen.title(chinese())}"
    feed = Feed(
        name=tag("feeds", *name),
        title=f"{title} · {site}",
        description=text("What was published, corrected and withdrawn, newest first."),
        address=page,
        own=home_address() + request.full_path.rstrip("?"),
        language="zh-CN" if chinese() else "en",
        author=chosen.operator(chinese()) or site,
        rights=chosen.licence(chinese()),
        updated=_updated(entries, gone),
        entries=entries,
        tombstones=gone,
    )
    response = Response(written(feed, syntax), content_type=f"{TYPES[syntax]}; charset=utf-8")
    response.last_modified = feed.updated
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.content_language.add("en" if g.locale == "en" else "zh-CN")
    response.vary.add("Cookie")
    response.add_etag()
    response.make_conditional(request)
    return response


def _updated(entries: Sequence[Entry], gone: Sequence[Tombstone]) -> datetime:
    """When the newest thing happened that the feed tells of."""
    return max([one.updated for one in entries] + [one.at for one in gone] + [_LONG_AGO])
