"""The workbench: what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from exchange_schemas.days import today
from hub.database import look
from hub.inbox import MOST
from hub.web.console.console import Answer, Console
from hub.web.console.policy import SIGNED_IN
from hub.web.console.rendering import may, page
from hub.web.console.visit import Visit
from hub.workload import workload


@dataclass(frozen=True, slots=True)
class Card:
    """What waits (a key of `workload`), in words (message ids), and the page that has the list."""

    name: str
    words: str
    hint: str
    endpoint: str
    values: tuple[tuple[str, str], ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Cards under a heading (message id)."""

    words: str
    cards: tuple[Card, ...]


def _list(name: str, words: str, hint: str, **more: Any) -> Card:
    due = more.pop("due", None)
    values = (("name", more.pop("queue", name)), *((("due", due),) if due else ()))
    return Card(name, words, hint, "queues.listing", values, **more)


GROUPS = (
    Group(
        "Records and decisions",
        (
            _list("review", "To review", "somebody of your department examines them"),
            _list("approve", "To approve", "another person reviewed them"),
            _list("overdue", "Overdue", "the law's last day is over", late=True),
            _list("today", "Due today", "the law's last day is today", queue="due", due="today"),
            _list("week", "Due this week", "seven days from today on", queue="due", due="week"),
            _list("blocked", "Blocked", "the public view shows private data", late=True),
        ),
    ),
    Group(
        "Parties",
        (
            Card("objection", "Objections", "parties object", "filings.queue",
                 (("kind", "objection"),)),
            Card("correction", "Corrections", "parties ask for a correction", "filings.queue",
                 (("kind", "correction"),)),
            Card("repair", "Repairs", "parties ask for credit repair", "filings.queue",
                 (("kind", "repair"),)),
            Card("consents", "Consents", "third parties are asked", "consents.listing"),
        ),
    ),
    Group(
        "Feeds",
        (
            Card("held", "Held runs", "the breaker waits for a person", "held.held", late=True),
            Card("quarantine", "Quarantine", "feeds with rejected rows in their last run",
                 "quarantine.feeds"),
        ),
    ),
)  # fmt: skip


def add_home(console: Console) -> None:
    """Put the page on the console."""

    @console.page("/", SIGNED_IN)
    def workbench(visit: Visit) -> Answer:
        if visit.account.office is not None or not visit.is_staff:
            return page("workbench.html", groups=[])
        catalogue = console.catalogue()
        with look(console.engine) as connection:
            found = workload(connection, catalogue, visit.person, visit.roles, today())
        groups = [(one.words, _shown(console, one, found)) for one in GROUPS]
        return page("workbench.html", groups=[one for one in groups if one[1]])


def _shown(console: Console, group: Group, found: Any) -> list[dict[str, Any]]:
    """The cards that the person's roles see: {card, count, more, address} — none where the page isn't
    theirs to open."""
    return [
        {
            "card": card,
            "count": min(found[card.name], MOST),
            "more": found[card.name] > MOST,
            "address": _address(console, card),
        }
        for card in group.cards
        if card.name in found
    ]


def _address(console: Console, card: Card) -> str | None:
    values: dict[str, Any] = dict(card.values)
    return url_for(card.endpoint, **values) if may(console, card.endpoint) else None
