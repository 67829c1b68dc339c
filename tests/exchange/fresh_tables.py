"""A new hub's database quickly: on SQLite a copy of one that was made once in this process."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, make_url

from hub.database import connect, create_tables


def fresh(url: str) -> Engine:
    """An engine on a database with every table and nothing in them."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(str(place.database)).exists():
        shutil.copyfile(_template(), str(place.database))
        return connect(url)
    engine = connect(url)
    create_tables(engine)
    return engine


@cache
def _template() -> Path:
    target = Path(tempfile.mkdtemp(prefix="hub-tables-")) / "hub.sqlite"
    engine = connect(f"sqlite:///{target}")
    create_tables(engine)
    engine.dispose()
    return target
