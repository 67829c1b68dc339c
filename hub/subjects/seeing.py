"""Who sees which records of a subject's file: some are for the departments that work with them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import Connection, select

from hub.complaints.people import clerk, visible
from hub.complaints.routing import DATASET as TICKETS
from hub.complaints.tables import complaint_ticket
from hub.finance.series import DATASET as STATISTICS
from hub.finance.showing import OFFICES as OF_FINANCE
from hub.risks.people import OFFICES as OF_RISKS
from hub.trace.movements import LEDGER
from hub.trace.movements import OFFICES as OF_TRACE

#: Dataset → the departments whose staff see its records, as on the pages that are made for them.
FOR: Mapping[str, frozenset[str]] = {
    LEDGER: frozenset(OF_TRACE),
    STATISTICS: frozenset(OF_FINANCE),
    "quality_risk_signal": frozenset(OF_RISKS),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody of the staff, and the departments in which it has a role."""

    name: str
    departments: frozenset[str]

    def sees(self, connection: Connection, dataset: str, keys: Sequence[str]) -> list[str]:
        """Those of a dataset's keys whose records are for it; of complaints the tickets that it sees."""
        if dataset == TICKETS:
            numbers = {unquote(key): key for key in keys}
            mine = complaint_ticket.c.ticket_no.in_(list(numbers))
            query = select(complaint_ticket.c.ticket_no).where(
                mine, visible(clerk(connection, self.name))
            )
            return [numbers[one] for one in connection.scalars(query)]
        offices = FOR.get(dataset)
        return list(keys) if offices is None or offices & self.departments else []
