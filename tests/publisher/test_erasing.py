"""Content that a later release took back: erased, whatever happens in between, and proved to be."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Corrupt
from publisher import erasing, release
from publisher.erasing import KEPT, read_erasure
from publisher.library import Library
from publisher.release import (
    Release,
    current_release,
    find_release,
    finish_erasures,
    followed_by,
    list_releases,
    verify_release,
)
from tests.publisher.samples import PENALTY, ROWS, changed, released
from tests.publisher.shelf import CATALOGUE, ENTITIES
from tests.publisher.shelf import release as release_entities


def content(made: Release) -> set[str]:
    return {item.name for item in made.path.iterdir()} - {*KEPT, "erased.json"}


def codes(made: Release) -> list[str]:
    return [issue.code for issue in verify_release(made.path)]


def test_all_before_a_release_that_takes_records_back_are_erased(tmp_path: Path) -> None:
    for rows in (ROWS[:1], ROWS[:2], ROWS[1:3], ROWS[1:]):
        released(tmp_path, rows)
    fourth, third, second, first = list_releases(tmp_path, PENALTY)
    assert content(first) == content(second) == set()
    assert content(third)
    assert content(fourth)
    assert [followed_by(tmp_path, one) for one in (first, second, third, fourth)] == [
        3, 3, None, None,
    ]  # fmt: skip
    told = json.loads((first.path / "erased.json").read_bytes())
    assert set(told) == {"at", "followed_by", "reason"}
    assert told["followed_by"] == 3
    assert set(told["reason"]) == {"zh", "en"}
    assert [codes(one) for one in (first, second, third, fourth)] == [
        ["release_erased"], ["release_erased"], [], [],
    ]  # fmt: skip
    for locale in ("zh_CN", "en"):
        assert "3" in verify_release(first.path)[0].message(locale)


def test_no_file_that_is_left_has_a_record(tmp_path: Path) -> None:
    first = released(tmp_path)
    released(tmp_path, [])
    left = b"".join(path.read_bytes() for path in first.path.iterdir())
    for words in ("鑫源", "茂市监罚", "91440981MA00000A0G", "2023-05-06"):
        assert words.encode() not in left


def test_the_chain_can_still_be_proved_and_an_altered_rest_is_named(tmp_path: Path) -> None:
    first = released(tmp_path)
    released(tmp_path, changed(facts="改正"))
    path = first.path / "dictionary.csv"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    assert codes(first) == ["release_wrong", "release_erased"]
    (first.path / "manifest.json").chmod(0o644)
    manifest = (first.path / "manifest.json").read_bytes()
    (first.path / "manifest.json").write_bytes(manifest.replace(b'"records": 4', b'"records": 5'))
    assert "not as in 2/manifest.json" in str(verify_release(first.path))


def test_content_that_came_back_is_named_and_erased_again(tmp_path: Path) -> None:
    first = released(tmp_path)
    kept = (first.path / "records.csv").read_bytes()
    released(tmp_path, changed(facts="改正"))
    (first.path / "records.csv").write_bytes(kept)  # as from a backup
    (first.path / "more").mkdir()
    assert codes(first).count("release_wrong") == 2
    assert finish_erasures(tmp_path, PENALTY) == [1]
    assert content(first) == set()
    assert finish_erasures(tmp_path, PENALTY) == []
    assert finish_erasures(tmp_path, "nothing") == []


def test_an_erasure_that_no_release_asked_for_is_damage(tmp_path: Path) -> None:
    first = released(tmp_path, ROWS[:2])
    released(tmp_path)
    (first.path / "records.csv").unlink()
    (first.path / "erased.json").write_text("{}", encoding="utf-8")
    assert codes(first) == ["release_wrong", "release_wrong"]
    with pytest.raises(Corrupt):
        read_erasure(first.path)


def test_a_link_in_the_folder_is_cut_and_not_followed(tmp_path: Path) -> None:
    first = released(tmp_path / "releases")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept.txt").write_text("x", encoding="utf-8")
    (first.path / "link").symlink_to(tmp_path / "elsewhere")
    released(tmp_path / "releases", changed(facts="改正"))
    assert (tmp_path / "elsewhere" / "kept.txt").is_file()
    assert content(first) == set()


def _erase_and_die(root: Path, step: str, times: int) -> None:
    """Take back releases 1 and 2 in a process that is killed at the `times`-th `step`."""
    left = [times]

    def counted(real: object) -> object:
        def step_or_die(*args: object, **words: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **words)  # type: ignore[operator]

        return step_or_die

    if step == "unlink":
        Path.unlink = counted(Path.unlink)  # type: ignore[method-assign, assignment]
    elif step == "start":
        release.erase_taken_back = _after_the_move(release.erase_taken_back, root)
    else:
        setattr(erasing, step, counted(getattr(erasing, step)))
    released(root, changed(facts="改正"))


def _after_the_move(real: object, root: Path) -> object:
    def start_or_die(folder: Path, newest: int) -> object:
        if (root / PENALTY / "3").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return real(folder, newest)  # type: ignore[operator]

    return start_or_die


@pytest.mark.parametrize(
    ("step", "times"),
    [("start", 0), *(("unlink", n) for n in (0, 1, 3, 6)), *(("sync", n) for n in (0, 1, 2)),
     ("write_synced", 0), ("write_synced", 1)],
)  # fmt: skip
def test_killed_anywhere_nothing_old_is_served_and_the_next_build_ends_it(
    tmp_path: Path, step: str, times: int
) -> None:
    released(tmp_path, ROWS[:2])
    released(tmp_path)
    context = multiprocessing.get_context("spawn")
    builder = context.Process(target=_erase_and_die, args=(tmp_path, step, times))
    builder.start()
    builder.join(60)
    assert builder.exitcode == -signal.SIGKILL
    current = current_release(tmp_path, PENALTY)
    assert current is not None
    old = [one for one in list_releases(tmp_path, PENALTY) if one.number < 3]
    # Whether the new one is in place or not yet: what isn't taken back is whole, the rest refused.
    for one in old:
        assert followed_by(tmp_path, one) == (3 if current.number == 3 else None)
        assert "release_wrong" not in codes(one) or current.number == 3
    released(tmp_path, changed(facts="改正"))
    assert [content(one) for one in old] == [set(), set()]
    assert [codes(one) for one in old] == [["release_erased"]] * 2


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=7))
def test_only_what_is_wholly_in_the_current_release_is_kept(
    tmp_path_factory: pytest.TempPathFactory, editions: list[set[int]]
) -> None:
    root = tmp_path_factory.mktemp("r")
    for rows in editions:
        released(root, [ROWS[n] for n in sorted(rows)])
    current, *earlier = list_releases(root, PENALTY)
    now = set((current.path / "records.jsonl").read_bytes().splitlines())
    for one in earlier:
        follower = followed_by(root, one)
        assert (follower is None) == bool(content(one))
        if follower is None:
            assert set((one.path / "records.jsonl").read_bytes().splitlines()) <= now
        else:
            found = find_release(root, PENALTY, follower)
            assert found is not None
            assert found.takes_back
            assert follower > one.number
        assert "release_wrong" not in codes(one)


def test_who_reads_while_files_go_is_given_the_new_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_entities(tmp_path, "market_entity", ENTITIES)
    library = Library(tmp_path, CATALOGUE)
    asked = library.latest

    def overtaken(dataset: str) -> Release | None:
        found = asked(dataset)
        monkeypatch.undo()
        release_entities(tmp_path, "market_entity", [{**ENTITIES[0], "reg_state": "注销"}])
        return found

    monkeypatch.setattr(Library, "latest", lambda _, dataset: overtaken(dataset))
    record = library.record("market_entity", "e1")
    assert record is not None
    assert record["reg_state"] == "注销"


def test_a_current_release_that_lost_its_index_is_still_our_fault(tmp_path: Path) -> None:
    made = release_entities(tmp_path, "market_entity", ENTITIES)
    (made.path / "internal" / "index.sqlite").unlink()
    with pytest.raises(FileNotFoundError):
        Library(tmp_path, CATALOGUE).rows("market_entity")
