"""Transport: a file in a folder that the department writes to."""

from __future__ import annotations

from glob import glob, has_magic
from pathlib import Path

from adapters.artefact import Artefact, Store
from adapters.environment import expand
from adapters.feed import Feed
from exchange_schemas.errors import SourceUnavailable
from exchange_schemas.issue import Issue


def fetch_file(feed: Feed, store: Store) -> Artefact:
    """Keep the feed's file; raises SourceUnavailable (file_missing), Misdeclared (secret_missing).

    A path with `*`, `?` or `[…]` means the last match by name: departments put the date into the
    names of their exports.
    """
    path = _newest(feed.path.parent / expand(feed.source.path))
    try:
        with path.open("rb") as source:
            return store.keep(source, path.name)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise SourceUnavailable(Issue("file_missing", value=str(path))) from error


def _newest(path: Path) -> Path:
    matches = sorted(glob(str(path))) if has_magic(str(path)) else []
    return Path(matches[-1]) if matches else path
