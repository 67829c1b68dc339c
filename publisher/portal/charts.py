"""Charts of a dataset: a page of them for any view of its table, and each one as a picture.

The pictures are files of their own, so that they obey the pages' policy: no style and no script in
a page. Their addresses name the release, whose counts never change, so they can be kept.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.language import DEFAULT_LOCALE
from publisher.portal import drawing
from publisher.portal.figures import CHARTS, counted, figures, points_of, spec_of
from publisher.portal.pages import released
from publisher.portal.table_form import form_of, other_language, tidy_address
from publisher.portal.table_view import read_view

charts = Blueprint("charts", __name__)

DAY_SECONDS = 24 * 3600
SVG = "image/svg+xml"
_KEPT = ("lang", "narrow")


@charts.get("/datasets/<dataset>/charts")
def page(dataset: str) -> str | AnyResponse:
    """The charts of a view, each with its numbers as a table."""
    release, standard = released(dataset)
    view = read_view(standard, request.args).first()
    tidy = tidy_address(standard, view)
    if tidy is not None:
        return redirect(tidy)
    return render_template(
        "charts.html",
        release=release,
        standard=standard,
        form=form_of(release, standard, view),
        figures=figures(release, standard, view),
        other_language=other_language(standard, view),
    )


@charts.get("/datasets/<dataset>/releases/<int:number>/charts/<name>.svg")
def picture(dataset: str, number: int, name: str) -> AnyResponse:
    """One chart of a view of the current release; of an earlier one it leads there.

    The language is the address's alone: what is kept by its address is the same for everybody.
    """
    release, standard = released(dataset)
    g.locale = "en" if request.args.get("lang") == "en" else DEFAULT_LOCALE
    if name not in CHARTS:
        abort(404)
    view = read_view(standard, request.args)
    if number != release.number:
        told = view.arguments(standard) | {n: v for n in _KEPT if (v := request.args.get(n))}
        told |= {"dataset": dataset, "number": release.number, "name": name}
        return redirect(url_for("charts.picture", **told))
    found = counted(release, standard, view)
    points, _ = points_of(name, found, standard)
    if len(points) < 2:
        abort(404)
    drawn = drawing.svg(spec_of(name, points, narrow=bool(request.args.get("narrow"))))
    response = Response(drawn, mimetype=SVG)
    response.headers["Cache-Control"] = f"public, max-age={DAY_SECONDS}, immutable"
    response.add_etag()
    return response.make_conditional(request)
