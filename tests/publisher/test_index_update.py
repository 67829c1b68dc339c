"""An index that was continued is the one that would be built, and nothing of what left stays in it."""

import random
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.contents import ROWS as ROWS_FILE
from publisher.index import Index
from publisher.index_build import INDEX, build_index
from publisher.index_layout import CODED, SLOT
from publisher.index_update import update_index
from publisher.query import Filters
from tests.publisher.indexes import STANDARD, Row, frame, ids, read, reading, scan, write

NAMES = st.text(st.sampled_from("高州市茂名鑫源12A （）"), max_size=9)
ROW = st.fixed_dictionaries(
    {
        "record_id": st.sampled_from([f"r{n}" for n in range(8)]),
        "name": NAMES | st.integers(1, 3).map(lambda n: "信宜" * (n * SLOT // 4)),
        "date": st.sampled_from([None, "2024-01-01", "2024-01-02", "2024-02-01"]),
        "kind": st.none() | st.lists(st.sampled_from(["罚款", "警告", "没收"]), max_size=2),
        "department": st.sampled_from([None, "甲局", "乙局", "丙局"]),
        "published_on": st.sampled_from([None, "2024-03-01", "2024-03-02"]),
    }
)
ROWS = st.lists(ROW, max_size=7, unique_by=lambda row: str(row["record_id"]))
GONE = st.lists(st.sampled_from([f"r{n}" for n in range(9)]), max_size=3, unique=True)


def told(index: Index) -> dict[str, object]:
    """All that an index says."""
    everything = index.matching("", Filters())
    return {
        "rows": index.found(range(index.rows)),
        "days": index.days.tolist(),
        "published": index.published.tolist(),
        "tallies": {role: index.tally(role, everything) for role in CODED},
        "values": {role: {v for v in index.values[role] if v} for role in CODED},
        "coded": [[index.values_of(role, row) for role in CODED] for row in range(index.rows)],
    }


@settings(max_examples=40, deadline=None)
@given(ROWS, st.lists(st.tuples(ROWS, GONE), max_size=3), NAMES)
def test_continued_is_as_built(
    first: list[Row], steps: list[tuple[list[Row], list[str]]], query: str
) -> None:
    live = {row["record_id"]: row for row in first}
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "0", frame(first))
        for number, (put, gone) in enumerate(steps):
            coming = Path(folder) / f"{number + 1}"
            leaving = [one for one in gone if one not in {row["record_id"] for row in put}]
            update_index(path, coming, STANDARD, frame(put), leaving)
            live = {name: row for name, row in live.items() if name not in leaving}
            live |= {row["record_id"]: row for row in put}
            path = coming
        rows = frame(list(live.values()))
        built, continued = read(write(Path(folder) / "built", rows)), read(path)
        assert told(continued) == told(built)
        for words in (query, query[:2], query[:1]):
            assert ids(continued, words) == scan(rows, words)
        assert tokens(path) == tokens(Path(folder) / "built")


def tokens(path: Path) -> int:
    """How many places an index has."""
    with reading(path) as opened:
        rows = opened.postings_between(0, (1 << 62) - 1)
    rare = (1 << 21) - 1
    return sum(len(data) // (8 if number & rare == rare else 4) for number, data in rows)


def secret(number: int, rng: random.Random) -> Row:
    """A record whose texts are like no other's."""
    mark = "".join(rng.sample("龘靐齉爩鱻麤龗灪籲鸞驫厵滟爨癵羴", 6))
    return {
        "record_id": f"secret{number:04}", "name": f"{mark}秘密有限公司{number:04}",
        "code": f"91{number:04}SECRETCODE", "document": f"密〔2024〕{number:04}号",
        "date": f"20{number % 20 + 10}-0{number % 9 + 1}-01", "department": f"秘密{number:04}局",
        "kind": ["罚款", f"暗{number:04}类"], "product": f"秘品{number:04}",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_nothing_of_what_left_stays_in_the_file(tmp_path: Path, seed: int) -> None:
    """Every byte of the file is looked at, also those of pages that are free."""
    rng = random.Random(seed)
    usual = [
        {
            "record_id": f"r{n:05}", "name": f"茂名市第{n}食品商行", "code": f"91{n:016}",
            "date": f"20{n % 20 + 10}-0{n % 9 + 1}-01", "kind": ["罚款"],
        }
        for n in range(4_000)
    ]  # fmt: skip
    secrets = [secret(n, rng) for n in range(300)]
    path = write(tmp_path / "0.sqlite", frame([*usual, *secrets]))
    assert all(word in path.read_bytes() for word in marks(secrets))
    removed, replaced = secrets[:150], secrets[150:]
    renamed = [{**row, "name": "某某有限公司", **dict.fromkeys(HIDDEN)} for row in replaced]
    new = [{**usual[n], "record_id": f"n{n}"} for n in range(100)]
    for number, (put, gone) in enumerate([(new, removed), (renamed, [])]):
        coming = tmp_path / f"{number + 1}.sqlite"
        update_index(path, coming, STANDARD, frame(put), [row["record_id"] for row in gone])
        path = coming
    content = path.read_bytes()
    left = [word.decode() for word in marks(secrets) if word in content]
    assert not [word for word in left if not word.startswith("secret")]  # replaced ones keep it
    assert not set(left) & {row["record_id"] for row in removed}
    rows = frame([*usual, *new, *renamed])
    for words in ("秘密", "龘", "SECRET", "暗", "茂名市第39", "某某"):
        assert ids(read(path), words) == scan(rows, words)
    assert tokens(path) == tokens(write(tmp_path / "built", rows))


HIDDEN = ("code", "document", "department", "kind", "product")


def marks(rows: list[Row]) -> list[bytes]:
    """Texts of these rows alone, as bytes."""
    names = ("record_id", "name", "code", "document", "department")
    texts = [row[name] for row in rows for name in names] + [row["kind"][1] for row in rows]
    return [text.encode() for text in texts]


def test_slots_are_used_again(tmp_path: Path) -> None:
    rows = [{"record_id": f"r{n}", "name": f"高州{n}", "date": "2024-01-01"} for n in range(50)]
    path = write(tmp_path / "0", frame(rows))
    for turn in range(5):
        put = [{**row, "name": f"茂名{turn}"} for row in rows[turn::5]]
        coming = tmp_path / f"{turn + 1}"
        update_index(path, coming, STANDARD, frame(put), [])
        path = coming
    index = read(path)
    assert len(index._rank) == 50
    assert [len(ids(index, f"茂名{turn}")) for turn in range(5)] == [10] * 5
    assert ids(index, "高州") == []


def test_updates_over_many_chunks(tmp_path: Path) -> None:
    days = pl.date_range(pl.date(2010, 1, 1), pl.date(2024, 1, 1), eager=True).cast(pl.String)
    told = [
        {"record_id": f"r{n:06}", "name": f"茂名市{n}号", "date": days[n % len(days)]}
        for n in range(70_000)
    ]
    path = write(tmp_path / INDEX, frame(told))
    changed = {n: {**told[n], "name": f"信宜{n}"} for n in range(0, 70_000, 700)}
    new = [{"record_id": f"x{n}", "name": f"信宜新{n}", "date": days[n]} for n in range(20)]
    gone = [f"r{n:06}" for n in range(1, 70_000, 7_000)]
    update_index(path, tmp_path / "next", STANDARD, frame([*changed.values(), *new]), gone)
    live = [changed.get(n, row) for n, row in enumerate(told) if row["record_id"] not in gone]
    rows, index = frame([*live, *new]), read(tmp_path / "next")
    assert index.rows == 70_010
    for words in ("信宜", "信宜新", "茂名市6930", "号", "0000"):
        assert ids(index, words) == scan(rows, words)
    assert np.all(np.diff(index.days) <= 0)


def test_an_index_of_other_roles_is_built_anew(tmp_path: Path) -> None:
    rows = [{"record_id": f"r{n}", "name": f"高州{n}", "product": "桂圆酒"} for n in range(9)]
    other = replace(STANDARD, roles=replace(STANDARD.roles, product=None, batch="name"))
    build_index(tmp_path / "before", other, frame(rows).iter_slices())
    assert ids(read(tmp_path / "before"), "桂圆") == []
    frame(rows).write_parquet(tmp_path / ROWS_FILE)
    put = frame([{**rows[3], "name": "信宜"}])
    update_index(tmp_path / "before", tmp_path / "next", STANDARD, put, ["r0"])
    built = write(tmp_path / "built", pl.concat([frame(rows[1:3] + rows[4:]), put]))
    assert told(read(tmp_path / "next")) == told(read(built))
    assert len(ids(read(tmp_path / "next"), "桂圆")) == 8
