"""How fresh a feed's records are: by the update cycle of its standard, or by `every:` of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from adapters.feed import Feed
from exchange_schemas.catalogue import Catalogue
from hub.tables import feed as feed_table
from hub.tables import run

#: How often a source is asked, by update cycle (the codes of 政务信息资源目录编制指南, 2017, 更新周期).
#: None: only when somebody runs it.
CYCLES: dict[str, timedelta | None] = {
    "realtime": timedelta(minutes=5),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=31),
    "quarterly": timedelta(days=92),
    "half_yearly": timedelta(days=184),
    "yearly": timedelta(days=366),
    "other": None,
}
GRACE = 0.5  # of a cycle that a feed may be late before its owner is told
LEAST_GRACE = timedelta(minutes=30)

NEVER, FRESH, DUE, OVERDUE, BY_HAND = "never", "fresh", "due", "overdue", "by hand"


@dataclass(frozen=True, slots=True)
class Freshness:
    """`state`: never (no run yet), fresh, due, overdue, by hand. Times are ISO 8601, UTC."""

    feed: str
    state: str
    tried_at: str | None = None
    taken_at: str | None = None
    due_at: str | None = None
    overdue_at: str | None = None
    last_state: str | None = None


def cycle_of(one: Feed, catalogue: Catalogue) -> timedelta | None:
    """How often the feed is pulled; None: only by hand."""
    if one.source.kind == "upload":
        return None
    named = one.every or catalogue.get(one.standard, one.version).cycle
    return CYCLES[named]


def freshness(
    connection: Connection, one: Feed, catalogue: Catalogue, now: datetime | None = None
) -> Freshness:
    """How fresh the feed's records are. A run that failed or was held is a try, not a delivery."""
    now = now or datetime.now(UTC)
    tried, taken, last = _last(connection, one.name)
    cycle = cycle_of(one, catalogue)
    if cycle is None:
        return Freshness(one.name, BY_HAND, tried, taken, last_state=last)
    if tried is None:
        return Freshness(one.name, NEVER)
    since = _moment(taken or tried)
    due, late = since + cycle, since + cycle + max(cycle * GRACE, LEAST_GRACE)
    state = OVERDUE if now >= late else DUE if now >= due else FRESH
    return Freshness(one.name, state, tried, taken, _text(due), _text(late), last)


def is_due(one: Feed, catalogue: Catalogue, found: Freshness, now: datetime) -> bool:
    """Whether the feed is to be pulled now. One that was tried within its cycle isn't before the next: what a
    source that is away needs is for its own job to decide."""
    if found.state == NEVER:
        return True
    cycle = cycle_of(one, catalogue)
    if cycle is None or found.state == FRESH:
        return False
    return found.tried_at is None or now >= _moment(found.tried_at) + cycle


def order(found: Iterable[Freshness]) -> list[Freshness]:
    """The most urgent first."""
    urgency = [OVERDUE, NEVER, DUE, FRESH, BY_HAND]
    return sorted(found, key=lambda one: (urgency.index(one.state), one.feed))


def _last(connection: Connection, name: str) -> tuple[str | None, str | None, str | None]:
    """When the feed was last tried, when it last delivered, and how the last try ended."""
    number = connection.scalar(select(feed_table.c.id).where(feed_table.c.name == name))
    mine = (run.c.feed_id == (number or 0)) & (run.c.kind == "pull")
    whole = select(run.c.started_at, run.c.state).where(mine).order_by(run.c.id.desc()).limit(1)
    last = connection.execute(whole).one_or_none()
    committed = connection.scalar(whole.where(run.c.state == "committed"))
    return (last.started_at, committed, last.state) if last else (None, None, None)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
