"""A folder into the storage and out of it: files first, then the list that says what counts.

Whoever dies on the way leaves the list of before, with all its files. An object that no list has is
removed by the next push.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.storage.bucket import Bucket
from hub.storage.tally import File, Tally, count, key_of, list_key, read_tally, write_tally
from publisher.disk import sync

_TURNS = 5  # looks at a folder in which files go while it is pushed


def tally_of(bucket: Bucket, folder: str) -> dict[str, File]:
    """Which files the storage has of a folder; raises Corrupt (storage_list_wrong)."""
    key = list_key(folder)
    return read_tally(bucket.read(key), key)


def push(
    bucket: Bucket, folder: str, look: Callable[[], Mapping[str, Path]], *, adding: bool = False
) -> int:
    """Bring the storage to what `look` finds here (path below the folder → file); returns how many files
    were put. `adding`: what the storage has besides stays there.
    """
    for turn in range(_TURNS):
        try:
            return _push(bucket, folder, look(), adding=adding)
        except FileNotFoundError:  # it was erased meanwhile
            if turn == _TURNS - 1:
                raise
    return 0


def _push(bucket: Bucket, folder: str, paths: Mapping[str, Path], *, adding: bool) -> int:
    before = tally_of(bucket, folder)
    now = count(paths, before)
    new = {name: file for name, file in now.items() if not _same(before.get(name), file)}
    for name, file in new.items():
        bucket.put(key_of(folder, name, file), paths[name], file.sha256)
    if adding:
        now = {**before, **now}
    if now != before:
        bucket.write(list_key(folder), write_tally(now))
    sweep(bucket, folder, now)
    return len(new)


def sweep(bucket: Bucket, folder: str, tally: Tally) -> list[str]:
    """Remove the folder's objects that its list hasn't: what was taken back, and what a push that died
    has left. Returns their keys."""
    wanted = {key_of(folder, name, file) for name, file in tally.items()}
    extra = [key for key in bucket.keys(f"files/{folder}/") if key not in wanted]
    bucket.remove(extra)
    return extra


def pull(
    bucket: Bucket,
    folder: str,
    root: Path,
    tally: Tally,
    last: Callable[[str], int] = lambda _: 0,
) -> int:
    """Fetch the files of `tally` that `root` hasn't, those for which `last` is greatest at the end;
    returns how many. Raises Corrupt (storage_wrong, storage_missing): what came before stays."""
    fetched = 0
    for name in sorted(tally, key=lambda name: (last(name), name)):
        file, target = tally[name], root / name
        if file.looks_like(target):
            continue
        _fetch(bucket, key_of(folder, name, file), target, file)
        fetched += 1
    return fetched


def _fetch(bucket: Bucket, key: str, target: Path, file: File) -> None:
    coming = target.with_name(f".new-{target.name}")
    try:
        bucket.fetch(key, coming, file.sha256)
        if coming.stat().st_size != file.bytes:
            raise Corrupt(Issue("storage_wrong", value=key))
        coming.chmod(0o444)
        os.utime(coming, ns=(file.changed, file.changed))
        coming.replace(target)
        sync(target.parent)
    finally:
        coming.unlink(missing_ok=True)


def _same(before: File | None, now: File) -> bool:
    return before is not None and (before.sha256, before.bytes) == (now.sha256, now.bytes)
