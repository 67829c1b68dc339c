"""The titles of fields in the words of issues, so that messages show them and not the names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import polars as pl

from exchange_schemas.standard import Field


def title_words(fields: Iterable[Field]) -> dict[str, str]:
    """The words of an issue about one field, or about several any of which would do."""
    listed = list(fields)
    return {
        "title": "或".join(field.title for field in listed),
        "title_en": " or ".join(field.title_en for field in listed),
    }


def with_titles(issues: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """`issues` (`ISSUE_COLUMNS`) with the title of each row's field, where the row hasn't one."""
    told = {
        name: json.dumps(title_words([field]), ensure_ascii=False)[:-1]
        for name, field in fields.items()
    }
    title = pl.col("field").replace_strict(told, default=None, return_dtype=pl.String)
    words = pl.col("params").str.slice(1)
    comma = pl.when(words == "}").then(pl.lit("")).otherwise(pl.lit(","))
    untitled = ~pl.col("params").str.contains('"title":', literal=True)
    params = pl.when(untitled).then(pl.concat_str(title, comma, words))
    return issues.with_columns(pl.coalesce(params, "params").alias("params"))
