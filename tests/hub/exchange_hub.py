"""An exchange to ask: in this process, or listening on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from exchange_schemas.catalogue import load_catalogue
from hub.consumers.consumer import add_consumer
from hub.database import write
from hub.site import Site, create_site
from hub.web.exchange import PREFIX, create_exchange
from hub.web.listener import Listener
from tests.hub.ledger_data import MARKET, PENALTY

_SITES: WeakKeyDictionary[Engine, tuple[TemporaryDirectory[str], Site]] = WeakKeyDictionary()


def site_of(engine: Engine) -> Site:
    """A site that goes with the database, as long as that is used."""
    if engine not in _SITES:
        folder = TemporaryDirectory(prefix="hub-site-")
        _SITES[engine] = folder, create_site(Path(folder.name))
    return _SITES[engine][1]


def application(engine: Engine) -> Any:
    """The exchange where the server mounts it."""
    exchange = create_exchange(site_of(engine), engine, load_catalogue())
    return DispatcherMiddleware(NotFound(), {PREFIX: exchange.wsgi_app})


def a_key(
    engine: Engine, audience: str = "government", datasets: tuple[str, ...] = (MARKET, PENALTY)
) -> str:
    """The key of a new consumer."""
    with write(engine) as connection:
        return add_consumer(connection, f"{audience} {datasets}", audience, datasets)


def ask(engine: Engine, path: str, key: str | None = None, method: str = "GET") -> TestResponse:
    """One request to the exchange."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client(application(engine)).open(path, method=method, headers=headers)


def entries_path(dataset: str, query: str = "") -> str:
    """Where a dataset's entries are."""
    return f"{PREFIX}/v1/datasets/{dataset}/entries{query}"


@contextmanager
def listening(wsgi: Any) -> Iterator[str]:
    """The application on a loopback port for the length of the block; gives its address."""
    listener = Listener(wsgi, "127.0.0.1", 0)
    thread = threading.Thread(target=listener.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.effective_port}"
    finally:
        listener.close()
        thread.join(timeout=20)
        assert not thread.is_alive()
