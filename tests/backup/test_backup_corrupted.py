"""A hundred corrupted backups, of both kinds and in every way: all are found out, none is restored."""

from __future__ import annotations

import io
import json
import random
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from exchange_schemas.errors import HubError
from hub.backup import manifest as notes
from hub.backup.archive import ArchiveReading, ArchiveWriting
from hub.backup.checking import check
from hub.backup.making import back_up
from hub.backup.manifest import DIGEST, MANIFEST, SIGNATURE, digest_of, read_manifest, written
from hub.backup.places import SUFFIX
from hub.backup.restoring import restore
from publisher.signing_keys import site_signer
from tests.backup.conftest import Working

CODES = {
    "backup_incomplete", "backup_unreadable", "backup_wrong", "backup_foreign", "backup_newer",
    "backup_missing",
}  # fmt: skip
EACH = 13  # of each way; eight ways


@pytest.fixture(params=["signed", "unsigned"])
def original(small: Working, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An archive, and the same as a folder beside it."""
    if request.param == "signed":
        site_signer(small.site.keys, small.site.releases, {})
    place = back_up(small.site, small.engine, tmp_path / f"whole{SUFFIX}").place
    folder = back_up(small.site, small.engine, tmp_path / "folders").place
    folder.rename(tmp_path / "whole")
    return place


def members(place: Path) -> dict[str, bytes]:
    return {name: content.read() for name, content in ArchiveReading(place).members()}


def rewritten(place: Path, told: dict[str, bytes], target: Path) -> None:
    """An archive with these members, whole in itself."""
    target.unlink(missing_ok=True)
    into = ArchiveWriting(target)
    for name, content in told.items():
        into.add(name, io.BytesIO(content), len(content))
    into.finish()


def flip(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return (
        content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]
    )


def flipped(place: Path, target: Path, chance: random.Random) -> None:
    target.write_bytes(flip(place.read_bytes(), chance))


def cut(place: Path, target: Path, chance: random.Random) -> None:
    content = place.read_bytes()
    target.write_bytes(content[: chance.randrange(len(content))])


def longer(place: Path, target: Path, chance: random.Random) -> None:
    target.write_bytes(place.read_bytes() + chance.randbytes(chance.randrange(1, 100)))


def one_missing(place: Path, target: Path, chance: random.Random) -> None:
    told = members(place)
    del told[chance.choice(list(told))]
    rewritten(place, told, target)


def one_more(place: Path, target: Path, chance: random.Random) -> None:
    name = chance.choice(
        ["site/feeds/more.yml", "database/x", "../outside", "/etc/outside", "more"]
    )
    rewritten(place, {**members(place), name: b"more"}, target)


def swapped(place: Path, target: Path, chance: random.Random) -> None:
    told = members(place)
    one, other = chance.sample(list(told), 2)
    told[one], told[other] = told[other], told[one]
    if told[one] == told[other]:
        told[one] += b"x"
    rewritten(place, told, target)


def edited(place: Path, target: Path, chance: random.Random) -> None:
    """The manifest says something else, and its SHA-256 is made anew in half of the cases."""
    told = members(place)
    document = json.loads(told[MANIFEST])
    name = chance.choice(list(document["members"]))
    chance.choice([
        lambda: document["members"][name].update(size=1),
        lambda: document["members"][name].update(sha256="0" * 64),
        lambda: document["members"].pop(name),
        lambda: document.update(format="something else"),
        lambda: document.update(schema="9999"),
        lambda: document.update(version=2),
        lambda: document.update(key_id="0" * 64),
    ])()  # fmt: skip
    told[MANIFEST] = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    if chance.random() < 0.5:
        told[DIGEST] = f"{digest_of(told[MANIFEST])}\n".encode()
    rewritten(place, told, target)


def in_folder(place: Path, target: Path, chance: random.Random) -> None:
    """A file of a backup that is a folder: changed, cut, missing, more, or a link."""
    shutil.copytree(place.with_name("whole"), target)
    path = chance.choice([one for one in sorted(target.rglob("*")) if one.is_file()])
    content = path.read_bytes()
    path.unlink()
    kind = chance.randrange(5)
    if kind == 0:
        path.write_bytes(flip(content or b"x", chance) if content else b"x")
    elif kind == 1:
        path.write_bytes(content[:-1] if content else b"y")
    elif kind == 2:
        path.write_bytes(content)
        (path.parent / "more").write_bytes(b"")
    elif kind == 3:
        path.symlink_to("/etc/hostname")


WAYS: list[Callable[[Path, Path, random.Random], None]] = [
    flipped, cut, longer, one_missing, one_more, swapped, edited, in_folder,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_isnt_as_it_was_is_found_out(
    original: Path, way: Callable[[Path, Path, random.Random], None], tmp_path: Path,
    figures: dict[str, int | float],
) -> None:  # fmt: skip
    chance = random.Random(way.__name__)
    assert check(original).manifest.tables["revision"] == 301
    for number in range(EACH):
        target = tmp_path / f"bad{number}{SUFFIX}"
        way(original, target, chance)
        with pytest.raises(HubError) as found:
            check(target)
        assert found.value.issue.code in CODES
        assert found.value.issue.value
        with pytest.raises(HubError):
            restore(target, tmp_path / f"restored{number}")
        assert not (tmp_path / f"restored{number}").exists()
        figures["corrupted backups found out"] = figures.get("corrupted backups found out", 0) + 1


def test_a_backup_that_somebody_made_anew(original: Path, tmp_path: Path) -> None:
    """It is whole in itself; only what was noted elsewhere tells that it isn't the one that was made."""
    told, made = members(original), check(original)
    manifest = replace(read_manifest(told), made_at="2020-01-01T00:00:00.000Z", key_id=None)
    told.pop(SIGNATURE, None)
    told[MANIFEST] = written(manifest)
    told[DIGEST] = f"{digest_of(told[MANIFEST])}\n".encode()
    target = tmp_path / f"anew{SUFFIX}"
    rewritten(original, told, target)
    assert check(target).sha256 != made.sha256
    with pytest.raises(HubError) as found:
        check(target, [made.sha256])
    assert found.value.issue.code == "backup_wrong"
    assert made.sha256 in found.value.issue.message("en")


def test_what_isnt_a_backup(tmp_path: Path, small: Working) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("x")
    with tarfile.open(tmp_path / "plain.tar", "w") as tar:
        tar.add(tmp_path / "other")
    for place, code in (
        (tmp_path / "other", "backup_foreign"),
        (small.site.path, "backup_foreign"),
        (tmp_path / "plain.tar", "backup_incomplete"),
        (tmp_path / "nowhere", "backup_missing"),
    ):
        with pytest.raises(HubError) as found:
            check(place)
        assert found.value.issue.code == code


def test_other_programs_read_it(original: Path) -> None:
    """tar and zstd pass over the digest at the end."""
    with pa.CompressedInputStream(pa.OSFile(str(original)), "zstd") as packed:
        content = packed.read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert set(tar.getnames()) == set(members(original)) > set(notes.NOTES[:2])
