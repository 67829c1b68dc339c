"""Checking a backup without restoring it: every member is read, and is as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.backup.container import Hashed
from hub.backup.manifest import MANIFEST, NOTES, Manifest, digest_of, read_manifest, wrong
from hub.backup.places import reading
from hub.backup.signature import check_signature
from hub.progress import Progress, Silent

_LARGEST_NOTE = 1 << 28  # bytes; a manifest of a million members has less


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that is whole: its manifest, and the SHA-256 of that in hex."""

    manifest: Manifest
    sha256: str


def check(place: Path, told: Sequence[str] = (), progress: Progress | None = None) -> Checked:
    """Read the whole backup and compare it with its manifest, and that with its signature.

    `told` are what the backup's maker noted: the manifest's SHA-256, the key's fingerprint. Raises
    Misdeclared (backup_missing), Corrupt (backup_incomplete, backup_unreadable, backup_wrong), which
    name the member, and Refused (backup_foreign, backup_newer).
    """
    shown, notes, found, read = progress or Silent(), dict[str, bytes](), _Found(), 0
    shown.step("reading the backup")
    for name, content in reading(place).members():
        if name in notes or name in found:
            raise wrong(name, "it is there twice")
        hashed = Hashed(content)
        if name in NOTES:
            notes[name] = hashed.read(_LARGEST_NOTE)
            continue
        for _ in hashed.blocks():
            pass
        found[name] = (hashed.size, hashed.sha256)
        read += hashed.size
        shown.rows(read)
    manifest = _manifest_of(notes, found)
    check_signature(notes, manifest, told)
    _compare(manifest, found)
    return Checked(manifest, digest_of(notes[MANIFEST]))


class _Found(dict[str, tuple[int, str]]):
    """member → (bytes, SHA-256)."""


def _manifest_of(notes: dict[str, bytes], found: _Found) -> Manifest:
    """Raises Refused (backup_foreign) for a place that has files but no sign of a backup."""
    if not notes and not any(name.startswith("database/") for name in found):
        raise Refused(Issue("backup_foreign", value=next(iter(found), MANIFEST)))
    return read_manifest(notes)


def _compare(manifest: Manifest, found: _Found) -> None:
    for name, member in manifest.members.items():
        if name not in found:
            raise Corrupt(Issue("backup_incomplete", value=name))
        if found[name] != (member.size, member.sha256):
            raise wrong(name, "its size or SHA-256 isn't what the manifest says")
    for name in found:
        if name not in manifest.members:
            raise wrong(name, "the manifest doesn't know it")
