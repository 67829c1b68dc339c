"""delta.csv and tombstones.csv: what a release added, changed and removed, and what isn't public now.

Neither says anything about a party: records have their random id and, as a commitment, the SHA-256 of
their salted line. Both are kept when content is erased, so it can always be shown that something
left, when, and on which legal ground.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from exchange_schemas.codes import load_codes
from publisher.columns import PUBLISHED_ON, RECORD_ID

DELTA, TOMBSTONES = "delta.csv", "tombstones.csv"
FILES = (DELTA, TOMBSTONES)
REASONS = "decision_reasons"  # the code list
UNSTATED = "other"

DELTA_COLUMNS = ("change", RECORD_ID, "commitment", "reason", "reason_title", "legal_basis")
TOMBSTONE_COLUMNS = pl.Schema(
    dict.fromkeys(
        (
            RECORD_ID, PUBLISHED_ON, "removed_on", "removed_in", "reason", "reason_title",
            "legal_basis",
        ),
        pl.String,
    )
)  # fmt: skip

#: What the builder of a release is told of records that left: a code of `decision_reasons`, and
#: the law where it isn't the code's own.
REMOVALS = pl.Schema({RECORD_ID: pl.String, "reason": pl.String, "legal_basis": pl.String})


def reasoned(gone: pl.DataFrame, removals: pl.DataFrame | None) -> pl.DataFrame:
    """`gone` (record_id and more) with reason, reason_title and legal_basis.

    `removals` has the columns `REMOVALS`; what it doesn't name left for an unstated reason.
    """
    told = pl.DataFrame(schema=REMOVALS) if removals is None else removals.select(REMOVALS.names())
    codes = load_codes(REASONS).codes
    titles = {code: one.title for code, one in codes.items()}
    laws = {code: one.more["legal_basis"] for code, one in codes.items()}
    named = gone.join(told.unique(RECORD_ID), on=RECORD_ID, how="left", maintain_order="left")
    return named.with_columns(pl.col("reason").fill_null(UNSTATED)).with_columns(
        pl.col("reason").replace_strict(titles, default=titles[UNSTATED]).alias("reason_title"),
        pl.coalesce(
            "legal_basis", pl.col("reason").replace_strict(laws, default=laws[UNSTATED])
        ).alias("legal_basis"),
    )


def write_delta(path: Path, put: pl.DataFrame, gone: pl.DataFrame) -> None:
    """Write delta.csv.

    `put` has record_id, change (added or changed) and _commitment (Binary); `gone` what `reasoned`
    gives, with the _commitment that the record had.
    """
    parts = [
        put.select("change", RECORD_ID, "_commitment"),
        gone.select(
            pl.lit("removed").alias("change"), RECORD_ID, "_commitment", "reason",
            "reason_title", "legal_basis",
        ),
    ]  # fmt: skip
    table = pl.concat(parts, how="diagonal").with_columns(_hex("_commitment").alias("commitment"))
    table.select(DELTA_COLUMNS).sort("change", RECORD_ID).write_csv(path, line_terminator="\r\n")


def next_tombstones(
    before: Path | None, put: pl.DataFrame, gone: pl.DataFrame, number: int, day: str
) -> pl.DataFrame:
    """All records that were public once and aren't in release `number`, by `TOMBSTONE_COLUMNS`.

    `before` is the tombstones.csv of the release before it; `gone` has published_on where it is known.
    """
    known = pl.DataFrame(schema=TOMBSTONE_COLUMNS)
    if before is not None and before.is_file():
        known = read_tombstones(before)
    new = gone.sort(RECORD_ID).with_columns(removed_on=pl.lit(day), removed_in=pl.lit(str(number)))
    back = put.select(RECORD_ID)
    return pl.concat(
        [known.join(back, on=RECORD_ID, how="anti"), new.select(TOMBSTONE_COLUMNS.names())]
    )


def read_tombstones(path: Path) -> pl.DataFrame:
    """tombstones.csv as written, all text."""
    return pl.read_csv(path, schema=TOMBSTONE_COLUMNS)


def read_delta(path: Path) -> pl.DataFrame:
    """delta.csv as written, all text."""
    return pl.read_csv(path, schema=dict.fromkeys(DELTA_COLUMNS, pl.String))


def commitments_digest(commitments: pl.Series) -> str:
    """SHA-256 (hex) of all commitments (Binary, 32 bytes) of a release: in hex, sorted, a line each."""
    lines = commitments.sort().bin.encode("hex").str.join("\n").item() if len(commitments) else ""
    return hashlib.sha256(lines.encode()).hexdigest()


def _hex(name: str) -> pl.Expr:
    return pl.col(name).bin.encode("hex")


def removed_in(tombstones: Path, record_id: str) -> int | None:
    """The release that took a record back, as a tombstones.csv has it; None: it isn't in there."""
    if not tombstones.is_file():
        return None
    rows = pl.scan_csv(tombstones, schema=TOMBSTONE_COLUMNS)
    found = rows.filter(pl.col(RECORD_ID) == record_id).select("removed_in").collect()
    return int(found.item()) if found.height else None
