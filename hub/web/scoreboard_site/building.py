"""Writes the pages of a scoreboard into a folder, from which a browser shows them without a server."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from hub.scope import Scope
from hub.web.scoreboard_site import bars, pages
from hub.web.scoreboard_site.told import Told, tell
from publisher.static_site import Pages, replacing, write_pages

MARK = ".scoreboard"  # a file in the folder says that it may be replaced as a whole
_STATIC = Path(__file__).parent / "static"


def write_site(
    connection: Connection, catalogue: Catalogue, scope: Scope, folder: Path, place: str = ""
) -> int:
    """Write all pages into `folder`, in place of an older scoreboard; returns how many pages.

    An older one stays as it is until the new one is complete. `place` is whose scoreboard it is, such
    as a city. Raises Misdeclared (scoreboard_folder_taken), Refused (calendar_over), OSError.
    """
    with replacing(folder, MARK, "scoreboard_folder_taken") as fresh:
        shutil.copytree(_STATIC, fresh / "assets")
        told = tell(connection, catalogue, scope)
        more = {**pages.shared(told), "bars": bars, "place": place}
        return write_pages(fresh, "hub.web.scoreboard_site", _pages(told), more)


def _pages(told: Told) -> Pages:
    written: dict[str, tuple[str, dict[str, Any]]] = {
        "index.html": ("index.html", pages.index(told))
    }
    for code in told.board["department"].unique().sort():
        written[pages.page_of(code)] = ("department.html", pages.department(told, code))
    for place, values in pages.lists(told).items():
        written[place] = ("list.html", values)
    return written
