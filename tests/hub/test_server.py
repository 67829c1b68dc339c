"""`hub serve`: portal and exchange at one address, in a process of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.site import Site, create_site
from tests.hub.exchange_hub import a_key, entries_path
from tests.hub.ledger_data import MARKET, a_company, made, put

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = create_site(tmp_path / "site")
    put(made(site.database_url), MARKET, [a_company(1)])
    return site


def command(site: Site, port: int = 0) -> list[str]:
    return [*COMMAND, "--site", str(site.path), "--lang", "en", "serve", "--port", str(port)]


@pytest.fixture
def server(site: Site) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(command(site), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    portal = process.stdout.readline().removeprefix("Portal: ").strip()
    assert process.stdout.readline() == f"Console: {portal}console/\n"
    assert process.stdout.readline() == f"Exchange: {portal}exchange/v1/openapi.json\n"
    yield process, portal.rstrip("/")
    process.kill()
    process.wait()


def test_portal_and_exchange_are_served(
    site: Site, server: tuple[subprocess.Popen[str], str]
) -> None:
    _, url = server
    home = httpx.get(f"{url}/")
    assert (home.status_code, home.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert httpx.get(f"{url}{entries_path(MARKET)}").status_code == 401
    assert httpx.get(f"{url}/exchange/v1/openapi.json").json()["openapi"] == "3.1.0"
    key = a_key(made(site.database_url))
    answer = httpx.get(f"{url}{entries_path(MARKET)}", headers={"Authorization": f"Bearer {key}"})
    assert json.loads(answer.text)["record"] == a_company(1)
    assert "waitress" not in answer.headers.get("Server", "")
    assert httpx.get(f"{url}/exchange/elsewhere").json()["code"] == "address_unknown"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(
    server: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    process, url = server
    assert httpx.get(f"{url}/").status_code == 200
    process.send_signal(number)
    out, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert out.splitlines()[-1] == "Stopped."


def test_a_port_in_use_is_told(tmp_path: Path, server: tuple[subprocess.Popen[str], str]) -> None:
    port = int(server[1].rpartition(":")[2])
    other = create_site(tmp_path / "other")
    made(other.database_url)
    refused = subprocess.run(
        command(other, port), capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert "[port_busy]" in refused.stderr
    assert "Traceback" not in refused.stderr
