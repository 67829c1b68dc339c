"""Lookups in another dataset: which rows are told, and of which record there."""

from __future__ import annotations

from typing import Any

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import issues_of
from hub.references import Lookup

CATALOGUE = load_catalogue()
PENALTY, ENTITY = CATALOGUE.get("administrative_penalty"), CATALOGUE.get("market_entity")
AGREES = {"check": "agrees", "on": {"uscc": "uscc"}, "same": {"subject_name": "subject_name"}}
EXISTS = {"check": "exists", "on": {"uscc": "uscc"}}
KNOWN = [("A", "甲"), ("B", "乙"), ("B", "乙二"), ("C", None)]


def told(
    check: dict[str, Any], *rows: tuple[str | None, str | None]
) -> list[tuple[int, str, str]]:
    """(line, value, what was found there) of the issues of rows with a code and a name."""
    schema = {"uscc": pl.String, "subject_name": pl.String}
    known = pl.DataFrame(KNOWN, schema=schema, orient="row").rename(lambda name: f"there:{name}")
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index(LINE)
    frame = frame.with_columns(pl.col(LINE).cast(pl.Int64), subject_type=pl.lit("natural"))
    issues = issues_of(Lookup(check, PENALTY, ENTITY, known).issues(frame))
    return [(i.line or 0, i.value or "", i.params.get("found", "")) for i in issues]


def test_names() -> None:
    rows = [("A", "甲"), ("A", "丙"), ("X", "甲"), (None, "甲"), ("A", None), ("C", "甲")]
    assert told(AGREES, *rows) == [(1, "丙", "甲")]


def test_one_of_several_records_there_is_enough() -> None:
    assert told(AGREES, ("B", "乙二"), ("B", "乙"), ("B", "丙")) == [(2, "丙", "乙")]


def test_links() -> None:
    assert told(EXISTS, ("A", None), ("X", None), (None, None), ("B", None)) == [(1, "X", "")]


def test_only_some_records_are_asked_for() -> None:
    natural, others = (
        {"when": {"subject_type": [kind]}} for kind in ("natural", "individual_business")
    )
    assert told({**EXISTS, **natural}, ("X", None)) == [(0, "X", "")]
    assert told({**EXISTS, **others}, ("X", None)) == []


def test_a_batch_without_rows() -> None:
    assert told(AGREES) == told(EXISTS) == []
