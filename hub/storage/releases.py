"""Releases into the storage, and out of it to portals and to other machines of the hub.

Of a dataset the numbers that current.json reaches are pushed, as they are: where content was erased, it is
removed from the storage. Out of it, current.json is replaced after the files that it names, and content
that was erased goes after that.
"""

from __future__ import annotations

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.storage import folders
from hub.storage.bucket import Bucket
from hub.storage.tally import File, files_below, list_key, read_tally
from publisher.erasing import ERASED
from publisher.release import CURRENT, current_release

FOLDER = "releases"
_NUMBER = re.compile(r"([1-9][0-9]*)/", re.ASCII)


def push(bucket: Bucket, releases: Path, dataset: str) -> int | None:
    """Bring the storage to the releases of a dataset; returns the newest number, None where there is none
    or the storage has a newer one, which another machine made."""
    root = releases / dataset
    current = current_release(releases, dataset)
    if current is None or current.number < newest_there(bucket, dataset):
        return None

    def look() -> dict[str, Path]:
        newest = current_release(releases, dataset)
        numbers = range(1, newest.number + 1 if newest else 1)
        return dict(files_below(root, *map(str, numbers), CURRENT))

    folders.push(bucket, f"{FOLDER}/{dataset}", look)
    return current.number


def pull(bucket: Bucket, releases: Path, dataset: str) -> int:
    """Bring the releases of a dataset here to what the storage has, unless here is a newer one; returns how
    many files were fetched. Raises Corrupt: the releases of before stand."""
    folder, root = f"{FOLDER}/{dataset}", releases / dataset
    tally = folders.tally_of(bucket, folder)
    if not tally:
        return 0
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        here = current_release(releases, dataset)
        if here is not None and here.number > newest_of(tally):
            return 0
        wanted = {name: file for name, file in tally.items() if not _erased_here(root, name)}
        fetched = folders.pull(bucket, folder, root, wanted, _last)
        for number in _erased_there(tally):
            _remove_others(root / number, number, tally)
    return fetched


def datasets_there(bucket: Bucket) -> list[str]:
    """The datasets that the storage has releases of."""
    start = list_key(f"{FOLDER}/")[: -len(".json")]
    return [key[len(start) : -len(".json")] for key in bucket.keys(start)]


def newest_there(bucket: Bucket, dataset: str) -> int:
    """The number of the newest release that the storage has; 0 where it has none."""
    return newest_of(folders.tally_of(bucket, f"{FOLDER}/{dataset}"))


def newest_of(tally: dict[str, File]) -> int:
    """The newest number in a tally; only numbers that current.json reaches are in it."""
    found = (_NUMBER.match(name) for name in tally)
    return max((int(one[1]) for one in found if one), default=0)


def read_list(content: bytes, dataset: str) -> dict[str, File]:
    """The list of a dataset's releases; raises Corrupt (storage_list_wrong)."""
    return read_tally(content, list_key(f"{FOLDER}/{dataset}"))


def _last(name: str) -> int:
    """current.json after what it names, and that content was erased after that."""
    return 2 if name.endswith(f"/{ERASED}") else int(name == CURRENT)


def _erased_here(root: Path, name: str) -> bool:
    """Whether the file is of a release whose content was erased here: it mustn't come back."""
    found = _NUMBER.match(name)
    return found is not None and (root / found[1] / ERASED).is_file()


def _erased_there(tally: dict[str, File]) -> list[str]:
    return [name[: -len(ERASED) - 1] for name in tally if name.endswith(f"/{ERASED}")]


def _remove_others(folder: Path, number: str, tally: dict[str, File]) -> None:
    """Remove what an erased release has here and not in the storage."""
    if not folder.is_dir():
        return
    for item in folder.iterdir():
        name = f"{number}/{item.name}"
        if item.is_dir() and not any(one.startswith(f"{name}/") for one in tally):
            shutil.rmtree(item)
        elif not item.is_dir() and name not in tally:
            item.unlink(missing_ok=True)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """As `publisher.release` does while it builds: one of the two at a time."""
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
