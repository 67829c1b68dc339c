"""The analysis `finance`: what is missing, late, doubtful or revised in the statistics of finance, and which
licences are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from exchange_schemas.dated_rules import rule_on
from exchange_schemas.finance_rules import FinanceRule, load_finance_rules
from exchange_schemas.standard import Dtype
from hub.analysis.inputs import Inputs, Result
from hub.finance import history, licences
from hub.finance.reporting import late, missing
from hub.finance.series import DATASET, FIELDS, as_series
from hub.finance.values import jumps, rates, sums, units

WRITES = "finance_check"
#: What makes a finding the same tomorrow: its number is made of these.
_SAME = (
    "check",
    "indicator_code",
    "period",
    "division_code",
    "org_type",
    "org_uscc",
    "revision",
    "note",
)


def compute(inputs: Inputs) -> Iterator[Result]:
    """The state of all licences, then all findings that there are on the day."""
    rule = rule_on(load_finance_rules(inputs.site.law), inputs.day)
    standard = inputs.catalogue.get(DATASET)
    with inputs.engine.connect() as connection:
        said = history.words(connection)
        revised = history.revisions(connection, standard, said)
    series = as_series(inputs.frame(DATASET, *FIELDS))
    found = [revised]
    if rule is not None:
        found += [*findings(series, history.reported(said), rule, inputs.day)]
    schema = inputs.catalogue.get(WRITES).dtypes
    licences_now = licences.states(inputs.frame(licences.READS, *licences.FIELDS), inputs.day)
    yield Result(licences.WRITES, licences_now)
    yield Result(WRITES, as_records(pl.concat(found, how="diagonal_relaxed"), schema))


def findings(
    series: pl.DataFrame, reported: pl.DataFrame, rule: FinanceRule, day: date
) -> Iterator[pl.DataFrame]:
    """What is wrong with the series (as `series.as_series` gives them) on a day."""
    yield missing(series, rule, day)
    yield late(series, reported, rule)
    yield jumps(series, rule)
    yield from rates(series, rule)
    yield units(series)
    yield from sums(series, rule)


def as_records(rows: pl.DataFrame, schema: Mapping[str, Dtype]) -> pl.DataFrame:
    """Records of `finance_check`; each has a number that is the same as long as the finding is."""
    dtypes = {name: kind for name, kind in schema.items() if name != "check_id"}
    lacking = [pl.lit(None).alias(name) for name in dtypes if name not in rows.columns]
    rows = rows.with_columns(lacking)
    rows = rows.select(pl.col(name).cast(kind) for name, kind in dtypes.items())
    same = pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("") for name in _SAME], separator="|"
    )
    return rows.with_columns(check_id=same)
