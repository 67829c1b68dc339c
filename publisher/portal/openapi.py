"""What programs may ask of the portal, as an OpenAPI 3.1 document."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import orjson
import yaml
from flask import Blueprint, Response, request

openapi = Blueprint("openapi", __name__)

_HOUR = 3600


@openapi.get("/openapi.json")
def document() -> Response:
    """The document; it changes with the program only."""
    response = Response(_written(), mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={_HOUR}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _written() -> bytes:
    text = files("publisher.portal").joinpath("openapi.yml").read_text(encoding="utf-8")
    return orjson.dumps(yaml.safe_load(text), option=orjson.OPT_INDENT_2)
