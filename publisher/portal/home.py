"""The first page: search, what is new in numbers, and the catalogue of datasets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import current_app, render_template

from exchange_schemas.errors import HubError
from exchange_schemas.standard import Standard
from publisher.library import Library
from publisher.manifest import Release
from publisher.portal.pages import chinese, library, pages
from publisher.portal.today_page import WEEK, news_of

NEWEST = 5  # releases under "what was released"


@dataclass(frozen=True, slots=True)
class Card:
    """A dataset in the catalogue; without a release that can be read it says so."""

    standard: Standard
    release: Release | None
    updating: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """How much is new in a group: today and in the last days."""

    name: str
    title: str
    today: int
    week: int


@pages.get("/")
def home() -> str:
    """What there is, and what is new."""
    known = library()
    cards = list(cards_of(known))
    readable = [card for card in cards if card.release]
    newest = sorted(readable, key=_made, reverse=True)
    return render_template(
        "home.html",
        owners=by_owner(cards),
        records=sum(card.release.counts["records"] for card in readable if card.release),
        datasets=len(cards),
        newest=newest[:NEWEST],
        numbers=numbers(known) if cards else [],
        days=WEEK,
    )


def cards_of(known: Library) -> Iterator[Card]:
    """Every dataset that was released. One that can't be read doesn't keep the others away."""
    for dataset in known.catalogue.datasets():
        standard = known.catalogue.get(dataset)
        try:
            release = known.latest(dataset)
        except HubError:
            current_app.logger.exception("dataset %s can't be read", dataset)
            yield Card(standard, None)
        else:
            if release is not None:
                yield Card(standard, release, updating=not known.good(release))


def _made(card: Card) -> str:
    return card.release.created_at if card.release else ""


def by_owner(cards: list[Card]) -> list[tuple[str, list[Card]]]:
    """The cards by the department that answers for them, in the order of the catalogue."""

    def owner(card: Card) -> str:
        return card.standard.owner if chinese() else card.standard.owner_en

    first = {owner(card): place for place, card in reversed(list(enumerate(cards)))}
    ordered = sorted(cards, key=lambda card: first[owner(card)])
    return [(name, list(them)) for name, them in groupby(ordered, owner)]


def numbers(known: Library) -> list[Number]:
    """How much is new, by the groups of the page of today."""
    day = known.today()
    counted = zip(news_of(known, day, 1, 0), news_of(known, day, WEEK, 0), strict=True)
    return [
        Number(now.group.name, now.group.title(chinese()), now.total, week.total)
        for now, week in counted
    ]
