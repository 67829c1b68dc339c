"""Whether a licence is in force on a day: an institution that is said to do business after its last day has none
(融资担保公司监督管理条例: no guarantees without the approval of the regulator)."""

from __future__ import annotations

from datetime import date

import polars as pl

READS, WRITES = "finance_institution", "finance_licence_state"
FIELDS = (
    "uscc", "kind", "name", "license_no", "issued_on", "valid_to", "status", "ended_on",
    "division_code", "regulator",
)  # fmt: skip
BUSINESS, VALID, EXPIRED = "正常经营", "有效", "已过期"
ENDED = ("注销", "吊销")


def states(institutions: pl.DataFrame, day: date) -> pl.DataFrame:
    """Records of `finance_licence_state`, from `institutions` (FIELDS and `_key`)."""
    ended = pl.col("status").is_in(list(ENDED))
    over = (pl.col("valid_to") < pl.lit(str(day))).fill_null(value=False)
    after = pl.col("valid_to").str.to_date(strict=False).dt.offset_by("1d").dt.strftime("%Y-%m-%d")
    doing = pl.col("status") == BUSINESS
    state = (
        pl.when(ended)
        .then("status")
        .when(over)
        .then(pl.lit(EXPIRED))
        .when(doing)
        .then(pl.lit(VALID))
        .otherwise("status")
    )
    since = pl.when(ended).then("ended_on").when(over).then(after).when(doing).then("issued_on")
    return institutions.with_columns(
        state=state, since=since, sources=pl.concat_list(pl.lit(f"{READS}:") + pl.col("_key"))
    )
