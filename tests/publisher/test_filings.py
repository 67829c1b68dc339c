"""Filings are dropped whole, for their reader only, and under names that nobody can choose."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import re
import signal
import stat
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.errors import Corrupt, Refused
from publisher import filings
from publisher.evidence import LARGEST, Upload, check_uploads, shown_name
from publisher.filing_number import ALPHABET, check_character, is_number, new_number, read_number
from publisher.filings import DropFolder, Filing

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

FILING = Filing(
    "objection",
    "administrative_penalty",
    "p1",
    "茂名荔乡食品有限公司",
    "决定已被撤销，不应公示。" * 2,
)


def upload(name: str = "撤销决定.pdf", content: bytes = PDF) -> Upload:
    return Upload(name, io.BytesIO(content))


def folder(tmp_path: Path) -> DropFolder:
    return DropFolder(tmp_path / "filings", free=0)


bodies = st.tuples(
    st.dates(date(2000, 1, 1), date(9999, 12, 31)), st.text(ALPHABET, min_size=10, max_size=10)
)


@given(bodies)
def test_a_number_reads_back_however_it_is_written(body: tuple[date, str]) -> None:
    plain = f"{body[0]:%Y%m%d}{body[1]}"
    number = f"SQ{plain[:8]}-{plain[8:]}{check_character(plain)}"
    assert is_number(number)
    full_width = "".join(chr(ord(one) + 0xFEE0) for one in number)
    for written in (number.lower(), number.replace("-", ""), number.replace("-", " — "),
                    number.replace("0", "O").replace("1", "l"), full_width, f" {number}\n"):  # fmt: skip
        assert read_number(written) == number


@given(bodies, st.integers(0, 18), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_seen(
    body: tuple[date, str], place: int, other: str
) -> None:
    plain = f"{body[0]:%Y%m%d}{body[1]}"
    whole = plain + check_character(plain)
    wrong = whole[:place] + other + whole[place + 1 :]
    assert (read_number(f"SQ{wrong}") is None) == (wrong != whole)


@given(bodies, st.integers(0, 17))
def test_two_that_changed_places_are_always_seen(body: tuple[date, str], place: int) -> None:
    plain = f"{body[0]:%Y%m%d}{body[1]}"
    whole = plain + check_character(plain)
    wrong = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert (read_number(f"SQ{wrong}") is None) == (wrong != whole)


@given(st.text() | st.text(ALPHABET + "SQ-/.\\\0"))
def test_no_other_text_is_the_name_of_a_folder(text: str) -> None:
    found = read_number(text)
    assert found is None or re.fullmatch(r"SQ[0-9]{8}-[0-9A-Z]{11}", found)
    assert not is_number(text) or found == text
    assert not DropFolder(Path("/")).has(text)


def test_numbers_are_of_the_day_and_differ() -> None:
    numbers = {new_number(date(2026, 11, 29)) for _ in range(5_000)}
    assert len(numbers) == 5_000
    assert all(one.startswith("SQ20261129-") and is_number(one) for one in numbers)
    assert {one[11] for one in numbers} == set(ALPHABET)


def test_a_filing_and_its_evidence_are_kept_as_they_came(tmp_path: Path) -> None:
    drop = folder(tmp_path)
    number = drop.drop(FILING, [upload(), upload("照片.JPG", JPEG), upload("c", PNG)])
    kept = drop.read(number)
    assert kept.number == number
    assert kept.filed_at.endswith("+08:00")
    assert (kept.party_name, kept.statement, kept.kind) == (
        FILING.party_name, FILING.statement, "objection",
    )  # fmt: skip
    assert [one.media_type for one in kept.evidence] == [
        "application/pdf", "image/jpeg", "image/png",
    ]  # fmt: skip
    assert [one.name for one in kept.evidence] == ["撤销决定.pdf", "照片.JPG", "c"]
    files = drop.evidence(number)
    assert [path.name for path in files] == ["1.pdf", "2.jpg", "3.png"]
    assert [path.read_bytes() for path in files] == [PDF, JPEG, PNG]
    assert kept.evidence[0].sha256 == hashlib.sha256(PDF).hexdigest()
    assert kept.evidence[0].bytes == len(PDF)
    told = json.loads((drop.path / number / "filing.json").read_bytes())
    assert set(told) == {
        "number", "kind", "dataset", "record_id", "filed_at", "party_name", "party_code",
        "contact_name", "phone", "email", "field", "statement", "promise", "performed", "remedied",
        "language", "evidence",
    }  # fmt: skip
    assert drop.has(number)
    assert drop.waiting() == [number]
    (drop.path / "taken").mkdir()
    (drop.path / number).rename(drop.path / "taken" / number)
    assert drop.has(number)
    assert drop.waiting() == []


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    drop = folder(tmp_path)
    before = os.umask(0)
    try:
        number = drop.drop(FILING, [upload()])
    finally:
        os.umask(before)
    for place, mode in (
        (drop.path, 0o700), (drop.path / number, 0o700), (drop.path / number / "evidence", 0o700),
        (drop.path / number / "filing.json", 0o600), (drop.path / number / "evidence/1.pdf", 0o600),
    ):  # fmt: skip
        assert stat.S_IMODE(place.stat().st_mode) == mode, place


HOSTILE = [
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a\0b.pdf", "x" * 4000 + ".pdf", "", ".",
    "..", "filing.json", "\u202efdp.exe", "a\r\nSet-Cookie: x.pdf", "CON", "~/.ssh/x", "<b>.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_senders_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    drop = folder(tmp_path)
    number = drop.drop(FILING, [upload(name)])
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    own = f"filings/{number}"
    assert found == {
        "filings", own, f"{own}/filing.json", f"{own}/evidence", f"{own}/evidence/1.pdf",
    }  # fmt: skip


@given(st.text())
def test_names_are_shown_without_folders_or_controls(name: str) -> None:
    shown = shown_name(name)
    assert 1 <= len(shown) <= 120
    assert not set(shown) & set("/\\\0\r\n\u202e\u200b")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "evidence_empty"),
        ("a.pdf", b"MZ\x90\x00", "evidence_type"),
        ("a.pdf", b"<html>%PDF-", "evidence_type"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "evidence_type"),
        ("a.jpg", b"GIF89a", "evidence_type"),
        ("a.pdf", b"PK\x03\x04", "evidence_type"),
        ("a.pdf", b"%PD", "evidence_type"),
        ("a.pdf", PDF + b"\0" * LARGEST, "evidence_large"),
    ],
)
def test_what_is_no_such_file_or_too_large_is_named(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    issues = check_uploads([upload(), upload(name, content)])
    assert [(issue.code, issue.value) for issue in issues] == [(code, name)]
    assert re.search("[一-鿿]", issues[0].message())
    with pytest.raises(ValueError, match="checked"):
        folder(tmp_path).drop(FILING, [upload(name, content)])
    assert list((tmp_path / "filings").iterdir()) == []


def test_at_most_five_files_and_the_largest_fits(tmp_path: Path) -> None:
    largest = PDF + b"\0" * (LARGEST - len(PDF))
    assert check_uploads([upload(content=largest)]) == []
    assert [issue.code for issue in check_uploads([upload()] * 6)] == ["evidence_many"]
    with pytest.raises(ValueError, match="6 files"):
        folder(tmp_path).drop(FILING, [upload()] * 6)


def test_a_number_that_is_taken_is_not_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = folder(tmp_path)
    first = drop.drop(FILING)
    fresh = new_number(date(2026, 1, 1))
    drawn = iter([first, first, fresh])
    monkeypatch.setattr(filings, "new_number", lambda _: next(drawn))
    before = (drop.path / first / "filing.json").read_bytes()
    assert drop.drop(FILING) == fresh
    assert (drop.path / first / "filing.json").read_bytes() == before


def _drop_and_die(root: Path, step: str, times: int) -> None:
    left = [times]
    target = {"fsync": os, "rename": Path, "mkdir": Path, "sync": filings}[step]
    real = getattr(target, step)

    def step_or_die(*args: object, **words: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **words)

    setattr(target, step, step_or_die)
    DropFolder(root, free=0).drop(FILING, [upload(), upload("b.png", PNG)])


@pytest.mark.parametrize(
    ("step", "times", "there"),
    [("mkdir", 2, 0), ("fsync", 0, 0), ("fsync", 1, 0), ("fsync", 3, 0), ("rename", 0, 0),
     ("sync", 0, 0), ("sync", 1, 0), ("sync", 2, 1)],
)  # fmt: skip
def test_killed_anywhere_it_is_there_whole_or_not_at_all(
    tmp_path: Path, step: str, times: int, there: int
) -> None:
    context = multiprocessing.get_context("spawn")
    writer = context.Process(target=_drop_and_die, args=(tmp_path / "filings", step, times))
    writer.start()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    drop = folder(tmp_path)
    assert len(drop.waiting()) == there
    for number in drop.waiting():
        assert len(drop.read(number).evidence) == len(drop.evidence(number)) == 2
    for left in drop.path.glob(".coming-*"):  # as if it lay there since yesterday
        os.utime(left, (time.time() - 90_000,) * 2)
    drop.drop(FILING)
    assert len(drop.waiting()) == there + 1
    assert all(is_number(path.name) for path in drop.path.iterdir())


def test_what_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    drop = folder(tmp_path)
    drop.path.mkdir()
    (drop.path / ".coming-x").mkdir()
    drop.drop(FILING)
    assert (drop.path / ".coming-x").is_dir()


@pytest.mark.parametrize("limits", [{"most": 2, "free": 0}, {"free": 2**62}])
def test_a_full_folder_takes_no_more(tmp_path: Path, limits: dict[str, int]) -> None:
    for _ in range(2):
        folder(tmp_path).drop(FILING)
    drop = DropFolder(tmp_path / "filings", **limits)
    with pytest.raises(Refused) as caught:
        drop.drop(FILING)
    assert caught.value.issue.code == "filings_full"
    assert len(drop.waiting()) == 2


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"evidence": [{}]}', '{"evidence": []}'])
def test_a_damaged_filing_is_corrupt(tmp_path: Path, content: str) -> None:
    drop = folder(tmp_path)
    number = drop.drop(FILING)
    (drop.path / number / "filing.json").write_text(content, encoding="utf-8")
    with pytest.raises(Corrupt):
        drop.read(number)
    with pytest.raises(Corrupt, match="no number"):
        drop.read("../etc")
