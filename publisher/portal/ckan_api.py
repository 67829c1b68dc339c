"""CKAN's Action API, version 3, for reading: what other portals, harvesters and scripts speak."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from publisher.ckan_view.failures import Failed, Invalid, Missing, Unsearchable, Waiting
from publisher.ckan_view.parameters import Parameters
from publisher.portal import ckan_groups, ckan_packages, ckan_tables
from publisher.portal.addresses import home_address
from publisher.portal.ckan_desk import Desk, desk, kept, library, moment_of
from publisher.portal.ckan_request import LARGEST, Unreadable, parameters
from publisher.portal.freshness import fresh_seconds

ckan_api = Blueprint("ckan_api", __name__)

RETRY_SECONDS = 300  # after which a dataset that is being updated is worth another look
_JSON = "application/json;charset=utf-8"

Action = Callable[[Desk], Any]


def help_show(desk: Desk) -> str:
    """What an action does. Parameters: name."""
    name = desk.asked.needed("name")
    if name not in ACTIONS:
        raise Missing("Action function not found")
    return str(ACTIONS[name].__doc__)


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (
        ckan_groups.status_show,
        ckan_groups.site_read,
        help_show,
        ckan_packages.package_list,
        ckan_packages.package_show,
        ckan_packages.package_search,
        ckan_packages.package_autocomplete,
        ckan_packages.current_package_list_with_resources,
        ckan_packages.resource_show,
        ckan_packages.resource_view_list,
        ckan_groups.organization_list,
        ckan_groups.organization_show,
        ckan_groups.group_list,
        ckan_groups.group_show,
        ckan_groups.tag_list,
        ckan_groups.tag_show,
        ckan_groups.license_list,
        ckan_groups.vocabulary_list,
        ckan_tables.datastore_search,
        ckan_tables.datastore_info,
    )
}


@ckan_api.get("/api/3")
@ckan_api.get("/api/3/")
@ckan_api.get("/api")
@ckan_api.get("/api/")
def version() -> Response:
    """The version of the API."""
    return _response(orjson.dumps({"version": 3}))


@ckan_api.route("/api/3/action/<name>", methods=["GET", "POST"])
@ckan_api.route("/api/action/<name>", methods=["GET", "POST"])
def action(name: str) -> Response:
    """The answer of one action. What was answered at the same moment is given again."""
    if name not in ACTIONS:
        return _refused(f"Action name not known: {name}")
    request.max_content_length = LARGEST
    moment = moment_of(library())
    key = (home_address(), name, request.path, request.query_string, _body(), request.mimetype)
    found = kept().answer(moment, key)
    if found is None:
        try:
            asked = parameters()
        except Unreadable as error:
            return _refused(f"JSON Error: {error}")
        status, told = _result(name, asked, moment)
        body = orjson.dumps(told)
        if status != 200:
            return _response(body, status)
        found = (body, hashlib.sha256(body).hexdigest()[:32])
        kept().keep(moment, key, *found)
    return _tagged(*found)


def _body() -> bytes:
    return request.get_data(cache=True) if request.method == "POST" else b""


def _result(name: str, asked: Parameters, moment: Hashable) -> tuple[int, dict[str, Any]]:
    help_ = f"{home_address()}/api/3/action/help_show?name={name}"
    try:
        result = ACTIONS[name](desk(asked, request.path, moment))
    except Failed as error:
        status, told = _failure(error)
        return status, {"help": help_, "error": told, "success": False}
    return 200, {"help": help_, "success": True, "result": result}


def _failure(error: Failed) -> tuple[int, dict[str, Any]]:
    if isinstance(error, Missing):
        message = f"Not found: {error.reason}" if error.reason else "Not found"
        return 404, {"__type": "Not Found Error", "message": message}
    if isinstance(error, Invalid):
        return 409, {**error.errors, "__type": "Validation Error"}
    if isinstance(error, Waiting):
        message = "The dataset is being updated; ask again in a few minutes"
        return 503, {"__type": "Service Unavailable", "message": message}
    assert isinstance(error, Unsearchable)  # noqa: S101 - there are no others
    message = f"Search Query is invalid: {error.args!r}"
    return 400, {"__type": "Search Query Error", "message": message}


def _refused(reason: str) -> Response:
    return _response(orjson.dumps(f"Bad request - {reason}"), 400)


def _tagged(body: bytes, tag: str) -> Response:
    response = _response(body)
    response.set_etag(tag)
    response.headers["Cache-Control"] = f"public, max-age={fresh_seconds()}"
    if request.method == "GET":
        response.make_conditional(request)
    return response


def _response(body: bytes, status: int = 200) -> Response:
    response = Response(body, status=status, content_type=_JSON)
    response.headers["Access-Control-Allow-Origin"] = "*"  # pages of others may read open data
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if status != 200:
        response.headers["Cache-Control"] = "no-store"
    return response


@ckan_api.errorhandler(Exception)
def broken(error: Exception) -> Response:
    """Our own fault, as CKAN tells it. The caller learns nothing of the inside; the log does."""
    if isinstance(error, HTTPException):
        return _response(orjson.dumps(f"Bad request - {error.description}"), error.code or 400)
    current_app.logger.exception("an action failed", exc_info=error)
    told = {"__type": "Internal Server Error", "message": "Internal Server Error"}
    return _response(orjson.dumps({"success": False, "error": told}), 500)
