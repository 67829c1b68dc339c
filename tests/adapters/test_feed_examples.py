"""The example feeds: each file says, through its declaration, what the standard's own samples say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from adapters.mapping import normalise
from adapters.pull import pull, read
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import ERRORS
from exchange_schemas.validate import check
from tests.adapters.feed_examples import FOLDER, RECORDS, declarations, generate, records

TOLD = declarations()


def test_generating_again_gives_the_shipped_bytes(tmp_path: Path) -> None:
    paths = generate(tmp_path)
    assert len(paths) == len(TOLD)
    for path in paths:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


def test_every_file_belongs_to_a_feed() -> None:
    used = {told["source"]["path"] for told in TOLD.values()}
    there = {path.name for path in FOLDER.iterdir() if path.suffix not in (".yml", ".py", "")}
    assert there == used


@pytest.mark.parametrize("name", TOLD)
def test_a_file_says_what_the_samples_say(name: str, tmp_path: Path) -> None:
    catalogue = load_catalogue()
    feed = load_feed(FOLDER / f"{name}.yml")
    assert check_feed(feed, catalogue) == []
    standard = catalogue.get(feed.standard)
    found: list[dict[str, Any]] = []
    for batch in read(feed, pull(feed, Store(tmp_path)).artefact):
        normal = normalise(feed, standard, batch)
        issues = pl.concat([batch.issues, normal.issues, check(standard, normal).issues])
        assert issues.filter(pl.col("code").is_in(ERRORS)).rows() == []
        found += normal.rows.select(list(standard.dtypes)).to_dicts()
    wanted = records(TOLD[name])
    assert len(found) == len(wanted) == RECORDS
    amounts = {field.name for field in standard.fields.values() if field.kind == "decimal"}
    for one, other in zip(found, wanted, strict=True):
        said = {field: value for field, value in one.items() if field in other}
        assert _compared(said, amounts) == _compared(other, amounts)


def _compared(record: dict[str, Any], amounts: set[str]) -> dict[str, Any]:
    """12.50 and 12.5 are one amount."""
    return {name: Decimal(one) if name in amounts else one for name, one in record.items()}
