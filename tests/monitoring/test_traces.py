"""Traces arrive at a real receiver; without the setting nothing is loaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect
from hub.feeds import copy_samples
from hub.monitoring.traces import SETTING, span, start_traces, stop_traces
from hub.site import Site, create_site
from hub.web.monitoring import watch_portal
from hub.work import work_now
from tests.hub.ledger_data import made
from tests.monitoring.otlp_receiver import Receiver, otlp_receiver

CANARY = "张三丰"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with otlp_receiver() as running:
        start_traces({SETTING: running.url}, "tests")
        yield running
        stop_traces()


def attributes(told: object) -> dict[str, str]:
    found = told.attributes  # type: ignore[attr-defined]
    return {one.key: one.value.string_value or str(one.value.int_value) for one in found}


def test_a_run_is_a_tree_of_spans(tmp_path: object, receiver: Receiver) -> None:
    site = create_site(Site(tmp_path / "site").path)  # type: ignore[operator]
    copy_samples(site.feeds)
    made(site.database_url)
    work_now(site, connect(site.database_url), "feed_run", {"feed": "sample_registration"})
    stop_traces()
    spans = receiver.spans()
    by_name = {one.name: one for one in spans}
    assert {"job", "run", "pull", "read", "normalise", "check", "append"} <= set(by_name)
    assert by_name["run"].parent_span_id == by_name["job"].span_id
    assert by_name["pull"].parent_span_id == by_name["run"].span_id
    assert len({one.trace_id for one in spans}) == 1
    assert attributes(by_name["run"])["hub.feed"] == "sample_registration"
    assert attributes(by_name["job"])["hub.kind"] == "feed_run"
    (resource, *_) = receiver.requests()[0].resource_spans
    named = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert named["service.name"] == "exchange-hub" and named["hub.program"] == "tests"
    assert load_catalogue() is not None


def test_errors_are_kinds_and_requests_have_no_address(
    tmp_path: object, receiver: Receiver
) -> None:
    site = create_site(Site(tmp_path / "site").path)  # type: ignore[operator]

    def fails(_environ: object, _start: object) -> list[bytes]:
        raise ValueError(CANARY)

    with pytest.raises(ValueError, match=CANARY):
        Client(watch_portal(fails, site)).get(f"/search?q={CANARY}")
    with pytest.raises(KeyError), span("outer", run=None, feed="town"):
        raise KeyError(CANARY)
    stop_traces()
    request, outer = sorted(receiver.spans(), key=lambda one: one.name, reverse=True)
    assert request.name == "request" and attributes(request)["hub.route"] == "portal"
    assert (request.status.message, outer.status.message) == ("ValueError", "KeyError")
    assert attributes(outer) == {"hub.feed": "town"}
    everything = b"".join(one.SerializeToString() for one in receiver.requests())
    assert CANARY.encode() not in everything and b"search" not in everything


def test_a_receiver_that_is_away_costs_nothing_but_traces() -> None:
    start_traces({SETTING: "http://127.0.0.1:1"}, "tests")
    with span("alone"):
        pass
    stop_traces()


def test_without_the_setting_nothing_is_loaded() -> None:
    program = (
        "import sys; from hub.monitoring.traces import span, start_traces; import hub.work\n"
        "start_traces({}, 'x')\n"
        "with span('a', feed='b'): pass\n"
        "print([m for m in sys.modules if m.startswith(('opentelemetry', 'prometheus_client'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
