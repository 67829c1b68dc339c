"""The portal's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, request
from werkzeug.exceptions import ServiceUnavailable

from exchange_schemas.standard import Standard
from publisher.columns import OBJECTION, hub_fields
from publisher.files import EXCEL
from publisher.library import Hit, Library
from publisher.manifest import Release
from publisher.portal import shown
from publisher.portal.chart import HEIGHT, WIDTH, bars, every_year

pages = Blueprint("pages", __name__)

LONGEST_QUERY = 100  # characters of a search that are looked at
PAGE_SIZE = 20
LAST_PAGE = 500
NEWEST = 5  # releases under "what is new" on the home page
HISTORY = 10  # releases on a dataset's page; its page of releases has the others
RETRY_SECONDS = 300  # after which a dataset that is being updated is worth another look
SUBJECT_ROWS = 50  # records of one dataset on a company's page


@dataclass(frozen=True, slots=True)
class Card:
    """A dataset on the home page."""

    release: Release
    standard: Standard
    updating: bool = False


def library() -> Library:
    """What was released."""
    found: Library = current_app.config["LIBRARY"]
    return found


def chinese() -> bool:
    """Whether the page speaks Chinese."""
    return bool(g.locale == "zh_CN")


def released(dataset: str) -> tuple[Release, Standard]:
    """The dataset's current release and its standard; 404 where there is none.

    503 while the release may show a record whose term is over.
    """
    release = library().latest(dataset)
    if release is None:
        abort(404)
    if not library().good(release):
        raise being_updated()
    return release, library().catalogue.get(dataset, release.standard_version)


def being_updated() -> ServiceUnavailable:
    """The answer while a dataset waits for its next release."""
    return ServiceUnavailable(retry_after=RETRY_SECONDS)


def asked_page() -> int:
    """The page of a list that the address asks for: 1 where it says nothing sensible."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def pages_of(total: int) -> int:
    """How many pages a list of `total` has."""
    return -(-total // PAGE_SIZE)


def titles() -> dict[str, str]:
    """dataset → title in the page's language, of everything that was released."""
    known = library().datasets()
    catalogue = library().catalogue
    return {r.dataset: shown.title_of(catalogue.get(r.dataset), chinese()) for r in known}


@pages.app_context_processor
def helpers() -> dict[str, Any]:
    """What templates use to show values."""
    return {"size_of": shown.size_of, "title_of": shown.title_of, "value_of": shown.value_of}


@pages.get("/")
def home() -> str:
    """What there is, and what is new."""
    known = library()
    cards = [
        Card(one, known.catalogue.get(one.dataset), updating=not known.good(one))
        for one in known.datasets()
    ]
    newest = sorted(cards, key=lambda card: card.release.created_at, reverse=True)
    return render_template("home.html", cards=cards, newest=newest[:NEWEST])


@pages.get("/datasets/<dataset>")
def dataset(dataset: str) -> str:
    """One dataset: what it is, who answers for it, its fields, files and history."""
    release, standard = released(dataset)
    rows = library().preview(dataset)
    return render_template(
        "dataset.html",
        release=release,
        standard=standard,
        fields=standard.fields_for("public").values(),
        kinds=shown.KINDS,
        cycle=shown.CYCLES.get(standard.cycle, standard.cycle),
        share_type=shown.SHARE_TYPES.get(standard.share_type, standard.share_type),
        rows=rows,
        columns=shown.preview_columns(standard, rows),
        excel=release.file(EXCEL),
        history=library().history(dataset, most=HISTORY),
        bars=bars(every_year(library().years(dataset))),
        chart=(WIDTH, HEIGHT),
    )


@pages.get("/datasets/<dataset>/records/<record_id>")
def record(dataset: str, record_id: str) -> str:
    """One record, at its permanent address."""
    release, standard = released(dataset)
    found = library().record(dataset, record_id)
    if found is None:
        abort(404)
    roles = standard.roles
    return render_template(
        "record.html",
        release=release,
        standard=standard,
        record_id=record_id,
        cells=shown.cells(standard, found, chinese()),
        name=found.get(roles.name or "") or record_id,
        code=found.get(roles.code or ""),
        objected=OBJECTION in hub_fields(standard) and bool(found.get(OBJECTION)),
    )


@pages.get("/search")
def search() -> str:
    """Records by name, credit code or document number."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    dataset = request.args.get("dataset") or None
    page = asked_page()
    hits = library().search(query, dataset, page, PAGE_SIZE) if query else None
    pages_in_all = min(pages_of(hits.total), LAST_PAGE) if hits else 0
    if hits and page > pages_in_all > 0:  # an address from when there were more
        page = pages_in_all
        hits = library().search(query, dataset, page, PAGE_SIZE)
    return render_template(
        "search.html",
        query=query,
        dataset=dataset,
        page=page,
        pages_in_all=pages_in_all,
        reached=pages_in_all * PAGE_SIZE,
        hits=hits,
        titles=titles(),
    )


def subject_name(found: dict[str, list[Hit]]) -> str | None:
    """What a subject is called, in the newest record of the first dataset that says it."""
    for dataset, hits in found.items():
        record = library().record(dataset, hits[0].record_id) or {}
        party = shown.party_field(released(dataset)[1])
        if party and record.get(party):
            return str(record[party])
    return None


@pages.get("/subjects/<code>")
def subject(code: str) -> str:
    """One company across all datasets."""
    found, updating = library().subject(code[:LONGEST_QUERY]), library().updating()
    if not found and updating:
        raise being_updated()
    if not found:
        abort(404)
    return render_template(
        "subject.html",
        code=code.upper(),
        name=subject_name(found) or code.upper(),
        found=found,
        most=SUBJECT_ROWS,
        updating=updating,
        titles=titles(),
    )


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
    return render_template("release.html", release=found, standard=standard, follower=follower)


@pages.get("/about")
def about() -> str:
    """What is published here, how an error is corrected, and how programs read it."""
    return render_template("about.html")


@pages.get("/robots.txt")
def robots() -> Response:
    """Everything may be read; search results would only repeat it, and filings are their party's."""
    lines = ("User-agent: *", "Disallow: /search", "Disallow: /filings/")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@pages.get("/healthz")
def health() -> dict[str, Any]:
    """For the operator's monitoring: how many datasets can be read, and which wait for a release."""
    return {"datasets": len(library().datasets()), "updating": list(library().updating())}
