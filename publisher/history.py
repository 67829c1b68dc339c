"""The history of a dataset's records: everything that its releases added, changed and removed.

It is read from delta.csv of each release, which is kept when content is erased, so it goes back to the
first release and has nothing of a record but its id and its commitment.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from publisher.columns import RECORD_ID
from publisher.deltas import DELTA, DELTA_COLUMNS, read_delta
from publisher.manifest import name_of

REMOVED = "removed"
_FIRST_LINE = 2  # of a CSV file, behind its head

#: One row per change: as delta.csv has it, the release, and the line of its delta.csv.
EVENTS = pl.Schema(
    {"line": pl.UInt32, **dict.fromkeys(DELTA_COLUMNS, pl.String), "number": pl.UInt32}
)


def read_events(folder: Path, numbers: Iterable[int]) -> pl.DataFrame:
    """All changes (`EVENTS`) of these releases of the dataset in `folder`, in their order.

    Raises Corrupt (release_wrong) where a delta.csv can't be read.
    """
    return pl.concat([pl.DataFrame(schema=EVENTS), *(_read(folder / str(n)) for n in numbers)])


def _read(release: Path) -> pl.DataFrame:
    try:
        found = read_delta(release / DELTA).with_row_index("line", _FIRST_LINE)
    except (OSError, PolarsError) as error:
        words = {"reason": f"{DELTA}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(release), params=words)) from error
    return found.with_columns(number=pl.lit(int(release.name), pl.UInt32))


def spans(events: pl.DataFrame) -> pl.DataFrame:
    """The changes of each record, oldest first, by record id.

    Beside its columns each has `was` and `held`, the change before it and its commitment (null: none;
    `held` only where there are commitments), and `until`, the release that made the next change (null:
    it holds to this day).
    """
    ordered = events.sort(RECORD_ID, maintain_order=True)  # they come in the order of releases
    same_before = pl.col(RECORD_ID) == pl.col(RECORD_ID).shift(1)
    same_after = pl.col(RECORD_ID) == pl.col(RECORD_ID).shift(-1)
    former = {"was": "change", "held": "commitment"}
    return ordered.with_columns(
        *(
            pl.when(same_before).then(pl.col(column).shift(1)).alias(name)
            for name, column in former.items()
            if column in events.columns
        ),
        until=pl.when(same_after).then(pl.col("number").shift(-1)),
    )


def holding(number: int) -> pl.Expr:
    """Whether a row of `spans` is the last word on its record as of release `number`."""
    return (pl.col("number") <= number) & (pl.col("until") > number).fill_null(value=True)


def public(number: int) -> pl.Expr:
    """Whether a row of `spans` says that its record was public in release `number`."""
    return holding(number) & (pl.col("change") != REMOVED)


def gone(number: int) -> pl.Expr:
    """Whether a row of `spans` says that its record had been public and wasn't in release `number`."""
    return holding(number) & (pl.col("change") == REMOVED)
