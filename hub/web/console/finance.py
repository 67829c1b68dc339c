"""Statistics of finance: an indicator as lines and numbers, and what the checks found."""

from __future__ import annotations

from typing import Any

import polars as pl
from flask import abort, request

from hub.finance import showing
from hub.finance.checks import WRITES
from hub.finance.history import REVISED
from hub.finance.reporting import LATE, MISSING
from hub.finance.series import DATASET, FIELDS, as_series
from hub.web.console.codes import titled
from hub.web.console.computed import records, scan
from hub.web.console.console import Answer, Console
from hub.web.console.pictures import picture
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.portal.chart_lines import Series, lines

MOST = 300  # rows of one table
_NOT_THERE = (MISSING, LATE)


def add_finance(console: Console) -> None:
    """Put the page and its picture on the console."""

    @console.page("/finance", STAFF)
    def listing(visit: Visit) -> Answer:
        rows = _series(console, visit)
        checks = showing.seen_by(records(console, WRITES), visit.departments())
        checks = checks.sort("period_to", "indicator_code", descending=[True, False])
        wanted = _wanted(rows)
        found = showing.values(rows, *wanted) if wanted else rows.clear()
        here = pl.col("indicator_code") == (wanted[0] if wanted else "")
        divisions, cycles = showing.choices(rows, wanted[0]) if wanted else ([], [])
        told = speech(console)
        return page(
            "finance.html",
            indicators=showing.indicators(rows),
            divisions=divisions,
            cycles=cycles,
            division_names=titled("divisions", told),
            checks_of=titled("finance_checks", told),
            wanted=wanted,
            values=_rows(found),
            drawable=found.height > 1,
            counts=showing.by_check(checks),
            absent=_rows(checks.filter(pl.col("check").is_in(_NOT_THERE))),
            doubtful=_rows(checks.filter(~pl.col("check").is_in([*_NOT_THERE, REVISED]))),
            revised=_rows(checks.filter(pl.col("check") == REVISED)),
            here=checks.filter(here).height,
            whole=bool(set(visit.departments()) & set(showing.OFFICES)),
        )

    @console.page("/finance/lines.svg", STAFF)
    def lines_picture(visit: Visit) -> Answer:
        rows = _series(console, visit)
        wanted = _wanted(rows)
        found = showing.values(rows, *wanted) if wanted else rows.clear()
        if found.height < 2:
            abort(404)
        drawn = [Series(name, points) for name, points in showing.drawn(found)]
        return picture(lines(drawn, "、".join(found["unit"].unique(maintain_order=True))))


def _series(console: Console, visit: Visit) -> pl.DataFrame:
    known = scan(console)(DATASET).select("_key", *FIELDS).collect()
    return as_series(showing.seen_by(known, visit.departments()))


def _wanted(rows: pl.DataFrame) -> tuple[str, str, str] | None:
    """(indicator, division, cycle) that the address asks for, or the first that there is."""
    known = [code for code, _name in showing.indicators(rows)]
    if not known:
        return None
    asked = request.args.get("indicator", "")
    indicator = asked if asked in known else known[0]
    divisions, cycles = showing.choices(rows, indicator)
    division, cycle = request.args.get("division", ""), request.args.get("cycle", "")
    return (
        indicator,
        division if division in divisions else divisions[0],
        cycle if cycle in cycles else _longest(rows, indicator),
    )


def _longest(rows: pl.DataFrame, indicator: str) -> str:
    counts = rows.filter(pl.col("indicator_code") == indicator).group_by("cycle").len()
    return str(counts.sort(["len", "cycle"], descending=[True, False])["cycle"][0])


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.head(MOST).to_dicts()
