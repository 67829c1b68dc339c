"""nginx before the hub, set up as the guide says: it sends the files, and nobody gets at them otherwise."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import func, select

from exchange_schemas.errors import Misdeclared
from hub.consumers.consumer import list_consumers, revoke
from hub.consumers.settings import change
from hub.database import write
from hub.exchange.arrivals import MOST, Arrivals
from hub.site import Site
from hub.tables import exchange_log
from hub.web.listener import Listener
from hub.web.server import create_application
from tests.exchange.served_stream import BASE, Served, served
from tests.exchange.test_behind_a_proxy import DER, PEM
from tests.hub.exchange_hub import a_key
from tests.hub.ledger_data import MARKET, PENALTY
from tests.services.needs import NeedMissing
from tests.services.nginx_server import nginx_before

NAME = "1-256.1.ndjson.zst"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        yield served(f"sqlite:///{tmp_path_factory.mktemp('hub') / 'hub.sqlite'}", patch)


@pytest.fixture(scope="module")
def addresses(hub: Served) -> Iterator[tuple[str, str]]:
    """Of nginx, and of the hub behind it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_OFFLOAD", "x-accel-redirect")
        arrivals = Arrivals(hub.engine)
        application = create_application(hub.site, hub.engine, arrivals)
    listener = Listener(application, "127.0.0.1", 0, "127.0.0.1", MOST, arrivals.close)
    thread = threading.Thread(target=listener.run)
    thread.start()
    behind = f"http://127.0.0.1:{listener.effective_port}"
    try:
        with nginx_before(behind, hub.site.exchange) as url:
            yield url, behind
    except NeedMissing as error:
        pytest.skip(str(error))
    finally:
        listener.close()
        thread.join(timeout=20)


def ask(url: str, path: str, key: str | None = None, **headers: str) -> httpx.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        told["Authorization"] = f"Bearer {key}"
    place = path if path.startswith("/") else f"{BASE}/{path}"
    return httpx.get(f"{url}{place}", headers=told, timeout=30)


def logged(hub: Served) -> int:
    with hub.engine.connect() as connection:
        segments = exchange_log.c.kind.in_(("segment", "snapshot"))
        return connection.scalar(select(func.count()).where(segments)) or 0


def test_nginx_sends_just_the_file(hub: Served, addresses: tuple[str, str]) -> None:
    url, _ = addresses
    before = logged(hub)
    for one in ask(url, "segments", hub.key).json()["segments"]:
        for kind in ("ndjson", "parquet"):
            told = one[kind]
            found = ask(url, f"segments/{told['name']}", hub.key, Accept_Encoding="identity")
            assert found.status_code == 200
            assert hashlib.sha256(found.content).hexdigest() == told["sha256"]
            assert found.headers["ETag"] == f'"{told["sha256"]}"'
            assert found.headers["Content-Length"] == str(told["size"])
            assert found.headers["Cache-Control"] == "private, max-age=31536000, immutable"
            assert found.headers["Content-Type"].startswith("application/")
            assert "X-Accel-Redirect" not in found.headers
    assert logged(hub) == before + 4
    (snapshot,) = ask(url, "snapshots", hub.key).json()["snapshots"]
    found = ask(url, f"snapshots/{snapshot['ndjson']['name']}", hub.key)
    assert hashlib.sha256(found.content).hexdigest() == snapshot["ndjson"]["sha256"]


