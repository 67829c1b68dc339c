"""Pages of releases: of all of a dataset, and of one."""

from __future__ import annotations

from flask import abort, render_template

from publisher.portal.pages import PAGE_SIZE, asked_page, library, pages, pages_of, released
from publisher.portal.release_files import grouped


@pages.get("/datasets/<dataset>/releases/")
def releases(dataset: str) -> str:
    """All releases of a dataset, newest first."""
    latest, standard = released(dataset)
    pages_in_all = pages_of(latest.number)
    page = min(asked_page(), pages_in_all)
    found = library().history(dataset, skip=(page - 1) * PAGE_SIZE, most=PAGE_SIZE)
    return render_template(
        "releases.html",
        release=latest,
        standard=standard,
        history=found,
        page=page,
        pages_in_all=pages_in_all,
    )


@pages.get("/datasets/<dataset>/releases/<int:number>/")
def release(dataset: str, number: int) -> str:
    """One release: its counts and files."""
    _, standard = released(dataset)
    found = library().release(dataset, number)
    if found is None:
        abort(404)
    follower = library().taken_back_by(found)
    return render_template(
        "release.html",
        release=found,
        standard=standard,
        follower=follower,
        files=grouped(found),
    )
