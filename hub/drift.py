"""Drift: a feed's deliveries begin to look otherwise, though each row may still be right.

What is looked at: the columns, what kind of values a column has, how often it is empty, and, where
a column has few different values, which ones and how often. Compared is with the feed's last run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, insert, select

from exchange_schemas.issue import Issue
from hub.tables_of_runs import profile as profile_table

SAMPLE = 2_000  # rows of a batch that are looked at
OFTEN = 20  # after so many batches, only every tenth is looked at
FEW = 20  # different values in the first sample that make a column one of codes
MOST = 60  # … and so many in all make it none
ENOUGH = 100  # rows without which shares say nothing
FAR = 0.25  # difference of shares that is told
MAJORITY = 0.95  # of the values that are of one kind
NAMED = 10  # new values that are named

# Kinds of values, the first that fits. A number of digits alone may be a code: it is one kind.
_KINDS = {
    "whole number": r"^-?[0-9]+$",
    "number": r"^-?[0-9][0-9,]*\.?[0-9]*$",
    "date": r"^[12][0-9]{3}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}",
}
TEXT = "text"


@dataclass(slots=True)
class _Column:
    rows: int = 0
    empty: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    values: Counter[str] | None = None  # None: not a column of codes


@dataclass(slots=True)
class Drift:
    """Grows by `take`, batch by batch. No value is kept of the columns that are `closed`."""

    columns: dict[str, _Column] = field(default_factory=dict)
    batches: int = 0
    closed: frozenset[str] = frozenset()

    def take(self, rows: pl.DataFrame) -> None:
        """Look at a raw batch."""
        self.batches += 1
        names = [name for name in rows.columns if not name.startswith("_")]
        sample = rows.select(names).head(SAMPLE)
        if sample.height and (self.batches <= OFTEN or self.batches % 10 == 0):
            self._look(sample)
        for name in names:
            column = self.columns.setdefault(name, _Column())
            if column.values is not None:
                self._count(column, rows[name])

    def _look(self, sample: pl.DataFrame) -> None:
        filled = pl.all().fill_null("").str.strip_chars()
        plain = sample.select(filled)
        counts = {
            kind: plain.select(pl.all().str.contains(pattern).sum()).row(0)
            for kind, pattern in _KINDS.items()
        }
        empty = plain.select((pl.all() == "").sum()).row(0)
        different = plain.select(pl.all().n_unique()).row(0)
        for place, name in enumerate(sample.columns):
            column = self.columns.get(name)
            if column is None:
                few = different[place] <= FEW and name not in self.closed
                column = self.columns[name] = _Column(values=Counter() if few else None)
            column.rows += sample.height
            column.empty += empty[place]
            whole = counts["whole number"][place]
            column.kinds["whole number"] += whole
            column.kinds["number"] += counts["number"][place] - whole
            column.kinds["date"] += counts["date"][place]

    def _count(self, column: _Column, cells: pl.Series) -> None:
        if column.values is None:
            return
        counted = cells.fill_null("").str.strip_chars().value_counts(name="count")
        column.values.update(dict(counted.iter_rows()))
        if len(column.values) > MOST:
            column.values = None

    @property
    def profile(self) -> dict[str, Any]:
        """{column: {rows, empty (share), kind, values ({value: share}) or null}}."""
        return {name: _told(column) for name, column in self.columns.items()}

    def against(self, before: Mapping[str, Any] | None) -> Iterator[Issue]:
        """What differs from the profile of the feed's last run; nothing where it is the first."""
        if not before:
            return
        now = self.profile
        if now:
            for name in [name for name in before if name not in now]:
                yield Issue("drift_column_gone", value=name)
        for name, column in now.items():
            if name not in before:
                yield Issue("drift_column_new", value=name)
            else:
                yield from _differences(name, before[name], column)


def _told(column: _Column) -> dict[str, Any]:
    filled = column.rows - column.empty
    kind, count = max(column.kinds.items(), key=lambda one: one[1], default=(TEXT, 0))
    values = None
    if column.values is not None:
        total = sum(column.values.values()) or 1
        values = {value: count / total for value, count in sorted(column.values.items())}
    return {
        "rows": column.rows,
        "empty": column.empty / column.rows if column.rows else 1.0,
        "kind": (kind if count >= MAJORITY * filled else TEXT) if filled else None,
        "values": values,
    }


def _differences(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Issue]:
    if before["kind"] and now["kind"] and before["kind"] != now["kind"]:
        words = {"column": name, "before": before["kind"]}
        yield Issue("drift_type", value=now["kind"], params=words)
    if min(before["rows"], now["rows"]) < ENOUGH:
        return
    if abs(before["empty"] - now["empty"]) > FAR:
        yield _share(name, "", before["empty"], now["empty"])
    old, new = before["values"], now["values"]
    if old is None or new is None:
        return
    unknown = [value for value in new if value and value not in old]
    if unknown:
        words = {"column": name, "count": str(len(unknown))}
        yield Issue("drift_value_new", value="、".join(unknown[:NAMED]), params=words)
    for value in old:
        if value and abs(old[value] - new.get(value, 0.0)) > FAR:
            yield _share(name, value, old[value], new.get(value, 0.0))


def _share(name: str, value: str, before: float, now: float) -> Issue:
    words = {"column": name, "before": f"{before:.0%}", "now": f"{now:.0%}"}
    return Issue("drift_share" if value else "drift_empty", value=value, params=words)


def load_profile(connection: Connection, feed_number: int) -> dict[str, Any] | None:
    """The profile of the feed's last committed run."""
    query = select(profile_table.c.content).where(profile_table.c.feed_id == feed_number)
    found = connection.scalar(query)
    return None if found is None else dict(json.loads(found))


def keep_profile(
    connection: Connection, feed_number: int, run_id: int, profile: Mapping[str, Any]
) -> None:
    """Put the profile in place of the last one; a delivery without rows leaves that."""
    if not profile:
        return
    connection.execute(delete(profile_table).where(profile_table.c.feed_id == feed_number))
    content = json.dumps(profile, ensure_ascii=False)
    row = {"feed_id": feed_number, "run_id": run_id, "content": content}
    connection.execute(insert(profile_table).values(row))
