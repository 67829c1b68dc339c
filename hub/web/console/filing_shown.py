"""What the page of a filing is made of: its party's view, the record's public view, the steps so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from exchange_schemas.days import today
from exchange_schemas.errors import Refused
from exchange_schemas.language import translate
from exchange_schemas.standard import Standard
from hub import showing
from hub.answers import Texts
from hub.objections import ENDS
from hub.review import Desk
from publisher.portal.filing_words import STATES

__all__ = ["as_party_sees", "contact", "record_of", "state_after", "steps", "today"]

CONTACT = ("contact_name", "phone", "email")
_TITLES = {"correction": "Correction", "objection": "Objection", "repair": "Credit repair"}
_UNTIL = ("received", "in_handling")


def contact(told: Mapping[str, Any]) -> dict[str, str]:
    """How the party can be reached: for who handles the filing."""
    return {name: told[name] for name in CONTACT if told[name]}


def record_of(connection: Connection, desk: Desk, record_id: str) -> dict[str, Any] | None:
    """The record as the public sees it, with its state and moves; None where it isn't there any more."""
    try:
        return showing.record(connection, desk.catalogue, desk.standard, record_id)
    except Refused:
        return None


def steps(told: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    """(when, what, who) of the filing so far, the first one first."""
    found = [
        (told["filed_at"], "Filed on the portal", None),
        (told["received_at"], "Received by the hub", None),
        (told["accepted_at"], "Taken in hand", told["handler"]),
        (told["decided_at"], "Decided and answered the party", told["decided_by"]),
    ]
    return [step for step in found if step[0]]


def state_after(outcome: str) -> str | None:
    """The filing's state once it is answered so; None: it stays as it is."""
    if outcome in ENDS:
        return ENDS[outcome][0]
    return {"grant": "granted", "refuse": "refused"}.get(outcome)


def as_party_sees(
    told: Mapping[Any, Any],
    standard: Standard,
    locale: str,
    texts: Texts | None = None,
    state: str | None = None,
) -> dict[str, Any]:
    """The portal's page of a filing, in its own words; with `texts` and `state`, as it would be then.

    {state, kind, dataset, owner, filed_on, due, answered_on, words, words_en}.
    """
    chinese = locale == "zh_CN"
    words = texts or Texts(told["answer_zh"] or "", told["answer_en"])
    over = texts is not None or told["state"] not in _UNTIL
    return {
        "state": translate("publisher", locale, STATES[state or told["state"]]),
        "kind": translate("publisher", locale, _TITLES[told["kind"]]),
        "dataset": standard.title if chinese else standard.title_en,
        "owner": standard.owner if chinese else standard.owner_en,
        "filed_on": told["filed_on"],
        "due": None if over else told["due"],
        "answered_on": today().isoformat() if texts else told["answered_on"],
        "words": words.zh or None,
        "words_en": words.en,
    }
