"""Notices of records that aren't public any more, and their confirmation."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response, request
from sqlalchemy import Engine

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import holder_view, holders
from hub.consumers.consumer import Consumer
from hub.database import write
from hub.web.exchange_access import consumer_of
from hub.web.exchange_desk import Desk
from hub.web.parameters import read_after, read_no_parameters
from hub.web.problem import Problem


def add_notices(app: Flask, desk: Desk) -> None:
    """GET /v1/notices and POST /v1/notices/N/confirmation."""

    @app.get("/v1/notices")
    def notices() -> Response:
        consumer = consumer_of(desk.engine, request)
        after = read_after(request.args)
        with desk.engine.connect() as connection:
            told = holder_view.notices(connection, desk.catalogue, consumer, after)
        return Response(orjson.dumps({"notices": told}), mimetype="application/json")

    @app.post("/v1/notices/<number>/confirmation")
    def confirmation(number: str) -> Response:
        consumer = consumer_of(desk.engine, request)
        read_no_parameters(request.args)
        _confirm(desk.engine, consumer, number)
        return Response(status=HTTPStatus.NO_CONTENT)


def _confirm(engine: Engine, consumer: Consumer, number: str) -> None:
    plain = number.isascii() and number.isdigit() and len(number) <= 9
    try:
        with write(engine) as connection:
            holders.confirm(connection, consumer.id, int(number) if plain else 0)
    except Misdeclared as error:
        issue = Issue(error.issue.code, value=number[:64])
        raise Problem(HTTPStatus.NOT_FOUND, issue) from error
