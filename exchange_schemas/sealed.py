"""Values of sealed fields stay out of issues, and so out of messages, lists and logs.

Who reported is told to nobody but the handler (投诉举报处理暂行办法, art. 33). What a sealed field
says is hidden where an issue is made for it; the row as delivered is kept in the quarantine alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from exchange_schemas.standard import Field

HIDDEN = "***"

#: Words of messages that tell of the rule and not of the value …
_SAFE = ("title", "title_en", "expected", "expected_zh", "step", "count")
#: … and those that may tell the value, or a part of it.
_TELLING = (
    "found", "other", "cell", "reason", "reason_zh", "known", "before", "named", "period",
    "instead", "name", "key", "owner", "day", "dataset",
)  # fmt: skip


def sealed_names(fields: Mapping[str, Field]) -> frozenset[str]:
    """The fields whose values nobody's view has."""
    return frozenset(name for name, field in fields.items() if field.tier == "sealed")


def without_sealed(issues: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """`issues` (`ISSUE_COLUMNS`) with `HIDDEN` for what sealed fields say."""
    names = sealed_names(fields)
    if not names or issues.is_empty():
        return issues
    mine = pl.col("field").is_in(sorted(names)).fill_null(value=False)
    hidden = pl.when(pl.col("value").is_not_null()).then(pl.lit(HIDDEN))
    return issues.with_columns(
        pl.when(mine).then(hidden).otherwise("value").alias("value"),
        pl.when(mine).then(_without_words(pl.col("params"))).otherwise("params").alias("params"),
    )


def _without_words(params: pl.Expr) -> pl.Expr:
    """The JSON object with its safe words as they are, and nothing that was in the others."""
    kept = []
    for name in _SAFE:
        word = params.str.extract(rf'"{name}":\s*("(?:[^"\\]|\\.)*")')
        kept.append(pl.format('"{}": {}, ', pl.lit(name), word).fill_null(""))
    rest = json.dumps(dict.fromkeys(_TELLING, HIDDEN))
    return pl.concat_str(pl.lit("{"), *kept, pl.lit(rest[1:]))
