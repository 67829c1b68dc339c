"""Quarantine: rejected rows with their issues, as the department delivered them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select

from exchange_schemas.issue import Issue
from exchange_schemas.place import Places
from hub.sealed_columns import hidden
from hub.tables import feed, issue, quarantine, run
from hub.tables_of_runs import correction

FEW = 200  # rows whose issues are looked for line by line
MANY = 1_000  # rows that are counted
RECENT = 64  # runs; a delivery makes one for its dataset and each that is derived from it


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """`cells` maps source columns to values as written; `issues` say what is wrong with them.

    `place` is the row's number in the run, `source` and `line` the file and the line there.
    `content` are the cells as they were kept.
    """

    feed: str
    source: str
    run_id: int
    place: int
    line: int
    content: str
    cells: dict[str, str | None]
    issues: list[Issue] = field(default_factory=list)

    def messages(self, locale: str) -> list[str]:
        """What is wrong, one sentence per issue."""
        return [one.message(locale) for one in self.issues]

    def as_json(self, sealed: Collection[str] | None = ()) -> dict[str, Any]:
        """For programs; the cells of `sealed` columns are hidden, all of them where it is None."""
        closed = self.cells if sealed is None else sealed
        codes = [
            {
                "code": one.code,
                "field": one.field,
                "value": one.value,
                "message": one.message("zh_CN"),
                "message_en": one.message("en"),
            }
            for one in self.issues
        ]
        return {
            "feed": self.feed,
            "file": self.source,
            "run": self.run_id,
            "line": self.line,
            "cells": hidden(self.cells, closed),
            "issues": codes,
        }


_SELECTED = (
    select(
        feed.c.name, run.c.source, run.c.members, run.c.id, quarantine.c.line, quarantine.c.content
    )
    .join(run, run.c.id == quarantine.c.run_id)
    .join(feed, feed.c.id == run.c.feed_id)
)


def rows(
    connection: Connection, feed_name: str | None = None, *, corrected: bool = False
) -> list[RejectedRow]:
    """The rejected rows of the last run of each feed (or of one), in order of their lines.

    Those that a person has corrected into records are among them only if `corrected` says so.
    """
    last = (
        select(func.max(run.c.id))
        .where(run.c.state != "failed", run.c.kind != "correction")
        .group_by(run.c.feed_id, run.c.dataset_id)
    )
    read = select(func.coalesce(run.c.same_as, run.c.id)).where(run.c.id.in_(last))
    query = _SELECTED.where(run.c.id.in_(read)).order_by(feed.c.name, run.c.id, quarantine.c.line)
    if not corrected:
        query = query.where(~_corrected())
    if feed_name:
        query = query.where(feed.c.name == feed_name)
    found = [_row(*told) for told in connection.execute(query)]
    _attach_issues(connection, found)
    return found


def of_run(connection: Connection, run_id: int) -> list[RejectedRow]:
    """The rows that one run rejected."""
    query = _SELECTED.where(run.c.id == run_id).order_by(quarantine.c.line)
    found = [_row(*told) for told in connection.execute(query)]
    _attach_issues(connection, found)
    return found


def page(
    connection: Connection, feed_number: int, after: tuple[int, int] = (0, 0), limit: int = 10
) -> list[RejectedRow]:
    """The first rows of `rows` of one feed that come after (run, place)."""
    found: list[RejectedRow] = []
    for number in _last_runs(connection, feed_number):
        if number < after[0]:
            continue
        place = after[1] if number == after[0] else 0
        here = (run.c.id == number) & (quarantine.c.run_id == number)
        query = _SELECTED.where(here, quarantine.c.line > place, ~_corrected())
        rest = query.order_by(quarantine.c.line).limit(limit - len(found))
        found += [_row(*told) for told in connection.execute(rest)]
        if len(found) == limit:
            break
    _attach_issues(connection, found)
    return found


def count_waiting(connection: Connection, feed_number: int, most: int = MANY) -> int:
    """How many rows of one feed wait to be corrected; `most` + 1 where there are more."""
    count = 0
    for number in _last_runs(connection, feed_number):
        here = (run.c.id == number) & (quarantine.c.run_id == number)
        first = select(quarantine.c.line).join(run).where(here, ~_corrected())
        counted = select(func.count()).select_from(first.limit(most + 1 - count).subquery())
        count += int(connection.scalar(counted) or 0)
    return count


def _last_runs(connection: Connection, feed_number: int) -> list[int]:
    """The runs that read the feed's last delivery, one for each dataset, in order."""
    recent = (
        select(run.c.dataset_id, func.coalesce(run.c.same_as, run.c.id))
        .where(run.c.feed_id == feed_number, run.c.state != "failed", run.c.kind != "correction")
        .order_by(run.c.id.desc())
        .limit(RECENT)
    )
    last: dict[int, int] = {}
    for number, read in connection.execute(recent):
        last.setdefault(number, read)
    return sorted(last.values())


def some(
    connection: Connection, feed_number: int, places: Collection[tuple[int, int]]
) -> list[RejectedRow]:
    """The feed's rejected rows at (run, place), but for those that were corrected."""
    found: list[RejectedRow] = []
    for number, place in places:
        there = (run.c.id == number) & (quarantine.c.line == place)
        query = _SELECTED.where(there, run.c.feed_id == feed_number, ~_corrected())
        found += [_row(*told) for told in connection.execute(query)]
    return found


def _corrected() -> ColumnElement[bool]:
    same = (correction.c.feed_id == run.c.feed_id) & (correction.c.before == quarantine.c.content)
    return exists().where(same, correction.c.key.is_not(None))


def _row(
    name: str, source: str, members: str | None, run_id: int, place: int, content: str
) -> RejectedRow:
    places = Places(json.loads(members) if members else [source])
    file, line = places.of(place)
    return RejectedRow(
        name, file or source, run_id, place, line or place, content, json.loads(content)
    )


def _attach_issues(connection: Connection, found: list[RejectedRow]) -> None:
    by_place = {(row.run_id, row.place): row for row in found}
    runs = sorted({row.run_id for row in found})
    places = sorted({row.place for row in found})
    # those of a page are looked for; else all issues of the runs are theirs, or nearly
    theirs = issue.c.line.in_(places) if len(found) <= FEW else issue.c.line.is_not(None)
    query = select(issue).where(issue.c.run_id.in_(runs), theirs)
    for one in connection.execute(query).mappings():
        row = by_place.get((one["run_id"], one["line"]))
        if row is not None:
            row.issues.append(
                Issue(
                    one["code"],
                    row.line,
                    one["field"],
                    one["value"],
                    params=json.loads(one["params"]),
                )
            )
