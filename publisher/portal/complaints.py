"""Statistics on complaints: by month, category, county and department, from the release.

Only what complaint_statistic was released with is here; numbers below five are withheld in it already.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.codes import load_codes
from exchange_schemas.language import DEFAULT_LOCALE
from publisher.portal import drawing
from publisher.portal.charts import DAY_SECONDS, SVG
from publisher.portal.complaint_figures import DATASET, NAMES, Figures, read, spec
from publisher.portal.pages import chinese, library, pages, released

COUNTS = ("received", "accepted", "closed", "on_time_rate", "mediation_success_rate")


@pages.get("/complaints")
def complaints() -> str:
    """The figures of a month (`?month=2026-10`), or of the last one; 404 before the first release."""
    release, standard = released(DATASET)
    found = read(library(), request.args.get("month"))
    if found is None:
        abort(404)
    charts = {name: _chart(release.number, found, name) for name in NAMES}
    return render_template(
        "complaints.html",
        release=release,
        standard=standard,
        found=found,
        counts=COUNTS,
        charts={name: one for name, one in charts.items() if one},
        county=_county,
    )


@pages.get("/complaints/releases/<int:number>/<name>.svg")
def complaint_chart(number: int, name: str) -> AnyResponse:
    """One chart of a month of the current release; of an earlier one it leads there."""
    release, _ = released(DATASET)
    g.locale = "en" if request.args.get("lang") == "en" else DEFAULT_LOCALE
    if name not in NAMES:
        abort(404)
    if number != release.number:
        told = {n: v[:10] for n in ("month", "lang", "narrow") if (v := request.args.get(n))}
        told |= {"number": str(release.number), "name": name}
        return redirect(url_for("pages.complaint_chart", **told))  # type: ignore[arg-type]
    found = read(library(), request.args.get("month"))
    narrow = bool(request.args.get("narrow"))
    made = None if found is None else spec(found, name, chinese=chinese(), narrow=narrow)
    if made is None:
        abort(404)
    response = Response(drawing.svg(made), mimetype=SVG)
    response.headers["Cache-Control"] = f"public, max-age={DAY_SECONDS}, immutable"
    response.add_etag()
    return response.make_conditional(request)


def _chart(number: int, found: Figures, name: str) -> dict[str, Any] | None:
    """Addresses of a chart's pictures and their size; None where it would be empty."""
    made = spec(found, name, chinese=chinese(), narrow=False)
    if made is None:
        return None
    told: dict[str, Any] = {"number": number, "name": name, "month": found.month}
    told |= {} if chinese() else {"lang": "en"}
    return {
        "wide": url_for("pages.complaint_chart", **told),
        "narrow": url_for("pages.complaint_chart", **told, narrow=1),
        "size": (made["width"], made["height"]),
    }


def _county(code: str) -> str:
    """What a division is called in the page's language."""
    one = load_codes("divisions").codes.get(code)
    return code if one is None else one.title if chinese() else one.title_en or one.title
