"""What a reader sees, and a program reads, where there is nothing to show."""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from publisher.portal.downloads import TakenBack
from publisher.portal.filing import NotTaken
from publisher.portal.pages import titles
from publisher.portal.removed import Removed
from publisher.portal.speech import text

_PROBLEM = "application/problem+json"  # RFC 9457
_REQUEST_ID = "exchange.request_id"  # where a server tells it, in a request's environment
_PASSING = (403, 413, 429, 503)  # what the next request may be answered otherwise

_OTHER = "This didn't work"
_REMOVED = "This record is no longer public"
# status → title; the page says more
_TITLES = {
    403: "This form was sent from elsewhere",
    404: "This page isn't here",
    410: "This file was erased",
    413: "This is too large",
    429: "Too many requests",
    503: "Being updated",
}


def error_page(error: HTTPException) -> Response:
    """The page of an HTTP error, or a problem document for who asks for JSON."""
    return _answer(error.code or 500, error)


def broken(error: Exception) -> Response:
    """The page of our own fault. The reader is told nothing of the inside; the log is."""
    current_app.logger.exception("a page failed", exc_info=error)
    return _answer(500)


def _answer(code: int, error: HTTPException | None = None) -> Response:
    gone = error if isinstance(error, TakenBack) else None
    removed = error if isinstance(error, Removed) else None
    not_taken = isinstance(error, NotTaken)
    words = _REMOVED if removed else _OTHER if not_taken else _TITLES.get(code, _OTHER)
    title = text(words)
    wanted = request.accept_mimetypes.best_match(["text/html", _PROBLEM, "application/json"])
    if wanted in (_PROBLEM, "application/json"):
        told = {"type": "about:blank", "status": code, "title": title}
        if known := request.environ.get(_REQUEST_ID):
            told["request_id"] = known
        if gone is not None:
            told |= {"dataset": gone.dataset, "followed_by": gone.follower}
        if removed is not None:
            told |= {"dataset": removed.dataset, **asdict(removed.tombstone)}
        content = json.dumps(told, ensure_ascii=False)
        response = Response(content, status=code, mimetype=_PROBLEM)
    else:
        page = render_template(
            "error.html",
            code=code,
            title=title,
            gone=gone,
            removed=removed,
            removed_from=titles().get(removed.dataset) if removed else None,
            not_taken=not_taken,
            filing=request.method == "POST",
        )
        response = Response(page, status=code, mimetype="text/html")
    if error is not None and (seconds := getattr(error, "retry_after", None)):
        response.headers["Retry-After"] = str(seconds)
    if code in _PASSING:
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
