"""Setting a target back, and sending again what the province refused."""

from __future__ import annotations

from sqlalchemy import delete, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.database import write
from hub.instant import utc_now
from hub.outbound import outbox
from hub.outbound.desk import Desk, lock
from hub.outbound.tables import (
    ANSWERED,
    REFUSED,
    WAITING,
    target_delivery,
    target_entry,
    target_record,
    target_state,
)


def reset(desk: Desk, seq: int, *, anew: bool = False, empty: bool = False) -> None:
    """Deliver the entries behind `seq` again, under the same flows: a province that has them takes
    nothing twice.

    `anew`: under new flows, so that all of it counts again, and what is open is given up. `empty`: the
    province holds nothing any more. Raises Refused (target_reset_beyond, target_reset_open).
    """
    name = desk.target.name
    with write(desk.engine) as connection:
        state = lock(connection, name)
        if not 0 <= seq <= state["cursor"]:
            words = {"expected": str(state["cursor"]), "found": str(seq)}
            raise Refused(Issue("target_reset_beyond", value=name, params=words))
        waiting = outbox.numbers(connection, name, outbox.OPEN)
        if waiting and not anew:
            words = {"found": str(len(waiting))}
            raise Refused(Issue("target_reset_open", value=name, params=words))
        mine = target_entry.c.target == name
        connection.execute(delete(target_entry).where(mine, target_entry.c.seq > seq))
        given_up = {"state": ANSWERED, "content": None, "answered_at": utc_now()}
        open_ones = target_delivery.c.id.in_(waiting)
        connection.execute(update(target_delivery).where(open_ones).values(given_up))
        if empty:
            connection.execute(delete(target_record).where(target_record.c.target == name))
        values = {"cursor": seq, "generation": state["generation"] + int(anew)}
        back = {**values, "failures": 0, "failure": None, "not_before": None}
        connection.execute(update(target_state).where(target_state.c.target == name).values(back))


def retry_refused(desk: Desk, seqs: list[int] | None = None) -> int:
    """Send again what the province refused, or just these entries; returns how many."""
    has = target_entry.c
    with write(desk.engine) as connection:
        lock(connection, desk.target.name)
        mine = (has.target == desk.target.name) & (has.state == REFUSED)
        if seqs is not None:
            mine &= has.seq.in_(seqs)
        again = {"state": WAITING, "code": None, "reason": None}
        return int(connection.execute(update(target_entry).where(mine).values(again)).rowcount)
