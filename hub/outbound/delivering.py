"""A target's round: what the province answered is taken in, what is open is tried again, and what is new
follows until there is nothing left.

Before a parcel is sent a transaction says so; after it another says what came of it. Who dies in between
leaves a delivery of which nobody knows the outcome: the next round sends the same bytes under the same
identifiers, and the province takes each once.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from exchange_schemas.errors import HubError
from hub.database import write
from hub.instant import utc_now
from hub.ledger import dataset_id
from hub.outbound import entry_source, outbox, parcel, still_held
from hub.outbound.desk import Desk, lock
from hub.outbound.file_names import hour, name_for
from hub.outbound.open_way import open_way
from hub.outbound.preparing import keys_under_way, prepare, try_again
from hub.outbound.records import forget_erased
from hub.outbound.returning import take_returns
from hub.outbound.settling import log_given, settle
from hub.outbound.tables import UNKNOWN, target_delivery, target_state
from hub.outbound.way import Sent, Way
from hub.outbound.ways import LATER, SFTP

SILENT_PARCELS = 3  # in a row that nobody answers: then the province is away


@dataclass(slots=True)
class Round:
    """What one round did. `error` is why it ended before everything was delivered."""

    looked: int = 0
    sent: int = 0
    taken: int = 0
    refused: int = 0
    held: int = 0
    error: HubError | None = None
    _silent: int = field(default=0, repr=False)

    def told(self) -> dict[str, int | str | None]:
        """For programs."""
        names = ("looked", "sent", "taken", "refused", "held")
        code = self.error.issue.code if self.error else None
        return {**{name: getattr(self, name) for name in names}, "error": code}


def deliver(desk: Desk, way: Way | None = None) -> Round:
    """One round; raises nothing that the province does: that is the round's `error`."""
    done = Round()
    with closing(way or open_way(desk)) as used:
        try:
            entry_source.extend(desk)
            take_answers(desk, used, done)
            _retry(desk, used, done)
            with write(desk.engine) as connection:
                try_again(connection, desk)
            _go_on(desk, used, done)
            with write(desk.engine) as connection:
                busy = keys_under_way(connection, desk.target.name)
                still_held.confirm_gone(connection, desk, busy)
        except HubError as error:
            done.error = done.error or error
    _note(desk, done)
    return done


def take_answers(desk: Desk, way: Way, done: Round) -> None:
    """Take in what the province answered since."""
    if desk.target.way not in LATER:
        return
    desk.progress.step("answers")
    with desk.engine.connect() as connection:
        known = outbox.taken_files(connection, desk.target.name)
        flows = outbox.open_flows(connection, desk.target.name)
    for returned in way.collect(known, flows):
        taken, refused = take_returns(desk, returned)
        done.taken += taken
        done.refused += refused
    with write(desk.engine) as connection:
        mine = target_state.c.target == desk.target.name
        connection.execute(update(target_state).where(mine).values(asked_at=utc_now()))


def _retry(desk: Desk, way: Way, done: Round) -> None:
    with desk.engine.connect() as connection:
        open_ones = outbox.numbers(connection, desk.target.name, outbox.TO_TRY)
    for number in open_ones:
        attempt(desk, way, number, done)


def _go_on(desk: Desk, way: Way, done: Round) -> None:
    while True:
        made = prepare(desk)
        if not made.looked:
            return
        done.looked += made.looked
        done.held += made.held
        desk.progress.rows(made.looked)
        if made.delivery is not None:
            attempt(desk, way, made.delivery, done)


def attempt(desk: Desk, way: Way, number: int, done: Round) -> None:
    """Send one delivery, and write down what came of it.

    Raises HubError where it would be the same with the next.
    """
    sent = _send(way, _begin(desk, number))
    taken, refused = settle(desk, number, sent.answers, handed=sent.handed)
    done.sent += 1
    done.taken += taken
    done.refused += refused
    done._silent = 0 if sent.error is None else done._silent + 1
    if sent.error is not None:
        done.error = sent.error
        if sent.away or done._silent >= SILENT_PARCELS:
            raise sent.error


def _send(way: Way, one: parcel.Parcel) -> Sent:
    try:
        return way.send(one)
    except HubError as error:
        return Sent(error=error, away=True)


def _begin(desk: Desk, number: int) -> parcel.Parcel:
    """Note that the delivery is being tried: from now on its outcome isn't known."""
    with write(desk.engine) as connection:
        lock(connection, desk.target.name)
        row = outbox.delivery_row(connection, number)
        outbox.check_open(row)
        rows = parcel.unpack(bytes(row["content"]))
        if not row["attempts"]:
            log_given(connection, desk, dataset_id(connection, desk.target.dataset), rows)
        values = {
            "state": UNKNOWN,
            "attempts": row["attempts"] + 1,
            "tried_at": utc_now(),
            "name": row["name"] or _name(connection, desk),
        }
        mine = target_delivery.c.id == number
        connection.execute(update(target_delivery).where(mine).values(values))
    return parcel.Parcel(number, row["batch"], row["attempts"] + 1, values["name"], rows)


def _name(connection: Connection, desk: Desk) -> str | None:
    if desk.target.way != SFTP:
        return None  # there are no files
    has, now = target_delivery.c, hour()
    mine = (has.target == desk.target.name) & has.name.startswith(now)
    return name_for(now, frozenset(map(str, connection.scalars(select(has.name).where(mine)))))


def _note(desk: Desk, done: Round) -> None:
    """Keep how the round ended, for the schedule and for who looks, and nothing of what was erased."""
    from hub.outbound.waiting import after_failure

    with write(desk.engine) as connection:
        row = lock(connection, desk.target.name)
        if desk.view.audience != "public":  # whose numbers are its own
            forget_erased(connection, desk.target.name, desk.target.dataset)
        values = after_failure(row["failures"], done.error) | (
            {"sent_at": utc_now()} if done.sent else {}
        )
        mine = target_state.c.target == desk.target.name
        connection.execute(update(target_state).where(mine).values(values))
