"""A dataset's page: all that one needs to trust, read, take and cite it."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from werkzeug.routing import BuildError

from exchange_schemas.standard import Field, Standard
from publisher.files import EXCEL, WORKBOOK
from publisher.manifest import Release
from publisher.meanings import allowed, titles
from publisher.portal import shown
from publisher.portal.figures import COUNTY, TIME, figures
from publisher.portal.pages import chinese, library, pages, released
from publisher.portal.release_files import grouped
from publisher.portal.table_view import View, default_columns, shown_fields
from publisher.query import Filters
from publisher.selection import Selection

HISTORY = 10  # releases on the page; the page of releases has the others
PREVIEW = 5
FIRST_CHARTS = (TIME, COUNTY)  # the others are on the page of charts
MOST_VALUES = 12  # of a code field that are named


@pages.get("/datasets/<dataset>")
def dataset(dataset: str) -> str:
    """One dataset: what it is, who answers for it, its charts, files, fields and history."""
    release, standard = released(dataset)
    rows = library().preview(dataset, PREVIEW)
    view = View(Selection(Filters(dataset=dataset)), default_columns(standard))
    drawn = figures(release, standard, view)
    return render_template(
        "dataset.html",
        release=release,
        standard=standard,
        fields=list(shown_fields(standard).values()),
        values_of=lambda field: values_of(field, english=not chinese()),
        kinds=shown.KINDS,
        cycle=shown.CYCLES.get(standard.cycle, standard.cycle),
        share_type=shown.SHARE_TYPES.get(standard.share_type, standard.share_type),
        rows=rows,
        columns=shown.preview_columns(standard, rows),
        files=grouped(release),
        excel=release.file(WORKBOOK) or release.file(EXCEL),
        history=library().history(dataset, most=HISTORY),
        figures=[one for one in drawn if one.name in FIRST_CHARTS],
        publication=publication(standard),
        link=link,
        changes=changes,
    )


def publication(standard: Standard) -> str:
    """The standard's own words on what is public, and for how long."""
    return standard.publication.get("zh" if chinese() else "en", "")


def values_of(field: Field, english: bool) -> list[str]:
    """The values that a field may have, in words; none where they are many or any."""
    told = titles(field, english=english)
    values = [str(value) for value in allowed(field)]
    return [told.get(value, value) for value in values] if len(values) <= MOST_VALUES else []


def link(endpoint: str, **values: Any) -> str | None:
    """The address of a page that this portal may have; None where it doesn't."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


def changes(one: Release) -> str | None:
    """Where one sees what a release changed, as a list of records or else as its file."""
    told = link("as_of.changes", dataset=one.dataset, number=one.number)
    known = one.file("delta.csv")
    if told is None and known is not None:
        told = url_for("downloads.file", dataset=one.dataset, number=one.number, name=known.name)
    return told
