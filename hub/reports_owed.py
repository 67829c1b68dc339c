"""Which department owes which dataset's report for which month, and by when.

A department owes a report for each month on whose last day it is an owner or supplier of the dataset,
if a rule of law of the kind `report_by` speaks of the dataset. Datasets that follow from another one
are nobody's to report, and those that are delivered less often than every month have no month.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange_schemas import clocks
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.law import Law
from exchange_schemas.standard import Standard
from hub.answering import Answering
from hub.months import last_day

OWED = pl.Schema(
    {
        "dataset": pl.String,
        "owner": pl.String,  # the department that owed it then
        "department": pl.String,  # the one that answers for it on the day asked for
        "period": pl.String,
        "due": pl.Date,  # the last day
        "rule": pl.String,
    }
)
EVERY_MONTH = ("realtime", "daily", "weekly", "monthly")  # of `codes/update_cycles.csv`
PARTS = ("owner", "supplier")


def owed(catalogue: Catalogue, datasets: list[str], periods: list[str], on: date) -> pl.DataFrame:
    """`OWED`: the reports for `periods` that are over on the day `on`.

    Raises Refused (calendar_over) where a due day is beyond the calendar.
    """
    law, answering = catalogue.law(), Answering(on)
    over = [period for period in periods if last_day(period) < on]
    rows = [
        (name, owner, answering.code(owner), period, *due)
        for name in datasets
        for period in over
        for owner, due in owners_on(catalogue.get(name), law, last_day(period))
    ]
    return pl.DataFrame(rows, OWED, orient="row")


def owners_on(standard: Standard, law: Law, day: date) -> list[tuple[str, tuple[date, str]]]:
    """(department, (due day, rule)) of those that owe a report for the month that ends on `day`."""
    if standard.derivation or standard.cycle not in EVERY_MONTH:
        return []
    if not any(rule.valid_on(day) for rule in law.clocks_for("report_by", standard.dataset)):
        return []
    due = clocks.due(law, "report_by", standard.dataset, day)
    owners = [one for one in standard.owners if one.role in PARTS and one.valid_on(day)]
    return [(name, due) for name in dict.fromkeys(one.department for one in owners)]
