"""The datasets that a consumer was granted."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request
from sqlalchemy import Connection

from hub import ledger
from hub.exchange.segments import extent
from hub.grants.grant import Grant
from hub.web.exchange_access import consumer_of
from hub.web.exchange_desk import Access, Desk
from hub.web.parameters import read_no_parameters

PREFIX = "/exchange/v1/datasets"
PUBLIC = "public"


def add_datasets(app: Flask, desk: Desk) -> None:
    """GET /v1/datasets."""

    @app.get("/v1/datasets")
    def datasets() -> Response:
        consumer = consumer_of(desk.engine, request)
        read_no_parameters(request.args)
        known = desk.catalogue.datasets()
        mine = [desk.under(consumer, grant) for grant in consumer.grants if grant.dataset in known]
        with desk.engine.connect() as connection:
            described = [_describe(desk, connection, one) for one in mine]
        return Response(orjson.dumps({"datasets": described}), mimetype="application/json")


def _describe(desk: Desk, connection: Connection, access: Access) -> dict[str, object]:
    name, view = access.view.dataset, access.view
    standard = desk.catalogue.get(name)
    head = extent(connection, view)[0]
    if view.audience != PUBLIC:
        head = max(head, ledger.head_seq(connection, name))
    return {
        "dataset": name,
        "title": standard.title,
        "title_en": standard.title_en,
        "owner": standard.owner,
        "standard": f"{name}@{standard.version}",
        "versions": list(standard.versions),
        "cycle": standard.cycle,
        "head_seq": head,
        "view": view.name,
        **_granted(access.grant),
        "entries": f"{PREFIX}/{name}/entries",
        "segments": f"{PREFIX}/{name}/segments",
    }


def _granted(grant: Grant) -> dict[str, object]:
    return {
        "audience": grant.audience,
        "fields": None if grant.fields is None else list(grant.fields),
        "valid_until": grant.valid_until,
    }
