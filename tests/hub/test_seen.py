"""Repeated keys are found across batches, whatever the batches are."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.batch import LINE
from hub.key_hashes import missing
from hub.seen import Seen

ROWS = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("xy")), max_size=30)


def frame(rows: list[tuple[str, str]], start: int) -> pl.DataFrame:
    lines = list(range(start, start + len(rows)))
    data = {LINE: lines, "_key": [k for k, _ in rows], "_digest": [d.encode() for _, d in rows]}
    return pl.DataFrame(data, schema={LINE: pl.Int64, "_key": pl.String, "_digest": pl.Binary})


@pytest.mark.parametrize("in_memory", [1000, 3])
@given(rows=ROWS, cuts=st.lists(st.integers(0, 30), max_size=4))
def test_first_row_of_each_key_stands(
    in_memory: int, rows: list[tuple[str, str]], cuts: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.seen.IN_MEMORY", in_memory)
        check(rows, cuts)


def check(rows: list[tuple[str, str]], cuts: list[int]) -> None:
    """Against a dictionary."""
    seen = Seen()
    places = [0, *sorted(min(c, len(rows)) for c in cuts), len(rows)]
    kept, found = [], []
    for start, end in pairwise(places):
        good, issues = seen.take(frame(rows[start:end], start + 2))
        kept += good.select(LINE, "_key").rows()
        found += issues.select("line", "code", "params").rows()
    first: dict[str, int] = {}
    for line, (key, _) in enumerate(rows, 2):
        first.setdefault(key, line)
    assert kept == sorted((line, key) for key, line in first.items())
    expected = [
        (
            line,
            "row_duplicate" if rows[first[key] - 2][1] == digest else "key_duplicate",
            f'{{"first":"{first[key]}"}}',
        )
        for line, (key, digest) in enumerate(rows, 2)
        if first[key] != line
    ]
    assert sorted(found) == expected
    delivered = pl.DataFrame({"key": [*first, "another"]})
    assert list(missing(iter([delivered]), [seen.keys])) == ["another"]
