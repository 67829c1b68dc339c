"""Whatever is done to releases, both verifiers find it; and what they can't know, they say."""

from __future__ import annotations

import ast
import csv
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from publisher import verifier
from publisher.disk import sha256
from publisher.known_keys import KEYS, put_in_use
from publisher.signers import key_id, new_signer
from publisher.verify_folder import verify_folder
from tests.publisher.chains import REASONS, SIGNER, chain, release, rows, verify
from tests.publisher.samples import PENALTY
from tests.publisher.tampering import OTHER, WAYS, Tamper, copied, releases

ABSENT = ("deleted", "the first release")
UNREADABLE = (OSError, ValueError, LookupError, TypeError, csv.Error)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five releases of some forty records, signed."""
    root = tmp_path_factory.mktemp("whole")
    known = rows(40)
    shapes = [
        known[:20],
        known[:35],
        [*rows(40, facts="改正")[:1], *known[1:]],
        known[3:],
        known[1:],
    ]
    for number, shape in enumerate(shapes):
        release(root, shape, reasons={f"r{n}": "term_over" for n in range(number)})
    return root / PENALTY


def wrong(folder: Path, *told: str) -> list[str]:
    """What the stand-alone verifier finds wrong, in this process."""
    return said(folder, *told)[0]


def said(folder: Path, *told: str) -> tuple[list[str], str]:
    """… and what it notes: which files and releases aren't there."""
    found: list[str] = []
    notes = ""
    try:
        for right, what in verifier.checks(folder, told):
            found += [what] if right is False else []
            notes += f"{what}\n" if right is None else ""
    except UNREADABLE as error:
        found.append(repr(error))
    return found, notes


def missed(whole: Path, room: Path, chance: random.Random, way: Tamper) -> tuple[str, list[str]]:
    """How a copy was tampered with, and which of the verifiers didn't find it."""
    folder = copied(whole, room)
    how = way(folder, chance)
    words, notes = said(folder)
    # What a reader may not have taken along is no fault, but it is said; that the end is missing is
    # found by who knows the newest release.
    name = how.rpartition(": ")[2]
    noted = how.startswith(ABSENT) and (name in notes or "from release 2" in notes)
    head = sha256(releases(whole)[-1] / "manifest.json")
    found = {
        "verify.py": words or noted or (name == "manifest.json" and wrong(folder, head)),
        "hub verify": [i for i in verify_folder(folder) if i.severity == "error"],
    }
    return how, [name for name, it in found.items() if how and not it]


def test_a_chain_as_it_was_built(whole: Path) -> None:
    head = sha256(releases(whole)[-1] / "manifest.json")
    told = (head, key_id(SIGNER.public_key))
    assert [i.code for i in verify_folder(whole, told) if i.severity == "error"] == []
    code, words = verify(whole, *told)
    assert code == 0, words
    assert "全部相符 all right" in words
    assert [line for line in words.splitlines() if line.startswith("×")] == []
    assert "39 条记录 records: 0 缺 lost, 0 重 doubled, 0 改 altered" in words
    code, words = verify(releases(whole)[-1], *told)
    assert code == 0, words


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_tampering(whole: Path, tmp_path: Path, way: str) -> None:
    chance = random.Random(way)
    for _ in range(2):
        how, by = missed(whole, tmp_path / "copy", chance, WAYS[way])
        assert not by, (way, how)


