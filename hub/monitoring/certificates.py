"""Until when the certificates are valid that others show: of the own site, of sources and of the province.

Asked for from outside, as every client does it: what the files of a server say isn't what it shows.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Engine, delete, func, insert, select

from exchange_schemas.errors import HubError
from hub.database import write
from hub.instant import instant_of
from hub.monitoring.shown_certificate import shown
from hub.monitoring.tables import watched_certificate

SETTING = "HUB_ALERTS_CERTIFICATES"  # host, host:port or https://…, separated by commas
EVERY = timedelta(hours=1)
HTTPS = 443


def addresses() -> list[str]:
    """host:port of those that are watched."""
    found = []
    for one in os.environ.get(SETTING, "").split(","):
        if text := one.strip():
            told = urlsplit(text if "//" in text else f"//{text}")
            found.append(f"{told.hostname}:{told.port or HTTPS}")
    return found


def ask(address: str) -> tuple[str | None, str | None]:
    """When the certificate that is shown ends, or the kind of the error where none is accepted."""
    host, _, port = address.rpartition(":")
    try:
        # Whoever sets the environment may name servers of the own network.
        return instant_of(shown(host, int(port), internal=True).ends), None
    except HubError as error:
        return None, error.issue.code
    except (OSError, ValueError) as error:
        return None, type(error).__name__


def watch(engine: Engine, now: datetime) -> int:
    """Ask for all of them, unless that was done within the hour; returns how many were asked."""
    wanted, table = addresses(), watched_certificate
    with engine.connect() as connection:
        known = set(connection.scalars(select(table.c.address)))
        oldest = connection.scalar(select(func.min(table.c.asked_at)))
    fresh = oldest is not None and datetime.fromisoformat(oldest) > now - EVERY
    if known == set(wanted) and (fresh or not wanted):
        return 0
    found = [(address, *ask(address)) for address in dict.fromkeys(wanted)]
    with write(engine) as connection:
        connection.execute(delete(table))
        rows = [
            {"address": address, "ends_at": ends, "failure": failure, "asked_at": instant_of(now)}
            for address, ends, failure in found
        ]
        if rows:
            connection.execute(insert(table), rows)
    return len(found)
