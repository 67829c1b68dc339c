"""Feeds: how fresh each is, which runs are held, how many rows its last run rejected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from exchange_schemas.issue import Issue
from hub.feeds import list_feeds
from hub.freshness import NEVER, OVERDUE, Freshness, freshness
from hub.monitoring.line import FAULT, OK, WARNING, Line
from hub.monitoring.looking import Looking
from hub.tables import feed, run
from hub.tables_of_runs import held


@dataclass(frozen=True, slots=True)
class FeedSeen:
    """`held_run` is the oldest run that waits for somebody; `rejected` rows of the last pull."""

    fresh: Freshness
    held_run: int | None
    held_since: str | None
    rejected: int

    @property
    def name(self) -> str:
        """The feed's name."""
        return self.fresh.feed


def see(at: Looking) -> list[FeedSeen]:
    """Every declared feed, by name. Raises Misdeclared for a declaration that can't be read."""
    waiting, rejected = _held(at), _rejected(at)
    found = []
    for one in list_feeds(at.site.feeds):
        run_id, since = waiting.get(one.name, (None, None))
        fresh = freshness(at.connection, one, at.catalogue, at.now)
        found.append(FeedSeen(fresh, run_id, since, rejected.get(one.name, 0)))
    return found


def _held(at: Looking) -> dict[str, tuple[int, str]]:
    query = (
        select(feed.c.name, run.c.id, run.c.started_at)
        .join_from(held, run, run.c.id == held.c.run_id)
        .join(feed, feed.c.id == run.c.feed_id)
        .where(held.c.verdict.is_(None))
        .order_by(run.c.id.desc())
    )
    return {row.name: (row.id, row.started_at) for row in at.connection.execute(query)}


def _rejected(at: Looking) -> dict[str, int]:
    """A feed has a run for each dataset that its records flow into."""
    last = select(func.max(run.c.id)).where(run.c.kind == "pull")
    last = last.group_by(run.c.feed_id, run.c.dataset_id)
    query = select(feed.c.name, func.sum(run.c.rejected)).join_from(run, feed)
    query = query.where(run.c.id.in_(last)).group_by(feed.c.name)
    return {name: int(count) for name, count in at.connection.execute(query)}


def lines(found: list[FeedSeen]) -> Iterator[Line]:
    """A line for each feed, and one more for each that has a held run."""
    for one in found:
        fresh = one.fresh
        figures = {
            "state": fresh.state, "taken_at": fresh.taken_at, "due_at": fresh.due_at,
            "tried_at": fresh.tried_at, "last_state": fresh.last_state, "rejected": one.rejected,
        }  # fmt: skip
        level, issue, since = _judged(fresh)
        yield Line("feed", one.name, level, issue, since, 1 if issue else 0, figures)
        if one.held_run is not None:
            words = {"run": str(one.held_run), "since": str(one.held_since)}
            waits = Issue("watch_run_held", value=one.name, params=words)
            yield Line("held", one.name, FAULT, waits, one.held_since, 1, {"run": one.held_run})


def _judged(fresh: Freshness) -> tuple[str, Issue | None, str | None]:
    words = {"since": fresh.taken_at or fresh.tried_at or "", "due": fresh.due_at or ""}
    if fresh.state == OVERDUE:
        return FAULT, Issue("watch_feed_late", value=fresh.feed, params=words), fresh.overdue_at
    if fresh.state == NEVER:
        return WARNING, Issue("watch_feed_never", value=fresh.feed), None
    if fresh.last_state == "failed":
        words = {"since": fresh.tried_at or ""}
        issue = Issue("watch_feed_failed", value=fresh.feed, params=words)
        return WARNING, issue, fresh.tried_at
    return OK, None, fresh.taken_at
