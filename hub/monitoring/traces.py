"""Traces by OpenTelemetry, where `HUB_TRACES` names an OTLP/HTTP endpoint; else nothing, and no import.

Spans have ids and names of declarations, the kind of an error, and never its text or a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import Any

SETTING = "HUB_TRACES"  # e.g. http://127.0.0.1:4318/v1/traces
PATH = "/v1/traces"  # of OTLP/HTTP, where only the host is given
SECONDS = 3  # that a receiver may take; it is also by how much one that is away delays the end of a program

_tracers: list[Any] = []  # the one in use, if any
_NOTHING: AbstractContextManager[None] = nullcontext()


def start_traces(environment: Mapping[str, str], program: str) -> None:
    """Send spans from now on, where the setting asks for it; `program` is what the service is called."""
    endpoint = environment.get(SETTING, "").strip()
    if not endpoint or _tracers:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    address = endpoint if endpoint.rstrip("/").endswith(PATH) else endpoint.rstrip("/") + PATH
    told = {"service.name": "exchange-hub", "service.version": version("exchange-hub")}
    provider = TracerProvider(resource=Resource.create({**told, "hub.program": program}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=SECONDS))
    )
    _tracers.append((provider, provider.get_tracer("hub")))


def stop_traces() -> None:
    """Send what isn't sent yet, and end."""
    while _tracers:
        _tracers.pop()[0].shutdown()


def span(name: str, **attributes: str | int | float | None) -> AbstractContextManager[None]:
    """The block as a span; attributes that are None are left out."""
    return _span(name, attributes) if _tracers else _NOTHING


@contextmanager
def _span(name: str, attributes: Mapping[str, Any]) -> Iterator[None]:
    from opentelemetry.trace import Status, StatusCode

    told = {f"hub.{key}": one for key, one in attributes.items() if one is not None}
    _, tracer = _tracers[-1]
    with tracer.start_as_current_span(
        name, attributes=told, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield
        except BaseException as error:
            made.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
