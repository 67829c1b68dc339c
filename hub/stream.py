"""The rows of one run on their way into one dataset: checked, identified, compared, counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.record import key_expr
from exchange_schemas.sealed import without_sealed
from exchange_schemas.standard import Standard
from exchange_schemas.titles import with_titles
from hub.changes import ChangeSet
from hub.findings import Findings, errors_of
from hub.kept import own
from hub.named import Named
from hub.seen import Seen

# issues of rows that have no cells; their value is the row as written
UNREADABLE = ("row_length", "line_unreadable")

REJECT_COLUMNS = pl.Schema({LINE: pl.Int64, "content": pl.String, "key": pl.String})


@dataclass(slots=True)
class Stream:
    """`rejects` collects rejected rows: line, the row as it came (JSON), its key where readable.

    `withheld` are rejects of the dataset that this one is derived from, with the keys that their
    records would have here: they don't count, but what they stand for isn't gone.
    """

    standard: Standard
    changes: ChangeSet
    seen: Seen = field(default_factory=Seen)
    findings: Findings = field(default_factory=Findings)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    withheld: list[pl.DataFrame] = field(default_factory=list)
    read: int = 0
    accepted: int = 0

    @property
    def rejected(self) -> int:
        """Every row that was read is accepted or rejected."""
        return self.read - self.accepted

    @property
    def rejected_rows(self) -> pl.DataFrame:
        """All rejects so far (`REJECT_COLUMNS`)."""
        return pl.concat([pl.DataFrame(schema=REJECT_COLUMNS), *self.rejects])

    def take(self, named: Named, source: pl.DataFrame) -> pl.DataFrame:
        """Take a batch that was checked; `source` has the same rows as they came, with `_line`.

        Returns the accepted rows, with `_key`, `_json` and `_digest`.
        """
        batch = named.batch
        kept, repeats = self.seen.take(named.rows)
        self.changes.compare(kept)
        self.read += batch.rows.height + batch.unreadable
        self.accepted += kept.height
        found = pl.concat([batch.issues, named.issues, repeats])
        found = without_sealed(with_titles(found, self.standard.fields), self.standard.fields)
        self.findings.add(found)
        self._quarantine(batch, source, errors_of(found))
        return kept

    def _quarantine(self, batch: Batch, source: pl.DataFrame, errors: pl.DataFrame) -> None:
        lines = errors["line"].drop_nulls().unique()
        if lines.is_empty():
            return
        bad = pl.col(LINE).is_in(lines.implode())
        content = source.filter(bad).select(
            LINE, content=pl.struct(pl.exclude("^_.*$")).struct.json_encode()
        )
        keys = batch.rows.filter(bad).select(LINE, key=key_expr(self.standard))
        readable = content.join(keys, on=LINE, how="left")
        unreadable = (
            errors.filter(pl.col("code").is_in(UNREADABLE))
            .select(line="line", text="value")
            .select(
                pl.col("line").alias(LINE),
                pl.struct(pl.col("text").alias("原文")).struct.json_encode().alias("content"),
                pl.lit(None, pl.String).alias("key"),
            )
        )
        self.rejects.append(own(pl.concat([readable, unreadable]).cast(REJECT_COLUMNS)))
