"""The feeds that ship: reproducible, whole, wrong exactly where they mean to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from adapters.feeds import samples
from adapters.feeds.samples.generate import FILES, generate
from adapters.mapping import normalise
from adapters.pull import pull, read
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.validate import check

FOLDER = Path(samples.__file__).parent
FEEDS = ("registration", "penalties", "food", "abnormal")

# Rows read, then (line, field, code) of what is wrong; a short row is no row of a batch.
WRONG = {
    "registration": (
        399,
        {
            (59, "uscc", "check_digit"),
            (134, None, "row_length"),
            (208, "established_on", "date_unreadable"),
            (208, "established_on", "required"),
            (273, "registered_capital", "amount_unreadable"),
        },
    ),
    "penalties": (
        120,
        {
            (None, None, "total_differs"),
            (23, "uscc", "check_digit"),
            (58, "penalty_kinds", "schema"),
            (87, "fine_wan", "amount_unreadable"),
            (87, "fine_wan", "required"),
        },
    ),
    "food": (
        300,
        {
            (46, "verdict", "code_unknown"),
            (142, "item_name", "required"),
            (223, "announced_on", "date_unreadable"),
        },
    ),
    "abnormal": (
        60,
        {(39, "reason_code", "lookup_unknown"), (39, "reason_code", "required")},
    ),
}

# What is told besides: gaps, what follows from a wrong kind of penalty, and what depends on the day.
BESIDES = ["expected", "amount_kind_missing", "overdue"]


def checked(name: str, tmp_path: Path) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """(normalised rows, issues) of each batch of a sample feed."""
    feed = load_feed(FOLDER / f"sample_{name}.yml")
    standard = load_catalogue().get(feed.standard)
    for batch in read(feed, pull(feed, Store(tmp_path)).artefact):
        normal = normalise(feed, standard, batch)
        yield (
            normal.rows,
            pl.concat([batch.issues, normal.issues, check(standard, normal).issues]),
        )


def rows_of(name: str, tmp_path: Path) -> pl.DataFrame:
    return pl.concat([rows for rows, _ in checked(name, tmp_path)], how="diagonal")


def test_generating_again_gives_the_shipped_bytes(tmp_path: Path) -> None:
    paths = generate(tmp_path)
    assert [path.name for path in paths] == list(FILES)
    for path in paths:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", FEEDS)
def test_the_declaration_has_no_issue(name: str) -> None:
    assert check_feed(load_feed(FOLDER / f"sample_{name}.yml"), load_catalogue()) == []


@pytest.mark.parametrize("name", FEEDS)
def test_wrong_rows_are_the_ones_that_were_meant(name: str, tmp_path: Path) -> None:
    read_rows, wrong = WRONG[name]
    batches = list(checked(name, tmp_path))
    issues = pl.concat([issues for _, issues in batches]).filter(~pl.col("code").is_in(BESIDES))
    assert sum(rows.height for rows, _ in batches) == read_rows
    assert set(issues.select("line", "field", "code").unique().rows()) == wrong


def test_a_company_stands_in_every_dataset(tmp_path: Path) -> None:
    registered = set(rows_of("registration", tmp_path)["uscc"].drop_nulls())
    others = [
        Counter(rows_of("penalties", tmp_path)["uscc"].drop_nulls()),
        Counter(rows_of("food", tmp_path)["nominal_producer_uscc"].drop_nulls()),
        Counter(rows_of("abnormal", tmp_path)["uscc"].drop_nulls()),
    ]
    everywhere = registered.intersection(*others)
    assert len(everywhere) >= 10
    assert max(others[0][code] for code in everywhere) >= 3


def test_failed_samples_and_natural_persons(tmp_path: Path) -> None:
    food = rows_of("food", tmp_path).filter(pl.col("verdict") == "不合格")
    assert 20 <= food.height <= 30
    assert food["results"].list.len().max() == 5
    persons = rows_of("penalties", tmp_path).filter(pl.col("subject_type") == "natural")
    assert persons.height >= 10
    assert persons["uscc"].null_count() == persons.height


def test_numbers_of_persons_are_impossible() -> None:
    text = "".join((FOLDER / name).read_text("gb18030" if name == "registration.csv" else "utf-8")
                   for name in FILES)  # fmt: skip
    found = re.findall(r"(?<![0-9A-Z])[1-9]\d{16}[\dX](?![0-9A-Z])", text)
    persons = [number for number in found if number[6:8] in {"18", "19", "20"}]
    assert persons
    assert all(number.startswith("44099919") for number in persons)
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text), "a mobile number may be somebody's"


def test_the_register_needs_gb18030() -> None:
    content = (FOLDER / "registration.csv").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 401
    with pytest.raises(UnicodeDecodeError):
        content.decode("gbk")
