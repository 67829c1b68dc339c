"""Feeds: what the departments deliver, how fresh it is, and what somebody does about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy import Connection, RowMapping

from adapters.feed import Feed
from adapters.limits import limits_from_environment
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import quarantine, run_pages, uploads
from hub.audit.acting import tell
from hub.database import look
from hub.declared_feeds import declared_feeds
from hub.feed_confining import is_of_console
from hub.feed_departments import department_of
from hub.feeds import topic
from hub.freshness import Freshness, cycle_of, freshness, order
from hub.notices import of_feed
from hub.preview import Preview, preview, preview_of
from hub.replay import kept_delivery
from hub.states import APPROVER
from hub.web.console import owners
from hub.web.console.console import Answer, Console, see
from hub.web.console.feed_shown import bars, mapped, options_of, width_of
from hub.web.console.feed_words import words_of
from hub.web.console.own_feeds import feed_called, own_feeds, queue, standard_of
from hub.web.console.policy import SUBMITTER, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

READERS = (SUBMITTER, APPROVER)  # who decides on held runs has to see what they are of
PREVIEWED = 50  # rows
FETCHED_BYTES, FETCHED_SECONDS = 1 << 26, 30  # of a source, while somebody waits for its preview
_RUNS, _DRAWN = 20, 30


@dataclass(frozen=True, slots=True)
class Line:
    """A feed in the list."""

    feed: Feed
    department: str
    fresh: Freshness
    last: RowMapping | None


def add_feeds(console: Console) -> None:
    """Put the pages on the console."""
    owner = owners.of_feed(console)
    console.app.jinja_env.globals["word_of"] = lambda key: speech(console).text(words_of(key))
    _add_pages(console)
    _add_preview(console)

    @console.act("/feeds/<name>/run", of_roles(SUBMITTER, owner=owner), "feed.run")
    def run_now(_visit: Visit, name: str) -> Answer:
        number = queue(console, feed_called(console, name), "feed_run", {})
        return see("feed_jobs.job", name=name, number=number)

    @console.act("/feeds/<name>/upload", of_roles(SUBMITTER, owner=owner), "feed.upload")
    def upload(visit: Visit, name: str) -> Answer:
        feed = feed_called(console, name)
        if feed.source.kind != "upload":
            raise Misdeclared(Issue("feed_not_upload", value=name))
        kept = handed_in(console, visit)
        arguments = {"file": str(kept.path), "actor": visit.person}
        number = queue(console, feed, "feed_run", arguments)
        return see("feed_jobs.job", name=name, number=number)


def handed_in(console: Console, visit: Visit) -> uploads.Upload:
    """The form's `file`, kept in the site; raises Misdeclared (upload_none), Refused as `uploads.keep`."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Misdeclared(Issue("upload_none"))
    kept = uploads.keep(console.site, visit.person, given.filename, given.stream)
    tell(upload=kept.number, bytes=kept.path.stat().st_size)
    return kept


def waiting_rows(connection: Connection, name: str) -> int:
    """How many rows of a feed wait to be corrected; over `quarantine.MANY` where there are more."""
    return quarantine.count_waiting(connection, run_pages.feed_number(connection, name) or 0)


def _add_pages(console: Console) -> None:
    @console.page("/feeds", of_roles(*READERS))
    def feeds(visit: Visit) -> Answer:
        lines = _lines(console, visit)
        broken = len(declared_feeds(console.site.feeds).broken)
        return page("feeds.html", lines=lines, broken=broken)

    @console.page("/feeds/<name>", of_roles(*READERS, owner=owners.of_feed(console)))
    def feed(_visit: Visit, name: str) -> Answer:
        one = feed_called(console, name)
        with look(console.engine) as connection:
            return page("feed.html", **_feed(console, connection, one))


def _lines(console: Console, visit: Visit) -> list[Line]:
    catalogue = console.catalogue()
    found = own_feeds(console, visit, *READERS)
    lines = {}
    with look(console.engine) as connection:
        for name, one in found.items():
            last = run_pages.runs_of(connection, name, one.standard, limit=1)
            fresh = freshness(connection, one, catalogue)
            department = department_of(one, catalogue) or ""
            lines[name] = Line(one, department, fresh, last[0] if last else None)
    return [lines[fresh.feed] for fresh in order(line.fresh for line in lines.values())]


def _feed(console: Console, connection: Connection, one: Feed) -> dict[str, Any]:
    catalogue, standard = console.catalogue(), standard_of(console, one)
    below = request.args.get("below", type=int)
    runs = run_pages.runs_of(connection, one.name, one.standard, below, _RUNS + 1)
    drawn = list(reversed(run_pages.runs_of(connection, one.name, one.standard, limit=_DRAWN)))
    cycle = cycle_of(one, catalogue)
    return {
        "feed": one,
        "standard": standard,
        "department": department_of(one, catalogue),
        "fresh": freshness(connection, one, catalogue),
        "every": None if cycle is None else one.every or standard.cycle,
        "mapped": mapped(one, standard),
        "source": options_of(one.source.options),
        "format": options_of(one.format.options),
        "runs": runs[:_RUNS],
        "more": runs[_RUNS - 1]["id"] if len(runs) > _RUNS else None,
        "first": below is None,
        "bars": bars(drawn),
        "width": width_of(len(drawn)),
        "notices": of_feed(connection, one.name),
        "job": run_pages.under_way(connection, topic(one.name)),
        "of_console": is_of_console(console.site.feeds, one),
        "waiting": waiting_rows(connection, one.name),
    }


def _add_preview(console: Console) -> None:
    owner = owners.of_feed(console)

    @console.page("/feeds/<name>/preview", of_roles(SUBMITTER, owner=owner))
    def kept_preview(_visit: Visit, name: str) -> Answer:
        """The last delivery, read as the feed is declared now."""
        feed = feed_called(console, name)
        standard = standard_of(console, feed)
        try:
            with look(console.engine) as connection:
                _, delivered = kept_delivery(connection, console.site, name)
        except Refused:  # there is none
            return _shown(feed, standard, None)
        return _shown(feed, standard, preview_of(feed, standard, delivered.artefact, PREVIEWED))

    @console.act("/feeds/<name>/preview", of_roles(SUBMITTER, owner=owner), "feed.preview")
    def fetch_preview(visit: Visit, name: str) -> Answer:
        """What the source has now, or the file that was handed in."""
        feed = feed_called(console, name)
        standard = standard_of(console, feed)
        file = handed_in(console, visit).path if feed.source.kind == "upload" else None
        limits = limits_from_environment()
        small = replace(
            limits,
            bytes=min(limits.bytes, FETCHED_BYTES),
            seconds=min(limits.seconds, FETCHED_SECONDS),
        )
        return _shown(feed, standard, preview(feed, standard, PREVIEWED, file, small))

    def _shown(feed: Feed, standard: Standard, found: Preview | None) -> str:
        return page("feed_preview.html", feed=feed, standard=standard, preview=found)
