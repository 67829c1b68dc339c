"""The exchange API: consumers pull ledger entries by cursor, and confirm notices.

Its routes stand under `PREFIX`, where `hub.web.server` mounts it. Nothing about a request is
written to a log but the row in `exchange_log`: keys and records don't belong there.
"""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus
from importlib.resources import files

import orjson
from flask import Flask, Response, request
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import exchange, holder_view, holders, ledger
from hub.consumers import Consumer, authenticate
from hub.database import write
from hub.web.parameters import read_after, read_entries_parameters, read_no_parameters
from hub.web.problem import Problem, answer

PREFIX = "/exchange"
NDJSON = "application/x-ndjson"

logger = logging.getLogger(__name__)


def create_exchange(engine: Engine, catalogue: Catalogue) -> Flask:
    """The application, to be mounted at `PREFIX`."""
    app = Flask("hub.web.exchange", static_folder=None)

    @app.get("/v1/openapi.json")
    def openapi() -> Response:
        text = files("hub.web").joinpath("openapi.json").read_bytes()
        return Response(text, mimetype="application/json")

    @app.get("/v1/datasets")
    def datasets() -> Response:
        consumer = _consumer(engine)
        names = [name for name in consumer.datasets if name in catalogue.datasets()]
        described = [_describe(engine, catalogue, name) for name in names]
        return Response(orjson.dumps({"datasets": described}), mimetype="application/json")

    @app.get("/v1/datasets/<dataset>/entries")
    def entries(dataset: str) -> Response:
        consumer = _consumer(engine)
        _check_grant(catalogue, consumer, dataset)
        after, limit, version = read_entries_parameters(request.args)
        if version is not None:
            _check_version(catalogue, dataset, version)
        return _entries(engine, catalogue, consumer, dataset, after, limit, version)

    _add_notices(app, engine, catalogue)
    app.after_request(_harden)
    app.register_error_handler(Problem, lambda p: answer(p.status, p.issue))
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(OperationalError, _answer_busy)
    app.register_error_handler(Exception, _answer_failure)
    return app


def _add_notices(app: Flask, engine: Engine, catalogue: Catalogue) -> None:
    @app.get("/v1/notices")
    def notices() -> Response:
        consumer = _consumer(engine)
        after = read_after(request.args)
        with engine.connect() as connection:
            told = holder_view.notices(connection, catalogue, consumer, after)
        return Response(orjson.dumps({"notices": told}), mimetype="application/json")

    @app.post("/v1/notices/<number>/confirmation")
    def confirmation(number: str) -> Response:
        consumer = _consumer(engine)
        read_no_parameters(request.args)
        _confirm(engine, consumer, number)
        return Response(status=HTTPStatus.NO_CONTENT)


def _consumer(engine: Engine) -> Consumer:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    with engine.connect() as connection:
        found = authenticate(connection, key.strip() if scheme.lower() == "bearer" else "")
    if found is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, Issue("key_refused"))
    return found


def _check_grant(catalogue: Catalogue, consumer: Consumer, dataset: str) -> None:
    try:
        catalogue.get(dataset)
    except Misdeclared as error:
        raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
    if dataset not in consumer.datasets:
        raise Problem(HTTPStatus.FORBIDDEN, Issue("not_granted", value=dataset))


def _confirm(engine: Engine, consumer: Consumer, number: str) -> None:
    plain = number.isascii() and number.isdigit() and len(number) <= 9
    try:
        with write(engine) as connection:
            holders.confirm(connection, consumer.id, int(number) if plain else 0)
    except Misdeclared as error:
        issue = Issue(error.issue.code, value=number[:64])
        raise Problem(HTTPStatus.NOT_FOUND, issue) from error


def _check_version(catalogue: Catalogue, dataset: str, version: str) -> None:
    try:
        exchange.check_version(catalogue, dataset, version, today())
    except Misdeclared as error:
        ended = error.issue.code == "version_ended"
        status = HTTPStatus.GONE if ended else HTTPStatus.NOT_FOUND
        raise Problem(status, error.issue) from error


def _describe(engine: Engine, catalogue: Catalogue, name: str) -> dict[str, object]:
    standard = catalogue.get(name)
    with engine.connect() as connection:
        head = ledger.head_seq(connection, name)
    return {
        "dataset": name,
        "title": standard.title,
        "title_en": standard.title_en,
        "owner": standard.owner,
        "standard": f"{name}@{standard.version}",
        "versions": list(standard.versions),
        "cycle": standard.cycle,
        "head_seq": head,
        "entries": f"{PREFIX}/v1/datasets/{name}/entries",
    }


def _entries(
    engine: Engine,
    catalogue: Catalogue,
    consumer: Consumer,
    dataset: str,
    after: int,
    limit: int,
    version: str | None,
) -> Response:
    with engine.connect() as connection:
        page = exchange.page(connection, catalogue, consumer, dataset, after, limit, version)
    with write(engine) as connection:
        exchange.log(connection, consumer, dataset, after, page)
    response = Response(page.body, mimetype=NDJSON)
    response.headers["X-Last-Seq"] = str(page.last)
    response.headers["X-Head-Seq"] = str(page.head)
    return response


def _harden(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response = answer(status, Issue("method_refused", value=request.method))
        allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
        response.headers["Allow"] = ", ".join(sorted(allowed or ("GET", "HEAD")))
        return response
    if status == HTTPStatus.NOT_FOUND:
        return answer(status, Issue("address_unknown", value=f"{PREFIX}{request.path}"))
    return answer(status, Issue("parameter_wrong", value=status.phrase))


def _answer_busy(error: OperationalError) -> Response:
    logger.warning("%s while answering", type(error.orig).__name__)
    response = answer(HTTPStatus.SERVICE_UNAVAILABLE, Issue("hub_busy"))
    response.headers["Retry-After"] = "60"
    return response


def _answer_failure(error: Exception) -> Response:
    # Without the exception's text: it may quote a record or a key.
    places = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s while answering\n%s", type(error).__name__, places)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, Issue("hub_failed"))
