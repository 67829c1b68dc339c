"""The portal's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, request

from exchange_schemas.standard import Standard
from publisher.library import Library
from publisher.manifest import Release
from publisher.portal import shown
from publisher.portal.chart import HEIGHT, WIDTH, bars

pages = Blueprint("pages", __name__)

LONGEST_QUERY = 100  # characters of a search that are looked at
PAGE_SIZE = 20
LAST_PAGE = 500
NEWEST = 5  # records of each dataset on the home page


@dataclass(frozen=True, slots=True)
class Card:
    """A dataset on the home page."""

    release: Release
    standard: Standard


def library() -> Library:
    """What was released."""
    found: Library = current_app.config["LIBRARY"]
    return found


def chinese() -> bool:
    """Whether the page speaks Chinese."""
    return bool(g.locale == "zh_CN")


def released(dataset: str) -> tuple[Release, Standard]:
    """The dataset's current release and its standard; 404 where there is none."""
    release = library().latest(dataset)
    if release is None:
        abort(404)
    return release, library().catalogue.get(dataset, release.standard_version)


def titles() -> dict[str, str]:
    """dataset → title in the page's language, of everything that was released."""
    known = library().datasets()
    catalogue = library().catalogue
    return {r.dataset: shown.title_of(catalogue.get(r.dataset), chinese()) for r in known}


@pages.app_context_processor
def helpers() -> dict[str, Any]:
    """What templates use to show values."""
    return {"size_of": shown.size_of, "value_of": shown.value_of}


@pages.get("/")
def home() -> str:
    """What there is, and what is new."""
    cards = [Card(r, library().catalogue.get(r.dataset)) for r in library().datasets()]
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
        history=library().history(dataset),
        bars=bars(library().years(dataset)),
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
    )


@pages.get("/search")
def search() -> str:
    """Records by name, credit code or document number."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    dataset = request.args.get("dataset") or None
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    hits = library().search(query, dataset, page, PAGE_SIZE) if query else None
    total = hits.total if hits else 0
    pages_in_all = min(-(-total // PAGE_SIZE), LAST_PAGE)
    return render_template(
        "search.html",
        query=query,
        dataset=dataset,
        page=page,
        pages_in_all=pages_in_all,
        hits=hits,
        titles=titles(),
    )


@pages.get("/subjects/<code>")
def subject(code: str) -> str:
    """One company across all datasets."""
    found = library().subject(code[:LONGEST_QUERY])
    if not found:
        abort(404)
    names = [hit.name for hits in found.values() for hit in hits if hit.name]
    return render_template(
        "subject.html", code=code.upper(), name=names[0] if names else code, found=found,
        titles=titles(),
    )  # fmt: skip


@pages.get("/datasets/<dataset>/releases/<int:number>/")
def release(dataset: str, number: int) -> str:
    """One release: its counts and files."""
    _, standard = released(dataset)
    found = next((r for r in library().history(dataset) if r.number == number), None)
    if found is None:
        abort(404)
    return render_template("release.html", release=found, standard=standard)


@pages.get("/about")
def about() -> str:
    """What is published here, how an error is corrected, and how programs read it."""
    return render_template("about.html")


@pages.get("/robots.txt")
def robots() -> Response:
    """Everything may be read; search results would only repeat it."""
    return Response("User-agent: *\nDisallow: /search\n", mimetype="text/plain")


@pages.get("/healthz")
def health() -> dict[str, Any]:
    """For the operator's monitoring: how many datasets can be read."""
    return {"datasets": len(library().datasets())}
