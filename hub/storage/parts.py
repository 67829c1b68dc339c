"""Parts of deliveries in the storage: from the worker that read one to the run that waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exchange_schemas.errors import Corrupt
from hub.storage.bucket import open_bucket
from hub.storage.place import place_of


def keep_part(path: Path) -> None:
    """Put a part, which is named by its digest, into the storage, if there is one. Raises as `Bucket`."""
    place = place_of()
    if place is not None:
        open_bucket(place).put(_key(path.name), path, path.name)


def fetch_part(path: Path) -> Path:
    """Where a part is, or would be: fetched from the storage, if there is one that has it. Raises as `Bucket`."""
    place = place_of()
    if place is not None and not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            open_bucket(place).fetch(_key(path.name), path, path.name)
        except Corrupt as error:
            if error.issue.code != "storage_missing":
                raise
    return path


def forget_parts(paths: Sequence[Path]) -> None:
    """Remove parts here and from the storage. Raises as `Bucket`."""
    for path in paths:
        path.unlink(missing_ok=True)
    place = place_of()
    if place is not None and paths:
        open_bucket(place).remove(_key(path.name) for path in paths)


def _key(sha256: str) -> str:
    return f"parts/{sha256[:2]}/{sha256}"
