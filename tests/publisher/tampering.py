"""Ways to tamper with a chain of releases: by who has the files only, or another key, or the true one."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from publisher.disk import sha256
from publisher.known_keys import KEYS
from publisher.signers import Ed25519Signer, Signer
from publisher.signing import sign_manifest
from tests.publisher.chains import SIGNER

OTHER = Ed25519Signer(bytes(range(1, 33)))

LINED = ("records.csv", "records-excel.csv", "records.jsonl", "records.json", "records.xml", "delta.csv", "tombstones.csv")  # fmt: skip
SEALED = ("records.jsonl", "delta.csv", "tombstones.csv", "dictionary.csv", "records.csv")
KEPT = ("manifest.json", "manifest.sig", "delta.csv", "tombstones.csv", "datapackage.json", "dictionary.csv")  # fmt: skip

Tamper = Callable[[Path, random.Random], str]
"""Tampers with the dataset in a folder and says how; "" where it found nothing to do."""


def rewrite(path: Path, content: bytes) -> bool:
    """Write other content; False where it is no other."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return True


def releases(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*"), key=lambda path: int(path.name))


def any_file(folder: Path, chance: random.Random, names: tuple[str, ...] = ()) -> Path | None:
    """A file of any release that its manifest, or the signature, covers."""
    told = [path for release in releases(folder) for path in release.iterdir() if path.is_file()]
    covered = [path for path in told if path.name not in ("verify.py", "erased.json")]
    fitting = [path for path in covered if not names or path.name in names]
    return chance.choice(fitting) if fitting else None


def bit(folder: Path, chance: random.Random) -> str:
    path = any_file(folder, chance)
    if path is None or not path.stat().st_size:
        return ""
    content, place = bytearray(path.read_bytes()), chance.randrange(8 * path.stat().st_size)
    content[place // 8] ^= 1 << place % 8
    return f"bit of {path.name}" if rewrite(path, bytes(content)) else ""


def lines(folder: Path, chance: random.Random, act: str) -> str:
    """A line is cut out, doubled, swapped with another or altered, or the last one is taken off."""
    path = any_file(folder, chance, LINED)
    if path is None:
        return ""
    rows = path.read_bytes().splitlines(keepends=True)
    if len(rows) < 2:
        return ""
    one, two = chance.sample(range(len(rows)), 2)
    if act == "cut":
        del rows[one]
    elif act == "doubled":
        rows.insert(one, rows[one])
    elif act == "swapped":
        rows[one], rows[two] = rows[two], rows[one]
    elif act == "altered":
        rows[one] = rows[one].replace(b"1", b"2")
    else:
        del rows[-1]
    return f"line {act} in {path.name}" if rewrite(path, b"".join(rows)) else ""


def truncated(folder: Path, chance: random.Random) -> str:
    path = any_file(folder, chance)
    if path is None or path.stat().st_size < 2:
        return ""
    rewrite(path, path.read_bytes()[: chance.randrange(path.stat().st_size)])
    return f"truncated {path.name}"


def deleted(folder: Path, chance: random.Random) -> str:
    path = any_file(folder, chance, KEPT)
    if path is None:
        return ""
    path.unlink()
    return f"deleted: {path.name}"


def manifest_of(release: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((release / "manifest.json").read_bytes())
    return told


def reseal(release: Path, told: dict[str, Any], signer: Signer | None) -> None:
    """Make the manifest fit the files again, and sign it anew where there is a key."""
    for file in told["files"]:
        path = release / file["name"]
        if path.is_file():
            file |= {"bytes": path.stat().st_size, "sha256": sha256(path)}
        if file["name"] == "records.jsonl":
            told["records_sha256"] = file["sha256"]
    content = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    rewrite(release / "manifest.json", content.encode())
    if signer is not None:
        (release / "manifest.sig").unlink()
        sign_manifest(release, signer)


def manifest(folder: Path, chance: random.Random, signer: Signer | None) -> str:
    """One fact of a manifest is another; with a key it is signed anew."""
    release = chance.choice(releases(folder))
    told = manifest_of(release)
    name = chance.choice(["created_at", "commitments_sha256", "counts", "previous", "good_until", "number"])  # fmt: skip
    if name == "counts":
        told["counts"][chance.choice(["records", "added", "changed", "removed"])] += 1
    elif name == "number":
        told["number"] += 1
    elif name == "previous":
        told["previous"] = {"number": 1, "manifest_sha256": "0" * 64}
    else:
        told[name] = {"created_at": "2020-01-01T00:00:00+08:00", "good_until": "2099-12-31"}.get(name, "0" * 64)  # fmt: skip
    reseal(release, told, signer)
    return f"{name} of the manifest, {'signed anew' if signer else 'unsigned'}"


def content(folder: Path, chance: random.Random, signer: Signer | None) -> str:
    """A line of a file is altered or cut out, and the manifest made to fit."""
    path = any_file(folder, chance, SEALED)
    if path is None:
        return ""
    rows = path.read_bytes().splitlines(keepends=True)
    if not rows:
        return ""
    one = chance.randrange(len(rows))
    rows[one] = chance.choice([b"", rows[one].replace(b"1", b"2")])
    if not rewrite(path, b"".join(rows)):
        return ""
    reseal(path.parent, manifest_of(path.parent), signer)
    return f"resealed {path.name}, {'signed anew' if signer else 'unsigned'}"


def signature(folder: Path, chance: random.Random) -> str:
    """A signature is taken from another release, or is by another key."""
    one, two = chance.sample(releases(folder), 2)
    if chance.random() < 0.5:
        rewrite(one / "manifest.sig", (two / "manifest.sig").read_bytes())
        return "signature of another release"
    (one / "manifest.sig").unlink()
    sign_manifest(one, OTHER)
    return "signature by another key"


def release(folder: Path, chance: random.Random) -> str:
    """A release is taken away or put in the place of another."""
    known = releases(folder)
    one, two = chance.sample(known[:-1], 2)
    shutil.rmtree(one)
    if chance.random() < 0.5:
        return "a release" if one != known[0] else "the first release, so it says: from release 2"
    shutil.copytree(two, one)
    return "release in the place of another"


def quietly(folder: Path, chance: random.Random) -> str:
    """The publisher takes a record out of the newest release, or its tombstone, and signs anew."""
    newest = releases(folder)[-1]
    path = newest / chance.choice(["records.jsonl", "tombstones.csv"])
    rows = path.read_bytes().splitlines(keepends=True)
    head = 1 if path.suffix == ".csv" else 0
    if len(rows) <= head:
        return ""
    del rows[chance.randrange(head, len(rows))]
    rewrite(path, b"".join(rows))
    reseal(newest, manifest_of(newest), SIGNER)
    return f"{path.name} quietly shortened by the publisher"


def all_by_another(folder: Path, chance: random.Random) -> str:
    """Everything is signed anew with another key, each manifest naming the one before it."""
    before: Path | None = None
    for one in releases(folder):
        told = manifest_of(one)
        if before is not None:
            told["previous"]["manifest_sha256"] = sha256(before / "manifest.json")
        reseal(one, told, OTHER)
        before = one
    return "all signed by another key"


WAYS: dict[str, Tamper] = {
    "bit": bit,
    "truncated": truncated,
    "deleted": deleted,
    "signature": signature,
    "release": release,
    "quietly": quietly,
    "all by another": all_by_another,
    "manifest": lambda folder, chance: manifest(folder, chance, None),
    "manifest by another": lambda folder, chance: manifest(folder, chance, OTHER),
    "content": lambda folder, chance: content(folder, chance, None),
    "content by another": lambda folder, chance: content(folder, chance, OTHER),
    **{
        f"line {act}": lambda folder, chance, act=act: lines(folder, chance, act)  # type: ignore[misc]
        for act in ("cut", "doubled", "swapped", "altered", "last")
    },
}


def copied(source: Path, target: Path) -> Path:
    """A copy of the dataset in `source` and of the keys beside it; returns its folder."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target / source.name)
    shutil.copyfile(source.parent / KEYS, target / KEYS)
    return target / source.name
