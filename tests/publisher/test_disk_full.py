"""A disk that fills up at any point of a build: refused, and the old release stands."""

import multiprocessing
import os
import resource
import subprocess
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.errors import Refused
from publisher.release import build_release, current_release, verify_release
from tests.publisher.samples import PENALTIES, PENALTY, ROWS, view

COPIES = 1_000
KB = 1024


def many(facts: str) -> pl.DataFrame:
    """Some thousand records: about half a megabyte in each format."""
    one = view([{**row, "facts": facts * 20} for row in ROWS])
    copies = pl.DataFrame({"copy": range(COPIES)})
    number = pl.concat_str(pl.col("record_id"), pl.col("copy").cast(pl.String))
    return one.join(copies, how="cross").with_columns(number.alias("record_id")).drop("copy")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, whose size `resize` changes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs root and the right to mount; the file-size limit is tested instead")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def resize(folder: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def used(folder: Path) -> int:
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def test_whatever_is_being_written_when_the_disk_fills_up(small_disk: Path) -> None:
    first = build_release(small_disk, PENALTIES, many("第一版"))
    before = used(small_disk)
    # Room for almost nothing, then a little more each time, until the whole release fits.
    for step in range(200):
        resize(small_disk, before + (4 + step * 512) * KB)
        try:
            second = build_release(small_disk, PENALTIES, many("第二版"))
            break
        except Refused as error:
            assert error.issue.code == "disk_full"
            assert PENALTY in error.issue.message("en")
        assert current_release(small_disk, PENALTY) == first
        assert verify_release(first.path) == []
        assert used(small_disk) <= before + 4 * KB  # nothing of the attempt is left
    assert step > 10
    assert second.number == 2
    assert verify_release(second.path) == []


def _build_limited(root: Path, limit: int, answer: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        build_release(root, PENALTIES, many("第二版"))
        answer.send("built")
    except Refused as error:
        answer.send(error.issue.code)


@pytest.mark.parametrize("limit", [0, 1 * KB, 64 * KB, 300 * KB, 1000 * KB])
def test_a_file_that_may_not_grow(tmp_path: Path, limit: int) -> None:
    first = build_release(tmp_path, PENALTIES, many("第一版"))
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    builder = context.Process(target=_build_limited, args=(tmp_path, limit, theirs))
    builder.start()
    builder.join(60)
    assert builder.exitcode == 0
    assert mine.recv() == "disk_full"
    assert current_release(tmp_path, PENALTY) == first
    assert verify_release(first.path) == []
    assert {p.name for p in (tmp_path / PENALTY).iterdir()} == {"1", "current.json", ".lock"}
