"""Which files of a site go into a backup, and keeping them as they are at one moment.

Everything in the site's folder does, but
- the database, which is copied as one (`database_copy`);
- `columns/`, which follows from the database;
- what begins with a dot or ends in `.lock`: locks, and what is half written, which its maker would
  sweep, too;
- private keys, unless they are asked for: `keys/`, and files of the site's folder named `*.key`;
- left-overs: releases that current.json doesn't reach, and files of streams that no row names.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from hub.exchange.sealed_files import left_over
from hub.exchange.segments import folder_of
from hub.exchange.views import views_of
from hub.migrations.revisions import REVISIONS, version_of
from hub.site import Site

ROOM = (
    ".backup-room"  # in the site: links to its files, so that they stay whatever happens to them
)
DATABASE = "hub.sqlite"
KEPT = "raw"  # named by content and never removed: needs no link
_KEYS, _KEY = "keys", ".key"
_COLUMNS = "columns"
# Written behind the commit of what they tell, or removed behind it: taken before the database, so that
# what is done twice after a restore is done twice as after a crash, and nothing is lost.
EARLY = ("subscriptions", "answers", "retractions")
# Files that are put in place whole and never written into, so that a link keeps them; others are small
# and somebody may have one open in an editor.
_LINKED = ("releases", "exchange", "filings", "transfers")
_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EACCES)


@dataclass(slots=True)
class SiteFiles:
    """Collects a site's files in its `ROOM`.

    `folders` path → mode; `private` are the files with keys that weren't asked for; `left_out` links and
    the like, which nobody knows what they are for.
    """

    site: Site
    keys: bool
    folders: dict[str, int] = field(default_factory=dict)
    private: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def room(self) -> Path:
        """Where the links are."""
        return self.site.path / ROOM

    def begin(self) -> None:
        """Sweep what a backup that was killed has left, and take what is to be taken first."""
        shutil.rmtree(self.room, ignore_errors=True)
        self.room.mkdir(mode=0o700)
        for name in EARLY:
            self._take(name, frozenset())

    def take(self, connection: Connection) -> None:
        """Take the others; `connection` sees the database as it was copied."""
        leave = frozenset([*_unreached(self.site), *_unnamed(self.site, connection)])
        for path in sorted(self.site.path.iterdir()):
            if _is_private(path.name) and not self.keys:
                self.private += _names(path)
            elif path.name not in EARLY and _is_ours(path.name):
                self._take(path.name, leave)

    def end(self) -> None:
        """Remove the links."""
        shutil.rmtree(self.room, ignore_errors=True)

    def files(self) -> Iterator[tuple[str, Path]]:
        """(path in the site, where it can be read), once all are taken."""
        for root in (self.room, self.site.path / KEPT):
            base = self.room if root == self.room else self.site.path
            for folder, names, found in os.walk(root):
                names.sort()
                for name in sorted(found):
                    path = Path(folder, name)
                    if _is_seen(name) and _is_file(path):
                        yield path.relative_to(base).as_posix(), path

    def _take(self, top: str, leave: frozenset[Path]) -> None:
        path = self.site.path / top
        if path.is_dir():
            self._take_folder(path, leave)
        elif path.exists():
            self._take_file(path, top)

    def _take_folder(self, top: Path, leave: frozenset[Path]) -> None:
        for folder, names, found in os.walk(top):
            here = Path(folder)
            name = here.relative_to(self.site.path).as_posix()
            self.folders[name] = stat.S_IMODE(here.stat().st_mode)
            names[:] = [one for one in names if _is_seen(one) and here / one not in leave]
            self.left_out += [f"{name}/{one}" for one in names if (here / one).is_symlink()]
            if top.name == KEPT:
                continue
            (self.room / name).mkdir(parents=True, exist_ok=True)
            for one in found:
                if _is_seen(one) and here / one not in leave:
                    self._take_file(here / one, f"{name}/{one}")

    def _take_file(self, path: Path, name: str) -> None:
        if not _is_file(path):
            if path.is_symlink() or path.exists():
                self.left_out.append(name)
            return
        try:
            if name.partition("/")[0] in _LINKED:
                _link(path, self.room / name)
            else:
                shutil.copy2(path, self.room / name)
        except FileNotFoundError:  # a wish that was fulfilled meanwhile
            if name.partition("/")[0] not in EARLY:
                raise


def _is_ours(name: str) -> bool:
    follows = name in (DATABASE, _COLUMNS) or name.startswith(f"{DATABASE}-")
    return _is_seen(name) and not follows


def _is_private(name: str) -> bool:
    return name == _KEYS or (_is_seen(name) and name.endswith(_KEY))


def _names(path: Path) -> list[str]:
    """A file, or all files of a folder, as paths in the site."""
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    files = (one for one in found if one.is_file() and _is_seen(one.name))
    return [one.relative_to(path.parent).as_posix() for one in files]


def _link(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(path, target)


def _is_seen(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(".lock")


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _unreached(site: Site) -> Iterator[Path]:
    """Folders of releases that a builder who died has left: theirs is a number behind the current one."""
    for folder in site.releases.iterdir() if site.releases.is_dir() else ():
        pointer = folder / "current.json"
        reached = json.loads(pointer.read_bytes())["number"] if pointer.is_file() else 0
        if folder.is_dir():
            numbers = (path for path in folder.iterdir() if path.name.isdecimal())
            yield from (path for path in numbers if int(path.name) > reached)


def _unnamed(site: Site, connection: Connection) -> Iterator[Path]:
    # A site from before schemas had numbers keeps its left-overs: who knows which columns it has.
    for view in views_of(connection) if version_of(connection) in REVISIONS else ():
        folder = folder_of(site, view)
        yield from (folder / name for name in left_over(site, connection, view))
