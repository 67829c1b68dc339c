"""The files of releases. Their names come from the manifest, never from an address."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from publisher.manifest import MANIFEST, Release
from publisher.portal.pages import library

downloads = Blueprint("downloads", __name__)

_YEAR = 365 * 24 * 3600


@downloads.get("/datasets/<dataset>/releases/<int:number>/<name>")
def file(dataset: str, number: int, name: str) -> Response:
    """One file of one release; it never changes, so it may be kept for ever."""
    release = library().release(dataset, number)
    media_type = _media_type(release, name) if release else None
    if release is None or media_type is None:
        abort(404)
    response = send_file(
        release.path / name,
        mimetype=media_type,
        as_attachment=True,
        download_name=f"{dataset}-{number}-{name}",
        max_age=_YEAR,
        conditional=True,
    )
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


@downloads.get("/datasets/<dataset>/latest/<name>")
def latest(dataset: str, name: str) -> AnyResponse:
    """The file of the current release, at an address that stays the same."""
    release = library().latest(dataset)
    if release is None or _media_type(release, name) is None:
        abort(404)
    place = url_for("downloads.file", dataset=dataset, number=release.number, name=name)
    return redirect(place, code=302)


def _media_type(release: Release, name: str) -> str | None:
    if name == MANIFEST:
        return "application/json"
    found = release.file(name)
    return found.media_type if found else None
