"""The end of a disclosure's term: what may be public until yesterday isn't any more."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, Engine, exists, select

from exchange_schemas.days import HERE, today
from hub.database import write
from hub.decisions import Decision, decide
from hub.departures import departed
from hub.states import BY_NAME, SCHEDULED, SHOWABLE
from hub.tables import dataset, job
from hub.tables_of_review import disclosure

SWEEP = "sweep"  # the kind of job that does it


def expire(connection: Connection, number: int, day: date) -> int:
    """End the disclosures of a dataset whose last public day is before `day`; returns how many."""
    over = disclosure.c.public_until < day.isoformat()
    # By the index of last days: that of states would lead through everything that is public.
    ending = disclosure.alias()
    keys = select(ending.c.key).where(ending.c.public_until < day.isoformat())
    chosen = over & disclosure.c.key.in_(keys)
    return decide(connection, Decision(number, "expire", "public_until"), chosen)


def is_due(connection: Connection, day: date | None = None) -> bool:
    """Whether anything is public and the day's sweep wasn't begun yet, or a dataset has to be
    published since."""
    on = day or today()
    midnight = datetime.combine(on, time(), HERE).astimezone(UTC).isoformat()
    swept = select(job.c.id).where(job.c.kind == SWEEP, job.c.created_at >= midnight[:19])
    public = select(disclosure.c.key).where(disclosure.c.state.in_(SHOWABLE))
    if connection.execute(public.limit(1)).first() is None:
        return bool(departed(connection))
    return connection.execute(swept.limit(1)).first() is None or bool(due(connection, on))


def due(connection: Connection, day: date) -> list[str]:
    """The datasets that show what is over on `day` or has left the public, or don't show what was
    scheduled until then."""
    over = dataset.c.id.in_(
        select(disclosure.c.dataset_id).where(
            disclosure.c.public_until < day.isoformat(),
            disclosure.c.state.in_(BY_NAME["expire"].sources),
        )
    )
    begun = exists().where(
        disclosure.c.dataset_id == dataset.c.id,
        disclosure.c.state == SCHEDULED,
        disclosure.c.publish_on <= day.isoformat(),
    )
    found = {
        name
        for condition in (over, begun)  # one after the other: each has an index of its own
        for name in connection.scalars(select(dataset.c.name).where(condition))
    }
    return sorted({*found, *departed(connection)})


def sweep(engine: Engine, day: date | None = None) -> dict[str, int]:
    """End what is over in all datasets; returns dataset → how many ended.

    Those, and the ones that are named with 0 because something else has changed, have to be
    published.
    """
    on = day or today()
    with write(engine) as connection:
        numbers = dict(connection.execute(select(dataset.c.name, dataset.c.id)).all())
        return {name: expire(connection, numbers[name], on) for name in due(connection, on)}
