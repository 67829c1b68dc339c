"""Writes the pages of a scoreboard into a folder, from which a browser shows them without a server."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.scope import Scope
from hub.web.scoreboard_site import bars, pages
from hub.web.scoreboard_site.told import Told, tell

MARK = ".scoreboard"  # a file in the folder says that it may be replaced as a whole
_STATIC = Path(__file__).parent / "static"


def write_site(connection: Connection, catalogue: Catalogue, scope: Scope, folder: Path) -> int:
    """Write all pages into `folder`, in place of an older scoreboard; returns how many pages.

    An older one stays as it is until the new one is complete. Raises Misdeclared
    (scoreboard_folder_taken), Refused (calendar_over), OSError.
    """
    folder = folder.resolve()
    if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
        raise Misdeclared(Issue("scoreboard_folder_taken", value=str(folder)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    for left in (fresh, old):  # of a run that was broken off
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(_STATIC, fresh / "assets")
    count = _write_pages(tell(connection, catalogue, scope), fresh)
    (fresh / MARK).touch()
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return count


def _write_pages(told: Told, folder: Path) -> int:
    written: dict[str, tuple[str, dict[str, Any]]] = {
        "index.html": ("index.html", pages.index(told))
    }
    for code in told.board["department"].unique().sort():
        written[pages.page_of(code)] = ("department.html", pages.department(told, code))
    for place, values in pages.lists(told).items():
        written[place] = ("list.html", values)
    environment = _environment()
    for place, (template, values) in written.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * place.count("/")
        text = environment.get_template(template).render(pages.shared(told), **values, up=up)
        path.write_text(text, encoding="utf-8")
    return len(written)


def _environment() -> Environment:
    """Every value is text and not markup, whatever a record has in it."""
    environment = Environment(
        loader=PackageLoader("hub.web.scoreboard_site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["bars"] = bars
    return environment
