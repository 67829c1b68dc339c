"""Releases: numbered, chained, moved into place, and only when something is new."""

import json
import multiprocessing
import os
import signal
import stat
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.errors import Corrupt
from publisher import building, deltas, files, release, writing_anew, writing_next
from publisher.disk import sha256
from publisher.erasing import KEPT
from publisher.manifest import Release, ReleaseSource
from publisher.release import (
    Terms,
    build_release,
    current_release,
    list_releases,
    verify_release,
)
from publisher.writing import LENGTHS
from tests.publisher.samples import PENALTIES, PENALTY, ROWS, changed, released, view

# What a build does one after the other, and where.
STEPS = {
    "fill": release, "write_formats": writing_next, "build_index": writing_next,
    "write_places": writing_anew, "write_delta": deltas, "sign_manifest": building,
    "_move": release,
}  # fmt: skip


def test_first_release_has_all_files_with_their_digests(tmp_path: Path) -> None:
    made = released(tmp_path)
    assert (made.number, made.path) == (1, tmp_path / PENALTY / "1")
    assert made.counts == {"records": 4, "added": 4, "changed": 0, "removed": 0}
    assert [file.name for file in made.files] == list(files.FILES)
    beside = {"manifest.json", "verify.py", "internal"}
    assert {item.name for item in made.path.iterdir()} == {*files.FILES, *beside}
    for file in made.files:
        assert (made.path / file.name).stat().st_size == file.bytes
        assert sha256(made.path / file.name) == file.sha256
    assert made.records_sha256 == sha256(made.path / "records.jsonl")
    assert made.created_at.endswith("+08:00")
    assert verify_release(made.path) == []


def test_files_are_read_only_and_nothing_is_left_beside(tmp_path: Path) -> None:
    made = released(tmp_path)
    written = [item for item in made.path.rglob("*") if item.is_file()]
    assert {stat.S_IMODE(item.stat().st_mode) for item in written} == {0o444}
    assert {p.name for p in (tmp_path / PENALTY).iterdir()} == {"1", "current.json", ".lock"}


def test_the_manifest_reads_back_as_the_release(tmp_path: Path) -> None:
    made = build_release(tmp_path, PENALTIES, view(), Terms(ReleaseSource(seq=17)))
    assert current_release(tmp_path, PENALTY) == made
    assert made.source.seq == 17


def test_the_same_content_in_any_order_gives_no_new_release(tmp_path: Path) -> None:
    first = released(tmp_path)
    again = released(tmp_path, ROWS[::-1])
    assert again == first
    assert not (tmp_path / PENALTY / "2").exists()


def test_the_same_content_gives_the_same_bytes_under_the_same_salts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    salts = pl.Series([f"{n:032}" for n in range(9)])
    monkeypatch.setattr("publisher.changes.new_salts", lambda count: salts[:count])
    one = released(tmp_path / "one")
    two = released(tmp_path / "two", ROWS[::-1])
    for name in (*LENGTHS, "records.parquet", "dictionary.csv", "delta.csv", "tombstones.csv"):
        assert (one.path / name).read_bytes() == (two.path / name).read_bytes(), name


def test_digests_of_the_same_content_tell_nothing(tmp_path: Path) -> None:
    one, two = released(tmp_path / "one"), released(tmp_path / "two")
    for name in files.CONTENT:
        assert sha256(one.path / name) != sha256(two.path / name), name
    assert one.commitments_sha256 != two.commitments_sha256


def test_a_change_gives_the_next_number_and_leaves_the_old_manifest_untouched(
    tmp_path: Path,
) -> None:
    first = released(tmp_path)
    kept = [name for name in KEPT if (first.path / name).exists()]
    before = {name: _kept_file(first, name) for name in kept}
    rows = [{**ROWS[0], "facts": "改正"}, *ROWS[2:], {**ROWS[1], "record_id": "e5"}]
    second = released(tmp_path, rows)
    assert second.counts == {"records": 4, "added": 1, "changed": 1, "removed": 1}
    assert second.previous is not None
    assert second.previous.manifest_sha256 == sha256(first.path / "manifest.json")
    assert {name: _kept_file(first, name) for name in kept} == before
    assert {item.name for item in first.path.iterdir()} == {*kept, "erased.json"}
    assert [r.number for r in list_releases(tmp_path, PENALTY)] == [2, 1]
    assert [issue.code for issue in verify_release(first.path)] == ["release_erased"]
    assert verify_release(second.path) == []


def _kept_file(made: Release, name: str) -> tuple[bytes, int]:
    path = made.path / name
    return path.read_bytes(), path.stat().st_mtime_ns


def test_what_only_adds_leaves_the_old_release_whole(tmp_path: Path) -> None:
    first = released(tmp_path, ROWS[:2])
    before = {item.name: item.read_bytes() for item in first.path.glob("*.*")}
    second = released(tmp_path)
    assert second.counts == {"records": 4, "added": 2, "changed": 0, "removed": 0}
    assert {item.name: item.read_bytes() for item in first.path.glob("*.*")} == before
    assert verify_release(first.path) == []


