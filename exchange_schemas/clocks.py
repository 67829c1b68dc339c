"""When a record must be public, and until when it is: columns of days with the rules they follow.

Every result has one row for each record, in their order. A day is always given with the rule that
gave it, as id@version, so that it can be worked out again. Days are those of the place of the law.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law_frame import NO_DAY, end_of, first_of, holding, law_frame, term_end
from exchange_schemas.law_rules import ClockRule, Law
from exchange_schemas.repair_terms import (
    RepairCondition,
    depends_on_low_fine,
    repair_conditions,
    severity,
)
from exchange_schemas.standard import Standard
from exchange_schemas.term_choice import FOREVER, chosen_ends

__all__ = [
    "PUBLIC_UNTIL", "PUBLISH_BY", "RepairCondition", "depends_on_low_fine", "due", "never_public",
    "public_until", "publish_by", "repair_conditions", "severity",
]  # fmt: skip

BY = "publish_by"
PUBLISH_BY = pl.Schema({BY: pl.Date, "publish_rule": pl.String})
PUBLIC_UNTIL = pl.Schema(
    {
        "public_until": pl.Date,  # the last day on which it is public; null: without end
        "until_rule": pl.String,  # null: no rule ends it
        "other_until": pl.Date,  # where another law gives another end, that end
        "other_rule": pl.String,
    }
)


def never_public(law: Law, standard: Standard, records: pl.DataFrame, today: date) -> pl.Series:
    """String: the first rule that forbids publication on the day `today`; null where none does."""
    rules = [r for r in law.never if r.speaks_of(standard.dataset) and r.valid_on(today)]
    frame = law_frame(law, standard, records, rules)
    refused = first_of([(holding(rule, standard), pl.lit(rule.name)) for rule in rules])
    return _column(frame, refused.cast(pl.String).alias("never"))


def publish_by(law: Law, standard: Standard, records: pl.DataFrame) -> pl.DataFrame:
    """Until when each record has to be public at the latest (`PUBLISH_BY`).

    Of several rules the earliest day counts. Null where no rule holds, or the working days of the
    term aren't known.
    """
    rules = law.clocks_for(BY, standard.dataset)
    frame = law_frame(law, standard, records, rules)
    ordered = sorted(rules, key=lambda rule: rule.fallback)  # stable: the others stay in order
    ends = frame.select(
        "_row",
        *(
            pl.when(holding(rule, standard)).then(end_of(rule, standard, law)).alias(rule.name)
            for rule in ordered
        ),
    )
    usual = [rule.name for rule in ordered if not rule.fallback]
    rest = [rule.name for rule in ordered if rule.fallback]
    day = pl.coalesce(pl.min_horizontal(usual) if usual else NO_DAY, *rest)
    which = first_of([(pl.col(r.name) == pl.col(BY), pl.lit(r.name)) for r in ordered])
    return (
        ends.with_columns(day.alias(BY))
        .with_columns(which.cast(pl.String).alias("publish_rule"))
        .select(list(PUBLISH_BY))
    )


def public_until(law: Law, standard: Standard, records: pl.DataFrame) -> pl.DataFrame:
    """Until when each record is public, that day included (`PUBLIC_UNTIL`).

    `records` also has `published_on` (Date): the day on which it is, or is expected to be, public
    first. A term of months or years from a day ends on the day of the same number, or on the last
    of a month that has none: what is published on 2026-01-15 for three months is public until the
    end of 2026-04-15. An end may lie before `published_on`; then the time is over already.
    """
    rules = law.clocks_for("public_until", standard.dataset)
    frame = law_frame(law, standard, records, rules)
    frames: dict[str, list[ClockRule]] = {}
    for rule in rules:
        frames.setdefault(rule.frame, []).append(rule)
    ends = []
    for number, group in enumerate(frames.values()):
        held = [(holding(rule, standard), rule) for rule in group]
        end = first_of([(h, end_of(r, standard, law).fill_null(FOREVER)) for h, r in held])
        name = first_of([(h, pl.lit(r.name)) for h, r in held])
        ends.append((f"_end{number}", end, f"_rule{number}", name))
    known = frame.select(
        "_row",
        *(end.cast(pl.Date).alias(place) for place, end, _, _ in ends),
        *(name.cast(pl.String).alias(place) for _, _, place, name in ends),
    )
    return chosen_ends(known, len(ends), law.settings.choice, PUBLIC_UNTIL)


def due(law: Law, kind: str, dataset: str, start: date) -> tuple[date, str]:
    """Until when something has to be done after an event on the day `start`, and by which rule.

    `kind` is one of `law_rules.CLOCK_KINDS`, e.g. withdraw_by or answer_by. Rules that name the
    dataset go before those for all; of several the earliest day counts. Raises Misdeclared
    (law_unruled) where there is none, Refused (calendar_over) beyond the calendar.
    """
    rules = [
        r for r in law.clocks_for(kind, dataset) if r.valid_on(start) and r.amount is not None
    ]
    special = [rule for rule in rules if rule.datasets] or rules
    if not special:
        words = {"dataset": dataset, "day": start.isoformat()}
        raise Misdeclared(Issue("law_unruled", value=kind, params=words))
    ends = [(term_end(rule, start, law), rule.name) for rule in special]
    known = [(day, name) for day, name in ends if day is not None]
    if not known:
        words = {"day": start.isoformat(), "last": law.calendar.last.isoformat()}
        raise Refused(Issue("calendar_over", value=special[0].name, params=words))
    return min(known, key=lambda one: one[0])


def _column(frame: pl.DataFrame, told: pl.Expr) -> pl.Series:
    """`told` for each row, also where it is the same for all."""
    return frame.select("_row", told).to_series(1)
