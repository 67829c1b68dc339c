"""The breaker: a feed that suddenly says something else is held, not obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import polars as pl

from adapters.feed import Feed
from exchange_schemas.issue import Issue
from hub.key_hashes import key_hashes
from hub.source_keys import SourceKeys
from hub.stream import Stream

USUAL = 0.8  # share by which the rows of a snapshot may differ from the usual
RUNS = 10  # last runs that say what is usual
ENOUGH = 3  # with fewer nobody knows what is usual


def trips(feed: Feed, stream: Stream, history: Sequence[int] = ()) -> Issue | None:
    """Why this run must not be committed, or None.

    Held: a feed that had records and now has no acceptable row; from which at least
    `breaker.max_gone` of its records would vanish; of whose rows more than `breaker.max_rejected`
    are rejected; whose number of rows differs from the median of `history`, the numbers of its last
    runs, by more than `breaker.usual` of it.
    """
    before = stream.changes.mine
    if not before:
        return None
    found = (_empty(feed, stream), _shrank(feed, stream), _rejects(feed, stream),
             _unusual(feed, stream, history))  # fmt: skip
    return next((issue for issue in found if issue is not None), None)


def _empty(feed: Feed, stream: Stream) -> Issue | None:
    if stream.accepted or feed.mode != "snapshot":
        return None
    return Issue("feed_empty", params=_words(stream))


def _shrank(feed: Feed, stream: Stream) -> Issue | None:
    gone = len(stream.changes.gone)
    if not gone or gone < feed.breaker.max_gone * stream.changes.mine:
        return None
    return Issue("feed_shrank", params=_words(stream))


def _words(stream: Stream) -> dict[str, str]:
    return {"before": str(stream.changes.mine), "gone": str(len(stream.changes.gone))}


def _rejects(feed: Feed, stream: Stream) -> Issue | None:
    share = stream.rejected / stream.read if stream.read else 0
    if share <= feed.breaker.max_rejected:
        return None
    words = {"rejected": str(stream.rejected), "read": str(stream.read)}
    return Issue("feed_rejects", value=f"{share:.0%}", params=words)


def _unusual(feed: Feed, stream: Stream, history: Sequence[int]) -> Issue | None:
    usual = feed.breaker.usual
    if usual is None and feed.mode == "snapshot":
        usual = USUAL  # an increment may well have any number of rows
    if usual is None or len(history) < ENOUGH:
        return None
    middle = median(history)
    if abs(stream.read - middle) <= usual * middle:
        return None
    return Issue("feed_unusual", value=str(stream.read), params={"usual": f"{middle:g}"})


def find_gone(
    feed: Feed,
    stream: Stream,
    known_rejects: pl.Series,
    told: SourceKeys | None = None,
    corrected: pl.DataFrame | None = None,
    short: bool = False,
) -> None:
    """Set which records are gone, and report where that can't be told.

    A snapshot that leaves a record out takes it back; an increment does where the source gave
    the keys of all it holds (`told`). Rows that were rejected are in the source, so their keys
    aren't gone; while a rejected row has no readable key, it may be any of the missing ones and
    nothing is removed. Rows that were rejected with the same content in the feed's last run
    (`known_rejects`) never were records and don't count; those that a person corrected
    (`corrected`: content, key) are the records that they became. For a derived dataset the same
    holds of the rejected rows of its source. A source that says it holds more than it
    delivered (`short`) takes nothing back.
    """
    if feed.mode != "snapshot" and told is None:
        return
    rejects = pl.concat([stream.rejected_rows, *stream.withheld])
    parts = [rejects["key"].drop_nulls()]
    if told is not None:
        parts.append(told.keys)
    if corrected is not None:
        parts.append(corrected.join(rejects, on="content", how="semi")["key"])
        known_rejects = pl.concat([known_rejects, corrected["content"]])
    missing = stream.changes.missing_from(stream.seen.keys, key_hashes(parts))
    unknown = rejects.filter(
        pl.col("key").is_null() & ~pl.col("content").is_in(known_rejects.implode())
    ).height + (told.unreadable if told else 0)
    if not len(missing):
        return
    if unknown:
        words = {"rejected": str(unknown)}
        stream.findings.add_issue(Issue("gone_not_applied", value=str(len(missing)), params=words))
    elif short:
        stream.findings.add_issue(Issue("gone_not_told", value=str(len(missing))))
    else:
        stream.changes.gone = missing
