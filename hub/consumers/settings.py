"""What is known of a consumer's organisation and from where it may come, checked before it is kept."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, update

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer, is_uscc
from hub.consumers.events import note
from hub.grants.terms import MOST_RATE
from hub.tables import consumer

LONGEST = 500  # characters of a contact
_SHA256 = re.compile(r"[0-9a-f]{64}")


def checked_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `consumer` for what is given: credit_code, contact, networks, certificates,
    signed_only, rate. An empty text or list takes away what was there; None changes nothing.

    Raises Misdeclared: credit_code_wrong, network_wrong, certificate_wrong, grant_number_wrong.
    """
    checks: dict[str, Callable[[Any], Any]] = {
        "credit_code": _credit_code,
        "contact": _contact,
        "networks": lambda value: _listed([network(one) for one in value]),
        "certificates": lambda value: _listed([certificate(one) for one in value]),
        "signed_only": int,
        "rate": _rate,
    }
    return {name: checks[name](value) for name, value in given.items() if value is not None}


def change(connection: Connection, who: Consumer, given: Mapping[str, Any], actor: str) -> None:
    """Keep what is given, and write down that it was changed; raises as `checked_settings`."""
    values = checked_settings(given)
    if not values:
        return
    connection.execute(update(consumer).where(consumer.c.id == who.id).values(values))
    # Whom to ask is personal data: that it was changed is enough.
    told: dict[str, Any] = {
        name: "…" if name == "contact" else value for name, value in values.items()
    }
    note(connection, who.id, "set", actor, **told)


def network(text: str) -> str:
    """A network in its usual form; raises Misdeclared (network_wrong)."""
    try:
        return str(ipaddress.ip_network(text.strip()))
    except ValueError:
        raise Misdeclared(Issue("network_wrong", value=text[:64])) from None


def certificate(text: str) -> str:
    """The SHA-256 of a certificate as 64 hex digits; raises Misdeclared (certificate_wrong)."""
    plain = text.strip().replace(":", "").lower()
    if not _SHA256.fullmatch(plain):
        raise Misdeclared(Issue("certificate_wrong", value=text[:100]))
    return plain


def _listed(values: list[str]) -> str | None:
    return json.dumps(list(dict.fromkeys(values))) if values else None


def _credit_code(text: str) -> str | None:
    if text and not is_uscc(text):
        raise Misdeclared(Issue("credit_code_wrong", value=text[:32]))
    return text or None


def _contact(text: str) -> str | None:
    if len(text) > LONGEST:
        words = {"expected": f"…{LONGEST}"}
        raise Misdeclared(
            Issue("grant_number_wrong", field="contact", value=str(len(text)), params=words)
        )
    return text or None


def _rate(rate: int) -> int | None:
    if not 0 <= rate <= MOST_RATE:
        words = {"expected": f"0…{MOST_RATE}"}
        raise Misdeclared(
            Issue("grant_number_wrong", field="rate", value=str(rate)[:32], params=words)
        )
    return rate or None
