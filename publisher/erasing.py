"""Content that is public no more: which releases it stands in, and how it is taken away.

A release that changed or removed records takes back what all releases before it said. Their
manifests, descriptions and dictionaries stay, so the chain of digests can still be proved; the
files with records go. Whether a release was taken back is read from the manifests after it, so it
holds from the moment in which current.json names the next one, whether or not the files are gone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from publisher.disk import sync, write_synced
from publisher.files import CONTENT, FILES
from publisher.manifest import MANIFEST, name_of, now, read_manifest

ERASED = "erased.json"
SIGNATURE, VERIFIER = "manifest.sig", "verify.py"
# What has no record in it.
KEPT = (MANIFEST, SIGNATURE, VERIFIER, *(name for name in FILES if name not in CONTENT))
_COMING = f".{ERASED}"
_REASON = {
    "zh": "此后的发布版变更或撤下了记录，本版的内容可能已不再公示，因此删除；清单和摘要保留。",
    "en": (
        "a later release changed or removed records, so the content of this one may no longer be "
        "public and was erased; manifest and digests are kept"
    ),
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """erased.json: when content was erased, the release that took it back, why (zh and en)."""

    at: str
    followed_by: int
    reason: dict[str, str]


def taken_back_by(folder: Path, number: int, newest: int) -> int | None:
    """The release that took back content of release `number`; None: all of it is still public.

    `folder` is the dataset's, `newest` the number that current.json names. Raises Corrupt where a
    release between the two can't be read: then nobody can tell.
    """
    later = range(number + 1, newest + 1)
    return next((n for n in later if read_manifest(folder / str(n)).takes_back), None)


def read_erasure(path: Path) -> Erasure | None:
    """What erased.json says; None where there is none. Raises Corrupt (release_wrong)."""
    try:
        told: dict[str, Any] = json.loads((path / ERASED).read_bytes())
        return Erasure(str(told["at"]), int(told["followed_by"]), dict(told["reason"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        words = {"reason": f"{ERASED}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(path), params=words)) from error


def erase_taken_back(folder: Path, newest: int) -> list[int]:
    """Erase what releases before `newest` have of content that was taken back; returns which.

    Oldest first, so wherever one is done, all before it are. May be done again after a crash, and
    must be done under the lock of the dataset's builder.
    """
    left = takewhile(lambda one: not _is_done(folder / str(one[0])), _taken_back(folder, newest))
    found = list(left)[::-1]
    for number, followed_by in found:
        _erase(folder / str(number), followed_by)
    return [number for number, _ in found]


def _taken_back(folder: Path, newest: int) -> Iterator[tuple[int, int]]:
    """(release, the first one after it that took records back), newest first."""
    followed_by: int | None = None
    for number in range(newest, 0, -1):
        if followed_by is not None:
            yield number, followed_by
        if _takes_back(folder / str(number)):
            followed_by = number


def _takes_back(path: Path) -> bool:
    try:
        return read_manifest(path).takes_back
    except Corrupt:
        return False  # whoever reads those before it is refused; `verify_release` names it


def _content(path: Path) -> list[Path]:
    kept = {*KEPT, ERASED}
    return [item for item in path.iterdir() if item.name not in kept] if path.is_dir() else []


def _is_done(path: Path) -> bool:
    return (path / ERASED).is_file() and not _content(path)


def _erase(path: Path, followed_by: int) -> None:
    """The files first: that gives a full disk the room for the note."""
    for item in _content(path):
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink(missing_ok=True)
    sync(path)
    erasure = Erasure(now(), followed_by, _REASON)
    text = json.dumps(asdict(erasure), ensure_ascii=False, indent=2) + "\n"
    write_synced(path / _COMING, text.encode())
    (path / _COMING).chmod(0o444)
    (path / _COMING).replace(path / ERASED)
    sync(path)
