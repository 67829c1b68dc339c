"""What the ledger has of the plan's targets now, and the records that a value comes from."""

from __future__ import annotations

from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.plan_query import REPORTED, read_query
from exchange_schemas.plan_targets import the_plan
from hub.analysis.inputs import Inputs
from hub.current import current_fields
from hub.plan.measuring import COUNTS, DAY, UNIT, units
from hub.plan.progress import PROGRESS
from hub.site import Site
from publisher.portal.plan_view import Progress, progress_by_target


def progress_rows(connection: Connection, catalogue: Catalogue) -> pl.DataFrame:
    """All records of target_progress, by target in the plan's order and by period."""
    rows = current_fields(connection, PROGRESS, catalogue.get(PROGRESS).dtypes)
    order = {name: place for place, name in enumerate(the_plan().targets)}
    place = pl.col("target_id").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return rows.sort(place, "target_id", "period_until", "period")


def current_progress(connection: Connection, catalogue: Catalogue) -> dict[str, Progress]:
    """target → its records, as pages show them."""
    return progress_by_target(progress_rows(connection, catalogue).to_dicts())


def contributing(
    site: Site, engine: Engine, catalogue: Catalogue, target: str, day: date
) -> pl.DataFrame:
    """The records behind a target's value now: `dataset`, `key`, `unit` (what is counted), `counts`
    (whether it is of those asked for) and `day` (from which; null where
    the records have none).

    For a reported target the reports. Raises Misdeclared (plan_target_unknown).
    """
    declared = the_plan().target(target)
    query = read_query(declared.measure, catalogue, target)
    inputs = Inputs(site, engine, catalogue, day)
    if query.kind == REPORTED:
        mine = pl.col("target_id") == target
        rows = inputs.scan(query.dataset).filter(mine).collect()
        found = rows.select(
            "_key",
            pl.col("report_no").alias(UNIT),
            (pl.col("state") == "有效").alias(COUNTS),
            pl.col("period_until").str.to_date().alias(DAY),
        )
    else:
        found = units(query, inputs.scan, catalogue, day)
        if query.clock is None:
            found = found.with_columns(pl.lit(None, pl.Date).alias(DAY))
    return found.select(
        pl.lit(query.dataset).alias("dataset"), pl.col("_key").alias("key"), UNIT, COUNTS, DAY
    ).sort(COUNTS, "key")
