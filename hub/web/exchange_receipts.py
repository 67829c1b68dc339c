"""Receipts over HTTP: what a consumer says of what it was given, and what came of its refusals."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response, request
from sqlalchemy import Connection

from exchange_schemas.errors import Misdeclared, Refused
from hub.consumers.consumer import Consumer
from hub.database import write
from hub.exchange import receipt_views, receipts
from hub.exchange.given import Streamed
from hub.exchange.receipt_reading import read_message
from hub.exchange.receipt_streams import stream_of, streams_of
from hub.exchange.receipts import Signed
from hub.exchange.tables_of_receipts import REFUSED, SAID
from hub.web.exchange_access import consumer_of, signature_of
from hub.web.exchange_desk import Desk
from hub.web.parameters import read_no_parameters, read_receipts_parameters
from hub.web.problem import Problem

#: Of a grant: ended, or not allowed by the standard any more.
ENDED = ("not_granted", "not_shared", "not_public")


def add_receipts(app: Flask, desk: Desk) -> None:
    """GET and POST /v1/datasets/D/receipts."""

    @app.get("/v1/datasets/<dataset>/receipts")
    def kept(dataset: str) -> Response:
        consumer, streams = _asking(desk, dataset)
        after, state = read_receipts_parameters(request.args, SAID)
        with desk.engine.connect() as connection:
            told = _told(connection, consumer, streams[0], after, state)
        return Response(orjson.dumps({"dataset": dataset, **told}), mimetype="application/json")

    @app.post("/v1/datasets/<dataset>/receipts")
    def said(dataset: str) -> Response:
        consumer, streams = _asking(desk, dataset)
        read_no_parameters(request.args)
        body = request.get_data(cache=True)
        try:
            name, message = read_message(body)
            with write(desk.engine) as connection:
                view = stream_of(connection, consumer.id, streams, message)
                done = receipts.record(connection, consumer, view, message, _signed(body), name)
        except Misdeclared as error:
            raise Problem(HTTPStatus.BAD_REQUEST, error.issue) from error
        except Refused as error:
            raise Problem(HTTPStatus.CONFLICT, error.issue) from error
        answer = {"receipts": done.receipts, "new": done.message is not None}
        return Response(orjson.dumps(answer), mimetype="application/json")


def _asking(desk: Desk, dataset: str) -> tuple[Consumer, list[Streamed]]:
    """Who asks, and the streams that it may answer for: that of its grant, then those of before.

    Whose grant has ended, or is of what isn't shared any more, answers for what it was given all the
    same. Raises Problem.
    """
    try:
        access = desk.open(dataset)
    except Problem as problem:
        if problem.issue.code not in ENDED:
            raise
        consumer = consumer_of(desk.engine, request)
        streams = _earlier(desk, consumer, dataset)
        if not streams:
            raise
        return consumer, streams
    others = [o for o in _earlier(desk, access.consumer, dataset) if o.id != access.view.id]
    return access.consumer, [access.view, *others]


def _earlier(desk: Desk, consumer: Consumer, dataset: str) -> list[Streamed]:
    with desk.engine.connect() as connection:
        return [stream for stream, _ in streams_of(connection, consumer.id, dataset)]


def _told(
    connection: Connection, consumer: Consumer, view: Streamed, after: int, state: str | None
) -> dict[str, object]:
    """Ranges and sums; with state=refused, what came of each refusal beside them."""
    ranges = receipt_views.said(connection, consumer.id, view, after, state)
    told: dict[str, object] = {
        **receipt_views.standing(connection, consumer.id, view),
        "receipts": ranges,
    }
    if state == REFUSED:
        told["refusals"] = receipt_views.answers(connection, consumer.id, view, after)
    return told


def _signed(body: bytes) -> Signed | None:
    """The request, as it proves itself; None where it came with a bearer key."""
    found = signature_of()
    if found is None:
        return None
    kept = {*found.claims.covered, "signature-input", "signature", "content-digest"}
    headers = {name: value for name, value in found.message.headers.items() if name in kept}
    return Signed(found.claims.keyid, found.message.method, found.message.url, headers, body)
