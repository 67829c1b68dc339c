"""The breaker: a feed that suddenly says much less is held, not obeyed."""

from __future__ import annotations

import polars as pl

from adapters.feed import Feed
from exchange_schemas.issue import Issue
from hub.stream import Stream


def trips(feed: Feed, stream: Stream) -> Issue | None:
    """Why this run must not be committed, or None.

    Held: a feed that had records and now has no acceptable row, or from which at least
    `breaker.max_gone` of its records would vanish.
    """
    before = stream.changes.mine
    gone = len(stream.changes.gone)
    words = {"before": str(before), "gone": str(gone)}
    if before and not stream.accepted and feed.mode == "snapshot":
        return Issue("feed_empty", params=words)
    if before and gone and gone >= feed.breaker.max_gone * before:
        return Issue("feed_shrank", params=words)
    return None


def find_gone(feed: Feed, stream: Stream, known_rejects: pl.Series) -> None:
    """Set which records are gone, and report where that can't be told.

    A snapshot that leaves a record out takes it back. Rows that were rejected are in the source,
    so their keys aren't gone; while a rejected row has no readable key, it may be any of the
    missing ones and nothing is removed. Rows that were rejected with the same content in the
    feed's last run (`known_rejects`) never were records and don't count. For a derived dataset the
    same holds of the rejected rows of its source.
    """
    if feed.mode != "snapshot":
        return
    rejects = pl.concat([stream.rejected_rows, *stream.withheld])
    delivered = pl.concat([stream.seen.keys(), rejects["key"].drop_nulls()])
    missing = stream.changes.missing_from(delivered)
    unknown = rejects.filter(
        pl.col("key").is_null() & ~pl.col("content").is_in(known_rejects.implode())
    ).height
    if len(missing) and unknown:
        words = {"rejected": str(unknown)}
        stream.findings.add_issue(Issue("gone_not_applied", value=str(len(missing)), params=words))
    else:
        stream.changes.gone = missing
