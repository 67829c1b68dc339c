"""Grants over the API: what a consumer has, and what it applies for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NoReturn

import orjson
from flask import Flask, Response, request
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer
from hub.database import write
from hub.grants.book import listing
from hub.grants.granting import apply_for
from hub.grants.sharing import PUBLIC
from hub.grants.terms import Terms
from hub.web.exchange_access import consumer_of
from hub.web.exchange_desk import Desk
from hub.web.parameters import read_no_parameters
from hub.web.problem import Problem

LARGEST = 65_536  # bytes of an application
_TEXTS = ("dataset", "purpose", "legal_basis")
_MAY_LACK = ("audience", "valid_from", "valid_until", "fields", "receipts_within_hours")
#: What another organisation needn't know of how it was decided.
_OURS = ("consumer", "applied_by", "decided_by")


def add_grants(app: Flask, desk: Desk) -> None:
    """GET /v1/grants and POST /v1/applications."""
    engine, catalogue = desk.engine, desk.catalogue

    @app.get("/v1/grants")
    def grants() -> Response:
        consumer = consumer_of(engine, request)
        read_no_parameters(request.args)
        told = _listed(engine, catalogue, consumer)
        return Response(orjson.dumps({"grants": told}), mimetype="application/json")

    @app.post("/v1/applications")
    def applications() -> Response:
        consumer = consumer_of(engine, request)
        read_no_parameters(request.args)
        terms = _terms(catalogue, consumer, _document())
        number = _apply(engine, catalogue, consumer, terms)
        (made,) = _listed(engine, catalogue, consumer, number)
        body = orjson.dumps(made)
        return Response(body, status=HTTPStatus.CREATED, mimetype="application/json")


def _listed(
    engine: Engine, catalogue: Catalogue, consumer: Consumer, number: int | None = None
) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        found = listing(connection, catalogue, today(), consumer.id, grant_id=number)
    return [{n: v for n, v in one.items() if n not in _OURS} for one in found]


def _apply(engine: Engine, catalogue: Catalogue, consumer: Consumer, terms: Terms) -> int:
    try:
        with write(engine) as connection:
            return apply_for(
                connection, catalogue, consumer, terms, consumer.name, by_operator=False
            )
    except Misdeclared as error:
        raise Problem(HTTPStatus.BAD_REQUEST, error.issue) from error
    except Refused as error:
        waiting = error.issue.code in ("grant_waiting", "grant_later")
        status = HTTPStatus.CONFLICT if waiting else HTTPStatus.FORBIDDEN
        raise Problem(status, error.issue) from error


def _document() -> dict[str, Any]:
    if request.mimetype != "application/json" or (request.content_length or 0) > LARGEST:
        _refuse("application/json")
    try:
        told = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        _refuse("JSON")
    if not isinstance(told, dict):
        _refuse("{…}")
    for name in told:
        if name not in (*_TEXTS, *_MAY_LACK):
            words = {"known": ", ".join((*_TEXTS, *_MAY_LACK))}
            issue = Issue("parameter_unknown", value=name[:64], params=words)
            raise Problem(HTTPStatus.BAD_REQUEST, issue)
    return told


def _terms(catalogue: Catalogue, consumer: Consumer, told: dict[str, Any]) -> Terms:
    """What is asked for. A consumer asks for its own audience's view or the public's, and for its
    own association's records; how often it may ask is for the operator to say."""
    texts = {name: told.get(name, "") for name in _TEXTS}
    days = {name: told.get(name) for name in ("valid_from", "valid_until")}
    audience = told.get("audience", consumer.audience)
    for name, value in {**texts, "audience": audience}.items():
        if not isinstance(value, str) or "\0" in value:  # PostgreSQL can't keep a NUL
            _refuse(name)
    for name, value in days.items():
        if value is not None and not isinstance(value, str):
            _refuse(name)
    if audience not in (consumer.audience, PUBLIC):
        words = {"known": f"{consumer.audience}, {PUBLIC}"}
        issue = Issue("audience_unknown", value=audience[:32], params=words)
        raise Problem(HTTPStatus.FORBIDDEN, issue)
    return Terms(
        **texts,
        audience=audience,
        valid_from=days["valid_from"] or today().isoformat(),
        valid_until=days["valid_until"],
        fields=_fields(told.get("fields")),
        association=consumer.association
        if _is_owned(catalogue, texts["dataset"], audience)
        else None,
        receipts_within_hours=_hours(told.get("receipts_within_hours")),
    )


def _is_owned(catalogue: Catalogue, dataset: str, audience: str) -> bool:
    try:
        standard = catalogue.get(dataset)
    except Misdeclared as error:
        raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
    return audience == "industry" and standard.association is not None


def _fields(told: object) -> tuple[str, ...] | None:
    if told is None:
        return None
    if not isinstance(told, list) or not told or not all(isinstance(one, str) for one in told):
        _refuse("fields")
    return tuple(dict.fromkeys(told))


def _hours(told: object) -> int | None:
    if told is not None and type(told) is not int:
        _refuse("receipts_within_hours")
    return told if isinstance(told, int) else None


def _refuse(reason: str) -> NoReturn:
    issue = Issue("application_wrong", params={"reason": reason})
    raise Problem(HTTPStatus.BAD_REQUEST, issue)
