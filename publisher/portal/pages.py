"""What the portal's pages have in common. The pages themselves stand in files by noun beside this."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable

from exchange_schemas.standard import Standard
from publisher.library import Library
from publisher.manifest import Release
from publisher.portal import shown
from publisher.portal.addresses import permanent, settings

pages = Blueprint("pages", __name__)

LONGEST_QUERY = 100  # characters of a search that are looked at
PAGE_SIZE = 20
LAST_PAGE = 500
RETRY_SECONDS = 300  # after which a dataset that is being updated is worth another look


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
    """What every template may use beside words."""
    return {
        "size_of": shown.size_of,
        "title_of": shown.title_of,
        "value_of": shown.value_of,
        "settings": settings(),
        "permanent": permanent,
        "there_is": lambda endpoint: endpoint in current_app.view_functions,
    }


def disclaimers(datasets: Iterable[str]) -> list[str]:
    """The sentences that the law wants beside records of these datasets, each once."""
    catalogue = library().catalogue
    said = (catalogue.get(dataset).disclaimer for dataset in dict.fromkeys(datasets))
    return list(dict.fromkeys(one for one in said if one))
