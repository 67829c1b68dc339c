"""Alembic, run by the program: the files of `versions` in their order, with a connection that is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent


def run(connection: Connection, told: Callable[[str], None]) -> None:
    """Make the newest schema of the one that the database says it has, in the caller's transaction.

    `told` is called with each revision that was made.
    """
    config = _config()
    config.attributes["connection"] = connection
    config.attributes["told"] = lambda step, **_: told(str(step.up_revision_id))
    command.upgrade(config, "head")


def revisions() -> list[str]:
    """What `versions` has, oldest first."""
    found: Any = ScriptDirectory.from_config(_config()).walk_revisions()
    return [one.revision for one in found][::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("version_locations", str(_FOLDER / "versions").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
