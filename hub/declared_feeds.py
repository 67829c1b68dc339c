"""All declarations of a site at once, whatever one of them is like; read again only where a file changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from adapters.declaration import load_feed
from adapters.feed import Feed
from exchange_schemas.errors import HubError


@dataclass(frozen=True, slots=True)
class Declared:
    """The feeds by name, and the files that can't be read as one."""

    feeds: Mapping[str, Feed]
    broken: Sequence[Path]


def declared_feeds(site_feeds: Path) -> Declared:
    """What the `.yml` files in the site's `feeds/` declare; of two with one name the first by path."""
    feeds: dict[str, Feed] = {}
    broken = []
    for path in sorted(site_feeds.resolve().rglob("*.yml")):
        try:
            told = path.stat()
            found = _load(path, told.st_mtime_ns, told.st_size)
        except OSError:  # gone meanwhile
            continue
        if found is None:
            broken.append(path)
        else:
            feeds.setdefault(found.name, found)
    return Declared(dict(sorted(feeds.items())), broken)


@lru_cache(maxsize=4096)
def _load(path: Path, _changed: int, _size: int) -> Feed | None:
    try:
        return load_feed(path)
    except HubError:
        return None
