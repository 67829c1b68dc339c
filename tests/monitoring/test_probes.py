"""/health, /ready and /metrics, and the id that every answer has."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from werkzeug.test import Client

from hub.database import connect
from hub.migrations.revisions import stamp
from hub.monitoring import ready
from hub.monitoring.logs import start_logging
from hub.monitoring.ready import Readiness
from hub.site import Site, create_site
from hub.web.monitoring import TOKEN, watch_hub, watch_portal
from hub.web.problem import answer_problem
from hub.web.server import create_application
from tests.hub.ledger_data import made
from tests.monitoring.conftest import Written
from tests.scale.processes import wait_for
from tests.services.server import free_port

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}
COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]
FAIR = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def client(tmp_path: Path) -> Client:
    site = create_site(tmp_path / "site")
    return Client(create_application(site, made(site.database_url)))


def get(client: Client, path: str, **environ: str) -> Any:
    return client.get(path, environ_overrides=HERE | environ)


def test_a_hub_that_works_is_alive_and_ready(site: Site, engine: Engine) -> None:
    client = Client(create_application(site, engine))
    assert get(client, "/health").text == "ok\n"
    assert get(client, "/ready").text == "ready\n"
    assert get(client, "/ready").headers["Cache-Control"] == "no-store"
    assert get(client, "/health/x").status_code == 404
    assert client.post("/ready").status_code == 405
    assert client.head("/health").status_code == 200


def test_health_asks_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = create_site(tmp_path / "site")
    engine = made(site.database_url)
    client = Client(create_application(site, engine))
    monkeypatch.setattr(engine, "connect", lambda: pytest.fail("asked"))
    assert get(client, "/health").status_code == 200


@pytest.mark.parametrize("part", ["database", "schema", "disk", "broker"])
def test_what_fails_is_named_and_nothing_more(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Written
) -> None:
    site = create_site(tmp_path / "site")
    engine = connect(site.database_url)
    if part == "database":
        (site.path / "hub.sqlite").write_bytes(b"not a database" * 100)
    if part == "schema":
        with engine.begin() as connection:
            stamp(connection, "9999")
    if part == "disk":
        monkeypatch.setattr(ready, "LEAST", 1 << 60)
    if part == "broker":
        monkeypatch.setenv("HUB_BROKER_URL", f"redis://:canary-pw@127.0.0.1:{free_port()}/0")
    start_logging({"HUB_LOG_FORMAT": "json"})
    found = get(Client(watch_hub(answer_problem, site, engine)), "/ready")  # type: ignore[arg-type]
    assert found.status_code == 503 and found.mimetype == "application/problem+json"
    failing = found.json["detail_en"].partition(": ")[2].partition(";")[0].split(", ")
    assert part in failing and found.json["request_id"] == found.headers["X-Request-ID"]
    assert str(site.path) not in found.text and "canary" not in found.text + written.text
    assert any(part in line["event"] for line in written.lines)


def test_a_part_that_hangs_is_failing_and_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "SECONDS", 0.1)
    monkeypatch.setattr(ready, "KEPT", 0.0)
    asked = []

    def hangs() -> None:
        asked.append(1)
        time.sleep(1)

    readiness = Readiness({"slow": hangs, "quick": lambda: None})
    begin = time.monotonic()
    assert [readiness.failing() for _ in range(3)] == [["slow"]] * 3
    assert time.monotonic() - begin < 0.9 and len(asked) == 1


NOBODY = [
    {"REMOTE_ADDR": "10.0.0.9"},
    {"HTTP_X_FORWARDED_FOR": "10.0.0.9"},
    {"HTTP_X_REAL_IP": "10.0.0.9"},
    {"HTTP_VIA": "1.1 proxy"},
    {"HTTP_HOST": "data.example.cn"},
    {"REMOTE_ADDR": ""},
    {"REMOTE_ADDR": "::ffff:10.0.0.9"},
]


@pytest.mark.parametrize("environ", NOBODY)
def test_metrics_are_shown_to_this_machine_only(client: Client, environ: dict[str, str]) -> None:
    refused = get(client, "/metrics", **environ)
    assert refused.status_code == 403 and refused.json["code"] == "metrics_refused"
    assert b"hub_" not in refused.data.replace(b"hub_metrics", b"")


def test_metrics_are_shown_here_and_to_who_has_the_token(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get(client, "/metrics").status_code == 200
    assert (
        get(client, "/metrics", REMOTE_ADDR="::ffff:127.0.0.1", HTTP_HOST="[::1]:80").status_code
        == 200
    )
    monkeypatch.setenv(TOKEN, "canary-token")
    assert get(client, "/metrics").status_code == 403  # then the token alone counts
    far = {"REMOTE_ADDR": "10.0.0.9", "HTTP_HOST": "data.example.cn"}
    assert (
        get(client, "/metrics", HTTP_AUTHORIZATION="Bearer canary-token", **far).status_code == 200
    )
    for wrong in ("Bearer canary-toke", "canary-token", "Bearer ", "Bearer 令牌"):
        shown = wrong.encode().decode("latin-1")
        assert get(client, "/metrics", HTTP_AUTHORIZATION=shown, **far).status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/health", "/exchange/v1/nothing", "/nowhere", "/static/portal.css"]
)
def test_every_answer_has_an_id(client: Client, path: str) -> None:
    plain = get(client, path, HTTP_X_REQUEST_ID="abc-123.DEF_4")
    assert plain.headers["X-Request-ID"] == "abc-123.DEF_4"
    for hostile in (
        "short",
        "a b c d e f g h",
        "x" * 65,
        'a"}\x0binjected-id',
        "编号编号编号编号",
    ):
        shown = hostile.encode().decode("latin-1")
        made = get(client, path, HTTP_X_REQUEST_ID=shown).headers["X-Request-ID"]
        assert FAIR.fullmatch(made)


def test_problems_have_it_too(client: Client) -> None:
    ours = get(client, "/exchange/v1/nothing", HTTP_X_REQUEST_ID="abc-123-def")
    theirs = get(
        client, "/nowhere", HTTP_X_REQUEST_ID="abc-123-def", HTTP_ACCEPT="application/json"
    )
    assert ours.json["request_id"] == theirs.json["request_id"] == "abc-123-def"


def test_requests_are_counted_by_class_and_status(client: Client) -> None:
    def count(series: str) -> float:
        text = get(client, "/metrics").text
        found = [line for line in text.splitlines() if line.startswith(f"{series} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0

    lost = 'hub_http_requests_total{class="exchange",status="404"}'
    home = 'hub_http_request_seconds_count{class="portal"}'
    before = count(lost), count(home)
    for _ in range(3):
        get(client, "/exchange/v1/nothing").close()
        get(client, "/static/portal.css").close()
        get(client, f"/somewhere-{time.time_ns()}").close()
    assert count(lost) == before[0] + 3 and count(home) == before[1] + 6
    assert "somewhere" not in get(client, "/metrics").text


def test_a_failure_is_logged_with_the_id_of_its_request(tmp_path: Path, written: Written) -> None:
    site = create_site(tmp_path / "site")

    def fails(_environ: Any, start: Any) -> list[bytes]:
        start("500 X", [])
        return [b""]

    start_logging({"HUB_LOG_FORMAT": "json"})
    get(Client(watch_portal(fails, site)), "/x?q=张三丰", HTTP_X_REQUEST_ID="abc-123-def")
    (line,) = written.lines
    assert (line["request"], line["status"], line["route"]) == ("abc-123-def", "500", "portal")
    assert "张三" not in written.text


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """The portal alone, in two processes."""
    site = create_site(tmp_path / "site")
    call = ["--site", str(site.path), "--lang", "en", "portal", "--port", "0", "--workers", "2"]
    errors: list[str] = []
    with subprocess.Popen(
        [*COMMAND, *call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Portal: ").strip().rstrip("/")
        try:
            yield url, errors
        finally:
            process.terminate()
            errors += process.communicate(timeout=60)[1].splitlines()


def test_the_portal_alone_has_them_and_its_processes_add_up(portal: tuple[str, list[str]]) -> None:
    url, errors = portal
    for _ in range(20):  # each on a connection of its own, so that both processes answer
        assert httpx.get(f"{url}/health").text == "ok\n"
    assert httpx.get(f"{url}/ready").status_code == 200
    series = 'hub_http_requests_total{class="probe",status="200"}'

    def counted() -> tuple[float, str]:
        text = httpx.get(f"{url}/metrics").text
        (line,) = [one for one in text.splitlines() if one.startswith(series)]
        return float(line.rpartition(" ")[2]), text

    wait_for(lambda: counted()[0] >= 21)  # an answer is counted once it is sent
    for _ in range(3):
        count, text = counted()
        assert count >= 21
    assert "hub_disclosures" not in text
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"GET /metrics HTTP/1.1\r\nHost: data.example.cn\r\n\r\n")
        assert b" 403 " in raw.recv(200)
    assert all(line.startswith("{") for line in errors)
