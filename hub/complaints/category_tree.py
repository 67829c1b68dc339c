"""The tree of categories as texts: what a category that has no closed tickets yet is learnt from."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.complaints.tickets import CATEGORY

CODE, PATH = "code", "path"
_OTHER = "其他"  # says nothing of what it is about


def read_tree(path: Path) -> pl.DataFrame:
    """(text, label) of a tree's rows: a CSV in UTF-8 with the columns `code` and `path`, the titles of all
    levels with / between them.

    Raises Misdeclared (category_tree) where it can't be read or has no such columns or rows.
    """
    try:
        rows = pl.read_csv(path, infer_schema_length=0)
        return texts_of(rows.select(pl.col(CODE, PATH).str.strip_chars()))
    except (OSError, ValueError, pl.exceptions.PolarsError) as wrong:
        raise Misdeclared(Issue("category_tree", value=str(path))) from wrong


def texts_of(rows: pl.DataFrame) -> pl.DataFrame:
    """(text, label) of `code` and `path`; raises ValueError without a row that has both."""
    found = rows.drop_nulls().filter((pl.col(CODE) != "") & (pl.col(PATH) != ""))
    if found.is_empty():
        raise ValueError(PATH)
    return found.select(
        text=pl.col(PATH).str.replace_all(_OTHER, "").str.replace_all("[/>]+", " "),
        label=pl.col(CODE).str.head(CATEGORY),
    )
