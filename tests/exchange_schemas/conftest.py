"""A catalogue of miniature standards, so that tests of the engine don't depend on the real ones."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.standard import Standard

FIXTURES = Path(__file__).parent / "fixtures" / "standards"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(FIXTURES)


@pytest.fixture(scope="session")
def licence(catalogue: Catalogue) -> Standard:
    return catalogue.get("licence")


@pytest.fixture(scope="session")
def good() -> dict[str, object]:
    """A licence without any issue."""
    return {
        "holder": "茂名甲公司",
        "kind": "company",
        "uscc": "91440902MA0000015X",
        "licence_no": "AB0001",
        "granted_on": "2024-02-29",
        "currency": "CNY",
        "fee": "10.50",
        "years": 5,
        "lapsed": False,
        "goods": ["荔枝", "龙眼干"],
    }


def batch_of(standard: Standard, *records: Mapping[str, object]) -> Batch:
    """The records as a normalised batch, with lines from 2 as behind a header."""
    empty = dict.fromkeys(standard.dtypes)
    rows = pl.DataFrame([{**empty, **record} for record in records], schema=standard.dtypes)
    lines = pl.Series(LINE, range(2, rows.height + 2), dtype=pl.Int64)
    return Batch(rows.insert_column(0, lines))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the standard `licence`, to be spoilt."""
    shutil.copytree(FIXTURES, tmp_path / "standards")
    return tmp_path / "standards" / "trade" / "licence"


def edit(path: Path, old: str, new: str) -> None:
    """Put `new` in place of the first `old` in a file that has it."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
