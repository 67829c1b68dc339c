"""When the newest backup was made, where `hub backup` puts them unless it is told otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hub.site import Site


def usual_place(site: Site) -> Path:
    """The folder beside the site."""
    return site.path.with_name(f"{site.path.name}-backups")


def newest_backup(site: Site) -> datetime | None:
    """That of the newest whole one; None where there is none. One that is being made has a name that
    begins with a dot."""
    place = usual_place(site)
    if not place.is_dir():
        return None
    made = [one.stat().st_mtime for one in place.iterdir() if not one.name.startswith(".")]
    return datetime.fromtimestamp(max(made), UTC) if made else None
