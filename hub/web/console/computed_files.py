"""What analyses found as files for a spreadsheet program: all of a page's table, with every field."""

from __future__ import annotations

from io import BytesIO

import polars as pl
from flask import send_file

from exchange_schemas.days import today
from hub.analysis.files import as_csv
from hub.associations.overview import WRITES as ASSOCIATIONS
from hub.complaints.analysis import GROUP, HOT_SPOT
from hub.credit.watches import DATASET as WARNINGS
from hub.documents.validity import WRITES as VALIDITY
from hub.finance.checks import WRITES as CHECKS
from hub.finance.showing import seen_by
from hub.risks.assessment import WRITES as ASSESSMENTS
from hub.trace.findings_now import DATASET as FINDINGS
from hub.web.console import risks, trace
from hub.web.console.complaints import WATCHING
from hub.web.console.computed import records
from hub.web.console.console import Answer, Console
from hub.web.console.policy import STAFF
from hub.web.console.visit import Visit


def add_computed_files(console: Console) -> None:
    """Put them on the console, each for whom its page is."""
    _add_registers(console)
    _add_findings(console)


def _add_registers(console: Console) -> None:
    @console.page("/documents.csv", STAFF)
    def documents(_visit: Visit) -> Answer:
        return _file(console, VALIDITY, records(console, VALIDITY))

    @console.page("/associations.csv", STAFF)
    def associations(_visit: Visit) -> Answer:
        return _file(console, ASSOCIATIONS, records(console, ASSOCIATIONS))

    @console.page("/credit/warnings.csv", STAFF)
    def warnings(_visit: Visit) -> Answer:
        return _file(console, WARNINGS, records(console, WARNINGS))

    @console.page("/risks.csv", risks.READERS)
    def assessments(_visit: Visit) -> Answer:
        return _file(console, ASSESSMENTS, records(console, ASSESSMENTS))


def _add_findings(console: Console) -> None:
    @console.page("/finance.csv", STAFF)
    def finance(visit: Visit) -> Answer:
        return _file(console, CHECKS, seen_by(records(console, CHECKS), visit.departments()))

    @console.page("/complaints/hot-spots.csv", WATCHING)
    def hot_spots(_visit: Visit) -> Answer:
        return _file(console, HOT_SPOT, records(console, HOT_SPOT))

    @console.page("/complaints/groups.csv", WATCHING)
    def groups(_visit: Visit) -> Answer:
        return _file(console, GROUP, records(console, GROUP))

    @console.page("/trace/findings.csv", trace.READERS)
    def findings(_visit: Visit) -> Answer:
        return _file(console, FINDINGS, records(console, FINDINGS))


def _file(console: Console, dataset: str, rows: pl.DataFrame) -> Answer:
    content = as_csv(console.catalogue().get(dataset), rows.sort("_key"))
    name = f"{dataset}-{today()}.csv"
    return send_file(BytesIO(content), mimetype="text/csv", as_attachment=True, download_name=name)
