"""The associations as staff look at them: totals and counts of those that are registered."""

from __future__ import annotations

import polars as pl

from hub.associations.overview import MECHANISMS

ENDED = ("注销", "撤销")  # of the code list association_states
ORDER = ("5A", "4A", "3A", "2A", "1A", "无")


def living(rows: pl.DataFrame) -> pl.DataFrame:
    """Records of `association_overview` of those that weren't deregistered."""
    return rows.filter(~pl.col("status").is_in(list(ENDED)).fill_null(value=False))


def totals(rows: pl.DataFrame) -> dict[str, int]:
    """How many there are, and of how many each thing holds (the plan's own measures)."""
    here = living(rows)

    def count(which: pl.Expr) -> int:
        return here.filter(which.fill_null(value=False)).height

    return {
        "associations": here.height,
        "all_mechanisms": count(pl.col("mechanisms") == len(MECHANISMS)),
        "has_website": count(pl.col("has_website")),
        "has_blacklist_system": count(pl.col("has_blacklist_system")),
        "decoupled": count(pl.col("decoupled")),
        "graded": count(pl.col("grade") != "无"),
        "credited_members": int(here["credited_members"].sum()),
        "bad_records": int(here["bad_records"].sum()),
        "shared_records": int(here["shared_records"].sum()),
        "unshared_bad": int(here["unshared_bad"].sum()),
    }


def by_grade(rows: pl.DataFrame) -> list[tuple[str, int]]:
    """(grade of today, associations), the best first."""
    counts = dict(living(rows).group_by("grade").len().iter_rows())
    return [(grade, counts[grade]) for grade in ORDER if grade in counts]


def by_mechanisms(rows: pl.DataFrame) -> list[tuple[int, int]]:
    """(mechanisms, associations that have so many), the most mechanisms first."""
    counts = living(rows).group_by("mechanisms").len().sort("mechanisms", descending=True)
    return [(int(number), int(count)) for number, count in counts.iter_rows()]
