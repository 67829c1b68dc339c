"""The first rows of a feed, before and after, with what is wrong with them; writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from adapters.artefact import Artefact, Store
from adapters.feed import Feed
from adapters.limits import Limits
from adapters.mapping import normalise
from adapters.members import member_names
from adapters.pull import pull, read
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.place import Places
from exchange_schemas.sealed import sealed_names, without_sealed
from exchange_schemas.standard import Standard
from exchange_schemas.titles import with_titles
from exchange_schemas.validate import check
from hub.sealed_columns import hidden, sealed_columns


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """`before` maps source columns to cells as written, `after` fields to values."""

    line: int
    before: dict[str, str | None]
    after: dict[str, Any]
    issues: list[Issue] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """`issues` are those of the delivery as a whole."""

    file: str
    rows: list[PreviewRow]
    issues: list[Issue]


def preview(
    feed: Feed,
    standard: Standard,
    count: int,
    upload: Path | None = None,
    limits: Limits | None = None,
) -> Preview:
    """The feed's first `count` rows, of `upload` in place of what the source has; what is fetched,
    within `limits`, is gone afterwards.

    What sealed fields say is hidden, before and after. Raises SourceUnavailable,
    SourceUnreadable and Misdeclared as `pull` and `read` do.
    """
    with TemporaryDirectory(prefix="hub-preview-") as folder:
        pulled = pull(feed, Store(Path(folder)), upload=upload, limits=limits)
        return preview_of(feed, standard, pulled.artefact, count)


def preview_of(feed: Feed, standard: Standard, artefact: Artefact, count: int) -> Preview:
    """As `preview`, of a delivery that was fetched already."""
    places = Places(member_names(artefact, feed.format.members))
    raw = next(batch for batch in _until_rows(read(feed, artefact)))
    cut = Batch(raw.rows.head(count), raw.issues)
    batch = normalise(feed, standard, cut)
    broken = check(standard, batch, feed.fields).issues
    # a cell that couldn't be read is null now, and that isn't a second fault
    broken = broken.join(batch.issues, on=["line", "field"], how="anti", nulls_equal=True)
    issues = with_titles(pl.concat([batch.issues, broken]), standard.fields)
    found = issues_of(without_sealed(issues, standard.fields), places)
    columns, names = sealed_columns(feed, standard), sealed_names(standard.fields)
    rows = [
        _row(hidden(before, columns), hidden(after, names), found)
        for before, after in zip(cut.rows.to_dicts(), batch.rows.to_dicts(), strict=True)
    ]
    return Preview(artefact.name, rows, [issue for issue in found if issue.line is None])


def _until_rows(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The first batch that has rows, or else the last one."""
    batch = next(batches)
    for following in batches:
        if batch.rows.height:
            break
        batch = following
    yield batch


def _row(before: dict[str, Any], after: dict[str, Any], issues: list[Issue]) -> PreviewRow:
    line = before.pop(LINE)
    after.pop(LINE)
    given = {name: value for name, value in after.items() if value is not None}
    return PreviewRow(line, before, given, [issue for issue in issues if issue.line == line])
