"""10,000 records, 500 of them with something private: nearly all found, hardly anything else."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import polars as pl
import pytest

from exchange_schemas.issue import issues_of
from exchange_schemas.standard import Mask
from publisher.scan import private_hits
from publisher.view import view_frame
from tests.publisher.planted import FIELDS, Planted, innocent, planted
from tests.publisher.samples import field, standard

RECORDS, PRIVATE = 10_000, 500
FREE = (Mask("free_text", ("public", "industry"), {}),)
TEXTS = standard(
    *(field(name, name, "list" if name == "people" else "string", masks=FREE) for name in FIELDS)
)
Found = dict[int, list[tuple[str | None, str, int, int]]]


@pytest.fixture(scope="module")
def made() -> list[Planted]:
    return planted(random.Random(440_900), PRIVATE)


@pytest.fixture(scope="module")
def records(made: list[Planted]) -> pl.DataFrame:
    """Every field has a text; those of the first 500 records have one private thing."""
    dice = random.Random(440_901)
    rows = [{name: innocent(dice) for name in FIELDS} for _ in range(RECORDS)]
    for row, one in zip(rows, made, strict=False):
        row[one.field] = one.text
    frame = pl.DataFrame(rows).with_columns(pl.concat_list("people"))
    return frame.with_columns(pl.int_range(pl.len()).alias("_line"))


@pytest.fixture(scope="module")
def found(records: pl.DataFrame) -> Found:
    """line → field, kind, start, length of each hit."""
    told: Found = defaultdict(list)
    for one in issues_of(private_hits(TEXTS, records)):
        start, length = int(one.params["start"]), int(one.params["length"])
        told[one.line or 0].append((one.field, one.params["kind"], start, length))
    return told


def covers(one: Planted, hits: list[tuple[str | None, str, int, int]]) -> bool:
    """Whether a hit of the right kind in the right field takes all of the value."""
    return any(
        (name, kind) == (one.field, one.kind)
        and start <= one.start
        and start + length >= one.start + len(one.value)
        for name, kind, start, length in hits
    )


def test_what_was_planted_is_found_where_it_stands(made: list[Planted], found: Found) -> None:
    all_, hit = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for line, one in enumerate(made):
        all_[one.kind, one.disguise] += 1
        hit[one.kind, one.disguise] += covers(one, found[line])
    print(f"\n{'kind':<15}{'disguise':<20}{'planted':>8}{'found':>8}")
    for (kind, disguise), count in sorted(all_.items()):
        print(f"{kind:<15}{disguise:<20}{count:>8}{hit[kind, disguise]:>8}")
    print(f"{'together':<35}{all_.total():>8}{hit.total():>8}")
    assert {one.field for one in made} == set(FIELDS)
    assert hit.total() >= 0.99 * PRIVATE


def test_what_only_looks_private_is_left_alone(found: Found, records: pl.DataFrame) -> None:
    wrong = {line: hits for line, hits in found.items() if line >= PRIVATE}
    kinds = Counter(kind for hits in wrong.values() for _, kind, _, _ in hits)
    print(f"\nfalse alarms: {len(wrong)} of {RECORDS - PRIVATE} records, {dict(kinds)}")
    assert len(wrong) <= 0.01 * (RECORDS - PRIVATE)


def test_masked_text_has_nothing_left_and_is_otherwise_the_same(
    made: list[Planted], records: pl.DataFrame
) -> None:
    view = view_frame(TEXTS, records, "public")
    left = 0
    for one, row in zip(made, view.iter_rows(named=True), strict=False):
        text = "".join(row[one.field])
        if one.value in text:
            left += 1
        else:
            assert text[: max(0, one.start - 10)] == one.text[: max(0, one.start - 10)]
            assert text.endswith(one.text[-5:])
    assert left <= 0.01 * PRIVATE
    assert private_hits(TEXTS, view).height == 0
    assert view_frame(TEXTS, records, "government").equals(records)
