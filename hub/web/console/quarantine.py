"""Rejected rows: what is wrong with each, corrected here or in a workbook, and taken in again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, request, send_file

from adapters.feed import Feed
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import quarantine as rejected
from hub import run_pages, uploads
from hub.audit.acting import tell
from hub.corrected_rows import FORM, form_rows
from hub.database import look, write
from hub.quarantine_book import read_book, write_book
from hub.sealed_columns import closed_columns, hidden
from hub.web.console import owners
from hub.web.console.console import Answer, Console, see
from hub.web.console.correcting import changed, fitting, form_row, places_in
from hub.web.console.feeds import handed_in, waiting_rows
from hub.web.console.own_feeds import feed_called, own_feeds, queue, standard_of
from hub.web.console.policy import SUBMITTER, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

_SHOWN = 10  # rows of a page
MOST_ROWS = 20_000  # of a workbook
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_quarantine(console: Console) -> None:
    """Put the pages on the console."""
    _add_pages(console)
    _add_workbook(console)
    owner = owners.of_feed(console)

    @console.act(
        "/quarantine/<name>/correct", of_roles(SUBMITTER, owner=owner), "quarantine.correct"
    )
    def correct(visit: Visit, name: str) -> Answer:
        feed = feed_called(console, name)
        places = places_in(request.form)
        with look(console.engine) as connection:
            number = run_pages.feed_number(connection, name) or 0
            rows = rejected.some(connection, number, places)
        given = changed(rows, request.form, closed_columns(feed, standard_of(console, feed)))
        if not given:
            raise Misdeclared(Issue("correction_nothing"))
        content = BytesIO(form_rows(name, given))
        kept = uploads.keep(console.site, visit.person, f"{name}{FORM}", content)
        return _take(visit, feed, kept, list(given))

    @console.act(
        "/quarantine/<name>/replay", of_roles(SUBMITTER, owner=owner), "quarantine.replay"
    )
    def replay(visit: Visit, name: str) -> Answer:
        feed = feed_called(console, name)
        kept = handed_in(console, visit)
        if read_book(kept.path)[0] != name:
            raise Misdeclared(Issue("correction_foreign", file=kept.name))
        return _take(visit, feed, kept, [])

    def _take(visit: Visit, feed: Feed, kept: uploads.Upload, rows: list[str]) -> Response:
        tell(rows=rows, upload=kept.number)
        told = {"file": str(kept.path), "actor": visit.person}
        number = queue(console, feed, "correction", told)
        return see("feed_jobs.job", name=feed.name, number=number)


def _add_pages(console: Console) -> None:
    @console.page("/quarantine", of_roles(SUBMITTER))
    def feeds(visit: Visit) -> Answer:
        mine = own_feeds(console, visit, SUBMITTER)
        with look(console.engine) as connection:
            counted = [(one, waiting_rows(connection, name)) for name, one in mine.items()]
        lines = sorted(counted, key=lambda line: -line[1])
        return page("quarantine.html", lines=lines, many=rejected.MANY)

    @console.page("/quarantine/<name>", of_roles(SUBMITTER, owner=owners.of_feed(console)))
    def rows(_visit: Visit, name: str) -> Answer:
        feed = feed_called(console, name)
        closed = closed_columns(feed, standard_of(console, feed))
        sources = {field: rule.columns for field, rule in feed.fields.items()}
        with look(console.engine) as connection:
            number = run_pages.feed_number(connection, name) or 0
            found = rejected.page(connection, number, _after(), _SHOWN + 1)
            count = rejected.count_waiting(connection, number)
        taken = fitting(found[:_SHOWN])
        locale = speech(console).locale
        shown = [form_row(row, sources, closed, locale) for row in taken]
        more = f"{taken[-1].run_id}:{taken[-1].place}" if len(found) > len(taken) else None
        values = {
            "rows": shown,
            "more": more,
            "count": count,
            "many": rejected.MANY,
            "first": _after() == (0, 0),
        }
        return page("quarantine_rows.html", feed=feed, closed=closed, **values)


def _after() -> tuple[int, int]:
    """(run, place) after which the page begins."""
    number, _, place = request.args.get("after", "").partition(":")
    if not (number.isascii() and number.isdigit() and place.isascii() and place.isdigit()):
        return 0, 0
    return min(int(number), run_pages.LARGEST), min(int(place), 2**62)


def _add_workbook(console: Console) -> None:
    policy = of_roles(SUBMITTER, owner=owners.of_feed(console))

    @console.act("/quarantine/<name>/export", policy, "quarantine.export")
    def export(_visit: Visit, name: str) -> Answer:
        """An act, although nothing changes: who took records out of the hub is noted."""
        feed = feed_called(console, name)
        closed = closed_columns(feed, standard_of(console, feed))
        with look(console.engine) as connection:
            number = run_pages.feed_number(connection, name) or 0
            count = rejected.count_waiting(connection, number, MOST_ROWS)
            if count > MOST_ROWS:
                raise Refused(Issue("quarantine_many", value=f"{MOST_ROWS:,}+"))
            rows = rejected.rows(connection, name)
        content = _workbook(feed, rows, closed)
        tell(count=len(rows))
        with write(console.engine):
            pass  # the entry alone
        return send_file(
            content, XLSX, as_attachment=True, download_name=f"{name}-quarantine.xlsx"
        )


def _workbook(feed: Feed, rows: list[rejected.RejectedRow], closed: Collection[str]) -> BytesIO:
    shown = [replace(row, cells=hidden(row.cells, closed)) for row in rows]
    sources = {field: rule.columns for field, rule in feed.fields.items()}
    with TemporaryDirectory(prefix="hub-quarantine-") as folder:
        path = Path(folder) / "rows.xlsx"
        write_book(path, feed.name, shown, sources)
        return BytesIO(path.read_bytes())
