"""The city plan's own targets: what was measured for each, its records, and files for a spreadsheet."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import abort, request, send_file

from exchange_schemas.days import today
from exchange_schemas.plan_targets import the_plan
from hub.analysis.files import as_csv, as_xlsx
from hub.plan.overview import contributing, current_progress, progress_rows
from hub.plan.progress import PROGRESS
from hub.plan.uncounted import WHY, uncounted
from hub.web.console.console import Answer, Console
from hub.web.console.pictures import picture
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.portal.plan_view import Progress, by_sub_plan, chart, counts_by_state

SHOWN = 200  # records behind a value, or reports, that a page lists
_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_plan(console: Console) -> None:
    """Put the pages on the console."""
    _add_pages(console)
    _add_files(console)


def _add_pages(console: Console) -> None:
    @console.page("/plan", STAFF)
    def listing(_visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            found = current_progress(connection, console.catalogue())
            left = uncounted(connection, console.catalogue())
        return page(
            "plan.html",
            uncounted=left.head(SHOWN).to_dicts(),
            left=left.height,
            reasons=WHY,
            groups=by_sub_plan(found),
            states=counts_by_state(found),
            contradictions=the_plan().contradictions.values(),
        )

    @console.page("/plan/<target>", STAFF)
    def target(_visit: Visit, target: str) -> Answer:
        one = _one(console, target)
        rows = contributing(console.site, console.engine, console.catalogue(), target, today())
        spec = _spec(console, one)
        return page(
            "plan_target.html",
            one=one,
            size=(spec["width"], spec["height"]),
            records=rows.head(SHOWN).to_dicts(),
            total=rows.height,
            counting=int(rows["counts"].sum()),
        )

    @console.page("/plan/<target>/chart.svg", STAFF)
    def chart_picture(_visit: Visit, target: str) -> Answer:
        one = _one(console, target)
        if not one.drawn:
            abort(HTTPStatus.NOT_FOUND)
        return picture(_spec(console, one))


def _add_files(console: Console) -> None:
    @console.page("/plan/progress.csv", STAFF)
    def csv_file(_visit: Visit) -> Answer:
        return _file(console, "csv")

    @console.page("/plan/progress.xlsx", STAFF)
    def xlsx_file(_visit: Visit) -> Answer:
        return _file(console, "xlsx")


def _file(console: Console, form: str) -> Answer:
    catalogue = console.catalogue()
    with console.engine.connect() as connection:
        rows = progress_rows(connection, catalogue)
    write, mimetype = {"csv": (as_csv, _CSV), "xlsx": (as_xlsx, _XLSX)}[form]
    content = BytesIO(write(catalogue.get(PROGRESS), rows))
    name = f"{PROGRESS}-{today()}.{form}"
    return send_file(content, mimetype=mimetype, as_attachment=True, download_name=name)


def _one(console: Console, target: str) -> Progress:
    """The target's progress; 404 where the plan has no such target or nothing was computed yet."""
    with console.engine.connect() as connection:
        found = current_progress(connection, console.catalogue())
    if target not in found:
        abort(HTTPStatus.NOT_FOUND)
    return found[target]


def _spec(console: Console, one: Progress) -> dict[str, Any]:
    told = speech(console)
    names = (told.text("Measured"), told.text("To be reached"))
    return chart(one, names, one.target.unit, narrow="narrow" in request.args)
