"""Deliveries are kept once, whole, under their digest."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
from pathlib import Path

import pytest

from adapters.artefact import Artefact, Store
from adapters.opener import read_blocks
from exchange_schemas.errors import SourceUnreadable


def test_kept_under_its_digest(tmp_path: Path) -> None:
    data = b"x" * 3_000_000
    kept = Store(tmp_path / "raw").keep(io.BytesIO(data), "a.csv")
    digest = hashlib.sha256(data).hexdigest()
    assert kept == Artefact(digest, tmp_path / "raw" / digest[:2] / digest, len(data), "a.csv")
    assert kept.path.read_bytes() == data


def test_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.keep(io.BytesIO(b"same"), "a.csv")
    written = first.path.stat().st_mtime_ns
    second = store.keep(io.BytesIO(b"same"), "b.csv")
    assert (second.path, second.name) == (first.path, "b.csv")
    assert second.path.stat().st_mtime_ns == written
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_source_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError("the line is down")
            return super().read(size)

    with pytest.raises(OSError, match="the line is down"):
        Store(tmp_path).keep(Broken(b"x" * 5_000_000), "a.csv")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.csv", bytes), ("a.csv.gz", gzip.compress), ("a.csv.XZ", lzma.compress)],
)
def test_packed_by_the_name_it_came_under(tmp_path: Path, name: str, pack: object) -> None:
    data = bytes(range(256)) * 1000
    kept = Store(tmp_path).keep(io.BytesIO(pack(data)), name)  # type: ignore[operator]
    blocks = list(read_blocks(kept, 10_000))
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) <= 10_000


@pytest.mark.parametrize("name", ["a.gz", "a.xz"])
def test_a_packed_file_that_is_cut_short(tmp_path: Path, name: str) -> None:
    data = bytes(range(256)) * 1000
    packed = gzip.compress(data) if name == "a.gz" else lzma.compress(data)
    for wrong in (packed[:-20], b"not packed at all"):
        kept = Store(tmp_path).keep(io.BytesIO(wrong), name)
        with pytest.raises(SourceUnreadable) as caught:
            list(read_blocks(kept, 1000))
        assert caught.value.issue.code == "archive_damaged"
        assert caught.value.issue.file == name
