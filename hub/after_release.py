"""What follows a release: what it took back is looked for, the portal is told, CKANs are next."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError
from hub import ckan_targets, retractions
from hub.database import create_tables, write
from hub.exchange.waiting import streams_wait
from hub.site import Site
from hub.storage import pushing

logger = logging.getLogger(__name__)


def follow(site: Site, engine: Engine, catalogue: Catalogue, names: Iterable[str]) -> list[int]:
    """Look for what the releases of these datasets took back, and queue a job for each CKAN that is
    behind; returns the jobs. The releases stand, whatever is found wrong here: it is logged."""
    create_tables(engine)
    named = list(names)
    try:
        retractions.confirm_own(site, engine, catalogue, named)
        retractions.tell(site, engine, catalogue)
    except (HubError, OSError) as error:
        logger.warning("after the release: %s", type(error).__name__)
    with write(engine) as connection:
        for name in named:
            streams_wait(connection, name)
        made = ckan_targets.enqueue(connection, site, catalogue)
    pushing.note(site, pushing.SHOWN, *named)
    pushing.push_noted(site)
    return made
