"""A province: `hub consume` as a process, over and over, and what it holds in the end."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from hub.consume.file_store import FileStore
from hub.consume.places import InFolder, Receiving
from hub.consume.sql_place import InDatabase
from hub.consumers.consumer import authenticate
from hub.consumers.key_handing import hand_out
from hub.database import write
from hub.tree.frontier import Frontier
from publisher.key_file import write_key
from publisher.signers import new_signer
from tests.exchange.faults.history import Entry, Holding
from tests.exchange.faults.living_city import City, digest_of
from tests.exchange.faults.processes import Started
from tests.hub.ledger_data import MARKET

LIMIT = 20  # entries in a page, so that there are many
WHOLE = 1_000  # in the end, when nothing disturbs any more


@dataclass
class Province:
    """A consumer of a city, with a folder or a database of its own."""

    city: City
    name: str
    key: str
    to: tuple[str, str]  # option, place
    url: str = ""
    more: tuple[str, ...] = ()
    codes: list[str] = field(default_factory=list)

    def begin(self, limit: int = LIMIT, **more: Any) -> Started:
        """A process that pulls until nothing is left."""
        self.city.history.note(self.name, "invoke", "pull")
        what = ("--dataset", MARKET, "--limit", str(limit), "--json")
        words = ("consume", self.url or self.city.url, *what, *self.to, *self.more)
        return self.city.nursery.start(*words, HUB_CONSUMER_KEY=self.key, **more)

    def end(self, process: Started) -> int:
        """Wait for it, and note what came of it; returns its exit code."""
        code = process.wait()
        told = process.told() or {}
        if code == 0:
            self.city.history.note(self.name, "ok", "pull", last=told["last"])
        elif code < 0:
            self.city.history.note(self.name, "info", "pull")
        else:
            why = str(told.get("error", {}).get("code"))
            assert why != "None", process.errors() + process.output.read_text()
            self.codes.append(why)
            self.city.history.note(self.name, "fail", "pull", code=why)
        return code

    def pull(self, **more: Any) -> int:
        """One process from beginning to end."""
        return self.end(self.begin(**more))

    def catch_up(self) -> None:
        """All that there is, with its receipts."""
        for _ in range(20):
            if self.pull(limit=WHOLE) == 0 and not self.store().waiting():
                return
        raise AssertionError(f"{self.name} doesn't come to its end: {self.codes[-5:]}")

    @contextmanager
    def pulling(self) -> Iterator[None]:
        """One process after another, until the block ends."""
        stop, errors = threading.Event(), list[BaseException]()

        def go_on() -> None:
            try:
                while not stop.is_set():
                    self.pull()
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(180)
        assert not thread.is_alive()
        assert not errors, errors

    # --- what it holds -----------------------------------------------------------------------
    def place(self) -> Receiving:
        """Where it receives."""
        option, where = self.to
        return InFolder(Path(where)) if option == "--to" else InDatabase(where)

    def store(self) -> Any:
        """Of the companies."""
        return self.place().store(MARKET, None)

    def size(self) -> int:
        """How many entries it has now."""
        return int(self.store().place().last)

    def holding(self, *, acknowledged: bool = True) -> Holding:
        """All of it."""
        store = self.store()
        root = Frontier().extend(store.leaves()).root()
        told = self.city.acknowledged(self.key) if acknowledged else []
        if isinstance(store, FileStore):
            shown = {one["key"]: one["record"] for one in _lines(store.current())}
            entries = [_entry(one) for page in store.received.pages() for one in _lines(page)]
        else:
            entries, shown = _rows(store)
        digests = {key: digest_of(record) for key, record in shown.items()}
        return Holding(self.name, entries, digests, told, root)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _entry(line: dict[str, Any]) -> Entry:
    record = line.get("record")
    return Entry(line["seq"], line["key"], None if record is None else digest_of(record))


def _rows(store: Any) -> tuple[list[Entry], dict[str, Any]]:
    with store.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT seq, key, record FROM exchange_entry WHERE dataset = :d ORDER BY seq"),
            {"d": MARKET},
        ).all()
        stands = connection.execute(text("SELECT key, record FROM exchange_record")).all()
    entries = [_entry({"seq": s, "key": k, "record": r and json.loads(r)}) for s, k, r in rows]
    return entries, {key: json.loads(record) for key, record in stands}


def a_province(
    city: City, folder: Path, kind: str, name: str = "province", key: str | None = None
) -> Province:
    """One with a store of that kind (files, sqlite), and a key of its own unless one is given."""
    to = {
        "files": ("--to", str(folder / name)),
        "sqlite": ("--database", f"sqlite:///{folder / name}.sqlite"),
    }[kind]
    return Province(city, name, key or city.consumer(name), to)


def signing(city: City, folder: Path, key: str) -> tuple[str, ...]:
    """Options that sign with a new key of this consumer."""
    own = new_signer("ed25519")
    with write(city.engine) as connection:
        one = authenticate(connection, key)
        assert one is not None
        public = base64.b64encode(own.public_key).decode()
        handed = hand_out(connection, city.site.keys, one, "ed25519", public, "operator")
    write_key(folder / "own.key", own)
    return "--sign-key", str(folder / "own.key"), "--key-id", handed.keyid
