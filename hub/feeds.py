"""Which feeds a site has: the `.yml` files in its `feeds/` folder."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from adapters.declaration import load_feed
from adapters.feed import Feed
from adapters.workbook_feed import SUFFIXES, workbook_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue


def list_feeds(site_feeds: Path) -> list[Feed]:
    """The site's feeds by name; raises Misdeclared (feed_invalid) for the first that can't be read."""
    return sorted((load_feed(path) for path in _declarations(site_feeds)), key=lambda f: f.name)


def find_feed(site_feeds: Path, name_or_path: str) -> Feed:
    """The feed with this name in the site, or declared at this path (anything ending in .yml).

    A filled template (.xlsx) is a feed that nobody has to declare. Raises Misdeclared: feed_unknown,
    feed_invalid, workbook_unmarked; SourceUnreadable for a workbook that can't be read.
    """
    if name_or_path.lower().endswith(SUFFIXES):
        return workbook_feed(
            Path(name_or_path), load_catalogue(own=site_feeds.parent / "standards")
        )
    if name_or_path.endswith((".yml", ".yaml")):
        return load_feed(Path(name_or_path))
    named = site_feeds / f"{name_or_path}.yml"
    if named.is_file():
        return load_feed(named)
    for feed in list_feeds(site_feeds):  # the file may have another name than the feed
        if feed.name == name_or_path:
            return feed
    raise Misdeclared(Issue("feed_unknown", value=name_or_path))


def copy_samples(site_feeds: Path) -> None:
    """Put the shipped sample feeds and their data into the site; what is there already stays."""
    _copy("samples", site_feeds)


def copy_examples(site_feeds: Path) -> None:
    """The same with a feed of each other department, in the folder `examples`."""
    (site_feeds / "examples").mkdir(exist_ok=True)
    _copy("examples", site_feeds / "examples")


def _copy(folder: str, site_feeds: Path) -> None:
    with as_file(files("adapters").joinpath("feeds", folder)) as samples:
        for source in sorted(samples.rglob("*")) if samples.is_dir() else []:
            target = site_feeds / source.relative_to(samples)
            if source.suffix == ".py" or "__pycache__" in source.parts or target.exists():
                continue
            if source.is_dir():
                target.mkdir(parents=True)
            else:
                shutil.copyfile(source, target)


def _declarations(site_feeds: Path) -> list[Path]:
    return sorted(path for path in site_feeds.rglob("*.yml") if path.is_file())


def topic(feed_name: str) -> str:
    """What two runs of one feed have in common: they don't happen at the same time."""
    return f"feed:{feed_name}"
