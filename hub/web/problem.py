"""Errors over HTTP: problem details (RFC 9457) in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Response

from exchange_schemas.issue import Issue
from hub.monitoring.bound import current

MEDIA_TYPE = "application/problem+json"

TITLES = {
    HTTPStatus.BAD_REQUEST: "请求有误",
    HTTPStatus.UNAUTHORIZED: "密钥无效",
    HTTPStatus.FORBIDDEN: "未获授权",
    HTTPStatus.NOT_FOUND: "找不到",
    HTTPStatus.METHOD_NOT_ALLOWED: "方法不允许",
    HTTPStatus.GONE: "已停止提供",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "内容过大",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "范围有误",
    HTTPStatus.TOO_MANY_REQUESTS: "请求过于频繁",
    HTTPStatus.INTERNAL_SERVER_ERROR: "服务器出错",
    HTTPStatus.SERVICE_UNAVAILABLE: "暂时繁忙",
}


class Problem(Exception):
    """Raised by a route to answer with a status and the issue that explains it.

    `headers` go with the answer.
    """

    def __init__(
        self, status: HTTPStatus, issue: Issue, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(issue.code)
        self.status = status
        self.issue = issue
        self.headers = dict(headers or {})


def answer(status: HTTPStatus, issue: Issue) -> Response:
    """The problem document; `code` is for programs, `detail` and `detail_en` for people. By `request_id` the
    log is found."""
    document = {
        "type": f"urn:exchange:problem:{issue.code}",
        "title": TITLES.get(status, status.phrase),
        "title_en": status.phrase,
        "status": int(status),
        "code": issue.code,
        "detail": issue.message("zh_CN"),
        "detail_en": issue.message("en"),
    }
    if (known := current("request")) is not None:
        document["request_id"] = known
    response = Response(orjson.dumps(document), status=int(status), mimetype=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="exchange"'
    return response


def answer_problem(problem: Problem) -> Response:
    """The answer that a route's problem is, with its headers."""
    response = answer(problem.status, problem.issue)
    response.headers.update(problem.headers)
    return response
