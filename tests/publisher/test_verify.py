"""A release that was tampered with is named, whatever was done to it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from publisher import files
from publisher.disk import sha256
from publisher.release import Release, verify_release
from tests.publisher.samples import ROWS, changed, released


def rewrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    rewrite(path, bytes(content))


@pytest.mark.parametrize("name", files.FILES)
def test_one_flipped_bit_in_any_file(tmp_path: Path, name: str) -> None:
    made = released(tmp_path)
    flip(made.path / name, made.path.joinpath(name).stat().st_size // 2)
    issues = verify_release(made.path)
    codes = [issue.code for issue in issues]
    assert codes == ["release_wrong", *["release_record_wrong"] * (name == "records.jsonl")]
    assert name in issues[0].message("en")
    assert "penalty_sample/1" in issues[0].message()


def test_any_flipped_bit_of_the_manifest(tmp_path: Path) -> None:
    made = released(tmp_path)
    path = made.path / "manifest.json"
    whole = path.read_bytes()
    for place in range(0, len(whole), 23):
        flip(path, place)
        assert verify_release(made.path), place
        rewrite(path, whole)
    assert verify_release(made.path) == []


def missing(release: Release) -> None:
    (release.path / "records.csv").unlink()


def surplus(release: Release) -> None:
    (release.path / "records (1).csv").write_text("x")


def shorter(release: Release) -> None:
    rewrite(release.path / "records.jsonl", b"")


def no_manifest(release: Release) -> None:
    (release.path / "manifest.json").unlink()


def other_records(release: Release) -> None:
    """Records and manifest changed together: only the chain can tell."""
    path = release.path / "records.jsonl"
    old = release.records_sha256
    flip(path, 40)
    manifest = (release.path / "manifest.json").read_text(encoding="utf-8")
    rewrite(release.path / "manifest.json", manifest.replace(old, sha256(path)).encode())


@pytest.mark.parametrize("act", [missing, surplus, shorter, no_manifest, other_records])
def test_other_tampering(tmp_path: Path, act: Callable[[Release], None]) -> None:
    made = released(tmp_path)
    act(made)
    assert [issue.code for issue in verify_release(made.path)][:1] == ["release_wrong"]


def test_an_old_release_is_held_by_the_one_after_it(tmp_path: Path) -> None:
    first = released(tmp_path, ROWS[:3])
    released(tmp_path)
    other_records(first)
    told, line = verify_release(first.path)
    assert told.params["reason"] == "manifest.json: not as in 2/manifest.json"
    assert (line.code, line.line) == ("release_record_wrong", 1)


def test_a_release_put_in_the_place_of_another(tmp_path: Path) -> None:
    first = released(tmp_path)
    second = released(tmp_path, changed(facts="改正"))
    shutil.rmtree(second.path)
    shutil.copytree(first.path, second.path)
    assert verify_release(second.path)


def test_a_removed_predecessor(tmp_path: Path) -> None:
    first = released(tmp_path)
    second = released(tmp_path, changed(facts="改正"))
    shutil.rmtree(first.path)
    assert "release 1" in verify_release(second.path)[0].params["reason"]


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"files": [1]}', '{"files": []}'])
def test_an_unreadable_manifest_is_an_issue(tmp_path: Path, content: str) -> None:
    made = released(tmp_path)
    rewrite(made.path / "manifest.json", content.encode())
    assert [issue.code for issue in verify_release(made.path)] == ["release_wrong"]


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    made = released(tmp_path)
    manifest = json.loads((made.path / "manifest.json").read_bytes())
    manifest["files"][0]["name"] = "../../secret"
    rewrite(made.path / "manifest.json", json.dumps(manifest).encode())
    assert "outside" in verify_release(made.path)[0].params["reason"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("records.jsonl", "鑫源", "鑫原"), ("records.csv", "鑫源", "鑫原"), ("records.csv", "2023-05-06", "2023-05-07"),
        ("records.jsonl", '"appealed":false', '"appealed":true'), ("records.csv", ",false,", ",true,"),
    ],
)  # fmt: skip
def test_the_first_wrong_record_is_named(tmp_path: Path, name: str, old: str, new: str) -> None:
    made = released(tmp_path)
    content = (made.path / name).read_bytes()
    assert old.encode() in content
    rewrite(made.path / name, content.replace(old.encode(), new.encode()))
    assert "the first wrong record is a1" in verify_release(made.path)[0].params["reason"]


def test_a_record_cut_off_is_named(tmp_path: Path) -> None:
    made = released(tmp_path)
    lines = (made.path / "records.jsonl").read_bytes().splitlines(keepends=True)
    rewrite(made.path / "records.jsonl", b"".join(lines[:-1]))
    assert "the first wrong record is d4" in verify_release(made.path)[0].params["reason"]