def test_a_broken_download_goes_on(hub: Served, addresses: tuple[str, str]) -> None:
    url, _ = addresses
    whole = ask(url, f"segments/{NAME}", hub.key)
    etag = whole.headers["ETag"]
    part = ask(url, f"segments/{NAME}", hub.key, Range="bytes=1000-", If_Range=etag)
    assert (part.status_code, part.content) == (206, whole.content[1000:])
    other = ask(url, f"segments/{NAME}", hub.key, Range="bytes=1000-", If_Range='"other"')
    assert (other.status_code, other.content) == (200, whole.content)
    assert ask(url, f"segments/{NAME}", hub.key, If_None_Match=etag).status_code == 304
    assert ask(url, f"segments/{NAME}", hub.key, Range="bytes=9999999-").status_code == 416
    with httpx.Client(headers={"Authorization": f"Bearer {hub.key}"}) as client:
        head = client.head(f"{url}{BASE}/segments/{NAME}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))


def test_the_files_are_nowhere_else(hub: Served, addresses: tuple[str, str]) -> None:
    url, _ = addresses
    files = [path.relative_to(hub.site.exchange) for path in hub.site.exchange.rglob("*.zst")]
    assert files
    for file in files:
        for path in (f"/exchange-files/{file}", f"/exchange-files//{file}",
                     f"/%65xchange-files/{file}", f"/exchange/../exchange-files/{file}",
                     f"/exchange-files/x/../{file}", f"{BASE}/../../../../exchange-files/{file}",
                     f"/exchange-files/../exchange/{file}", f"/EXCHANGE-FILES/{file}"):  # fmt: skip
            found = raw(url, path, hub.key)
            assert found.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), path
            assert b"\x28\xb5\x2f\xfd" not in found  # how zstd begins


def raw(url: str, path: str, key: str) -> bytes:
    """The answer to a path that no client may tidy up."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as one:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {key}"]
        one.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return b"".join(iter(lambda: one.recv(1 << 16), b""))


def test_only_who_has_the_grant_gets_a_file(hub: Served, addresses: tuple[str, str]) -> None:
    url, behind = addresses
    path = f"segments/{NAME}"
    assert ask(url, path).status_code == 401
    assert ask(url, path, "1.wrong").status_code == 401
    assert ask(url, path, a_key(hub.engine, datasets=(PENALTY,))).status_code == 403
    assert ask(url, path, hub.key, X_Accel_Redirect="/exchange-files/x").status_code == 200
    # Past nginx there is the place of a file and no byte of it.
    direct = ask(behind, path, hub.key)
    assert (direct.content, direct.headers["X-Accel-Redirect"][:16]) == (b"", "/exchange-files/")
    lost = a_key(hub.engine, "industry", (MARKET,))
    assert ask(url, "entries?limit=1", lost).status_code == 200
    with write(hub.engine) as connection:
        revoke(connection, f"industry {(MARKET,)}")
    before = logged(hub)
    for one in (path, "segments", "snapshots/512.ndjson.zst", "entries", "tile/0/000"):
        refused = ask(url, one, lost)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_refused")
        assert "X-Accel-Redirect" not in ask(behind, one, lost).headers
    assert logged(hub) == before


def test_pages_and_waiting_pass_through(hub: Served, addresses: tuple[str, str]) -> None:
    url, _ = addresses
    page = ask(url, "entries?after=590&wait=5", hub.key)
    assert [json.loads(line)["seq"] for line in page.text.splitlines()] == list(range(591, 601))
    assert ask(url, "entries?after=600&wait=1", hub.key).content == b""


def test_a_client_does_not_say_itself_which_certificate_it_has(
    hub: Served, addresses: tuple[str, str]
) -> None:
    url, behind = addresses
    with write(hub.engine) as connection:
        bound = list_consumers(connection)[0]  # whose key the hub's is
        change(connection, bound, {"certificates": [hashlib.sha256(DER).hexdigest()]}, "operator")
    try:
        shown = {"X_Client_Cert": quote(PEM)}
        assert ask(behind, "entries", hub.key, **shown).status_code == 200  # as the proxy's word
        refused = ask(url, "entries", hub.key, **shown)
        assert (refused.status_code, refused.json()["code"]) == (403, "certificate_refused")
    finally:
        with write(hub.engine) as connection:
            change(connection, bound, {"certificates": ()}, "operator")


def test_only_one_way_to_offload_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, expected in (("", False), ("X-Accel-Redirect", True)):
        monkeypatch.setenv("HUB_OFFLOAD", text)
        assert Site(tmp_path).offload is expected
    monkeypatch.setenv("HUB_OFFLOAD", "x-sendfile")
    with pytest.raises(Misdeclared) as refused:
        _ = Site(tmp_path).offload
    assert refused.value.issue.code == "offload_unknown"