def test_everything_withdrawn_is_a_release_too(tmp_path: Path) -> None:
    released(tmp_path)
    empty = released(tmp_path, [])
    assert empty.counts == {"records": 0, "added": 0, "changed": 0, "removed": 4}
    assert (empty.path / "records.jsonl").read_bytes() == b""
    assert (empty.path / "records.csv").read_bytes().startswith(b"record_id,subject_name,")
    assert pl.read_parquet(empty.path / "records.parquet").shape == (0, 12)
    assert verify_release(empty.path) == []
    refilled = released(tmp_path)
    assert refilled.number == 3
    assert refilled.counts["added"] == 4


def test_a_new_title_in_the_standard_is_a_new_release(tmp_path: Path) -> None:
    first = released(tmp_path)
    named = replace(PENALTIES.fields["facts"], title="主要违法事实")
    renamed = replace(PENALTIES, fields={**PENALTIES.fields, "facts": named})
    second = build_release(tmp_path, renamed, view())
    assert second.number == first.number + 1
    assert second.counts == {"records": 4, "added": 0, "changed": 0, "removed": 0}


def test_columns_that_are_not_public_never_get_out(tmp_path: Path) -> None:
    secret = view().with_columns(
        pl.lit("440981199001011234").alias("cert_no"), pl.lit("李四举报").alias("_informer")
    )
    made = build_release(tmp_path, PENALTIES, secret)
    for item in (item for item in made.path.rglob("*") if item.is_file()):
        content = item.read_bytes()
        assert b"440981199001011234" not in content, item.name
        assert "李四举报".encode() not in content, item.name


def test_the_day_of_publication_is_a_column_where_the_view_has_it(tmp_path: Path) -> None:
    made = build_release(
        tmp_path, PENALTIES, view().with_columns(pl.lit("2024-02-01").alias("published_on"))
    )
    header = (made.path / "records.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.startswith("record_id,subject_name")
    assert header.endswith(",published_on,salt")


def test_repeated_record_ids_are_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="record ids"):
        released(tmp_path, [ROWS[0], ROWS[0]])
    assert current_release(tmp_path, PENALTY) is None


def test_a_dataset_without_releases_has_none(tmp_path: Path) -> None:
    assert current_release(tmp_path, "nothing") is None
    assert list_releases(tmp_path, "nothing") == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"number": "x"}'])
def test_a_damaged_pointer_is_corrupt_not_empty(tmp_path: Path, content: bytes) -> None:
    released(tmp_path)
    (tmp_path / PENALTY / "current.json").write_bytes(content)
    with pytest.raises(Corrupt):
        current_release(tmp_path, PENALTY)


@pytest.mark.parametrize("releases", [1, 2])
def test_a_lost_pointer_stops_the_build_instead_of_starting_anew(
    tmp_path: Path, releases: int
) -> None:
    made = [released(tmp_path, changed(copies=number)) for number in range(releases)]
    (tmp_path / PENALTY / "current.json").unlink()
    with pytest.raises(Corrupt, match=r"current\.json"):
        released(tmp_path, changed(facts="改正"))
    assert (made[-1].path / "records.csv").is_file()
    assert all((old.path / "manifest.json").is_file() for old in made)


def _build_and_die(root: Path, step: str) -> None:
    """Build the second release in a process that is killed just before `step`."""

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if step == "pointer":
        # The folder is in its place, current.json isn't replaced yet.
        real = release.sync
        release.sync = lambda path: die() if (root / PENALTY / "2").exists() else real(path)
    else:
        setattr(STEPS[step], step, die)
    released(root, changed(facts="改正"))


@pytest.mark.parametrize("step", [*STEPS, "pointer"])
def test_a_killed_build_leaves_the_old_release_and_is_swept_up(tmp_path: Path, step: str) -> None:
    first = released(tmp_path)
    context = multiprocessing.get_context("spawn")
    builder = context.Process(target=_build_and_die, args=(tmp_path, step))
    builder.start()
    builder.join(60)
    assert builder.exitcode == -signal.SIGKILL
    assert current_release(tmp_path, PENALTY) == first
    assert verify_release(first.path) == []
    second = released(tmp_path, changed(facts="改正"))
    assert second.number == 2
    assert verify_release(second.path) == []
    assert [issue.code for issue in verify_release(first.path)] == ["release_erased"]
    left = {p.name for p in (tmp_path / PENALTY).iterdir()}
    assert left == {"1", "2", "current.json", ".lock"}


def _build(root: Path, facts: str) -> None:
    released(root, changed(facts=facts))


def test_two_builders_at_once_make_two_releases(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    builders = [context.Process(target=_build, args=(tmp_path, f"第{n}稿")) for n in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(60)
    assert [builder.exitcode for builder in builders] == [0, 0]
    both = list_releases(tmp_path, PENALTY)
    assert [made.number for made in both] == [2, 1]
    told = [issue.code for made in both for issue in verify_release(made.path)]
    assert told == ["release_erased"]


def test_lines_are_canonical_json_without_missing_values(tmp_path: Path) -> None:
    made = released(tmp_path)
    lines = (made.path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [r["record_id"] for r in records] == ["b2", "c3", "a1", "d4"]  # newest, then by id
    for line, record in zip(lines, records, strict=True):
        text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert line == text
        assert None not in record.values()
    for record in records:
        assert len(bytes.fromhex(record.pop("salt"))) == 16
    given = [{k: v for k, v in row.items() if v is not None} for row in ROWS]
    assert sorted(records, key=lambda r: r["record_id"]) == given
