"""Tickets as columns: what hot spots, statistics and the supervision of efficiency are counted from."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.days import HERE
from hub.analysis.inputs import Inputs
from hub.bulk import select_frame
from hub.complaints.routing import DATASET
from hub.complaints.tables import complaint_decision, complaint_ticket

CATEGORY = 4  # characters of a category's code that are compared: its second level
TOP = 2  # … and its first level
COUNTY = 6  # digits of a division's code
NO_CATEGORY = "未分类"
NATURAL = "natural"

_FIELDS = (
    "ticket_no", "kind", "split_from", "received_at", "category_code", "category_path", "division_code",
    "assigned_dept", "due_on", "accept_decision", "mediation_result", "closed_on", "amount_yuan",
    "satisfaction", "respondent_name", "respondent_type", "respondent_uscc", "respondent_reg_no",
)  # fmt: skip
_HANDLED = pl.Schema(
    dict.fromkeys(("ticket_no", "department", "accepted_at", "closed_at", "state"), pl.String)
)


def received(name: str = "received_at") -> pl.Expr:
    """The instant at which a ticket came, as a time in UTC; `name` is text with an offset or Z."""
    zoned = pl.col(name).str.replace(r"[Zz]$", "+00:00")
    return zoned.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_zone="UTC")


def tickets(inputs: Inputs) -> pl.DataFrame:
    """Every ticket that there is, one row each, without anything that is sealed:

    `_FIELDS`; received_on (Date, here); month (YYYY-MM); county (6 digits); category (4 characters) and
    top (2), with category_name and top_name; respondent (credit code or registration number; null for
    natural persons); department, accepted_at, closed_at and state as the hub handles it, null where it
    doesn't.
    """
    rows = inputs.scan(DATASET).select(_FIELDS).collect()
    with inputs.engine.connect() as connection:
        joined = rows.join(_handled(connection), on="ticket_no", how="left").join(
            _categories(connection), on="ticket_no", how="left"
        )
    here = received().dt.convert_time_zone(HERE.key)
    code = pl.col("category_code").fill_null(pl.col("decided_category"))
    person = pl.col("respondent_type").eq_missing(NATURAL)
    number = pl.coalesce("respondent_uscc", "respondent_reg_no")
    told = joined.with_columns(
        here.dt.date().alias("received_on"),
        here.dt.strftime("%Y-%m").alias("month"),
        pl.col("division_code").str.head(COUNTY).alias("county"),
        code.str.head(CATEGORY).alias("category"),
        code.str.head(TOP).alias("top"),
        pl.when(~person).then(number).alias("respondent"),
    )
    return _named(told)


def _named(told: pl.DataFrame) -> pl.DataFrame:
    """category_name and top_name: what most tickets of the code call it, else the code itself."""
    parts = pl.col("category_path").str.split("/").list
    second = pl.concat_str(
        parts.get(0), parts.get(1, null_on_oob=True), separator="/", ignore_nulls=True
    )
    for code, name, words in (
        ("category", "category_name", second),
        ("top", "top_name", parts.get(0)),
    ):
        said = told.select(code, words.alias(name)).drop_nulls()
        often = said.group_by(code, name).len().sort("len", name, descending=[True, False])
        names = often.unique(code, keep="first", maintain_order=True).select(code, name)
        told = told.join(names, on=code, how="left").with_columns(
            pl.coalesce(name, code, pl.lit(NO_CATEGORY)).alias(name)
        )
    return told


def _handled(connection: Connection) -> pl.DataFrame:
    query = select(*(complaint_ticket.c[name] for name in _HANDLED))
    return select_frame(connection, query, _HANDLED)


def _categories(connection: Connection) -> pl.DataFrame:
    """The category that a person decided on last, of each ticket."""
    schema = pl.Schema({"id": pl.Int64, "ticket_no": pl.String, "decided_category": pl.String})
    query = select(
        complaint_decision.c.id,
        complaint_decision.c.ticket_no,
        complaint_decision.c.choice.label("decided_category"),
    ).where(complaint_decision.c.matter == "category")
    found = select_frame(connection, query, schema)
    return found.sort("id").unique("ticket_no", keep="last").drop("id")
