"""Case transfer over HTTP: a receiving authority lists, reads and answers the cases that are its own.

Absent and foreign are one answer. Every look is written down in the transaction that gives it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request, send_file
from sqlalchemy import Engine, RowMapping

from exchange_schemas.errors import Corrupt, HubError, Misdeclared
from exchange_schemas.issue import Issue
from hub import term_notices
from hub.database import write
from hub.site import Site
from hub.tables_of_terms import TRANSFER
from hub.terms import Office, load_terms
from hub.transfers import acting, files, looking
from hub.transfers.acting import Words
from hub.transfers.parties import Actor, organisation
from hub.web.exchange_access import consumer_of
from hub.web.exchange_desk import Desk
from hub.web.parameters import read_after, read_no_parameters
from hub.web.problem import Problem

MOST_BODY = 64_000  # bytes of an act
_WORDS = ("act", "reason", "doc_no", "result", "other")
_ABSENT = ("transfer_unknown", "case_file_unknown")


def add_transfers(app: Flask, desk: Desk) -> None:
    """GET /v1/transfers, one case, its files, its notices; POST /v1/transfers/NUMBER/acts."""
    site, engine = desk.site, desk.engine

    @app.get("/v1/transfers")
    def transfers() -> Response:
        after = read_after(request.args)
        actor = _actor(engine)
        with write(engine) as connection:
            return _json({"transfers": looking.listing(connection, actor, after)})

    @app.get("/v1/transfer-notices")
    def transfer_notices() -> Response:
        read_no_parameters(request.args)
        actor = _actor(engine)
        with engine.connect() as connection:
            told = term_notices.notices_of(connection, actor.parties, TRANSFER)
        hidden = ("party", "sent_to")
        shown = [{name: one[name] for name in one if name not in hidden} for one in told]
        return _json({"notices": shown})

    @app.get("/v1/transfers/<number>")
    def one_transfer(number: str) -> Response:
        read_no_parameters(request.args)
        row = _looked(engine, number, "read")
        with engine.connect() as connection:
            return _json(looking.show(connection, row))

    @app.get("/v1/transfers/<number>/files/<digest>")
    def transfer_file(number: str, digest: str) -> Response:
        read_no_parameters(request.args)
        return _file(site, engine, number, digest)

    _add_acts(app, desk)


def _add_acts(app: Flask, desk: Desk) -> None:
    @app.post("/v1/transfers/<number>/acts")
    def transfer_act(number: str) -> Response:
        read_no_parameters(request.args)
        actor = _actor(desk.engine)
        name, words = _read_act()
        try:
            terms = load_terms(desk.site, desk.catalogue)
            office = Office(desk.site, desk.engine, desk.catalogue, terms)
            return _json(acting.act(office, actor, number, name, words))
        except HubError as error:
            raise _problem(error) from error


def _actor(engine: Engine) -> Actor:
    consumer = consumer_of(engine, request)
    return organisation(consumer.id, consumer.name)


def _looked(engine: Engine, number: str, what: str) -> RowMapping:
    """The case; the look, or the try, is committed before anything is given."""
    try:
        return looking.looked(engine, _actor(engine), number, what)
    except Misdeclared as error:
        raise _problem(error) from error


def _file(site: Site, engine: Engine, number: str, digest: str) -> Response:
    row = _looked(engine, number, "file")
    with engine.connect() as connection:
        try:
            path, media_type, name = files.find(connection, site, row["id"], digest)
        except (Misdeclared, Corrupt) as error:
            raise _problem(error) from error
    # Always as an attachment: a browser mustn't show what somebody else put in.
    return send_file(path, mimetype=media_type, as_attachment=True, download_name=name, etag=False)


def _read_act() -> tuple[str, Words]:
    """The act of the request's body; raises Problem 400."""
    body = request.get_data(cache=True)
    try:
        told = orjson.loads(body) if len(body) <= MOST_BODY else None
    except orjson.JSONDecodeError:
        told = None
    good = isinstance(told, dict) and all(isinstance(one, str) for one in told.values())
    if not good or not isinstance(told, dict) or "act" not in told:
        issue = Issue(
            "parameter_wrong", field="body", value="…", params={"expected": '{"act": …}'}
        )
        raise Problem(HTTPStatus.BAD_REQUEST, issue)
    for name in told:
        if name not in _WORDS:
            words = {"known": ", ".join(_WORDS)}
            raise Problem(
                HTTPStatus.BAD_REQUEST, Issue("parameter_unknown", value=name[:64], params=words)
            )
    return told["act"], Words(**{name: told.get(name) for name in _WORDS[1:]})


def _problem(error: HubError) -> Problem:
    if error.issue.code in _ABSENT:
        return Problem(HTTPStatus.NOT_FOUND, error.issue)
    if isinstance(error, Corrupt):
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, Issue("hub_failed"))
    if error.issue.code == "transfer_side":
        return Problem(HTTPStatus.FORBIDDEN, error.issue)
    conflict = not isinstance(error, Misdeclared)
    return Problem(HTTPStatus.CONFLICT if conflict else HTTPStatus.BAD_REQUEST, error.issue)


def _json(told: Any) -> Response:
    return Response(orjson.dumps(told), mimetype="application/json")
