"""The files of releases. Their names come from the manifest, never from an address.

Files with records are those of the current release, and of earlier ones as long as no release after
them took a record back.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, send_file, url_for
from werkzeug.exceptions import Gone
from werkzeug.wrappers import Response as AnyResponse

from publisher.erasing import KEPT, SIGNATURE, VERIFIER
from publisher.files import WORKBOOK
from publisher.manifest import MANIFEST, Release
from publisher.portal.pages import library, released
from publisher.workbooks import workbook_of

downloads = Blueprint("downloads", __name__)

# What stands beside the files that a manifest names: name → media type.
_BESIDE = {
    MANIFEST: "application/json", SIGNATURE: "application/json", VERIFIER: "text/x-python",
}  # fmt: skip
_YEAR = 365 * 24 * 3600


class TakenBack(Gone):
    """410: the file had records that `follower`, a later release, took back."""

    def __init__(self, dataset: str, follower: int) -> None:
        super().__init__()
        self.dataset = dataset
        self.follower = follower


@downloads.get("/datasets/<dataset>/releases/<int:number>/<name>")
def file(dataset: str, number: int, name: str) -> Response:
    """One file of one release.

    What has no record never changes and may be kept for ever. Records may be taken back any day, so
    whoever keeps them must ask each time whether they still may be shown.
    """
    released(dataset)
    release = library().release(dataset, number)
    media_type = _media_type(release, name) if release else None
    if release is None or media_type is None:
        abort(404)
    if name in KEPT:
        return _sent(release, name, media_type, f"public, max-age={_YEAR}, immutable")
    _refuse_taken_back(release)
    try:
        return _sent(release, name, media_type, "public, no-cache")
    except FileNotFoundError:
        _refuse_taken_back(release)  # erased since, or else lost
        raise


def _sent(release: Release, name: str, media_type: str, caching: str) -> Response:
    response = send_file(
        release.path / name,
        mimetype=media_type,
        as_attachment=True,
        download_name=f"{release.dataset}-{release.number}-{name}",
        conditional=True,
    )
    response.headers["Cache-Control"] = caching
    return response


def _refuse_taken_back(release: Release) -> None:
    follower = library().taken_back_by(release)
    if follower is not None:
        raise TakenBack(release.dataset, follower)


@downloads.get("/datasets/<dataset>/latest/<name>")
def latest(dataset: str, name: str) -> AnyResponse:
    """The file of the current release, at an address that stays the same."""
    release, _ = released(dataset)
    if _media_type(release, name) is None:
        abort(404)
    place = url_for("downloads.file", dataset=dataset, number=release.number, name=name)
    return redirect(place, code=302)


def _media_type(release: Release, name: str) -> str | None:
    if name in _BESIDE:
        return _BESIDE[name] if (release.path / name).is_file() else None
    found = workbook_of(release) if name == WORKBOOK else release.file(name)
    return found.media_type if found else None
