"""How many subjects are in which class: in all, by division, by section of industry; and lists of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from hub.analysis import columns
from hub.site import Site

CLASS = "credit_class"
LISTED = (
    "subject", "subject_name", "division_code", "industry_section", "score", "integrity_score",
    "industry_score", "region_score", "alert_score", "credit_class", "version", "computed_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which subjects are wanted; None: whichever. `text` is in the name, or the beginning of the code."""

    credit_class: str | None = None
    division: str | None = None
    industry: str | None = None
    text: str | None = None

    def condition(self) -> pl.Expr:
        """The rows of credit_class that are wanted."""
        told = [
            pl.col(name) == value
            for name, value in (
                ("credit_class", self.credit_class),
                ("division_code", self.division),
                ("industry_section", self.industry),
            )
            if value
        ]
        if self.text:
            named = pl.col("subject_name").str.contains(self.text, literal=True)
            told.append(
                named.fill_null(value=False) | pl.col("subject").str.starts_with(self.text)
            )
        return pl.all_horizontal(told) if told else pl.lit(value=True)


def counts(
    site: Site,
    connection: Connection,
    catalogue: Catalogue,
    asked: Asked,
    by: str = "credit_class",
) -> pl.DataFrame:
    """`by` (a column), `credit_class` and `subjects`, of those that are asked for."""
    rows = columns.scan(site, connection, catalogue.get(CLASS)).filter(asked.condition())
    names = list(dict.fromkeys([by, "credit_class"]))
    return rows.group_by(names).agg(pl.len().alias("subjects")).sort(names).collect()


def listing(
    site: Site,
    connection: Connection,
    catalogue: Catalogue,
    asked: Asked,
    limit: int | None = None,
    after: int = 0,
) -> pl.DataFrame:
    """The subjects that are asked for (`LISTED`), the lowest scores first."""
    rows = columns.scan(site, connection, catalogue.get(CLASS)).filter(asked.condition())
    ranked = rows.sort(pl.col("score").cast(pl.Decimal(5, 2)), "subject").select(LISTED)
    return ranked.slice(after, limit).collect()
