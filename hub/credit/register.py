"""Who the subjects are: name, place and industry, as the register says."""

from __future__ import annotations

import polars as pl

from exchange_schemas.codes import load_codes
from exchange_schemas.credit_rules import REGISTER
from hub.analysis.inputs import Inputs
from hub.credit.facts import division
from hub.subjects.linked import linked

ABOUT = ("subject_name", "division_code", "industry_section", "industry_code")


def about(inputs: Inputs, subjects: pl.DataFrame | None = None) -> pl.LazyFrame:
    """`subject` and the columns of `ABOUT`, one row for each; with `subjects` only of these."""
    links = linked(inputs, REGISTER).select("subject", "_key")
    if subjects is not None:
        links = links.join(subjects.lazy().select("subject"), on="subject", how="semi")
    rows = inputs.scan(REGISTER).select(
        "_key",
        "subject_name",
        division().alias("division_code"),
        _section().alias("industry_section"),
        "industry_code",
    )
    found = links.join(rows, on="_key").sort("_key")
    return found.unique("subject", keep="first", maintain_order=True).select("subject", *ABOUT)


def _section() -> pl.Expr:
    """The section of GB/T 4754; where the register has only the industry's code, the one that this is in."""
    codes = load_codes("industries").codes
    inside = {name: one.more["section"] for name, one in codes.items() if name.isdigit()}
    own = pl.col("industry_code").str.slice(0, 2)
    told = own.replace_strict(inside, default=None, return_dtype=pl.String)
    return pl.coalesce("industry_section", told)
