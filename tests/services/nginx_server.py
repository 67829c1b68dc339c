"""A private nginx before a server of the hub, set up as docs/serve-the-exchange.md says."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import requests

from tests.services.needs import require
from tests.services.server import free_port, server

GUIDE = Path(__file__).parents[2] / "docs" / "serve-the-exchange.md"
_MAIN = """\
daemon off;
{user}
worker_processes 2;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
_FILES = """
    server {{
        listen 127.0.0.1:{port};
        sendfile on;
        tcp_nopush on;
        root {root};
    }}
"""


def guide_configuration() -> str:
    """What the guide gives to put in nginx's http block."""
    found = re.search(r"```nginx\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def nginx_before(upstream: str, exchange: Path) -> Iterator[str]:
    """Runs nginx before the hub at `upstream` (http://127.0.0.1:PORT), sending the files below
    `exchange`, with the guide's configuration; gives its address."""
    port = free_port()
    text = guide_configuration()
    for told, mine in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "127.0.0.1:8000": upstream.removeprefix("http://"),
        "/srv/hub/site/exchange/": f"{exchange}/",
    }.items():
        assert told in text, told
        text = text.replace(told, mine)
    with _running(re.sub(r"(?m)^\s*(ssl_|http2 ).*\n", "", text), port) as url:
        yield url


@contextmanager
def nginx_of(folder: Path) -> Iterator[str]:
    """Runs nginx on the files of a folder and nothing else: what a file server can do."""
    port = free_port()
    with _running(_FILES.format(port=port, root=folder), port) as url:
        yield url


@contextmanager
def _running(servers: str, port: int) -> Iterator[str]:
    require(["nginx-light"])
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="hub-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for one in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
            (folder / one).mkdir()
        place = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""  # whose the files of a test are
        place.write_text(_MAIN.format(folder=folder, user=user, servers=servers), encoding="utf-8")
        command = [
            "/usr/sbin/nginx",
            "-e",
            str(folder / "errors"),
            "-c",
            str(place),
            "-p",
            str(folder),
        ]
        with server(command, partial(_answers, url), folder / "log"):
            yield url


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.RequestException:
        return False
    return True
