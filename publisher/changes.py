"""What a release changes: the records that it puts, newly or with other content, and those gone.

Records whose content is as it was keep their salt and so their commitment; what is put gets a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from exchange_schemas.standard import Standard
from publisher.columns import PUBLISHED_ON, RECORD_ID, SALT, arranged
from publisher.contents import COMMITMENT, Contents, content_hash
from publisher.salts import new_salts

ADDED, CHANGED = "added", "changed"


@dataclass(frozen=True, slots=True)
class Parts:
    """What differs from the current release: rows to be put in, and ids of records to be taken out.

    `put` has record_id, the public fields and the hub's; what is there already with the same content
    stays as it is. An id that isn't there is no mistake: it was never public.
    """

    put: pl.DataFrame
    gone: Sequence[str]


@dataclass(frozen=True, slots=True)
class Changes:
    """`put`: the release's columns with salts, in order, and `change` (added or changed); `gone`:
    record_id, _commitment and published_on of what left. `replaced`: ids of either that were there."""

    put: pl.DataFrame
    gone: pl.DataFrame
    replaced: pl.Series

    @property
    def none(self) -> bool:
        """Whether nothing differs."""
        return self.put.is_empty() and self.gone.is_empty()


def changes_of_view(standard: Standard, before: Contents, view: pl.DataFrame) -> Changes:
    """What `view`, all that is to be public, changes; it has the columns of `before` but the salt."""
    known = pl.concat([content_hash(part) for part in before.slices()] or [content_hash(view[:0])])
    return _changes(standard, before, view, known, known[RECORD_ID])


def changes_of_parts(standard: Standard, before: Contents, parts: Parts) -> Changes:
    """What `parts` change; `parts.put` has the columns of `before` but the salt."""
    asked = pl.concat([parts.put[RECORD_ID], pl.Series(RECORD_ID, parts.gone, pl.String)])
    known = content_hash(before.of(asked))
    gone = pl.Series(RECORD_ID, parts.gone, pl.String)
    return _changes(standard, before, parts.put, known, gone)


def _changes(
    standard: Standard, before: Contents, view: pl.DataFrame, known: pl.DataFrame, gone: pl.Series
) -> Changes:
    """`known` are the hashes of records that are there; of `gone` those leave that `view` hasn't."""
    new = content_hash(view).join(known, on=RECORD_ID, how="left", suffix="_before")
    differs = pl.col("_hash").ne_missing(pl.col("_hash_before"))
    kind = pl.when(pl.col("_hash_before").is_null()).then(pl.lit(ADDED)).otherwise(pl.lit(CHANGED))
    told = new.filter(differs).select(RECORD_ID, kind.alias("change"))
    put = view.join(told, on=RECORD_ID, how="inner")
    there = known.select(RECORD_ID)
    left = there.filter(pl.col(RECORD_ID).is_in(gone.implode()))
    left = left.join(view.select(RECORD_ID), on=RECORD_ID, how="anti")
    replaced = there.join(put, on=RECORD_ID, how="semi")[RECORD_ID]
    return Changes(
        salted(arranged(standard, put)),
        former(before, left[RECORD_ID]),
        pl.concat([replaced, left[RECORD_ID]]),
    )


def salted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a new salt each, which stands last but for `change`."""
    own = [name for name in rows.columns if name != "change"]
    salt = new_salts(rows.height).alias(SALT)
    return rows.select(own).with_columns(salt, *(rows[n] for n in rows.columns if n not in own))


def former(before: Contents, ids: pl.Series | None = None) -> pl.DataFrame:
    """record_id, _commitment and published_on (null where not known) of records that were public."""
    wanted = [n for n in (RECORD_ID, COMMITMENT, PUBLISHED_ON) if _has(before, n)]
    found = before.read(*wanted)
    if ids is not None:
        found = found.filter(pl.col(RECORD_ID).is_in(ids.implode()))
    day = pl.col(PUBLISHED_ON) if PUBLISHED_ON in wanted else pl.lit(None, pl.String)
    return found.with_columns(day.cast(pl.String).alias(PUBLISHED_ON))


def _has(before: Contents, name: str) -> bool:
    return name in pl.read_parquet_schema(before.path)
