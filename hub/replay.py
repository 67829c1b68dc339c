"""Reading a kept delivery again, with the feed as it is declared now."""

from __future__ import annotations

from sqlalchemy import Connection, Row, select

from adapters.artefact import Artefact
from adapters.delivered import Delivered
from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.site import Site
from hub.storage.artefacts import find_raw
from hub.tables import feed, run

WITH_DELIVERY = ("committed", "held")


def kept_delivery(
    connection: Connection, site: Site, feed_name: str, run_id: int | None = None
) -> tuple[int, Delivered]:
    """(run, delivery) of the feed's run `run_id`, or of its last one.

    Raises Refused (run_unknown), Corrupt (artefact_missing).
    """
    found = _find(connection, feed_name, run_id)
    if found is None:
        raise Refused(Issue("run_unknown", value=str(run_id or feed_name)))
    path = find_raw(site, found.sha256)
    if not path.is_file():
        raise Corrupt(Issue("artefact_missing", value=found.sha256))
    artefact = Artefact(found.sha256, path, path.stat().st_size, found.source)
    return int(found.id), Delivered(
        artefact, found.fetched_at or found.started_at, (), found.cursor
    )


def is_last(connection: Connection, feed_name: str, run_id: int) -> bool:
    """Whether the run's delivery is the newest that the feed has."""
    newest = _find(connection, feed_name, None)
    return newest is not None and newest.id == run_id


def _find(connection: Connection, feed_name: str, run_id: int | None) -> Row[tuple[object]] | None:
    query = (
        select(run)
        .join(feed, feed.c.id == run.c.feed_id)
        .where(feed.c.name == feed_name, run.c.state.in_(WITH_DELIVERY), run.c.sha256 != "")
        .where(run.c.kind == "pull")
        .order_by(run.c.id.desc())
        .limit(1)
    )
    if run_id is not None:
        query = query.where(run.c.id == run_id)
    row: Row[tuple[object]] | None = connection.execute(query).one_or_none()
    return row
