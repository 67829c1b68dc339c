"""Who sees which records of a subject's file: some are for the departments that work with them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import polars as pl
from sqlalchemy import ColumnElement, Connection, Engine, select

from hub.complaints.people import clerk, visible
from hub.complaints.routing import DATASET as TICKETS
from hub.complaints.tables import complaint_ticket
from hub.database import write
from hub.finance.series import DATASET as STATISTICS
from hub.finance.showing import OFFICES as OF_FINANCE
from hub.risks.people import OFFICES as OF_RISKS
from hub.trace.movements import LEDGER
from hub.trace.movements import OFFICES as OF_TRACE
from hub.transfers import parties
from hub.transfers.case import DATASET as CASES
from hub.transfers.looking import note
from hub.transfers.tables import transfer

#: Dataset → the departments whose staff see its records, as on the pages that are made for them.
FOR: Mapping[str, frozenset[str]] = {
    LEDGER: frozenset(OF_TRACE),
    STATISTICS: frozenset(OF_FINANCE),
    "quality_risk_signal": frozenset(OF_RISKS),
    # one person at a time and for a purpose, says the standard: a file is no such look
    "legal_rep_blacklist": frozenset(("market_regulation",)),
    # only for dealing with what was returned
    "provincial_return": frozenset(("government_services_data", "market_regulation")),
}
#: Datasets of which everybody sees the own records only.
OWN = (TICKETS, CASES)
_PART = 10_000  # keys that are asked for at one time


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody of the staff, and the departments in which it has a role."""

    name: str
    departments: frozenset[str]

    @property
    def closed(self) -> frozenset[str]:
        """The datasets of which it sees no record."""
        return frozenset(name for name, offices in FOR.items() if not offices & self.departments)


def seen(connection: Connection, viewer: Viewer | None, mentions: pl.DataFrame) -> pl.DataFrame:
    """Those of `mentions` (dataset, key, …) whose records somebody sees: of complaints the own tickets, of
    case transfers those of a party. None is the operator, whose looks nobody would note: all but cases."""
    if viewer is None:
        return mentions.filter(pl.col("dataset") != CASES)
    found = mentions.filter(~pl.col("dataset").is_in([*viewer.closed, *OWN]))
    parts = [found]
    for name in OWN:
        mine = mentions.filter(pl.col("dataset") == name)
        keys = _own(connection, viewer, name, mine["key"].unique().to_list())
        parts.append(mine.filter(pl.col("key").is_in(keys)))
    return pl.concat(parts)


def _own(connection: Connection, viewer: Viewer, dataset: str, keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    number, mine = _of(connection, viewer, dataset)
    numbers = {unquote(key): key for key in keys}
    found: list[str] = []
    for at in range(0, len(keys), _PART):
        some = list(numbers)[at : at + _PART]
        told = connection.scalars(select(number).where(number.in_(some), mine))
        found += [numbers[one] for one in told]
    return found


def _of(
    connection: Connection, viewer: Viewer, dataset: str
) -> tuple[ColumnElement[str], ColumnElement[bool]]:
    """(the column with the number that is the record's key, which rows are the viewer's)."""
    if dataset == TICKETS:
        return complaint_ticket.c.ticket_no, visible(clerk(connection, viewer.name))
    person = parties.person(connection, viewer.name)
    return transfer.c.transfer_no, parties.visible(person)


def note_looks(engine: Engine, viewer: Viewer, keys: Sequence[str]) -> None:
    """Write down that somebody saw these cases (keys of records) in a file."""
    if not keys:
        return
    with write(engine) as connection:
        actor = parties.person(connection, viewer.name)
        mine = transfer.c.transfer_no.in_([unquote(key) for key in keys])
        for number in connection.scalars(select(transfer.c.id).where(mine)).all():
            note(connection, number, actor, "read", allowed=True)
