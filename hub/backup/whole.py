"""Whether a folder is a whole site: told from what lies in it, before anything is opened.

RESTORING       a restore is under way, or was broken off
database.json   which kind of database has the site's truth, once it isn't SQLite in the folder, or
                isn't any more
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from publisher.disk import sync, write_synced

RESTORING, MISSING, TRUTH = "RESTORING", "KEYS_MISSING", "database.json"
DATABASE = "hub.sqlite"
_HEADER = 16  # bytes with which every SQLite file that was written into begins


def check_restored(path: Path) -> None:
    """Raises Refused (site_restoring) for a folder in which a restore hasn't come to its end."""
    if (path / RESTORING).exists():
        raise Refused(Issue("site_restoring", value=str(path)))


def check_whole(path: Path, configured: str | None) -> None:
    """Raises Refused for a folder that isn't a whole site: site_moved, site_half_copied,
    site_keys_missing.

    `configured` is HUB_DATABASE_URL, None where the database is SQLite in the folder. Looks at names
    only; what is missing inside is found by `hub verify`.
    """
    _check_truth(path, configured)
    _check_keys(path)
    for name in ("raw", "releases"):
        if not (path / name).is_dir():
            raise _half(path, f"{name}/")
    if configured is None and not _is_database(path / DATABASE) and _has_worked(path):
        raise _half(path, DATABASE)


def _check_truth(path: Path, configured: str | None) -> None:
    place = path / TRUTH
    if not place.is_file():
        return
    told = json.loads(place.read_bytes())
    kind = kind_of(configured)
    if kind != told["kind"]:
        words = {"kind": str(told["kind"]), "found": kind, "at": str(told["at"])}
        raise Refused(Issue("site_moved", value=str(path), params=words))


def _check_keys(path: Path) -> None:
    if not (path / MISSING).is_file():
        return
    for name in (path / MISSING).read_text(encoding="utf-8").splitlines():
        if not (path / name).is_file():
            raise Refused(Issue("site_keys_missing", value=name, params={"site": str(path)}))


def say_keys_are_missing(path: Path, names: Sequence[str]) -> None:
    """Have the site opened only once these files are there, or somebody decides to do without."""
    write_synced(path / MISSING, "".join(f"{name}\n" for name in names).encode())
    sync(path)


def kind_of(url: str | None) -> str:
    """sqlite or postgresql."""
    return "postgresql" if (url or "").startswith("postgresql") else "sqlite"


def say_where_truth_is(path: Path, kind: str, at: str) -> None:
    """Note of which kind the site's database is since `at`; whoever opens it with another is refused."""
    coming = path / f".{TRUTH}"
    write_synced(coming, (json.dumps({"kind": kind, "at": at}) + "\n").encode())
    coming.replace(path / TRUTH)
    sync(path)


def _half(path: Path, name: str) -> Refused:
    return Refused(Issue("site_half_copied", value=str(path), params={"missing": name}))


def _is_database(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > _HEADER


def _has_worked(path: Path) -> bool:
    """Whether anything is there that a database must know of: a new site has nothing."""
    found = ("raw/??/*", "releases/*/current.json", "exchange/*/*/*.hashes")
    return any(next(path.glob(pattern), None) is not None for pattern in found)
