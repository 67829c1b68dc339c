"""What became of tickets, for the complaint platform: it reads on from a number and gives receipts."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response, request
from sqlalchemy import Engine

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.complaints import returns
from hub.consumers.consumer import Consumer
from hub.database import write
from hub.transfers.parties import PLATFORM, kind_of
from hub.web.exchange_access import consumer_of
from hub.web.exchange_desk import Desk
from hub.web.parameters import read_after, read_no_parameters
from hub.web.problem import Problem

PAGE = 1_000
MOST_BODY = 4_000


def add_complaints(app: Flask, desk: Desk) -> None:
    """GET /v1/complaint-returns, POST /v1/complaint-returns/SEQ/receipt."""
    engine = desk.engine

    @app.get("/v1/complaint-returns")
    def complaint_returns() -> Response:
        after = read_after(request.args)
        _platform(engine)
        with engine.connect() as connection:
            found = returns.page(connection, after, PAGE)
        return Response(orjson.dumps({"returns": found}), mimetype="application/json")

    @app.post("/v1/complaint-returns/<seq>/receipt")
    def complaint_receipt(seq: str) -> Response:
        read_no_parameters(request.args)
        consumer = _platform(engine)
        plain = seq.isascii() and seq.isdigit() and len(seq) <= 9
        try:
            with write(engine) as connection:
                number = int(seq) if plain else 0
                returns.receipt(connection, number, f"consumer:{consumer.name}", _refused())
        except Misdeclared as error:
            issue = Issue(error.issue.code, value=seq[:32])
            raise Problem(HTTPStatus.NOT_FOUND, issue) from error
        return Response(status=HTTPStatus.NO_CONTENT)


def _platform(engine: Engine) -> Consumer:
    """Raises Problem 403 where who asks isn't registered as the platform."""
    consumer = consumer_of(engine, request)
    with engine.connect() as connection:
        kind = kind_of(connection, consumer.id)
    if kind != PLATFORM:
        raise Problem(HTTPStatus.FORBIDDEN, Issue("platform_only"))
    return consumer


def _refused() -> str | None:
    """Why the platform doesn't take an entry; None where the body is empty: it has it."""
    body = request.get_data(cache=True)
    if not body:
        return None
    try:
        told = orjson.loads(body) if len(body) <= MOST_BODY else None
    except orjson.JSONDecodeError:
        told = None
    why = told.get("refused") if isinstance(told, dict) and set(told) == {"refused"} else None
    if isinstance(why, str) and "\0" not in why:  # PostgreSQL can't keep a NUL
        return why
    words = {"expected": '{"refused": "why"}'}
    issue = Issue("parameter_wrong", field="body", value="…", params=words)
    raise Problem(HTTPStatus.BAD_REQUEST, issue)
