"""Which records of a dataset were public on a day, and what differs between two days.

It is computed from what the releases say that they added, changed and removed. A release counts for a
day if it was made before the day's end (Asia/Shanghai). Of a record that is public no more there is
its id, when it went, and why; nothing of its content is known here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from threading import Lock

import polars as pl

from publisher.columns import RECORD_ID
from publisher.deltas import DELTA
from publisher.history import REMOVED, gone, public, read_events, spans
from publisher.manifest import Release, read_manifest

_KEPT = 8  # histories of datasets that stay in memory: some 60 MB per million changes
_SLICE = 50_000  # rows that are made at a time

_reading = Lock()  # so that a history which many ask for at once is read once

PUBLIC, CHANGED, ADDED = "public", "changed", "added"
WHY = ("reason", "reason_title", "legal_basis")

#: Columns of the lists, all text. `state` is how the record stood on the day (public or removed),
#: `now` how it stands (public, changed or removed since); `since` and `removed_on` are days, and
#: `release` the number of the release that brought it.
COLUMNS = (RECORD_ID, "state", "since", "release", "now", "removed_on", "removed_in", *WHY)
DIFFERENCES = (RECORD_ID, "change", "day", "release", *WHY)


@dataclass(frozen=True, slots=True)
class History:
    """All changes of a dataset's records up to its release `newest`.

    `rows` are `history.spans` without commitments, and `key`, a number for each record in the order
    of ids; `days` the day of each release, the first one first; `first` the first release whose changes are known (1, but for datasets from before changes
    were kept).
    """

    rows: pl.DataFrame
    days: tuple[str, ...]
    first: int

    @property
    def newest(self) -> int:
        """The number of the newest release."""
        return len(self.days)

    def release_on(self, day: str) -> int:
        """The number of the release that was the current one at the end of `day`; 0: there was none."""
        return bisect_right(self.days, day)


def history_of(current: Release) -> History:
    """The history of a dataset whose current release is `current`. Raises Corrupt."""
    with _reading:
        return _history(current.path.parent, current.number)


@lru_cache(maxsize=_KEPT)
def _history(folder: Path, newest: int) -> History:
    numbers = range(1, newest + 1)
    made = (read_manifest(folder / str(n)).created_at[:10] for n in numbers)
    days = tuple(accumulate(made, max))  # also where a clock was set back
    known = [n for n in numbers if (folder / str(n) / DELTA).is_file()]
    rows = spans(read_events(folder, known).drop("line", "commitment")).select(
        pl.col(RECORD_ID).rle_id().alias("key"), RECORD_ID, pl.col("change").cast(pl.Categorical), "number", "until",
        *(pl.col(name).cast(pl.Categorical) for name in WHY),
    )  # fmt: skip
    return History(rows.rechunk(), days, known[0] if known else newest + 1)


def count_public(history: History, number: int) -> int:
    """How many records were public in release `number`."""
    return int(history.rows.select(public(number).sum()).item())


def count_removed(history: History, number: int) -> int:
    """How many records had been public and weren't in release `number`."""
    return int(history.rows.select(gone(number).sum()).item())


def standing(
    history: History, number: int, state: str, after: str = "", most: int | None = None
) -> pl.DataFrame:
    """Records (`COLUMNS`) that were public, or that were `REMOVED`, in release `number`, by id.

    At most `most` of those whose id comes after `after`.
    """
    wanted = gone(number) if state == REMOVED else public(number)
    rows = _behind(history, after).lazy().filter(wanted)
    return _told(history, (rows if most is None else rows.head(most)).collect(), number)


def slices(history: History, number: int) -> Iterator[pl.DataFrame]:
    """All records (`COLUMNS`) that were public in release `number` or before, some at a time."""
    for state in (PUBLIC, REMOVED):
        after = ""
        while (part := standing(history, number, state, after, _SLICE)).height:
            yield part
            after = part[RECORD_ID][-1]


