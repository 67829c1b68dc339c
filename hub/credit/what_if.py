"""What another version would change: who would be in which class on a day, beside the version that holds.

Both are computed from the records as they are known now, on any day that is wanted: of a day in the past,
records that have been taken back since aren't there, and those that came later are, as far as their dates say
that they counted then. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from exchange_schemas.credit_rules import CLASSES, CreditRules
from hub.analysis.inputs import Inputs
from hub.credit.computing import all_facts
from hub.credit.lifted import lifted
from hub.credit.register import about
from hub.credit.scoring import active, scored
from hub.credit.versions import in_force

COLUMNS = (
    "subject", "subject_name", "division_code", "industry_section",
    "class_before", "class_after", "score_before", "score_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`before` and `after` are versions; `counts` is (class before, class after) → subjects, None for none;
    `changed` has the columns of `COLUMNS`, those that fall furthest first."""

    day: date
    before: str
    after: str
    subjects: int
    counts: dict[tuple[str | None, str | None], int]
    changed: pl.DataFrame

    def classes(self) -> list[tuple[str, int, int]]:
        """(class, subjects before, subjects after)."""
        return [
            (
                name,
                sum(n for (old, _), n in self.counts.items() if old == name),
                sum(n for (_, new), n in self.counts.items() if new == name),
            )
            for name in CLASSES
        ]


def what_if(inputs: Inputs, proposed: CreditRules, day: date) -> WhatIf:
    """Compare `proposed` with the version that holds on `day`."""
    with inputs.engine.connect() as connection:
        now = in_force(connection, day)
    old, new = (_scores(inputs, rules, day) for rules in (now, proposed))
    both = old.join(new, on="subject", how="full", coalesce=True, suffix="_after").rename(
        {"credit_class": "class_before", "credit_class_after": "class_after",
         "score": "score_before", "score_after": "score_after"}
    )  # fmt: skip
    counted = both.group_by("class_before", "class_after").len()
    changed = both.filter(~pl.col("class_before").eq_missing(pl.col("class_after")))
    named = changed.join(about(inputs, changed).collect(), on="subject", how="left")
    return WhatIf(
        day,
        now.version,
        proposed.version,
        both.height,
        {(row[0], row[1]): row[2] for row in counted.iter_rows()},
        named.select(COLUMNS).sort(
            pl.col("class_after"), pl.col("class_before"), "subject",
            descending=[True, False, False], nulls_last=True,
        ),
    )  # fmt: skip


def _scores(inputs: Inputs, rules: CreditRules, day: date) -> pl.DataFrame:
    """`subject`, `score` and `credit_class` of everybody on a day."""
    with inputs.engine.connect() as connection:
        left_out = lifted(connection, rules)
    now = active(rules, all_facts(inputs, rules).lazy(), left_out, day)
    return scored(rules, now).select("subject", "score", "credit_class").collect()
