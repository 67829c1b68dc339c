"""What every route of the exchange needs: who asks, what they may have, and the log of what they got."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus

from flask import request
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer, living_consumer
from hub.consumers.keys import find_key
from hub.database import look, write
from hub.exchange.arrivals import Arrivals
from hub.exchange.logbook import Logbook
from hub.exchange.views import View, view_for
from hub.grants.grant import Grant
from hub.instant import utc_now
from hub.site import Site
from hub.web.exchange_access import consumer_of, grant_for, signature_of
from hub.web.problem import Problem


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, under which grant, and the stream that is theirs."""

    consumer: Consumer
    grant: Grant
    view: View


@dataclass(frozen=True, slots=True)
class Desk:
    """The site as the routes see it."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    arrivals: Arrivals
    logbook: Logbook
    offload: bool  # nginx sends the files
    _views: dict[tuple[object, ...], View] = field(default_factory=dict)

    def open(self, dataset: str) -> Access:
        """Raises Problem 401, 403, 404, 429 where this request may not have the dataset."""
        consumer = consumer_of(self.engine, request)
        grant = grant_for(self.catalogue, consumer, dataset)
        return self.under(consumer, grant)

    def under(self, consumer: Consumer, grant: Grant) -> Access:
        """What a consumer has under one of its grants."""
        if self.catalogue.get(grant.dataset).association is None:
            # Where records are nobody's, whose the consumer is makes no view of its own.
            grant = replace(grant, association=None)
        return Access(consumer, grant, self._view(consumer, grant))

    def check_again(self, access: Access) -> None:
        """After a wait. Raises Problem 401 where the request's key, and 403 where its grant has ended."""
        signed = signature_of()
        told = request.headers.get("Authorization", "").rpartition(" ")[2].partition(".")[0]
        with look(self.engine) as connection:
            key = find_key(connection, signed.claims.keyid if signed else told)
            consumer = living_consumer(connection, access.consumer.id)
        if consumer is None or key is None or not key[0].holds(utc_now()):
            raise Problem(HTTPStatus.UNAUTHORIZED, Issue("key_refused"))
        grant = consumer.grant_of(access.grant.dataset)
        if grant is None or grant.id != access.grant.id:
            raise Problem(HTTPStatus.FORBIDDEN, Issue("not_granted", value=access.grant.dataset))

    def log(self, access: Access, kind: str, after: int, last: int, entries: int) -> None:
        """Keep that entries after < seq <= `last` are handed over; raises what the database raises
        where that can't be kept, so that nothing is handed over."""
        row = {
            "consumer_id": access.consumer.id,
            "after_seq": after,
            "last_seq": last,
            "entries": entries,
            "view_id": access.view.id,
            "grant_id": access.grant.id,
            "purpose": access.grant.purpose,
            "kind": kind,
        }
        self.logbook.keep(access.view.dataset, row)

    def _view(self, consumer: Consumer, grant: Grant) -> View:
        # A view never changes, so it is looked up once for each kind of grant.
        key = (consumer.id, grant.dataset, grant.audience, grant.association, grant.fields)
        found = self._views.get(key)
        if found is None:
            with write(self.engine) as connection:
                found = view_for(connection, self.catalogue, consumer, grant)
            self._views[key] = found
        return found
