"""Tickets of one January as a table of counties and categories, and what is published of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from hub.complaints.statistic import statistics

CITY, COUNTIES, TOPS = "440900", ("440902", "440904", "440981"), ("01", "02", "03")
DAY = date(2026, 2, 3)


def rows(cells: list[list[int]], **more: Any) -> pl.DataFrame:
    """Tickets of January, so many of each county and category, as `tickets.tickets` gives them."""
    made = [
        {"county": county, "top": top}
        for county, line in zip(COUNTIES, cells, strict=True)
        for top, count in zip(TOPS, line, strict=True)
        for _ in range(count)
    ]
    plain = dict.fromkeys(
        ("department", "state", "closed_at", "accept_decision", "due_on", "closed_on", "mediation_result",
         "amount_yuan", "respondent", "respondent_name", "respondent_type"),
    )  # fmt: skip
    fixed = {"month": "2026-01", "kind": "投诉", "assigned_dept": "市场监管局", **plain, **more}
    schema = dict.fromkeys(("county", "top", "top_name", *fixed), pl.String)
    told = [{**fixed, **one, "top_name": f"类{one['top']}"} for one in made]
    seen = [
        {**fixed, "month": "2025-12", "county": c, "top": t, "top_name": f"类{t}"}
        for c in COUNTIES
        for t in TOPS
    ]
    return pl.DataFrame([*told, *seen], schema=schema)


def january(cells: list[list[int]], **more: Any) -> pl.DataFrame:
    return statistics(rows(cells, **more), DAY, CITY, COUNTIES).filter(
        pl.col("period") == "2026-01"
    )
