"""What each release of a dataset changed, and why records left. It says nothing of a party."""

from __future__ import annotations

from flask import abort, render_template, request

from exchange_schemas.standard import Standard
from publisher import as_of as past
from publisher.columns import RECORD_ID
from publisher.manifest import Release
from publisher.portal.as_of import KINDS, ROWS, after, as_of
from publisher.portal.pages import PAGE_SIZE, asked_page, library, pages_of, released

__all__ = ["as_of"]


@as_of.get("/datasets/<dataset>/changes")
@as_of.get("/datasets/<dataset>/changes/<int:number>")
def changes(dataset: str, number: int | None = None) -> str:
    """What all releases changed, newest first; or which records one of them did."""
    release, standard = released(dataset)
    if number is None:
        return _of_all(release, standard)
    one = library().release(dataset, number)
    if one is None:
        abort(404)
    return _of_one(release, standard, one)


def _of_all(release: Release, standard: Standard) -> str:
    pages_in_all = pages_of(release.number)
    page = min(asked_page(), pages_in_all)
    shown = library().history(release.dataset, skip=(page - 1) * PAGE_SIZE, most=PAGE_SIZE)
    known = past.history_of(release)
    return render_template(
        "changes.html",
        release=release,
        standard=standard,
        history=shown,
        reasons=past.reasons(known, [one.number for one in shown]),
        page=page,
        pages_in_all=pages_in_all,
        first_day=known.days[0],
        today=library().today().isoformat(),
    )


def _of_one(release: Release, standard: Standard, one: Release) -> str:
    wanted = request.args.get("kind")
    kind = wanted if wanted in KINDS else next((k for k in KINDS if one.counts.get(k)), past.ADDED)
    rows = past.changes(past.history_of(release), one.number, kind, after(), ROWS + 1)
    return render_template(
        "changes_of.html",
        release=release,
        standard=standard,
        one=one,
        kind=kind,
        kinds=[(name, one.counts.get(name, 0)) for name in KINDS],
        rows=list(rows.head(ROWS).iter_rows(named=True)),
        following=rows[RECORD_ID][ROWS - 1] if rows.height > ROWS else None,
    )
