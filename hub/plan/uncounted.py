"""Reports that stand nowhere in the plan's progress, and why: a wrong number or name would else pass unseen."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.plan_query import REPORTED, REPORTS, read_query
from exchange_schemas.plan_targets import the_plan
from hub.current import current_fields
from hub.plan.reported import VALID

NO_TARGET, NO_SUB_PLAN, COMPUTED, WITHOUT = (
    "no_target",
    "no_sub_plan",
    "computed",
    "without_target",
)
#: Each as people read it: message ids.
WHY = {
    NO_TARGET: "The plan has no target of this number.",
    NO_SUB_PLAN: "The plan has no sub-plan of this name.",
    COMPUTED: "This target is computed from the records of other datasets, not from reports.",
    WITHOUT: "This target counts the reports that name no target.",
}
_FIELDS = (
    "report_no",
    "sub_plan",
    "target_id",
    "department",
    "reported_on",
    "title",
    "value",
    "state",
)


def uncounted(connection: Connection, catalogue: Catalogue) -> pl.DataFrame:
    """Valid reports that no target counts: report_no, sub_plan, target_id, department, reported_on, title, and
    `why`; the newest first.

    `why` is one of WHY. A report that names a target counts for it whatever its sub-plan is.
    """
    dtypes = catalogue.get(REPORTS).dtypes
    reports = current_fields(connection, REPORTS, {name: dtypes[name] for name in _FIELDS})
    return judged(reports, catalogue)


def judged(reports: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """What `uncounted` says of `reports`."""
    plan = the_plan()
    computed, general = [], []
    for name, one in plan.targets.items():
        query = read_query(one.measure, catalogue, name)
        if query.dataset != REPORTS:
            computed.append(name)
        elif query.kind != REPORTED and "target_id" in {
            where.field for where in query.where if where.word == "present"
        }:
            general.append(name)
    target = pl.col("target_id")
    why = (
        pl.when(target.is_null() & ~pl.col("sub_plan").is_in(list(plan.sub_plans)))
        .then(pl.lit(NO_SUB_PLAN))
        .when(target.is_null())
        .then(None)
        .when(~target.is_in(list(plan.targets)))
        .then(pl.lit(NO_TARGET))
        .when(target.is_in(computed) & pl.col("value").is_not_null())
        .then(pl.lit(COMPUTED))
        .when(target.is_in(general))
        .then(pl.lit(WITHOUT))
    )
    found = reports.filter(pl.col("state") == VALID).with_columns(why=why).drop_nulls("why")
    return found.sort("reported_on", "report_no", descending=True).drop("state", "value")
