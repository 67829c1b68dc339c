"""One leader for a duty, over any number of processes and machines.

Who leads has a row with a lease and a fencing number. Whatever is done as leader compares that number in
the same transaction, so a leader that was thought dead and comes back does nothing twice.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.database import write
from hub.instant import utc_now
from hub.tables_of_leaders import leader

SCHEDULE = "schedule"  # the duty of queueing what is due
STRANGE = 100  # times a lease: one that ends so far ahead is of a clock that went back since
LEADER_SECONDS = 30.0  # without a sign of life for this long, another process leads
SETTING = "HUB_LEADER_SECONDS"


@dataclass(frozen=True, slots=True)
class Term:
    """A duty in somebody's hands, and the number that its acts must show."""

    duty: str
    fence: int


def lead(engine: Engine, duty: str, holder: str) -> Term | None:
    """Lead, or go on leading; None while another process does. To be called again within the lease.

    `holder` is a name that no other process has (`own_name`). Raises Misdeclared (leader_seconds).
    """
    now, end = utc_now(), _lease_end()
    with write(engine) as connection:
        _register(connection, duty)
        mine = leader.c.duty == duty
        # Reading the row with its lock: of two that find the lease over, one waits and reads again.
        row = connection.execute(select(leader).where(mine).with_for_update()).mappings().one()
        if row["holder"] == holder and row["lease_until"] >= now:
            fence = int(row["fence"])
        elif row["lease_until"] < now or row["lease_until"] > _lease_end(STRANGE):
            fence = int(row["fence"]) + 1
        else:
            return None
        values = {"holder": holder, "fence": fence, "lease_until": end}
        connection.execute(update(leader).where(mine).values(values))
    return Term(duty, fence)


def hold(connection: Connection, term: Term) -> None:
    """Hold the duty until the caller's transaction ends: nobody takes it over, or does it, meanwhile.

    Raises Refused (leader_lost) where another process has it by now.
    """
    still = (leader.c.duty == term.duty) & (leader.c.fence == term.fence)
    if connection.execute(update(leader).where(still).values(fence=term.fence)).rowcount == 0:
        raise Refused(Issue("leader_lost", value=term.duty))


def resign(engine: Engine, term: Term) -> None:
    """Let the next one lead at once."""
    with write(engine) as connection:
        still = (leader.c.duty == term.duty) & (leader.c.fence == term.fence)
        connection.execute(update(leader).where(still).values(lease_until=""))


def own_name() -> str:
    """What this process is called among all: its machine, its number, its begin."""
    return f"{socket.gethostname()}:{os.getpid()}:{utc_now()}"


def leader_seconds() -> float:
    """`HUB_LEADER_SECONDS`; raises Misdeclared (leader_seconds)."""
    told = os.environ.get(SETTING, "").strip()
    try:
        seconds = float(told or LEADER_SECONDS)
    except ValueError:
        seconds = 0
    if not 1 <= seconds < float("inf"):
        raise Misdeclared(Issue("leader_seconds", value=told))
    return seconds


def _register(connection: Connection, duty: str) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"duty": duty, "holder": "", "fence": 0, "lease_until": ""}
    connection.execute(dialect.insert(leader).values(row).on_conflict_do_nothing())


def _lease_end(times: float = 1) -> str:
    then = datetime.now(UTC) + timedelta(seconds=leader_seconds() * times)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
