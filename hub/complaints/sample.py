"""Six invented tickets and their feed, to try routing with; nobody in them is real."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from hub.site import Site

NAMES = ("sample_tickets.yml", "sample_tickets.jsonl")


def copy_sample(site: Site) -> Path:
    """Copy the feed and its file into the site's feeds; returns the declaration's place."""
    for name in NAMES:
        with as_file(files("hub.complaints").joinpath(name)) as source:
            shutil.copyfile(source, site.feeds / name)
    return site.feeds / NAMES[0]