def _told(history: History, rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """`rows` (of `history.rows`) in `COLUMNS`: how their records stood, since when, what became of
    them."""
    mine = _between(history, rows)
    begun = mine.filter((pl.col("change") == ADDED) & (pl.col("number") <= number))
    since = begun.group_by("key").agg(pl.col("number").max().alias("began"))
    now = mine.filter(pl.col("until").is_null()).select(
        "key", last="change", ended="number", **{f"{name}_now": name for name in WHY}
    )
    table = rows.join(since, on="key", how="left", maintain_order="left").join(
        now, on="key", how="left", maintain_order="left"
    )
    removed_now = pl.col("last") == REMOVED
    was_removed = pl.col("change") == REMOVED
    current = (
        pl.when(removed_now).then(pl.lit(REMOVED))
        .when(pl.col("until").is_null()).then(pl.lit(PUBLIC)).otherwise(pl.lit(CHANGED))
    )  # fmt: skip
    left = pl.when(was_removed).then("number").when(removed_now).then("ended")
    why = {n: pl.when(was_removed).then(n).when(removed_now).then(f"{n}_now") for n in WHY}
    return table.select(
        RECORD_ID,
        pl.when(was_removed).then(pl.lit(REMOVED)).otherwise(pl.lit(PUBLIC)).alias("state"),
        _day(history, pl.col("began")).alias("since"),
        pl.col("number").cast(pl.String).alias("release"),
        pl.when(was_removed & ~removed_now).then(pl.lit(PUBLIC)).otherwise(current).alias("now"),
        _day(history, left).alias("removed_on"),
        left.cast(pl.String).alias("removed_in"),
        *(told.cast(pl.String).alias(name) for name, told in why.items()),
    )


def _behind(history: History, after: str) -> pl.DataFrame:
    """The changes of records whose id comes after `after`."""
    return history.rows.slice(
        history.rows[RECORD_ID].search_sorted(after, "right") if after else 0
    )


def _between(history: History, rows: pl.DataFrame) -> pl.DataFrame:
    """All changes of the records of `rows`, which are in the order of ids, and of those in between."""
    if rows.is_empty():
        return history.rows.clear()
    keys, asked = history.rows["key"], rows["key"]
    begin = keys.search_sorted(asked[0], "left")
    return history.rows.slice(begin, keys.search_sorted(asked[-1], "right") - begin)


def difference(history: History, before: int, after: int) -> pl.DataFrame:
    """What differs (`DIFFERENCES`) between two releases: added, changed and removed, by kind and id.

    A record that came and went in between isn't there. `before` mustn't be after `after`; 0 stands
    for the time before the first release.
    """
    rows = history.rows
    between = (pl.col("number") > before) & (pl.col("number") <= after)
    last = rows.filter(between & (pl.col("until") > after).fill_null(value=True))
    mine = rows.join(last.select("key"), on="key", how="semi")
    had = mine.filter(public(before)).select("key", had=pl.lit(value=True))
    table = last.join(had, on="key", how="left", maintain_order="left")
    had_it, has_it = pl.col("had").is_not_null(), pl.col("change") != REMOVED
    kind = (
        pl.when(had_it & has_it).then(pl.lit(CHANGED)).when(has_it).then(pl.lit(ADDED))
        .when(had_it).then(pl.lit(REMOVED))
    )  # fmt: skip
    named = table.select(
        RECORD_ID,
        kind.alias("change"),
        _day(history, pl.col("number")).alias("day"),
        pl.col("number").cast(pl.String).alias("release"),
        *(pl.col(name).cast(pl.String) for name in WHY),
    )
    return named.filter(pl.col("change").is_not_null()).sort("change", RECORD_ID)


def _day(history: History, number: pl.Expr) -> pl.Expr:
    days = dict(enumerate(history.days, start=1))
    return number.replace_strict(days, default=None, return_dtype=pl.String)


def changes(
    history: History, number: int, kind: str, after: str = "", most: int | None = None
) -> pl.DataFrame:
    """The records (`DIFFERENCES`) that one release added, changed or removed, by id.

    At most `most` of those whose id comes after `after`.
    """
    wanted = (pl.col("number") == number) & (pl.col("change") == kind)
    rows = _behind(history, after).lazy().filter(wanted)
    found = (rows if most is None else rows.head(most)).collect()
    return found.select(
        RECORD_ID,
        pl.col("change").cast(pl.String),
        _day(history, pl.col("number")).alias("day"),
        pl.col("number").cast(pl.String).alias("release"),
        *(pl.col(name).cast(pl.String) for name in WHY),
    )


def reasons(history: History, numbers: list[int]) -> dict[int, list[tuple[str, str, int]]]:
    """release → why records left in it: Chinese title of the reason, the law, and how many."""
    left = history.rows.lazy().filter(
        (pl.col("change") == REMOVED) & pl.col("number").is_in(numbers)
    )
    why = left.group_by("number", *WHY[1:]).len().sort("len", *WHY[1:], descending=True).collect()
    found: dict[int, list[tuple[str, str, int]]] = {}
    for number, title, law, count in why.iter_rows():
        found.setdefault(number, []).append((title or "", law or "", count))
    return found
