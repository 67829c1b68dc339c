"""What all answers of the exchange have in common, and how everything that goes wrong is answered."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from exchange_schemas.issue import Issue
from hub.misfortune import issue_of, may_pass
from hub.web.problem import Problem, answer, answer_problem

LATER = 60  # seconds: a large delivery is being written
SOON = 10  # … a database or a disk is being seen to

logger = logging.getLogger(__name__)


def add_answers(app: Flask, prefix: str) -> None:
    """Headers of every answer, and problem documents for every error; `prefix` is where the
    application is mounted."""

    def answer_http(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            response = answer(status, Issue("method_refused", value=request.method))
            allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
            response.headers["Allow"] = ", ".join(sorted(allowed or ("GET", "HEAD")))
            return response
        if status == HTTPStatus.NOT_FOUND:
            return answer(status, Issue("address_unknown", value=f"{prefix}{request.path}"))
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            most = str(app.config["MAX_CONTENT_LENGTH"])
            return answer(status, Issue("body_too_large", params={"expected": most}))
        return answer(status, Issue("parameter_wrong", value=status.phrase))

    app.after_request(_harden)
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(OperationalError, _answer_busy)
    app.register_error_handler(NoConnection, _answer_busy)
    app.register_error_handler(Exception, _answer_failure)


def _harden(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer_busy(error: Exception) -> Response:
    found = issue_of(error)
    busy = found is None or found.code == "database_busy"
    cause = getattr(error, "orig", None) or error
    logger.warning("%s while answering", type(cause).__name__ if found is None else found.code)
    issue = Issue("hub_busy" if busy else "hub_unwell")
    response = answer(HTTPStatus.SERVICE_UNAVAILABLE, issue)
    response.headers["Retry-After"] = str(LATER if busy else SOON)
    return response


def _answer_failure(error: Exception) -> Response:
    if may_pass(error):
        return _answer_busy(error)
    # Without the exception's text: it may quote a record or a key.
    places = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s while answering\n%s", type(error).__name__, places)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, Issue("hub_failed"))
