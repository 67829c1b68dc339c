"""How a program hands over the parameters of an action: in the address, as JSON, or as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import request

from publisher.ckan_view.parameters import Parameters

LARGEST = 1 << 20  # bytes of a body


class Unreadable(Exception):
    """The body isn't a JSON object."""


def parameters() -> Parameters:
    """What was asked. `callback` of JSONP is read over. Raises Unreadable."""
    told = _posted() if request.method == "POST" else {}
    told = told or _mixed(request.args.to_dict(flat=False))
    return Parameters({name: value for name, value in told.items() if name != "callback"})


def _posted() -> Mapping[str, Any]:
    body = request.get_data(cache=True)
    if request.mimetype == "multipart/form-data":
        return _mixed(request.form.to_dict(flat=False))
    if request.mimetype == "application/x-www-form-urlencoded" and not body.lstrip().startswith(
        b"{"
    ):
        return _mixed(request.form.to_dict(flat=False))
    return _json(body)


def _json(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        told = orjson.loads(body)
    except ValueError as error:
        raise Unreadable(f"Error decoding JSON data. Error: {error}") from error
    if not isinstance(told, dict):
        raise Unreadable("Request data JSON decoded but it needs to be a dictionary.")
    return told


def _mixed(told: Mapping[str, list[str]]) -> dict[str, Any]:
    """One value as a text, several as a list."""
    return {name: value[0] if len(value) == 1 else value for name, value in told.items()}
