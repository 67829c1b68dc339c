"""The documents as staff look at them: what is in force, what expires soon, and what is wrong."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from hub.documents.findings import CIRCLE, DANGLING, DOC_GAP, GAP
from hub.documents.terms import AMENDED, IN_FORCE, REPEALED, VOID

GAPS = (GAP, DOC_GAP)
BROKEN = (DANGLING, CIRCLE)
CLEANED = (REPEALED, VOID, AMENDED)
LISTED = (
    "registration_no", "doc_no", "title", "issuers", "level", "status", "since", "valid_until",
    "valid_basis", "replaced_by", "in_force", "procedure",
)  # fmt: skip


def by_status(rows: pl.DataFrame) -> list[tuple[str, int]]:
    """(state of today, documents), the most first. `rows` are records of `document_validity`."""
    counts = (
        rows.group_by("status").len("count").sort(["count", "status"], descending=[True, False])
    )
    return [(status, count) for status, count in counts.iter_rows()]


def expiring(rows: pl.DataFrame, day: date, days: int) -> pl.DataFrame:
    """Those in force whose last day is at most `days` away, the first first."""
    until = str(day + timedelta(days=days))
    soon = pl.col("valid_until").is_between(pl.lit(str(day)), pl.lit(until))
    alive = pl.col("status").is_in([IN_FORCE, AMENDED])
    return rows.filter(soon, alive).sort("valid_until", "registration_no").select(LISTED)


def problems(rows: pl.DataFrame) -> pl.DataFrame:
    """`finding`, `detail` and the document that each is about, in the order of the numbers."""
    told = rows.drop_nulls("findings").select(
        "registration_no", "title", finding="findings", detail="details"
    )
    return told.explode("finding", "detail").sort("registration_no", maintain_order=True)


def cleaned(rows: pl.DataFrame) -> pl.DataFrame:
    """What was repealed, declared void or amended (清理结果), the latest first; `ended_by` says by what."""
    found = rows.filter(pl.col("declared_status").is_in(list(CLEANED)))
    return found.sort("since", descending=True, nulls_last=True).select(*LISTED, "ended_by")