@pytest.mark.slow
def test_a_thousand_tampered_copies(
    whole: Path, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    chance, done = random.Random(2026), Counter[str]()
    not_found: list[tuple[str, list[str]]] = []
    while done.total() < 1_000:
        way = chance.choice(list(WAYS))
        how, by = missed(whole, tmp_path / "copy", chance, WAYS[way])
        done[way] += bool(how)
        not_found += [(how, by)] if by else []
    figures |= {
        "tampered copies of a chain of releases": done.total(),
        "… not found by verify.py": sum("verify.py" in by for _, by in not_found),
        "… not found by hub verify": sum("hub verify" in by for _, by in not_found),
    }
    assert not not_found
    assert set(done) == set(WAYS)


def test_an_end_that_was_cut_off_is_found_by_who_knows_the_newest_release(
    whole: Path, tmp_path: Path
) -> None:
    head = sha256(releases(whole)[-1] / "manifest.json")
    folder = copied(whole, tmp_path / "copy")
    shutil.rmtree(releases(folder)[-1])
    assert verify_folder(folder)  # current.json says so
    (folder / "current.json").unlink()
    assert wrong(folder) == []  # what is there is right: nobody can tell …
    assert verify_folder(folder) == []
    assert wrong(folder, head)  # … but who knows what the web site calls the newest one
    assert verify_folder(folder, [head])


def test_a_foreign_key_is_found_by_who_knows_the_publisher_s(whole: Path, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "copy")
    WAYS["all by another"](folder, random.Random(1))
    (folder / "current.json").unlink()
    assert wrong(folder)
    assert verify_folder(folder)
    (folder.parent / KEYS).unlink()
    assert wrong(folder) == []
    assert verify_folder(folder) == []
    known = key_id(SIGNER.public_key)
    assert wrong(folder, known)
    assert verify_folder(folder, [known])


def test_a_key_signs_only_while_it_is_in_use(tmp_path: Path) -> None:
    release(tmp_path, rows(3))
    release(tmp_path, rows(4), OTHER)  # SIGNER's use ends here
    folder = tmp_path / PENALTY
    assert wrong(folder) == []
    assert [i for i in verify_folder(folder) if i.severity == "error"] == []
    text = (tmp_path / KEYS).read_text()
    (tmp_path / KEYS).write_text(text.replace('"valid_from": "20', '"valid_from": "30'))
    assert wrong(folder)
    assert {i.code for i in verify_folder(folder)} == {"release_key_unknown"}


def test_sm2(tmp_path: Path) -> None:
    folder = chain(tmp_path, new_signer("sm2"))
    assert wrong(folder) == []
    assert [i for i in verify_folder(folder) if i.severity == "error"] == []
    WAYS["signature"](folder, random.Random(3))
    assert wrong(folder)
    assert [i for i in verify_folder(folder) if i.severity == "error"]


def test_downloads_as_a_browser_names_them(whole: Path, tmp_path: Path) -> None:
    newest = releases(whole)[-1]
    for name in ("manifest.json", "manifest.sig", "records.csv", "records.jsonl"):
        shutil.copyfile(newest / name, tmp_path / f"{PENALTY}-5-{name}")
    assert wrong(tmp_path) == []
    code, words = verify(tmp_path)
    assert code == 0
    assert "不在此处 not here" in words
    (tmp_path / f"{PENALTY}-5-records.csv").write_bytes(b"")
    assert wrong(tmp_path) == [f"{PENALTY}-5-records.csv"]
    assert verify_folder(tmp_path)


def test_an_unsigned_release_is_no_release(tmp_path: Path) -> None:
    made = release(tmp_path, rows(2), signer=None)
    assert verify(made.path)[0] == 1
    assert [i.code for i in verify_folder(made.path)] == ["release_unsigned"]
    put_in_use(tmp_path, SIGNER)
    assert [i.code for i in verify_folder(made.path.parent)] == ["release_unsigned"]


def test_what_hub_verify_names(whole: Path, tmp_path: Path) -> None:
    def told(name: str, old: bytes, new: bytes) -> list[tuple[str, str | None, int | None]]:
        folder = copied(whole, tmp_path / "copy")
        path = releases(folder)[-1] / name
        content = path.read_bytes()
        assert old in content
        path.unlink()
        path.write_bytes(content.replace(old, new, 1))
        return [(i.code, i.file, i.line) for i in verify_folder(folder) if i.severity == "error"]

    line = (releases(whole)[-1] / "records.jsonl").read_bytes().splitlines()[6]
    assert ("release_record_wrong", "records.jsonl", 7) in told("records.jsonl", line, line + b" ")
    assert ("release_change_wrong", "delta.csv", 2) in told("delta.csv", b"added", b"changed")
    assert ("release_tombstone_wrong", "tombstones.csv", None) in told(
        "tombstones.csv", b"r0,", b"r9,"
    )
    assert ("release_verifier_wrong", None, None) in told(
        "verify.py", b"sys.exit(", b"sys.exit(0 * "
    )
    assert [code for code, _, _ in told("internal/places.bin", b"\0\0", b"\0\1")] == [
        "release_wrong"
    ]
    assert REASONS


def test_the_verifier_is_short_and_runs_on_older_pythons() -> None:
    source = Path(verifier.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 150
    ast.parse(source, feature_version=(3, 8))
