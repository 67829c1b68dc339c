"""The exchange's pages for staff, served: the static ones, and the search of who has a record.

It is for people who have a shell on the machine: it listens on loopback only, and answers only to the
names of loopback, so that a page of elsewhere can't have a browser read it under a name of its own.
The console mounts the same blueprint behind its login.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, abort, request, send_from_directory
from sqlalchemy import Connection, Engine
from werkzeug.exceptions import HTTPException

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.exchange import possession
from hub.web.exchange_site import pages
from hub.web.exchange_site.pages import Board, Values
from hub.web.exchange_site.rendering import STATIC, render
from hub.web.exchange_site.speech import Speech
from hub.web.listener import Listener

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SEARCH = "records.html"
_LONGEST = 500  # characters of a key
_SEQ = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def exchange_blueprint(board: Board, engine: Engine) -> Blueprint:
    """The pages, to be mounted anywhere."""
    blueprint = Blueprint("exchange_pages", __name__)

    @blueprint.get("/")
    @blueprint.get("/<path:place>")
    def shown(place: str = "index.html") -> str:
        speech, own = _spoken(board, place)
        if own == SEARCH:
            asked = {name: request.args.get(name, "") for name in ("dataset", "seq")}
            return _searched(board, engine, speech, asked["dataset"], "", asked["seq"])
        with engine.connect() as connection:
            found = pages.page(connection, board, own or "index.html")
        if found is None:
            abort(HTTPStatus.NOT_FOUND)
        return render(board, speech, own or "index.html", found, served=True)

    # A key may be a person's name, which doesn't belong into addresses, histories and logs.
    @blueprint.post(f"/{SEARCH}", defaults={"locale": "zh_CN"})
    @blueprint.post(f"/en/{SEARCH}", defaults={"locale": "en"})
    def searched(locale: str) -> str:
        speech = Speech(locale, board.catalogue)
        form = {name: request.form.get(name, "") for name in ("dataset", "key", "seq")}
        return _searched(board, engine, speech, form["dataset"], form["key"], form["seq"])

    @blueprint.get("/assets/<name>")
    def assets(name: str) -> Response:
        return send_from_directory(STATIC, name)

    blueprint.after_request(_harden)
    return blueprint


def create_pages(board: Board, engine: Engine) -> Flask:
    """The application for loopback: refuses every other name."""
    app = Flask("hub.web.exchange_pages", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64_000
    app.register_blueprint(exchange_blueprint(board, engine))

    @app.before_request
    def only_here() -> None:
        host = request.host.rpartition(":")[0] if _has_port(request.host) else request.host
        if host not in LOOPBACK:
            abort(HTTPStatus.MISDIRECTED_REQUEST)

    def failed(error: HTTPException) -> tuple[str, int]:
        code = error.code or int(HTTPStatus.INTERNAL_SERVER_ERROR)
        speech, own = _spoken(board, request.path.lstrip("/"))
        values = {"code": code}
        return render(board, speech, own, ("error.html", values), served=True), code

    app.register_error_handler(HTTPException, failed)
    app.after_request(_harden)
    return app


def _has_port(host: str) -> bool:
    return re.search(r":[0-9]+$", host) is not None


def _spoken(board: Board, place: str) -> tuple[Speech, str]:
    """The language of a place, and the place within it."""
    english = place == "en" or place.startswith("en/")
    speech = Speech("en" if english else "zh_CN", board.catalogue)
    return speech, place[3:] if english else place


def _searched(board: Board, engine: Engine, speech: Speech, name: str, key: str, seq: str) -> str:
    names = board.datasets()
    values: Values = {
        "names": names, "dataset": name if name in names else "", "key": key[:_LONGEST],
        "seq": seq[:18], "record": None, "holders": [], "ckans": [], "missing": False,
    }  # fmt: skip
    plain = _SEQ.fullmatch(seq)
    if values["dataset"] and (key.strip() or plain):
        with engine.connect() as connection:
            asked = (None, int(seq)) if plain and not key.strip() else (key.strip(), None)
            values |= _found(connection, board, name, *asked)
    return render(board, speech, SEARCH, (SEARCH, values), served=True)


def _found(
    connection: Connection, board: Board, name: str, key: str | None, seq: int | None
) -> dict[str, Any]:
    record = possession.find(connection, name, key and key[:_LONGEST], seq)
    if record is None:
        return {"missing": True}
    return {
        "record": record,
        "holders": possession.holders(connection, record),
        "ckans": possession.in_ckans(board.site, connection, record),
    }


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def serve(board: Board, engine: Engine, port: int, ready: Callable[[str], None]) -> None:
    """Serve on loopback until SIGTERM or Ctrl-C; `ready` is called with the address.

    Raises Misdeclared (port_busy).
    """
    host = LOOPBACK[0]
    try:
        server = Listener(create_pages(board, engine).wsgi_app, host, port)
    except OSError as error:
        words = {"reason": error.strerror or str(error)}
        raise Misdeclared(Issue("port_busy", value=f"{host}:{port}", params=words)) from error
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.close())
    ready(f"http://{host}:{server.effective_port}")
    server.run()
