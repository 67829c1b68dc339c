"""Normative documents: which are in force, what expires soon, and what is wrong with their numbers and chains."""

from __future__ import annotations

from typing import Any

import polars as pl
from flask import request

from exchange_schemas.dated_rules import rule_on
from exchange_schemas.days import today
from exchange_schemas.document_rules import load_document_rules
from hub.documents import showing
from hub.documents.validity import WRITES
from hub.web.console.codes import titled
from hub.web.console.computed import records
from hub.web.console.console import Answer, Console
from hub.web.console.pictures import picture
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.portal.chart_specs import Point, bars

STATES, FINDINGS = "document_validity_states", "document_findings"
MOST = 300  # rows of one table


def add_documents(console: Console) -> None:
    """Put the page and its picture on the console."""

    @console.page("/documents", STAFF)
    def listing(_visit: Visit) -> Answer:
        rows, day = records(console, WRITES), today()
        rule = rule_on(load_document_rules(console.site.law), day)
        days = rule.warn_days if rule else 90
        problems = showing.problems(rows)
        wanted = request.args.get("status", "")
        chosen = rows.filter(pl.col("status") == wanted) if wanted else rows.clear()
        told = speech(console)
        return page(
            "documents.html",
            counts=showing.by_status(rows),
            states=titled(STATES, told),
            wanted=wanted,
            chosen=_rows(chosen.sort("registration_no").select(showing.LISTED)),
            days=days,
            soon=_rows(showing.expiring(rows, day, days)),
            gaps=_rows(problems.filter(pl.col("finding").is_in(showing.GAPS))),
            broken=_rows(problems.filter(pl.col("finding").is_in(showing.BROKEN))),
            others=_rows(
                problems.filter(~pl.col("finding").is_in([*showing.GAPS, *showing.BROKEN]))
            ),
            findings=titled(FINDINGS, told),
            cleaned=_rows(showing.cleaned(rows)),
        )

    @console.page("/documents/states.svg", STAFF)
    def states_picture(_visit: Visit) -> Answer:
        names = titled(STATES, speech(console))
        counts = showing.by_status(records(console, WRITES))
        return picture(
            bars([Point(one, names.get(one, one), n) for one, n in counts], narrow=False)
        )


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.head(MOST).to_dicts()
