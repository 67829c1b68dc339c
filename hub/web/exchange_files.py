"""Sending a file of the exchange: whole, a part of it, or by nginx.

A file's name has its edition and it never changes, so a copy of it can be kept for ever, by the consumer
alone: what another one may have is decided anew with each request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from flask import Response, request
from werkzeug.http import parse_if_range_header, parse_range_header

from exchange_schemas.issue import Issue
from hub.web.problem import Problem

INTERNAL = "/exchange-files/"  # the location that nginx serves to nobody but itself
BLOCK = 1 << 20  # bytes, where the server has no way of its own to send a file
KEPT = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Shown:
    """A file that a request may have: where it lies below `root`, and what is known of it."""

    root: Path
    place: str
    name: str
    sha256: str
    size: int
    mimetype: str

    @property
    def etag(self) -> str:
        """Its digest, quoted."""
        return f'"{self.sha256}"'


def is_known(file: Shown) -> bool:
    """Whether the asker has the file already and is to be told just that (RFC 9110, 13.1.2)."""
    return request.if_none_match.contains(file.sha256)


def not_modified(file: Shown) -> Response:
    """304."""
    return _described(Response(status=HTTPStatus.NOT_MODIFIED), file)


def send(file: Shown, offload: bool) -> Response:
    """200, 206 or, for HEAD, what they would say; nginx's work where it is to send the file.

    Raises Problem 416 (file_range_wrong), FileNotFoundError.
    """
    if offload:
        response = _described(Response(mimetype=file.mimetype), file)
        response.headers["X-Accel-Redirect"] = INTERNAL + file.place
        return response
    opened = (file.root / file.place).open("rb")
    try:
        first, end = _range(file)
        opened.seek(first)
    except BaseException:
        opened.close()
        raise
    wrapper = request.environ.get("wsgi.file_wrapper")
    body = wrapper(opened) if wrapper else _blocks(opened, end - first)
    response = Response(body, mimetype=file.mimetype, direct_passthrough=True)
    response.content_length = end - first
    if end - first < file.size:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size}"
    return _described(response, file)


def _described(response: Response, file: Shown) -> Response:
    response.headers["ETag"] = file.etag
    response.headers["Cache-Control"] = KEPT
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _range(file: Shown) -> tuple[int, int]:
    """(first byte, byte after the last). A range of a file that isn't the asker's any more, several
    ranges at once, and ranges in another unit are answered with the whole (RFC 9110, 14.2)."""
    asked = parse_range_header(request.headers.get("Range"))
    condition = parse_if_range_header(request.headers.get("If-Range"))
    changed = condition.date is not None or condition.etag not in (None, file.sha256)
    if request.method != "GET" or asked is None or changed or len(asked.ranges) != 1:
        return 0, file.size
    found = asked.range_for_length(file.size) if asked.units == "bytes" else (0, file.size)
    if found is None:
        words = {"expected": str(file.size)}
        issue = Issue("file_range_wrong", value=file.name, params=words)
        size = {"Content-Range": f"bytes */{file.size}"}  # RFC 9110, 15.5.17
        raise Problem(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, issue, size)
    return found[0], found[1]


def _blocks(opened: BinaryIO, left: int) -> Iterator[bytes]:
    with opened:
        while left and (block := opened.read(min(BLOCK, left))):
            left -= len(block)
            yield block
