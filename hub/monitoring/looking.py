"""With what the hub is looked at: its site, a connection that ends in time, what is declared, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from hub.site import Site


@dataclass(frozen=True, slots=True)
class Looking:
    """What every part is given. `now` is aware, in UTC."""

    site: Site
    connection: Connection
    catalogue: Catalogue
    now: datetime
