"""Registering a consumer: the organisation, its first key, and what it is granted or applies for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.consumers.consumer import check_association, consumer_named, is_uscc, register
from hub.consumers.events import note
from hub.consumers.keys import new_bearer
from hub.consumers.settings import checked_settings
from hub.grants.granting import apply_for
from hub.grants.registered import BASIS, PURPOSE
from hub.grants.sharing import Way, way_of
from hub.grants.tables import BEARER
from hub.grants.terms import Terms


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`settings` as `consumer_settings.checked_settings`. Purpose and legal basis may be left out
    where every dataset is shared without conditions."""

    name: str
    audience: str
    datasets: tuple[str, ...]
    association: str | None = None
    purpose: str | None = None
    legal_basis: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`key` is shown once; None where requests have to be signed. `waiting` are numbers of applications
    that the owning department has to decide on."""

    key: str | None
    granted: tuple[str, ...]
    waiting: tuple[int, ...]


def enrol(connection: Connection, catalogue: Catalogue, one: Enrolment, actor: str) -> Enrolled:
    """Raises what `consumers.register`, `consumer_settings.checked_settings` and
    `granting.apply_for` do; then nothing is to be kept."""
    if one.association is not None and not is_uscc(one.association):
        raise Misdeclared(Issue("association_wrong", value=one.association))
    settings = checked_settings(one.settings)
    more = {**settings, "association": one.association}
    number = register(connection, one.name, one.audience, **more)
    check_association(catalogue, one.audience, one.datasets, one.association)
    key = None
    if not settings.get("signed_only"):
        key = new_bearer(connection, number)
        note(connection, number, "key_add", actor, keyid=str(number), kind=BEARER)
    who = consumer_named(connection, one.name)
    asked = {
        name: apply_for(connection, catalogue, who, _terms(catalogue, one, name), actor)
        for name in sorted(set(one.datasets))
    }
    granted = tuple(n for n in asked if _is_free(catalogue, n, one.audience))
    return Enrolled(key, granted, tuple(asked[n] for n in asked if n not in granted))


def _terms(catalogue: Catalogue, one: Enrolment, dataset: str) -> Terms:
    free = _is_free(catalogue, dataset, one.audience)
    owned = catalogue.get(dataset).association is not None
    return Terms(
        dataset=dataset,
        audience=one.audience,
        purpose=one.purpose or (PURPOSE if free else ""),
        legal_basis=one.legal_basis or (BASIS if free else ""),
        valid_from=today().isoformat(),
        association=one.association if owned else None,
    )


def _is_free(catalogue: Catalogue, dataset: str, audience: str) -> bool:
    return way_of(catalogue.get(dataset), audience) is Way.AT_ONCE
