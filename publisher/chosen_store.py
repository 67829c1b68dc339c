"""Which store a portal reads: the files of the releases, or a database when its settings name one."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from publisher.store import FileStore, Store

#: A PostgreSQL database of the portal's own, e.g. postgresql://portal@127.0.0.1/portal.
SETTING = "HUB_PORTAL_DATABASE_URL"


def store_of(environment: Mapping[str, str]) -> Store:
    """The store that the settings ask for; raises Misdeclared where it is no PostgreSQL address."""
    url = environment.get(SETTING, "").strip()
    if not url:
        return FileStore()
    scheme, found, rest = url.partition("://")
    if not found or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise Misdeclared(Issue("portal_database_unknown", value=SETTING))
    from publisher.postgres_store import PostgresStore  # a portal of files needs no driver

    return PostgresStore(f"postgresql://{rest}")
