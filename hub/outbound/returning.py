"""Taking in what the province answers later: matched to what was delivered, each file once."""

from __future__ import annotations

import logging

import polars as pl
from sqlalchemy import Connection, insert

from exchange_schemas.issue import Issue
from hub.database import write
from hub.instant import utc_now
from hub.outbound import outbox, parcel
from hub.outbound.desk import Desk, lock
from hub.outbound.settling import settle_within
from hub.outbound.tables import target_return_file
from hub.outbound.way import Returned

logger = logging.getLogger(__name__)

DOCUMENT = "_document"


def take_returns(desk: Desk, returned: Returned) -> tuple[int, int]:
    """How many entries the province took and refused, as it says in `returned`.

    The file is noted in the same transaction, so that it counts once. What it says of nothing that is
    open is counted as unmatched.
    """
    with write(desk.engine) as connection:
        lock(connection, desk.target.name)
        if (returned.name, returned.sha256) in outbox.taken_files(connection, desk.target.name):
            return 0, 0
        taken = refused = 0
        for number in outbox.numbers(connection, desk.target.name, outbox.OPEN):
            answers = _matched(connection, desk, number, returned.answers)
            if answers.height:
                counts = settle_within(connection, desk, number, answers, handed=False)
                taken, refused = taken + counts[0], refused + counts[1]
        if returned.name:
            _note(connection, desk, returned, taken, refused)
    return taken, refused


def _matched(
    connection: Connection, desk: Desk, number: int, answers: pl.DataFrame
) -> pl.DataFrame:
    """The answers to one delivery; those without a flow by the document's number."""
    content = outbox.delivery_row(connection, number)["content"]
    rows = parcel.unpack(bytes(content))
    by_flow = answers.filter(pl.col(parcel.FLOW).is_in(rows[parcel.FLOW].implode()))
    if DOCUMENT not in answers.columns:
        return by_flow.select(list(parcel.ANSWERS))
    others = answers.filter(pl.col(parcel.FLOW).is_null() & pl.col(DOCUMENT).is_not_null())
    document = desk.target.table.identity[0]
    # a number that several of the open rows have says nothing of any one of them
    alone = rows.filter(pl.col(document).is_unique()).select(
        parcel.FLOW, pl.col(document).alias(DOCUMENT)
    )
    found = others.drop(parcel.FLOW).join(alone, on=DOCUMENT)
    return pl.concat([by_flow.select(list(parcel.ANSWERS)), found.select(list(parcel.ANSWERS))])


def _note(
    connection: Connection, desk: Desk, returned: Returned, taken: int, refused: int
) -> None:
    unmatched = max(returned.answers.height - taken - refused, 0)
    if unmatched:
        told = Issue("return_unmatched", value=returned.name, params={"found": str(unmatched)})
        logger.warning("target %s: %s", desk.target.name, told.code)
    row = {
        "target": desk.target.name,
        "name": returned.name,
        "sha256": returned.sha256,
        "taken": taken,
        "refused": refused,
        "unmatched": unmatched,
        "at": utc_now(),
    }
    connection.execute(insert(target_return_file).values(row))
