"""manifest.json of a backup: every member with its SHA-256, and what the database held.

manifest.json      this
manifest.sha256    its SHA-256, hex: without it, a manifest that somebody edited would vouch for itself
manifest.sig       signed with the site's release key, where it has one (`signature`)
database/…         the database (`database_copy`)
site/…             the site's files
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.migrations.revisions import BEFORE, EMPTY, REVISIONS

MANIFEST, DIGEST, SIGNATURE = NOTES = "manifest.json", "manifest.sha256", "manifest.sig"
DATABASE, FILES = "database/", "site/"
FORMAT = "exchange-hub backup"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a backup: `size` in bytes, hex `sha256`, and the `mode` that the site's file had."""

    size: int
    sha256: str
    mode: int = 0o600


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    `database` is sqlite or postgresql; `tables` table → rows, `heads` dataset → last sequence number,
    `schema` that of the database (`migrations.revisions`); `folders` the site's folders → their modes;
    `key_id` is that of the key it is signed with, None: the site had none; `keys` says whether private
    keys are in it, and `private` which files with some aren't. `members` are named as in the backup.
    """

    made_at: str
    program: str
    database: str
    schema: str
    tables: Mapping[str, int]
    heads: Mapping[str, int]
    keys: bool
    private: list[str]
    key_id: str | None
    folders: Mapping[str, int]
    members: Mapping[str, Member]
    format: str = FORMAT
    version: int = VERSION

    @property
    def bytes(self) -> int:
        """Of all members."""
        return sum(one.size for one in self.members.values())


def written(manifest: Manifest) -> bytes:
    """The one way in which a manifest is written."""
    return (json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n").encode()


def digest_of(content: bytes) -> str:
    """The manifest's SHA-256 in hex, which stands for the whole backup."""
    return hashlib.sha256(content).hexdigest()


def read_manifest(notes: Mapping[str, bytes]) -> Manifest:
    """The manifest among a backup's `NOTES`.

    Raises Corrupt (backup_incomplete, backup_wrong), and Refused: backup_foreign for what isn't a
    backup of a site, backup_newer for one of a later version of this program.
    """
    for name in (MANIFEST, DIGEST):
        if name not in notes:
            raise Corrupt(Issue("backup_incomplete", value=name))
    content = notes[MANIFEST]
    if notes[DIGEST] != f"{digest_of(content)}\n".encode():
        raise wrong(MANIFEST, f"its SHA-256 isn't that of {DIGEST}")
    try:
        told: dict[str, Any] = json.loads(content)
        _check_kind(told)
        found = Manifest(
            **{**told, "members": {n: Member(**one) for n, one in told["members"].items()}}
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise wrong(MANIFEST, str(error)) from error
    for name in (*found.members, *(f"{FILES}{path}" for path in found.folders)):
        if not _is_inside(name):
            raise wrong(name, "it isn't the name of a file of a site")
    return found


def _check_kind(told: Mapping[str, Any]) -> None:
    if told.get("format") != FORMAT:
        raise Refused(Issue("backup_foreign", value=MANIFEST))
    later = None
    if told["version"] > VERSION:
        later = f"format {told['version']}"
    elif told["schema"] not in (*REVISIONS, EMPTY, BEFORE):
        later = f"schema {told['schema']}"
    if later is not None:
        words = {"found": later, "program": str(told["program"])}
        raise Refused(Issue("backup_newer", value=MANIFEST, params=words))


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and "\0" not in name
    return plain and str(path) == name and name.startswith((DATABASE, FILES))


def wrong(member: str, reason: str) -> Corrupt:
    """That a member of a backup isn't as it was written."""
    return Corrupt(Issue("backup_wrong", value=member, params={"reason": reason}))
