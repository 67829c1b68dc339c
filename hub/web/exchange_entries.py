"""Entries by cursor: forwards, backwards, translated, and waiting for the next one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, request

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.database import look
from hub.exchange import entries, reading
from hub.exchange.arrivals import State
from hub.exchange.catching_up import catch_up
from hub.web.exchange_desk import Access, Desk
from hub.web.parameters import Asked, read_entries_parameters
from hub.web.problem import Problem
from hub.web.turns import resting

NDJSON = "application/x-ndjson"
AGAIN = 5  # seconds after which one for whom there was no place to wait asks again


@dataclass(frozen=True, slots=True)
class Part:
    """Entries `first` … `last` (none: `last` is first - 1) as NDJSON; `cursor` is where the next page
    goes on, `head` the last entry that there is, `state` where the dataset was just before."""

    body: bytes
    first: int
    last: int
    cursor: int
    head: int
    state: State


def add_entries(app: Flask, desk: Desk) -> None:
    """GET /v1/datasets/D/entries."""

    @app.get("/v1/datasets/<dataset>/entries")
    def entries(dataset: str) -> Response:
        access = desk.open(dataset)
        asked = read_entries_parameters(request.args)
        if asked.version is not None:
            _check_version(desk, access, asked.version)
        part = _part(desk, access, asked)
        refused = False
        if asked.wait and not part.body:
            part, refused = _awaited(desk, access, asked, part)
        # A hundred consumers that ask and get nothing leave no rows; HEAD gives no entry either.
        if part.body and request.method == "GET":
            desk.log(access, "page", part.first - 1, part.last, part.last - part.first + 1)
        response = Response(part.body, mimetype=NDJSON)
        response.headers["X-Last-Seq"] = str(part.cursor)
        response.headers["X-Head-Seq"] = str(part.head)
        if refused:
            response.headers["Retry-After"] = str(AGAIN)
        return response


def _awaited(desk: Desk, access: Access, asked: Asked, part: Part) -> tuple[Part, bool]:
    """The first entries that come within the time, or `part`, which is empty; True: too many wait
    already, so this one isn't let wait."""
    until = time.monotonic() + asked.wait
    with desk.arrivals.place(access.consumer.id) as granted:
        while granted and not part.body:
            with resting(request.environ):
                moved = desk.arrivals.wait(access.view.dataset, part.state, until)
            desk.check_again(access)
            if not moved:
                break
            part = _part(desk, access, asked)
    return part, not granted


def _part(desk: Desk, access: Access, asked: Asked) -> Part:
    """What is there now. Raises Problem 400 for a version that the view has not."""
    known = catch_up(desk.site, desk.engine, desk.catalogue, access.view, asked.after)
    first, last = _range(asked, known.size)
    if last < first:
        cursor = asked.after if not asked.backwards else asked.before or asked.after
        return Part(b"", asked.after + 1, asked.after, cursor, known.head, known.state)
    body = _body(desk, access, asked, first, last)
    if asked.backwards:
        lines = body.removesuffix(b"\n").split(b"\n")
        body = b"\n".join(reversed(lines)) + b"\n"
    cursor = first if asked.backwards else last
    return Part(body, first, last, cursor, known.head, known.state)


def _range(asked: Asked, size: int) -> tuple[int, int]:
    """The first and last entry of the page in a stream of `size`."""
    low, high = asked.after + 1, size if asked.before is None else min(size, asked.before - 1)
    if asked.backwards:
        return max(low, high - asked.limit + 1), high
    return low, min(high, asked.after + asked.limit)


def _body(desk: Desk, access: Access, asked: Asked, first: int, last: int) -> bytes:
    view, after, count = access.view, first - 1, last - first + 1
    if asked.version is None:
        with look(desk.engine) as connection:
            return reading.lines(desk.site, connection, view, after, count).body
    with desk.engine.connect() as connection:
        return entries.translated(
            desk.site, connection, desk.catalogue, view, after, count, asked.version
        ).body


def _check_version(desk: Desk, access: Access, version: str) -> None:
    dataset = access.view.dataset
    try:
        entries.check_version(desk.catalogue, dataset, version, today())
    except Misdeclared as error:
        ended = error.issue.code == "version_ended"
        status = HTTPStatus.GONE if ended else HTTPStatus.NOT_FOUND
        raise Problem(status, error.issue) from error
    if access.view.audience == "public":
        words = {"dataset": dataset}
        issue = Issue("version_not_here", value=version, params=words)
        raise Problem(HTTPStatus.NOT_FOUND, issue)
