"""Identifiers for rows of sources that give none."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl
import pytest

from adapters import format_csv
from adapters.artefact import Store
from adapters.mapping import normalise
from adapters.pull import pull, read
from exchange_schemas.catalogue import load_catalogue
from tests.adapters.conftest import Desk

STANDARD = load_catalogue().get("food_sampling_result")


def numbers(desk: Desk, content: str, **options: Any) -> list[str]:
    rule = {"from": ["a", "b"], "convert": "fingerprint", **options}
    feed = desk.feed(content, standard="food_sampling_result",
                     fields={"sample_no": rule, "product_name": "a"})  # fmt: skip
    made = [
        normalise(feed, STANDARD, raw).rows
        for raw in read(feed, pull(feed, Store(desk.folder)).artefact)
    ]
    return pl.concat(made)["sample_no"].to_list()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def test_the_digest_of_the_cells_as_written(desk: Desk) -> None:
    assert numbers(desk, "a,b\n甲, 乙 \n甲,\n") == [digest("甲| 乙 "), digest("甲|")]


def test_cells_with_bars_do_not_collide(desk: Desk) -> None:
    first, second = numbers(desk, "a,b\nx|y,z\nx,y|z\n")
    assert (first, second) == (digest("x%7Cy|z"), digest("x|y%7Cz"))


def test_without_occurrence_copies_agree(desk: Desk) -> None:
    assert len(set(numbers(desk, "a,b\n1,2\n1,2\n"))) == 1


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_with_occurrence_each_copy_is_a_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(format_csv.read_csv, "__defaults__", (block,))
    rows = ["1,2", "3,4", "1,2", "1,2", "5,6", "3,4"] * 10
    made = numbers(desk, "a,b\n" + "\n".join(rows) + "\n", occurrence=True)
    assert len(set(made)) == 60
    assert made[:4] == [digest("1|2"), digest("3|4"), digest("1|2|2"), digest("1|2|3")]
    assert made[-1] == digest("3|4|20")
    # the first copies keep their identifier however many follow
    assert numbers(desk, "a,b\n1,2\n", occurrence=True) == made[:1]
