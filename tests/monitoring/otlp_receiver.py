"""A real receiver of OTLP over HTTP: takes protobuf, and has the spans that came."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.services.http_server import Asked, Web, http_server

PATH = "/v1/traces"


@dataclass
class Receiver:
    """`url` is where it listens."""

    url: str
    web: Web

    def requests(self) -> list[ExportTraceServiceRequest]:
        return [_read(one) for one in self.web.asked if one.path == PATH]

    def spans(self) -> list[Any]:
        return [
            span
            for request in self.requests()
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def _read(asked: Asked) -> ExportTraceServiceRequest:
    body = asked.body
    if asked.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return request


@contextmanager
def otlp_receiver() -> Iterator[Receiver]:
    """Runs until the block ends."""
    with http_server() as web:
        done = ExportTraceServiceResponse().SerializeToString()
        web.say(PATH, done, Content_Type="application/x-protobuf")
        yield Receiver(web.url, web)
