"""Charts of the console: a Vega-Lite specification as a picture with an address of its own."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from publisher.portal import drawing

SVG = "image/svg+xml"


def picture(spec: dict[str, Any]) -> Response:
    """The picture; a browser keeps it, and asks whether it is still the same."""
    response = Response(drawing.svg(spec), mimetype=SVG)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
