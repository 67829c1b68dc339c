"""Hot spots: categories, places, categories in a place and respondents with more tickets than usual.

The period in question are the four weeks that end with the last complete week (Monday to Sunday). Usual are
the three times four weeks before it and the same four weeks of up to three years before (52 weeks earlier, so
that weekdays and the season agree); of these only periods that lie behind the day of the first ticket.
Enquiries and suggestions aren't counted, and what was split from a ticket isn't counted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from hub.complaints.significance import judged

WEEKS = 4  # of a period
RECENT, YEARS = 3, 3  # periods that are compared with
YEAR = timedelta(weeks=52)
FEWEST = 3  # tickets of a hot spot
FEWEST_TESTED = 5  # tickets in all periods of a cell together; fewer can't be significant
MOST_FALSE = 0.05  # the share of hot spots that may be none
NOT_COUNTED = ("咨询", "建议")

KINDS: dict[str, tuple[str, ...]] = {
    "事项": ("category",),
    "地区": ("county",),
    "事项和地区": ("category", "county"),
    "被诉方": ("respondent",),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


def period_before(day: date) -> Period:
    """The four weeks that end with the last Sunday before `day`."""
    last = day - timedelta(days=day.isoweekday())
    return Period(last - timedelta(weeks=WEEKS) + timedelta(days=1), last)


def usual_periods(now: Period, first_ticket: date) -> list[Period]:
    """The periods that `now` is compared with: those that begin on or after the day of the first ticket."""
    shifts = [timedelta(weeks=WEEKS * n) for n in range(1, RECENT + 1)]
    shifts += [YEAR * n for n in range(1, YEARS + 1)]
    every = [Period(now.first - shift, now.last - shift) for shift in shifts]
    return [one for one in every if one.first >= first_ticket]


def hot_spots(rows: pl.DataFrame, day: date, most_false: float = MOST_FALSE) -> pl.DataFrame:
    """The hot spots on `day`, of `rows` as `tickets.tickets` gives them: records of complaint_hot_spot."""
    counted = rows.filter(
        ~pl.col("kind").is_in(NOT_COUNTED).fill_null(value=False), pl.col("split_from").is_null()
    )
    first = counted["received_on"].min()
    now = period_before(day)
    usual = usual_periods(now, first) if isinstance(first, date) else []
    if not usual:
        return pl.DataFrame(schema={"hot_spot_no": pl.String})
    parts = [_of_kind(counted, kind, now, usual, most_false) for kind in KINDS]
    return pl.concat(parts, how="diagonal").sort("hot_spot_no")


def _of_kind(
    rows: pl.DataFrame, kind: str, now: Period, usual: Sequence[Period], most_false: float
) -> pl.DataFrame:
    cell = KINDS[kind]
    cells = counts(rows, cell, now, usual)
    names = [str(n) for n in range(len(usual))]
    found = judged(cells["observed"].to_numpy(), cells.select(names).to_numpy())
    hot = cells.with_columns(
        expected=pl.Series(found.expected), p=pl.Series(found.p), q=pl.Series(found.q)
    ).filter(pl.col("q") <= most_false, pl.col("observed") >= FEWEST)
    told = hot.with_columns(
        pl.concat_str(pl.lit(str(now.last)), pl.lit(kind), *cell, separator="/").alias(
            "hot_spot_no"
        ),
        pl.lit(kind).alias("kind"),
        pl.lit(str(now.first)).alias("period_from"),
        pl.lit(str(now.last)).alias("period_to"),
        pl.concat_list(
            pl.format("{}={}", pl.lit(str(one)), pl.col(name))
            for one, name in zip(usual, names, strict=True)
        ).alias("usual"),
        pl.lit("负二项" if found.surplus else "泊松").alias("model"),
        _decimal("expected", 4).alias("expected"),
        _decimal("p", 12).alias("p_value"),
        _decimal("q", 12).alias("q_value"),
    )
    return told.select(
        "hot_spot_no", "kind", "period_from", "period_to", "observed", "expected", "usual", "model",
        "p_value", "q_value", "tickets", *_shown(cell),
    )  # fmt: skip


def counts(
    rows: pl.DataFrame, cell: Sequence[str], now: Period, usual: Sequence[Period]
) -> pl.DataFrame:
    """Cells with a ticket in `now` and enough in all periods: `cell`, category_name, respondent_name,
    respondent_uscc, observed, tickets (numbers), and columns "0", "1", … with the counts of `usual`."""
    known = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in cell))
    found = (
        _within(known, now)
        .sort("ticket_no")
        .group_by(cell)
        .agg(
            pl.len().cast(pl.Int64).alias("observed"),
            pl.col("ticket_no").alias("tickets"),
            pl.col("category_name").first(),
            pl.col("respondent_name").drop_nulls().last(),
            pl.col("respondent_uscc").drop_nulls().last(),
        )
    )
    for number, one in enumerate(usual):
        name = str(number)
        before = _within(known, one).group_by(cell).agg(pl.len().cast(pl.Int64).alias(name))
        found = found.join(before, on=cell, how="left").with_columns(pl.col(name).fill_null(0))
    every = pl.sum_horizontal("observed", *(str(n) for n in range(len(usual))))
    return found.filter(every >= FEWEST_TESTED).sort(cell)


def _within(rows: pl.DataFrame, one: Period) -> pl.DataFrame:
    return rows.filter(pl.col("received_on").is_between(one.first, one.last))


def _shown(cell: Sequence[str]) -> list[pl.Expr]:
    """The fields of the record that say which cell it is."""
    fields: dict[str, list[pl.Expr]] = {
        "category": [
            pl.col("category").alias("category_code"),
            pl.col("category_name").alias("category"),
        ],
        "county": [pl.col("county").alias("division_code")],
        # a respondent that tickets name by number alone is called by it
        "respondent": [
            pl.coalesce("respondent_name", "respondent").alias("respondent_name"),
            pl.col("respondent_uscc"),
        ],
    }
    return [one for name in cell for one in fields[name]]


def _decimal(name: str, places: int) -> pl.Expr:
    """A number as text with so many places, never as 1e-05."""
    return pl.col(name).cast(pl.Decimal(38, places)).cast(pl.String)
