"""Mixed tickets, and the second ticket that one is split into.

The part is a record of complaint_report like any other: of the other kind, with the ticket's facts, parties
and time of receipt, and with `split_from`. So it gets the terms of its own kind from the day on which the
ticket came in (order 20, art. 14 and 31), goes to the department that has the ticket, and each shows the
other's number.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, select

from exchange_schemas.catalogue import Catalogue
from hub.analysis import columns
from hub.analysis.inputs import Result
from hub.analysis.results import enter
from hub.complaints import deciding, mixed, routing
from hub.complaints.people import Clerk, visible
from hub.complaints.routing import DATASET
from hub.complaints.states import OPEN
from hub.complaints.tables import complaint_decision, complaint_ticket
from hub.database import write
from hub.site import Site
from hub.terms import Office

NAME = "complaint_split"  # under which the parts are delivered
MOST = 200  # suggestions at one time
# What became of the ticket isn't so of its part.
NOT_COPIED = (
    "demand", "assigned_dept", "assigned_at", "due_on", "accept_decision", "refuse_reason",
    "accept_decided_on", "mediation_result", "mediation_ended_on", "filing_decision", "filing_decided_on",
    "reporter_told_on", "result_text", "closed_on", "supervised", "satisfaction", "linked_case_no",
    "support_count", "oppose_count",
)  # fmt: skip
_TEXT = ("title", "facts", "demand")


def suggestions(
    site: Site, connection: Connection, catalogue: Catalogue, one: Clerk
) -> list[dict[str, Any]]:
    """Open tickets that somebody sees, look mixed, and on which nobody decided: {ticket_no, kind, part,
    demand, report} (the names of rules), at most `MOST`, by number."""
    parts = select(complaint_ticket.c.split_from).where(complaint_ticket.c.split_from.is_not(None))
    decided = select(complaint_decision.c.ticket_no).where(
        complaint_decision.c.matter == deciding.SPLIT
    )
    query = select(complaint_ticket.c.ticket_no, complaint_ticket.c.kind).where(
        visible(one),
        complaint_ticket.c.state.in_(OPEN),
        complaint_ticket.c.kind.in_(tuple(deciding.OTHER_KIND)),
        complaint_ticket.c.split_from.is_(None),
        complaint_ticket.c.ticket_no.not_in(parts),
        complaint_ticket.c.ticket_no.not_in(decided),
    )
    rows = [tuple(row) for row in connection.execute(query)]
    wanted = pl.DataFrame(rows, schema={"ticket_no": pl.String, "kind": pl.String}, orient="row")
    return _found(site, connection, catalogue, wanted)[:MOST]


def suggestion(
    site: Site, connection: Connection, catalogue: Catalogue, row: Any
) -> dict[str, Any] | None:
    """What is suggested for one ticket, as `suggestions` gives it; None where it doesn't look mixed."""
    if row["split_from"] or row["kind"] not in deciding.OTHER_KIND:
        return None
    wanted = pl.DataFrame({"ticket_no": [row["ticket_no"]], "kind": [row["kind"]]})
    return next(iter(_found(site, connection, catalogue, wanted)), None)


def _found(
    site: Site, connection: Connection, catalogue: Catalogue, wanted: pl.DataFrame
) -> list[dict[str, Any]]:
    """Looks through sealed texts in memory; only names of rules come out."""
    if wanted.is_empty():
        return []
    said = columns.scan(site, connection, catalogue.get(DATASET)).select("ticket_no", *_TEXT)
    texts = said.join(wanted.lazy(), on="ticket_no").select(
        "ticket_no", "kind", pl.concat_str(_TEXT, separator="。", ignore_nulls=True).alias("text")
    )
    found = mixed.found(texts.collect()).filter(pl.col("part").is_not_null()).sort("ticket_no")
    return found.select("ticket_no", "kind", "part", *mixed.SIDES).to_dicts()


def decide(at: Office, one: Clerk, number: str, choice: str, reason: str) -> dict[str, Any]:
    """Decide, enter the part and route it; returns {ticket_no, choice, part_no}. See
    `deciding.decide_split`."""
    with at.engine.connect() as connection:
        query = select(complaint_ticket).where(complaint_ticket.c.ticket_no == number)
        row = connection.execute(query).mappings().one_or_none()
        told = None if row is None else suggestion(at.site, connection, at.catalogue, row)
    with write(at.engine) as connection:
        done = deciding.decide_split(connection, one, number, choice, told, reason)
    if done["part_no"]:
        enter_parts(at.site, at.engine, at.catalogue)
        with write(at.engine) as connection:
            routing.route(connection, at.site, at.terms)
    return done


def enter_parts(site: Site, engine: Engine, catalogue: Catalogue) -> int:
    """Let the ledger have every part that was decided on and isn't there; returns how many. Safe to repeat:
    whoever is killed between decision and ledger has it done by the next call."""
    standard = catalogue.get(DATASET)
    schema = {"ticket_no": pl.String, "part_no": pl.String, "part_kind": pl.String}
    with engine.connect() as connection:
        query = select(*(complaint_decision.c[name] for name in schema)).where(
            complaint_decision.c.part_no.is_not(None)
        )
        rows = [tuple(row) for row in connection.execute(query)]
        parts = pl.DataFrame(rows, schema=schema, orient="row")
        if parts.is_empty():
            return 0
        every = columns.scan(site, connection, standard)
        there = every.select(pl.col("ticket_no").alias("part_no"))
        fresh = every.join(
            parts.lazy().join(there, on="part_no", how="anti"), on="ticket_no"
        ).collect()
    if fresh.height:
        told = fresh.with_columns(
            pl.col("ticket_no").alias("split_from"),
            pl.col("part_no").alias("ticket_no"),
            pl.col("part_kind").alias("kind"),
        ).select(pl.exclude("_key", "_seq", "part_no", "part_kind", *NOT_COPIED))
        enter(engine, catalogue, NAME, Result(DATASET, told, pl.Series("key", [], pl.String)))
    return fresh.height
