"""Until when a document is in force, and its state on a day.

Rules: 国办发〔2018〕37号 asks for a term of validity; after it the document lapses by itself. How long the
term is where the document names none is `law/documents.yml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from exchange_schemas.document_rules import DocumentRule

IN_FORCE, LAPSED, REPEALED, AMENDED, VOID = "有效", "失效", "废止", "修改", "宣布失效"
NOT_YET = "未施行"
NAMED, COMPUTED, ENDLESS = "文件规定", "按规定计算", "长期有效"
UNKNOWN = date(1, 1, 1)  # ended on a day that nobody told
DAYS = ("issued_on", "effective_on", "expires_on", "repealed_on")


def with_terms(documents: pl.DataFrame, rules: Sequence[DocumentRule]) -> pl.DataFrame:
    """`documents` (DAYS as dates, long_term, trial) with `valid_until`, `valid_basis` and `longest`.

    `longest` is the last day that the rule of its time allows, null where no rule is in force.
    """
    longest = _longest(rules)
    endless = pl.col("long_term").fill_null(value=False)
    until = pl.coalesce("expires_on", "longest")
    basis = (
        pl.when(endless)
        .then(pl.lit(ENDLESS))
        .when(pl.col("expires_on").is_not_null())
        .then(pl.lit(NAMED))
        .when(pl.col("longest").is_not_null())
        .then(pl.lit(COMPUTED))
    )
    return documents.with_columns(longest=longest).with_columns(
        valid_until=pl.when(~endless).then(until), valid_basis=basis
    )


def _longest(rules: Sequence[DocumentRule]) -> pl.Expr:
    """By the last rule in force on the day of issue."""
    found: pl.Expr = pl.lit(None, pl.Date)
    trial = pl.col("trial").fill_null(value=False)
    for rule in rules:
        if not rule.enabled:
            continue
        holds = pl.lit(value=True)
        if rule.valid_from is not None:
            holds = holds & (pl.col("issued_on") >= pl.lit(rule.valid_from))
        if rule.valid_to is not None:
            holds = holds & (pl.col("issued_on") <= pl.lit(rule.valid_to))
        years = pl.when(trial).then(_after(rule.trial_years)).otherwise(_after(rule.default_years))
        found = pl.when(holds).then(years).otherwise(found)
    return found


def _after(years: int) -> pl.Expr:
    """The last day of a term of years from `effective_on`: the day before the same day of that year, or the
    month's last where it has no such day (民法典 第二百零二条)."""
    end = pl.col("effective_on").dt.offset_by(f"{years}y")
    same = end.dt.day() == pl.col("effective_on").dt.day()
    return pl.when(same).then(end.dt.offset_by("-1d")).otherwise(end)


def with_state(documents: pl.DataFrame, day: date) -> pl.DataFrame:
    """`documents` (as `with_terms` gives them, with status and `replaced_on`) with `today` and `since`.

    `replaced_on` is the day on which a later document took its place, null for none. Whoever's word is the
    earliest counts: repeal, replacement, or the end of the term on the day after `valid_until`.
    """
    status, now = pl.col("status"), pl.lit(day)
    ended = pl.when(status.is_in([REPEALED, VOID])).then(
        pl.col("repealed_on").fill_null(pl.lit(UNKNOWN))
    )
    over_by_term = pl.col("valid_until") < now
    told = pl.when(status == LAPSED).then(
        pl.coalesce("repealed_on", pl.when(~over_by_term.fill_null(value=False)).then(UNKNOWN))
    )
    lapsed = pl.min_horizontal(pl.col("valid_until").dt.offset_by("1d"), told)
    rows = documents.with_columns(_ended=ended, _lapsed=lapsed).with_columns(
        _first=pl.min_horizontal("_ended", "_lapsed", "replaced_on")
    )
    over = (pl.col("_first") <= now).fill_null(value=False)
    state = (
        pl.when(over)
        .then(_ending())
        .when(pl.col("effective_on") > now)
        .then(pl.lit(NOT_YET))
        .when(status == AMENDED)
        .then(pl.lit(AMENDED))
        .otherwise(pl.lit(IN_FORCE))
    )
    begun = pl.when(over).then(pl.col("_first")).otherwise("effective_on")
    since = pl.when(begun != pl.lit(UNKNOWN)).then(begun)
    return rows.with_columns(today=state, since=since).drop("_ended", "_lapsed", "_first")


def _ending() -> pl.Expr:
    """What a document that is over became: by repeal, by its term, or by what took its place."""
    first = pl.col("_first")
    return (
        pl.when(pl.col("_ended") == first)
        .then("status")
        .when(pl.col("_lapsed") == first)
        .then(pl.lit(LAPSED))
        .otherwise(pl.lit(REPEALED))
    )
