"""A city whose processes can be killed, and which goes on saying things while they are."""

from __future__ import annotations

import hashlib
import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.record import canonical
from hub.consumers.consumer import add_consumer, authenticate
from hub.database import connect, create_tables, write
from hub.exchange import checkpoints, stream
from hub.exchange.sealing import seal
from hub.exchange.stream_proof import check_stream
from hub.exchange.tables_of_receipts import receipt_range
from hub.exchange.views import View, views_of
from hub.exchange.waiting import streams_wait
from hub.ledger import head_seq
from hub.site import Site, create_site
from hub.tables import exchange_log
from hub.tree.checkpoint import read
from tests.exchange.faults.history import History
from tests.exchange.faults.processes import Nursery, Started
from tests.hub.ledger_data import MARKET, a_company, put
from tests.services.server import free_port

CATALOGUE = load_catalogue()
COMPANIES = 200
SEGMENT = "256"


def digest_of(record: dict[str, Any]) -> str:
    """SHA-256 of the record's canonical JSON, hex."""
    return hashlib.sha256(canonical(record)).hexdigest()


@dataclass
class City:
    """A site with its database; `url` is where it is served, by a process, while one runs."""

    site: Site
    engine: Engine
    nursery: Nursery
    history: History
    port: int
    now: dict[int, dict[str, Any]] = field(default_factory=dict)
    server: Started | None = None
    _turn: int = 0

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def consumer(self, name: str) -> str:
        """The key of a new one, which may have the companies."""
        with write(self.engine) as connection:
            return add_consumer(connection, name, "government", (MARKET,))

    # --- what it says ------------------------------------------------------------------------
    def say(self, chance: random.Random, most: int = 40) -> None:
        """One run: some companies are changed, and some are gone."""
        some = chance.sample(range(COMPANIES), chance.randint(1, most))
        gone = [n for n in some if n in self.now and chance.random() < 0.3]
        self.run({n: None if n in gone else self.changed(n) for n in some})

    def changed(self, number: int) -> dict[str, Any]:
        """The company, as it hasn't been said yet."""
        self._turn += 1
        return a_company(number, subject_name=f"茂名市第{number}号商行（第{self._turn}版）")

    def run(self, said: dict[int, dict[str, Any] | None]) -> None:
        """Say exactly this; what isn't known to have happened is noted so, and looked up."""
        told = {
            a_company(n)["uscc"]: None if record is None else digest_of(record)
            for n, record in said.items()
        }
        living = [record for record in said.values() if record is not None]
        gone = [self.now[n] for n, record in said.items() if record is None]
        self.history.note("city", "invoke", "say", said=told)
        try:
            first, last = put(self.engine, MARKET, living, gone, catalogue=CATALOGUE)
        except DBAPIError:
            before = sum(len(e["said"]) for e in self.history.events() if _counts(e))
            self.history.note("city", "info", "say", said=told)
            if self._head() == before:
                return
        else:
            self.history.note("city", "ok", "say", first=first, last=last, said=told)
        for number, record in said.items():
            if record is None:
                self.now.pop(number, None)
            else:
                self.now[number] = record
        with suppress(DBAPIError), write(self.engine) as connection:
            streams_wait(connection, MARKET)

    def _head(self) -> int:
        while True:
            with suppress(DBAPIError), self.engine.connect() as connection:
                return head_seq(connection, MARKET)
            time.sleep(0.05)

    @contextmanager
    def speaking(self, seed: int, pause: float = 0.05) -> Iterator[None]:
        """It goes on saying things until the block ends."""
        stop, chance, errors = threading.Event(), random.Random(seed), list[BaseException]()

        def speak() -> None:
            try:
                while not stop.wait(pause):
                    self.say(chance)
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(120)
        assert not thread.is_alive()
        assert not errors, errors

    # --- its processes -----------------------------------------------------------------------
    def serve(self, **more: Any) -> Started:
        """`hub serve`, answering."""
        arguments = ("--site", str(self.site.path), "serve", "--port", str(self.port))
        self.server = self.nursery.start(*arguments, **more)
        deadline = time.monotonic() + 60
        while not self.answers():
            assert not self.server.ended(), self.server.errors()
            assert time.monotonic() < deadline, "the server doesn't answer"
            time.sleep(0.02)
        return self.server

    def kill_server(self) -> None:
        """Now; it is gone when this returns."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    def answers(self) -> bool:
        """Whether anybody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/exchange/v1/keys")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def worker(self, **more: Any) -> Started:
        """`hub worker`, which does what is queued."""
        words = ("worker", "--every", "0.3", "--no-schedule")
        return self.nursery.start("--site", str(self.site.path), *words, **more)

    # --- what is known of it afterwards ------------------------------------------------------
    def view(self) -> View:
        """The one stream."""
        with self.engine.connect() as connection:
            (found,) = views_of(connection, MARKET)
        return found

    def root(self) -> bytes:
        """Of its newest checkpoint, over all that it said."""
        view = self.view()
        size = stream.extend(self.engine, CATALOGUE, view, site=self.site)
        note = read(checkpoints.checkpoint(self.site, self.engine, view))
        with self.engine.connect() as connection:
            assert note.size == size == head_seq(connection, MARKET)
        return note.root

    def proved(self) -> list[str]:
        """The codes of what `hub verify` finds wrong once a sealing that was cut off is done again."""
        seal(self.site, self.engine, self.view())
        found = check_stream(self.site, self.engine, CATALOGUE, self.view(), lambda _: None)[1]
        return [one.code for one in found]

    def acknowledged(self, key: str) -> list[tuple[int, int]]:
        """Ranges that a consumer said it took, each of which it was given."""
        has, log = receipt_range.c, exchange_log.c
        with write(self.engine) as connection:
            one = authenticate(connection, key)
        assert one is not None
        with self.engine.connect() as connection:
            query = select(has.first_seq, has.last_seq).where(has.consumer_id == one.id)
            found = [(int(a), int(b)) for a, b in connection.execute(query.order_by(has.last_seq))]
            given = connection.scalar(
                select(func.max(log.last_seq)).where(log.consumer_id == one.id)
            )
        assert all(last <= (given or 0) for _, last in found)
        return found


def _counts(event: dict[str, Any]) -> bool:
    return bool(event["act"] == "say" and event["type"] == "ok")


def a_living_city(folder: Path, url: str, nursery: Nursery) -> City:
    """A new one, which isn't served yet; its processes find its database by their environment."""
    engine = connect(url)
    create_tables(engine)
    nursery.environment |= {"HUB_DATABASE_URL": url, "HUB_SEGMENT_ENTRIES": SEGMENT}
    site = create_site(folder / "city")
    history = History(folder / "history.jsonl")
    return City(site, engine, nursery, history, free_port())
