"""The bench compares like with like: its bad records are bad for everyone, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.validate import check
from tests.bench.checking import Judge, with_jsonschema, with_rs
from tests.bench.plain_formats import PLAIN_FORMATS
from tests.bench.records import BAD_EVERY, penalty_rows

STANDARD = load_catalogue().get("administrative_penalty")
ROWS = penalty_rows(STANDARD, 10 * BAD_EVERY)
BAD = [line for line in ROWS[LINE] if line % BAD_EVERY == 0]


@pytest.mark.parametrize("checks", [(), STANDARD.checks])
def test_ours(checks: tuple[dict[str, object], ...]) -> None:
    checked = check(replace(STANDARD, checks=checks), Batch(ROWS))
    assert sorted(set(checked.issues["line"])) == BAD
    assert ROWS.height - checked.rows.height == len(BAD) == 10


@pytest.mark.parametrize("judge", [with_jsonschema(STANDARD), with_rs(STANDARD, PLAIN_FORMATS)])
def test_the_others(judge: Judge) -> None:
    lines = [
        row.pop(LINE)
        for row in ROWS.to_dicts()
        if judge({n: v for n, v in row.items() if v is not None and n != LINE})
    ]
    assert lines == BAD


def test_twenty_five_fields() -> None:
    filled = [name for name in STANDARD.fields if ROWS[name].null_count() < ROWS.height]
    assert len(filled) == 25
