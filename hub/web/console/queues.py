"""The queues: what waits, the most urgent first, and why some of it isn't for who looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, request
from sqlalchemy import Connection

from exchange_schemas.days import today
from hub.allowed import allowed
from hub.inbox import DUE, PAGE, QUEUES, Place, Queue
from hub.inbox_pages import page as page_of
from hub.record_names import Called, names_of
from hub.web.console.console import Answer, Console
from hub.web.console.deadlines import deadline
from hub.web.console.policy import STAFF
from hub.web.console.record_words import WORDS
from hub.web.console.rendering import page
from hub.web.console.trail import Trail, lanes_of, read_place, written
from hub.web.console.visit import Visit

#: Titles (message ids) of the queues, in the order in which they are offered.
TITLES = {
    "review": "To review",
    "approve": "To approve",
    "overdue": "Overdue",
    "due": "On the way to the public",
    "approved": "Approved",
    "scheduled": "Scheduled",
    "blocked": "Blocked",
    "rejected": "Refused by a person",
    "refused": "Not to be published by law",
    "objected": "Under objection",
}


def add_queues(console: Console) -> None:
    """Put the page on the console."""
    console.app.jinja_env.globals.update(WORDS)

    @console.page("/queues/<name>", STAFF)
    def listing(visit: Visit, name: str) -> Answer:
        if name not in QUEUES:
            abort(404)
        after = read_place(told) if (told := request.args.get("after")) else None
        if told and after is None:
            abort(404)
        trail = Trail.of(request.args, name)
        with console.engine.connect() as connection:
            values = _page(console, visit, connection, trail, after)
        return page("queue.html", trail=trail, titles=TITLES, after=after, **values)


def _page(
    console: Console, visit: Visit, connection: Connection, trail: Trail, after: Place | None
) -> dict[str, Any]:
    queue = QUEUES[trail.queue]
    lanes = lanes_of(console, visit, connection, queue)
    rows = page_of(connection, lanes, trail.wanted, today(), after, PAGE + 1)
    shown = rows[:PAGE]
    names = names_of(connection, console.catalogue(), shown)
    return {
        "rows": [_row(console, visit, queue, row, names) for row in shown],
        "next": written(Place.of(shown[-1])) if len(rows) > PAGE else None,
        "datasets": _sorted(lane.dataset for lane in lanes),
        "departments": _sorted(lane.department for lane in lanes),
        "dues": () if queue.name == "overdue" else DUE,
        "act": queue.act,
    }


def _row(
    console: Console,
    visit: Visit,
    queue: Queue,
    row: Mapping[str, Any],
    names: Mapping[tuple[str, int], Called],
) -> dict[str, Any]:
    """A row of the table: the disclosure's columns, what it is called, its deadline, and whether it is
    not for who looks (`mine`: handed_in, reviewed, on_hold; None: it is)."""
    called = names.get((row["dataset"], row["seq"]), Called())
    return {
        **row,
        "called": called,
        "deadline": deadline(row["publish_by"], today()),
        "not_mine": _not_mine(console, visit, queue, row),
    }


def _not_mine(console: Console, visit: Visit, queue: Queue, row: Mapping[str, Any]) -> str | None:
    if queue.act is None:
        return "on_hold" if row["hold"] else None
    standard = console.catalogue().get(row["dataset"])
    issue = allowed(row, standard, visit.roles, visit.person).get(queue.act)
    if issue is None:
        return None
    if issue.code == "on_hold":
        return "on_hold"
    return "handed_in" if visit.person == row["author"] else "reviewed"


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
