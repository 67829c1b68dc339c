"""How releases and records are cited, and the terms under which they may be used."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template

from publisher.citation import Citation
from publisher.disk import sha256
from publisher.manifest import MANIFEST, Release
from publisher.portal.addresses import permanent, settings
from publisher.portal.pages import chinese, library, released

citations = Blueprint("citations", __name__)

_TYPES = {"txt": "text/plain", "bib": "application/x-bibtex",
          "json": "application/vnd.citationstyles.csl+json"}  # fmt: skip
#: How addresses of Creative Commons' attribution licence begin.
_CC_BY = "creativecommons.org/licenses/by/"


def citation(release: Release, record_id: str | None = None) -> Citation:
    """How a release, or a record of it, is cited; titles in Chinese, as they are official."""
    standard = library().catalogue.get(release.dataset, release.standard_version)
    place, owner = settings().place_zh, standard.owner
    if record_id:
        address = permanent("pages.record", dataset=release.dataset, record_id=record_id)
    else:
        address = permanent("pages.release", dataset=release.dataset, number=release.number)
    return Citation(
        owner=owner if owner.startswith(place) else f"{place}{owner.removeprefix('市')}",
        title=standard.title,
        dataset=release.dataset,
        release=release.number,
        released_on=release.created_at[:10],
        read_on=library().today().isoformat(),
        address=address,
        digest=sha256(release.path / MANIFEST),
        record_id=record_id,
    )


@citations.get("/datasets/<dataset>/releases/<int:number>/citation.<any(txt, bib, json):syntax>")
def release(dataset: str, number: int, syntax: str) -> Response:
    """The citation of a release for people, BibTeX or reference managers."""
    released(dataset)
    found = library().release(dataset, number)
    if found is None:
        abort(404)
    made = citation(found)
    written = {"txt": lambda: made.national() + "\n", "bib": made.bibtex, "json": made.csl}
    response = Response(written[syntax](), content_type=f"{_TYPES[syntax]}; charset=utf-8")
    name = f"{dataset}-{number}.{syntax}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@citations.get("/licence")
def licence() -> str:
    """The terms in plain words."""
    own = settings()
    cc_by = _CC_BY in own.licence_url
    return render_template("licence.html", cc_by=cc_by, name=own.licence(chinese()))


@citations.app_context_processor
def words() -> dict[str, Any]:
    """What the macros of citations use."""
    return {"citation_of": citation}
