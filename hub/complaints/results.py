"""What the analysis said last: hot spots, groups and statistics, as staff read them."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.analysis import columns
from hub.complaints.analysis import GROUP, HOT_SPOT, STATISTIC
from hub.complaints.people import Clerk
from hub.site import Site


def check_staff(one: Clerk) -> None:
    """Raises Refused (complaint_staff_only) for who handles no tickets and watches over none."""
    if not (one.desks or one.heads):
        raise Refused(Issue("complaint_staff_only", value=one.name.removeprefix("person:")))


def hot_spots(
    site: Site, connection: Connection, catalogue: Catalogue, period_to: str | None = None
) -> list[dict[str, Any]]:
    """The hot spots of the four weeks that end on `period_to`, or of the last ones; the surest first."""
    rows = _scan(site, connection, catalogue, HOT_SPOT)
    if rows.is_empty():
        return []
    wanted = period_to or str(rows["period_to"].max())
    mine = rows.filter(pl.col("period_to") == wanted)
    sure = pl.col("q_value").cast(pl.Float64)
    return _told(
        mine.sort(sure, pl.col("observed"), pl.col("hot_spot_no"), descending=[False, True, False])
    )


def periods(site: Site, connection: Connection, catalogue: Catalogue) -> list[str]:
    """The days on which periods with hot spots ended, the last first."""
    rows = _scan(site, connection, catalogue, HOT_SPOT)
    return rows["period_to"].unique().sort(descending=True).to_list()


def groups(site: Site, connection: Connection, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The groups of near-duplicate tickets, the largest first."""
    rows = _scan(site, connection, catalogue, GROUP)
    return _told(rows.sort(pl.col("size"), pl.col("group_no"), descending=[True, False]))


def group_of(
    site: Site, connection: Connection, catalogue: Catalogue, number: str
) -> dict[str, Any] | None:
    """The group that a ticket belongs to; None where it is like no other."""
    rows = _scan(site, connection, catalogue, GROUP)
    return next(iter(_told(rows.filter(pl.col("tickets").list.contains(number)))), None)


def statistics(
    site: Site, connection: Connection, catalogue: Catalogue, month: str | None = None
) -> list[dict[str, Any]]:
    """The statistics of a month, or of the last one: totals first, then counties and categories."""
    rows = _scan(site, connection, catalogue, STATISTIC)
    if rows.is_empty():
        return []
    wanted = month or str(rows["period"].max())
    return _told(rows.filter(pl.col("period") == wanted).sort("division_code", "dept", "category"))


def _scan(site: Site, connection: Connection, catalogue: Catalogue, dataset: str) -> pl.DataFrame:
    return columns.scan(site, connection, catalogue.get(dataset)).collect()


def _told(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The records, with what they have."""
    marks = ("_key", "_seq")
    return [
        {name: value for name, value in row.items() if value is not None and name not in marks}
        for row in rows.iter_rows(named=True)
    ]
