"""A small exchange with sealed segments, and questions to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.test import Client, TestResponse

from hub.exchange import sealing, snapshots
from hub.exchange.views import View, views_of
from hub.site import Site
from tests.hub.exchange_hub import a_key, application, entries_path, site_of
from tests.hub.ledger_data import MARKET, a_company, made, put
from tests.services.postgres_server import fresh_database

KINDS = ("sqlite", "postgresql")
BASE = f"/exchange/v1/datasets/{MARKET}"


@dataclass
class Served:
    """A hub with a key of one consumer, asked in this process."""

    engine: Engine
    site: Site
    key: str
    client: Client

    def ask(
        self, path: str, key: str | None = None, method: str = "GET", **headers: str
    ) -> TestResponse:
        """One request; `path` begins with / or is below the dataset's address."""
        where = path if path.startswith("/") else f"{BASE}/{path}"
        told: Mapping[str, str] = {
            "Authorization": f"Bearer {key or self.key}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.client.open(where, method=method, headers=told)

    def json(self, path: str) -> Any:
        """A JSON answer that must be right."""
        found = self.ask(path)
        assert found.status_code == 200, found.text
        return json.loads(found.data)

    def lines(self, query: str) -> tuple[list[bytes], TestResponse]:
        """The lines of a page."""
        found = self.ask(entries_path(MARKET, query))
        assert found.status_code == 200, found.text
        assert len(found.data) == int(found.headers["Content-Length"])
        return found.data.split(b"\n")[:-1], found

    def view(self) -> View:
        """The consumer's view, which a request has made."""
        with self.engine.connect() as connection:
            return views_of(connection, MARKET)[0]

    def seal(self) -> None:
        """Seal what is whole, and make a snapshot."""
        sealing.seal(self.site, self.engine, self.view())
        snapshots.make(self.site, self.engine, self.view())


def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One for all tests of a file that only read; `request.param` is the kind of database."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        url = f"sqlite:///{tmp_path_factory.mktemp('served') / 'hub.sqlite'}"
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server_url")
            url = stack.enter_context(fresh_database(server))
        yield served(url, patch)


def served(url: str, monkeypatch: pytest.MonkeyPatch, companies: int = 600) -> Served:
    """A hub with so many companies, in segments of 256."""
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", "256")
    engine = made(url)
    put(engine, MARKET, [a_company(number) for number in range(companies)])
    hub = Served(engine, site_of(engine), a_key(engine), Client(application(engine)))
    assert hub.ask("entries?limit=1").status_code == 200
    hub.seal()
    return hub
