"""Files that people hand in through the console: kept in the site until they were taken in, for some days.

Each has a folder of its own with a random name, so that no name that a browser sends is ever a path.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.site import Site

KEPT_DAYS = 14
_NAME_BYTES = 200  # a file system takes 255, and readers add a suffix
_NUMBER = re.compile("[0-9a-f]{32}")
_NOTE, _FILE = "upload.json", "file"


@dataclass(frozen=True, slots=True)
class Upload:
    """`person` handed in a file called `name` at `at` (ISO 8601, UTC); it lies in `folder`."""

    folder: Path
    person: str
    name: str
    at: str

    @property
    def number(self) -> str:
        """What tells it again."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Where the bytes are."""
        return self.folder / _FILE / self.name


def uploads_of(site: Site) -> Path:
    """The folder of all of them; for the hub only, they may be personal."""
    return site.path / "uploads"


def keep(site: Site, person: str, name: str, source: IO[bytes]) -> Upload:
    """Keep what `source` has; raises Refused (upload_empty, upload_not_kept). Old ones are removed."""
    clean(site)
    folder = uploads_of(site) / secrets.token_hex(16)
    made = Upload(folder, person, _safe_name(name), utc_now())
    try:
        uploads_of(site).mkdir(mode=0o700, exist_ok=True)
        made.path.parent.mkdir(mode=0o700, parents=True)
        with made.path.open("xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        told = {"person": person, "name": made.name, "at": made.at}
        (folder / _NOTE).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        empty = made.path.stat().st_size == 0
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        words = {"reason": error.strerror or type(error).__name__}
        raise Refused(Issue("upload_not_kept", value=made.name, params=words)) from error
    if empty:
        shutil.rmtree(folder, ignore_errors=True)
        raise Refused(Issue("upload_empty", value=made.name))
    return made


def find(site: Site, number: str, person: str) -> Upload:
    """Somebody's upload; raises Refused (upload_unknown), also for what another person handed in."""
    found = _read(uploads_of(site) / number) if _NUMBER.fullmatch(number) else None
    if found is None or found.person != person:
        raise unknown(number)
    return found


def unknown(number: str) -> Refused:
    """The error that there is no such upload of theirs."""
    return Refused(Issue("upload_unknown", value=number))


def of_person(site: Site, person: str) -> list[Upload]:
    """What somebody has handed in and is still kept, the newest first."""
    mine = [one for one in _all(site) if one.person == person]
    return sorted(mine, key=lambda one: one.at, reverse=True)


def clean(site: Site, now: datetime | None = None) -> int:
    """Remove what is older than `KEPT_DAYS`, or was never finished; returns how many."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)
    removed = 0
    root = uploads_of(site)
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        with suppress(FileNotFoundError):  # somebody else is cleaning, too
            if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < oldest:
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


def _all(site: Site) -> Iterator[Upload]:
    root = uploads_of(site)
    for folder in root.iterdir() if root.is_dir() else []:
        found = _read(folder)
        if found is not None:
            yield found


def _read(folder: Path) -> Upload | None:
    try:
        told = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # gone, or being written
        return None
    return Upload(folder, told["person"], told["name"], told["at"])


def _safe_name(name: str) -> str:
    """A plain file name: no folders, nothing that isn't shown, its suffix kept, since that tells packed
    files."""
    plain = "".join(one for one in name.replace("\\", "/").rpartition("/")[2] if one.isprintable())
    stem, dot, suffix = plain.strip(". ").rpartition(".")
    suffix = f"{dot}{suffix}" if stem and len(suffix.encode()) <= 20 else ""
    whole = plain.strip(". ").removesuffix(suffix).encode("utf-8", "replace")
    short = whole[: _NAME_BYTES - len(suffix.encode())].decode("utf-8", "ignore")
    return f"{short or 'file'}{suffix}"
