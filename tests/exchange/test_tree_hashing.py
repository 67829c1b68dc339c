"""Many hashes at a time are the same as one by one, and a leaf commits to what an entry says."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.tree.hashing import commitments, hashes_of, leaf_hashes, parents, sha256

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ENTRY = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 2**40),
        "operation": st.sampled_from(["upsert", "delete"]),
        "key": TEXT,
        "recorded_at": TEXT,
        "standard": TEXT,
        "salt": st.binary(min_size=16, max_size=16).map(bytes.hex),
        "record": st.none() | TEXT,
    }
)
SCHEMA = {"seq": pl.Int64} | dict.fromkeys(
    ("operation", "key", "recorded_at", "standard", "salt", "record"), pl.String
)


def one_by_one(entry: dict[str, object]) -> tuple[str, bytes]:
    whole = f"{entry['salt']}\n{entry['key']}\n{entry['record'] or ''}"
    commitment = hashlib.sha256(whole.encode()).hexdigest()
    rest = "\n".join(str(entry[name]) for name in ("seq", "operation", "recorded_at", "standard"))
    return commitment, hashlib.sha256(f"\0{rest}\n{commitment}".encode()).digest()


@given(st.lists(ENTRY, min_size=1, max_size=20))
def test_leaves_are_those_of_the_definition(entries: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(entries, schema=SCHEMA)
    expected = [one_by_one(entry) for entry in entries]
    assert commitments(frame).to_list() == [one for one, _ in expected]
    assert [row.tobytes() for row in leaf_hashes(frame)] == [leaf for _, leaf in expected]


@given(st.lists(ENTRY, min_size=1, max_size=10), st.data())
def test_erased_entries_keep_their_leaves(
    entries: list[dict[str, object]], data: st.DataObject
) -> None:
    frame = pl.DataFrame(entries, schema=SCHEMA)
    gone = data.draw(st.sets(st.integers(0, len(entries) - 1)))
    erased = [
        dict.fromkeys(SCHEMA)
        | {name: entry[name] for name in ("seq", "recorded_at", "standard")}
        | {"operation": "erased", "was": entry["operation"], "commitment": one_by_one(entry)[0]}
        if place in gone
        else entry | {"was": None, "commitment": None}
        for place, entry in enumerate(entries)
    ]
    kept = pl.DataFrame(erased, schema=SCHEMA | {"was": pl.String, "commitment": pl.String})
    assert np.array_equal(leaf_hashes(kept), leaf_hashes(frame))


def test_commitments_alone_are_enough() -> None:
    entry = {"seq": 7, "operation": "delete", "recorded_at": "now", "standard": "a@1", "key": "k"}
    entry |= {"salt": "0" * 32, "record": None}
    frame = pl.DataFrame([entry], schema=SCHEMA)
    bare = frame.with_columns(commitments(frame)).drop("key", "salt", "record")
    assert np.array_equal(leaf_hashes(bare), leaf_hashes(frame))


@pytest.mark.parametrize("name", ["key", "salt", "standard", "operation"])
def test_an_entry_without_a_part_is_refused(name: str) -> None:
    entry = dict.fromkeys(SCHEMA, "x") | {"seq": 1}
    frame = pl.DataFrame([entry, entry | {name: None}], schema=SCHEMA)
    with pytest.raises(ValueError, match="lacks a part"):
        leaf_hashes(frame)


@pytest.mark.parametrize("count", [0, 1, 2, 511, 512, 513, 70_001])
def test_parents_are_those_of_the_definition(count: int) -> None:
    hashes = np.random.default_rng(count).integers(0, 256, (count, 32), dtype=np.uint8)
    expected = [
        hashlib.sha256(b"\1" + hashes[at : at + 2].tobytes()).digest()
        for at in range(0, count - 1, 2)
    ]
    assert [row.tobytes() for row in parents(hashes)] == expected


@pytest.mark.parametrize("count", [0, 1, 100, 40_001])
def test_texts_and_bytes_hash_alike(count: int) -> None:
    texts = pl.Series("text", [f"文{number}" for number in range(count)], dtype=pl.String)
    expected = [hashlib.sha256(text.encode()).digest() for text in texts]
    assert [row.tobytes() for row in sha256(texts.to_frame())] == expected
    assert [row.tobytes() for row in sha256(texts.cast(pl.Binary).to_frame())] == expected


def test_hashes_come_out_even() -> None:
    with pytest.raises(ValueError, match="reshape"):
        hashes_of(b"x" * 33)
