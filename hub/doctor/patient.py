"""What a check may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.issue import Issue
from hub.database import connect
from hub.settings.effective import Settings
from hub.site import Site


@dataclass
class Patient:
    """One installation. `environment` has the settings laid under it; `online` allows connections to
    the servers of others: those of feeds and targets. `now` has an offset."""

    site: Site
    settings: Settings
    environment: Mapping[str, str]
    now: datetime
    online: bool = False
    unreadable: Issue | None = field(default=None)  # why the database can't be asked

    @cached_property
    def engine(self) -> Engine:
        """The site's database as it is: the doctor makes no tables and changes nothing in it."""
        return connect(self.site.database_url)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The standards and the law in force here. Raises as `Site.catalogue`."""
        return self.site.catalogue()

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None on PostgreSQL."""
        url = make_url(self.site.database_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


#: A check gives at least one line: what is well is said too. What it raises counts as a fault.
Check = Callable[[Patient], Iterable[Issue]]
