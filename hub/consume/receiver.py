"""Receiving from one hub as an operator wants it: all datasets, receipts, notices, and on and on."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx

from exchange_schemas.errors import Corrupt, HubError, Refused, SourceUnavailable
from exchange_schemas.issue import Issue
from hub.consume.asker import Bearer
from hub.consume.asking import Hub
from hub.consume.notices import BUSY, take
from hub.consume.places import InFolder, Receiving
from hub.consume.pull import LIMIT, Told, Wanted, hub_keys_of, pull
from hub.consume.receipts import Check, send_receipts
from hub.consume.reconcile import reconcile
from hub.consume.store import Store
from hub.consume.trust import Given, HubKey

WAIT = 25  # seconds that the hub holds a request for the next entry
REST = 5.0  # seconds after the hub couldn't be reached
NOTICES_EVERY = 30.0  # seconds
FORBIDDEN = "403"  # there is no grant, or none any more
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,63}")  # it names a folder

Result = TypeVar("Result")

#: Called with what came of a dataset, of notices, or of an attempt that has to be made again.
News = Callable[[dict[str, Any]], None]


def consume(
    url: str,
    dataset: str,
    directory: Path,
    key: str,
    *,
    limit: int = LIMIT,
    version: str | None = None,
    told: Told | None = None,
    hub_keys: Sequence[str] = (),
    auth: httpx.Auth | None = None,
    check: Check | None = None,
) -> dict[str, Any]:
    """Pull what is new of `dataset` into `directory/<dataset>/`; returns {entries, last, head, …}.

    `version` asks for records of one version of the standard, and they go to `<dataset>@<version>/`;
    what the hub can't translate comes as an entry without a record, and `refused` counts these.
    `hub_keys` are fingerprints or keys.json files to believe; `auth` signs requests in place of `key`.

    Every entry is kept exactly once, and only after the hub's signed checkpoint proved it. Raises
    SourceUnavailable (try again later), Refused (key, grant, or another process receives), Corrupt
    (a wrong digest, a gap, a past that was rewritten …), Misdeclared.
    """
    with Hub(url, auth or Bearer(key)) as hub:
        wanted = Wanted(limit, version, check=check)
        receiver = Receiver(hub, InFolder(directory), Given.of(hub_keys), wanted)
        return receiver.receive(dataset, told)


class Receiver:
    """One consumer of one hub, and where it receives; `given` are the keys of the hub to believe."""

    def __init__(self, hub: Hub, place: Receiving, given: Given, wanted: Wanted) -> None:
        self.hub = hub
        self.place = place
        self.wanted = wanted
        self._given = given
        self._keys: tuple[HubKey, ...] | None = None
        self._looking_up = threading.Lock()

    def datasets(self) -> list[str]:
        """What the hub shares with this consumer; raises Corrupt (datasets_unreadable)."""
        told = self.hub.json("datasets")
        try:
            names = [str(one["dataset"]) for one in told["datasets"]]
        except (KeyError, TypeError) as error:
            raise Corrupt(Issue("datasets_unreadable", value=self.hub.address)) from error
        if not all(_DATASET.fullmatch(name) for name in names):
            raise Corrupt(Issue("datasets_unreadable", value=self.hub.address))
        return names

    def receive(self, dataset: str, told: Told | None = None) -> dict[str, Any]:
        """Pull a dataset and send its receipts: what `pull` and `send_receipts` give.

        Who is given nothing more (403) still answers for what it has, and follows its notices.
        """
        store = self.place.store(dataset, self.wanted.version)
        wanted = replace(self.wanted, told=told)
        try:
            done = self._believing(
                lambda keys: pull(self.hub, dataset, store, replace(wanted, keys=keys))
            )
        except Refused as error:
            if error.issue.params.get("status") == FORBIDDEN:
                with suppress(HubError):
                    self.take_notices()
                    self._answer(dataset, store)
            raise
        return done | self._answer(dataset, store)

    def _answer(self, dataset: str, store: Store) -> dict[str, int]:
        return send_receipts(self.hub, dataset, store.waiting(), store.acknowledged)

    def reconcile(self, dataset: str) -> dict[str, Any]:
        """Compare what is held with the hub and repair it; returns {differing, repaired}."""
        version = self.wanted.version
        store = self.place.store(dataset, version)
        found = self._believing(
            lambda keys: reconcile(self.hub, store, dataset, keys, version=version)
        )
        return {"differing": list(found.differing), "repaired": found.repaired}

    def _believing(self, act: Callable[[tuple[HubKey, ...]], Result]) -> Result:
        """What `act` gives, done again with the hub's keys of now where one of them is new: it may
        have been replaced, or made by the first checkpoint."""
        keys = self._keys if self._keys is not None else self._look_up()
        try:
            return act(keys)
        except Corrupt as error:
            now = self._look_up() if error.issue.code == "hub_key_unknown" else keys
            if now == keys:
                raise
        return act(now)

    def _look_up(self) -> tuple[HubKey, ...]:
        with self._looking_up:  # several that follow may find a new key at once
            keys = tuple(hub_keys_of(self.hub, self.place.keys, self._given))
        self._keys = keys
        return keys

    def take_notices(self) -> dict[str, int]:
        """Fetch, follow and confirm notices; returns {notices, confirmed}."""
        return take(self.hub, self.place.book, self.place.stores_of)

    def follow(self, datasets: Sequence[str], news: News, stop: threading.Event) -> None:
        """Wait for new entries of all datasets, and for notices, until `stop` is set.

        A hub that can't be reached is asked again, and where another thread (which erases, perhaps) or
        process receives just now it is waited for; any other error ends it and is raised.
        """
        failed: list[Exception] = []
        acts: list[Callable[[], None]] = [
            partial(self._await, name, news, stop) for name in datasets
        ]
        acts.append(partial(self._notices, news, stop))
        threads = [
            threading.Thread(target=_repeat, args=(act, news, stop, failed), daemon=True)
            for act in acts
        ]
        for thread in threads:
            thread.start()
        stop.wait()
        if failed:
            raise failed[0]

    def _await(self, dataset: str, news: News, stop: threading.Event) -> None:
        store = self.place.store(dataset, self.wanted.version)
        asked = {
            "after": store.place().last,
            "limit": 1,
            "wait": WAIT,
            "version": self.wanted.version,
        }
        response = self.hub.get(f"datasets/{dataset}/entries", asked)
        if response.content:
            news(self.receive(dataset))
        elif "Retry-After" in response.headers:
            stop.wait(REST)

    def _notices(self, news: News, stop: threading.Event) -> None:
        done = self.take_notices()
        if any(done.values()):
            news(done)
        stop.wait(NOTICES_EVERY)


def _repeat(
    act: Callable[[], None], news: News, stop: threading.Event, failed: list[Exception]
) -> None:
    while not stop.is_set():
        try:
            _once(act, news, stop)
        except Exception as error:  # noqa: BLE001 - `follow` raises it
            failed.append(error)
            stop.set()


def _once(act: Callable[[], None], news: News, stop: threading.Event) -> None:
    try:
        act()
    except HubError as error:
        if not isinstance(error, SourceUnavailable) and error.issue.code != BUSY:
            raise
        issue = error.issue
        news({"waiting": issue.message("en"), "waiting_zh": issue.message("zh_CN")})
        stop.wait(REST)
