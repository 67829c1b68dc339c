"""What an application for data asks for, checked against the standard before anybody looks at it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import AUDIENCES, Standard
from hub.grants.sharing import PUBLIC, way_of

LONGEST = 2_000  # characters of a purpose and of a legal basis
MOST_RATE = 100_000  # requests a minute
MOST_HOURS = 24 * 366


@dataclass(frozen=True, slots=True)
class Terms:
    """As `hub.grants.grant.Grant` has them; `valid_until` None: until it is revoked."""

    dataset: str
    audience: str
    purpose: str
    legal_basis: str
    valid_from: str
    association: str | None = None
    fields: tuple[str, ...] | None = None
    valid_until: str | None = None
    rate: int | None = None
    receipts_within_hours: int | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of `consumer_grant` that say this."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return given | {"fields": None if self.fields is None else json.dumps(list(self.fields))}


def checked(catalogue: Catalogue, terms: Terms, today: date) -> Terms:
    """The terms with the fields in the standard's order, the key's among them.

    An entry names its record by the key, so what is told of the key isn't kept back from the
    record: fields of the key that the audience sees belong to every grant.

    Raises Misdeclared: dataset_unknown, audience_unknown, association_missing, association_needless,
    field_unknown, grant_field_hidden, grant_text_missing, grant_day_wrong, grant_number_wrong; and
    Refused: not_shared, not_public.
    """
    standard = catalogue.get(terms.dataset)
    if terms.audience not in AUDIENCES:
        words = {"known": ", ".join(AUDIENCES)}
        raise Misdeclared(Issue("audience_unknown", value=terms.audience[:32], params=words))
    way_of(standard, terms.audience)
    _check_association(standard, terms)
    _check_texts(terms)
    _check_days(terms, today)
    _check_number("rate", terms.rate, MOST_RATE)
    _check_number("receipts_within_hours", terms.receipts_within_hours, MOST_HOURS)
    return replace(terms, fields=_fields(standard, terms))


def key_fields(standard: Standard, audience: str) -> set[str]:
    """The fields of the standard's key that the audience sees."""
    return {n for part in standard.key for n in part} & set(standard.fields_for(audience))


def _fields(standard: Standard, terms: Terms) -> tuple[str, ...] | None:
    if terms.fields is None:
        return None
    seen = standard.fields_for(terms.audience)
    for name in terms.fields:
        if name not in standard.fields:
            words = {"dataset": terms.dataset, "known": ", ".join(seen)}
            raise Misdeclared(Issue("field_unknown", value=name[:64], params=words))
        if name not in seen:
            words = {"audience": terms.audience, "known": ", ".join(seen)}
            raise Misdeclared(Issue("grant_field_hidden", value=name, params=words))
    chosen = {*terms.fields, *key_fields(standard, terms.audience)}
    return tuple(name for name in seen if name in chosen)


def _check_association(standard: Standard, terms: Terms) -> None:
    owned = standard.association is not None and terms.audience == "industry"
    if owned and terms.association is None:
        raise Misdeclared(Issue("association_missing", value=terms.dataset))
    if terms.association is not None and not owned:
        raise Misdeclared(Issue("association_needless", value=terms.association[:32]))


def _check_texts(terms: Terms) -> None:
    for name in ("purpose", "legal_basis"):
        text = getattr(terms, name)
        # The public's view is everybody's: nobody has to say what for.
        if not text.strip() and terms.audience != PUBLIC:
            raise Misdeclared(Issue("grant_text_missing", field=name))
        if len(text) > LONGEST:
            words = {"expected": f"…{LONGEST}"}
            raise Misdeclared(
                Issue("grant_number_wrong", field=name, value=str(len(text)), params=words)
            )


def _check_days(terms: Terms, today: date) -> None:
    for name in ("valid_from", "valid_until"):
        day = getattr(terms, name)
        if day is not None and not is_day(day):
            raise Misdeclared(Issue("grant_day_wrong", field=name, value=day[:32]))
    if terms.valid_until is not None and terms.valid_until < max(
        terms.valid_from, today.isoformat()
    ):
        raise Misdeclared(Issue("grant_day_wrong", field="valid_until", value=terms.valid_until))


def _check_number(name: str, number: int | None, most: int) -> None:
    if number is not None and not 1 <= number <= most:
        words = {"expected": f"1…{most}"}
        raise Misdeclared(
            Issue("grant_number_wrong", field=name, value=str(number)[:32], params=words)
        )


def is_day(text: str) -> bool:
    """Whether it is a day that exists, written as 2026-01-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def names(given: Sequence[str]) -> tuple[str, ...] | None:
    """Fields as a command line or a request names them; none named: all."""
    return tuple(dict.fromkeys(given)) or None
