"""A tally: which files a folder has, with size, time of change and SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue


@dataclass(frozen=True, slots=True)
class File:
    """One file. `changed` is its time of change in ns: with the size it says that nothing needs reading."""

    sha256: str
    bytes: int
    changed: int

    def looks_like(self, path: Path) -> bool:
        """Whether the file at `path` has this size and this time of change."""
        try:
            told = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return (told.st_size, told.st_mtime_ns) == (self.bytes, self.changed)


Tally = Mapping[str, File]  # path below the folder, with slashes → file


def key_of(folder: str, path: str, file: File) -> str:
    """Where the object of a file is: another content has another place."""
    return f"files/{folder}/{path}@{file.sha256[:16]}"


def list_key(folder: str) -> str:
    """Where the folder's list is."""
    return f"lists/{folder}.json"


def count(paths: Mapping[str, Path], known: Tally) -> dict[str, File]:
    """The tally of files (path below the folder → where it is); those that look as in `known` aren't
    read. Raises FileNotFoundError where one has gone meanwhile."""
    found = {}
    for name, path in paths.items():
        before = known.get(name)
        found[name] = before if before is not None and before.looks_like(path) else _read(path)
    return found


def _read(path: Path) -> File:
    told = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(digest, told.st_size, told.st_mtime_ns)


def files_below(root: Path, *names: str) -> Iterator[tuple[str, Path]]:
    """(path below `root`, where it is) of all finished files of these folders and files."""
    for name in names:
        path = root / name
        if path.is_file() and not path.is_symlink():
            yield name, path
        elif path.is_dir():
            # what begins with a dot is on its way to its place, or a lock
            inside = sorted(one.name for one in path.iterdir() if one.name[0] != ".")
            yield from files_below(root, *(f"{name}/{one}" for one in inside))


def write_tally(tally: Tally) -> bytes:
    """As it stands in the storage."""
    told = {name: asdict(file) for name, file in sorted(tally.items())}
    return json.dumps(told, ensure_ascii=False, indent=0).encode()


def read_tally(content: bytes | None, key: str) -> dict[str, File]:
    """Empty where there is none; raises Corrupt (storage_list_wrong)."""
    if content is None:
        return {}
    try:
        found = {str(name): File(**told) for name, told in json.loads(content).items()}
        for name, one in found.items():
            _check(name, one)
    except (ValueError, TypeError, AttributeError) as error:
        raise Corrupt(Issue("storage_list_wrong", value=key)) from error
    return found


def _check(name: str, one: File) -> None:
    """Raises ValueError, TypeError for what nobody has written, such as a path out of the folder."""
    parts = name.split("/")
    if not name or any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        raise ValueError(name)
    if len(one.sha256) != 64 or not all(isinstance(n, int) for n in (one.bytes, one.changed)):
        raise ValueError(name)
    bytes.fromhex(one.sha256)
