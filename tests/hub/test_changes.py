"""A change set against heads: what is added, changed, unchanged, gone."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hub.changes import ChangeSet
from hub.heads import HEAD_COLUMNS, Heads, heads_of
from hub.key_hashes import key_hashes
from hub.segment import ROWS, pack, unpack

CONTENTS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("xyz"))


def heads(content: dict[str, str], feed_id: int = 1) -> Heads:
    rows = [(key, value.encode(), feed_id) for key, value in content.items()]
    return heads_of(pl.DataFrame(rows, schema=HEAD_COLUMNS, orient="row"), 1)


def rows(content: dict[str, str]) -> pl.DataFrame:
    data = [(key, value.encode(), value) for key, value in content.items()]
    schema = {"_key": pl.String, "_digest": pl.Binary, "_json": pl.String}
    return pl.DataFrame(data, schema=schema, orient="row")


@given(CONTENTS, CONTENTS)
def test_counts_and_applying_gives_the_new_content(
    before: dict[str, str], after: dict[str, str]
) -> None:
    changes = ChangeSet(heads(before), 1)
    changes.compare(rows(after))
    gone = changes.missing_from(key_hashes([pl.Series(list(after), dtype=pl.String)]))
    assert changes.added == len(after.keys() - before.keys())
    assert changes.unchanged == sum(before.get(k) == v for k, v in after.items())
    assert changes.added + changes.changed + changes.unchanged == len(after)
    now = {k: v for k, v in before.items() if k not in set(gone)}
    for part in changes.parts:
        now |= dict(part.select("key", "json").iter_rows())
    assert now == after


def test_another_feeds_records_are_not_gone() -> None:
    changes = ChangeSet(heads({"a": "x"}, 2), 1)
    assert changes.missing_from().is_empty()
    assert changes.mine == 0


def test_segments_hold_a_thousand_lines_in_order() -> None:
    lines = pl.Series([f'{{"n":{n}}}' if n % 7 else "" for n in range(2 * ROWS + 3)])
    packed = pack(lines)
    assert [len(unpack(p).split(b"\n")) for p in packed] == [ROWS, ROWS, 3]
    assert b"\n".join(map(unpack, packed)).decode().split("\n") == lines.to_list()
