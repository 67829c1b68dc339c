"""A province through any order of pulls, crashes, lost connections, damage, erasures and lies.

The hub is `stand_in_hub`, what it said is the truth. `Province` is told which kind of store it has.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import event, select, text

from exchange_schemas.errors import Corrupt, HubError
from hub.consume import asking
from hub.consume.file_store import FileStore
from hub.consume.places import InFolder, Receiving
from hub.consume.pull import Wanted
from hub.consume.receiver import Receiver
from hub.consume.sql_place import InDatabase
from hub.consume.sql_store import SqlStore
from hub.consume.sql_tables import exchange_entry
from hub.consume.trust import Given
from publisher.signers import Ed25519Signer
from tests.exchange.stand_in_hub import DATASET, Answer, StandIn

KEYS = st.integers(0, 5).map(lambda n: f"键{n}")
LIMITS = st.sampled_from([1, 2, 3, 5_000])
SIGNER = Ed25519Signer.new()


class Power(BaseException):
    """Went away."""


class Faults:
    """Counts down to a loss of power, at a write of either kind of store."""

    def __init__(self) -> None:
        self.left = 0

    def step(self, *_: object, **__: object) -> None:
        """One more write."""
        self.left -= 1
        if self.left == 0:
            raise Power

    @contextmanager
    def at(self, step: int) -> Iterator[None]:
        """Power goes at that write of the block, if there are so many."""
        self.left, real = step, os.fsync
        patch = pytest.MonkeyPatch()
        patch.setattr(os, "fsync", lambda number: (self.step(), real(number))[1])
        try:
            yield
        except Power:
            pass
        finally:
            patch.undo()
            self.left = 0


class Province(RuleBasedStateMachine):
    """`withdrawn` and `erased` are keys; the hub's `said` is changed by erasures only. `steps` counts
    those of all runs."""

    kind = "files"
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(asking, "WAITS", (0, 0))
        self.hub = StandIn(signer=SIGNER, segment=4)
        self.faults = Faults()
        self.withdrawn: set[str] = set()
        self.kept: Path | None = None
        self.place = self.opened()

    def opened(self) -> Receiving:
        home = self.folder / "to"
        if self.kind == "files":
            return InFolder(home)
        home.mkdir(exist_ok=True)
        place = InDatabase(f"sqlite:///{home / 'province.sqlite'}")
        event.listen(place.engine, "before_cursor_execute", self.faults.step)
        event.listen(place.engine, "commit", self.faults.step)
        return place

    def teardown(self) -> None:
        self.closed()
        self.patch.undo()
        shutil.rmtree(self.folder)

    def closed(self) -> None:
        if isinstance(self.place, InDatabase):
            self.place.engine.dispose()

    def receiver(self, limit: int = 5_000, *, segments: bool = False) -> Receiver:
        return Receiver(self.hub.hub(), self.place, Given(), Wanted(limit, segments=segments))

    def store(self) -> Any:
        return self.place.store(DATASET, None)

    def held(self) -> list[bytes]:
        """The lines that are held, in order."""
        store = self.store()
        if isinstance(store, FileStore):
            return [
                line for path in store.received.pages() for line in path.read_bytes().splitlines()
            ]
        return _lines(store)

    # --- what the hub does -------------------------------------------------------------------
    @rule(said=st.lists(st.tuples(KEYS, st.integers(0, 3)), min_size=1, max_size=6))
    def says(self, said: list[tuple[str, int]]) -> None:
        for key, number in said:
            record = {"名": key, "n": [f"{len(self.hub.said)}"]} if number else None
            self.hub.say(key, record)

    @rule(key=KEYS)
    def withdraws(self, key: str) -> None:
        self._notice(key, "repair")
        self.withdrawn.add(key)

    @precondition(lambda self: self.hub.said)
    @rule(key=KEYS)
    def erases(self, key: str) -> None:
        seqs = [n for n, line in enumerate(self.hub.said, 1) if json.loads(line).get("key") == key]
        self.hub.erase(seqs)
        for seq in seqs:
            self._notice(key, "erase", seq=seq)

    def _notice(self, key: str, act: str, **more: int) -> None:
        number = len(self.hub.notices) + 1
        told = {"id": number, "dataset": DATASET, "key": key, "act": act, **more}
        self.hub.notices.append(told)

    # --- what the province does --------------------------------------------------------------
    @rule(limit=LIMITS, segments=st.booleans())
    def receives(self, limit: int, segments: bool) -> None:
        receiver = self.receiver(limit, segments=segments)
        done = receiver.receive(DATASET)
        receiver.take_notices()
        receiver.receive(DATASET)  # receipts of what was erased
        assert done["last"] == len(self.hub.said)
        self.holds_all()

    def holds_all(self) -> None:
        assert self.held() == self.hub.said
        assert (self.store().leaves() == self.hub.leaves()).all()
        assert self.store().waiting() == []
        told = {seq for one in self.hub.receipts for seq in range(one["first"], one["last"] + 1)}
        assert told == set(range(1, len(self.hub.said) + 1))
        assert self.hub.confirmed == {one["id"] for one in self.hub.notices}

    @rule(step=st.integers(1, 40), limit=LIMITS, segments=st.booleans())
    def loses_power(self, step: int, limit: int, segments: bool) -> None:
        with self.faults.at(step):
            receiver = self.receiver(limit, segments=segments)
            receiver.receive(DATASET)
            receiver.take_notices()
            receiver.reconcile(DATASET)
        self.closed()
        self.place = self.opened()

    @rule(number=st.integers(1, 12), tries=st.sampled_from([1, 3, 9]), cut=st.booleans())
    def loses_the_line(self, number: int, tries: int, cut: bool) -> None:
        """From the number-th request on, `tries` of them fail or come damaged."""
        count = 0

        def fault(path: str, response: Answer) -> Answer:
            nonlocal count
            count += 1
            if not number <= count < number + tries or path.startswith("notices"):
                return response
            if cut and response.content:
                content = bytearray(response.content)
                content[count * 7 % len(content)] ^= 1
                headers = {k: v for k, v in response.headers.items() if k.startswith("x-")}
                return httpx.Response(200, content=bytes(content), headers=headers)
            raise httpx.ReadError("line lost")

        self.attempt(fault)

    @precondition(lambda self: len(self.hub.said) > 1)
    @rule(place=st.integers(0, 1_000))
    def is_lied_to(self, place: int) -> None:
        """The hub signs another past: nothing that was received before may change."""
        truth, at = list(self.hub.said), place % len(self.hub.said)
        before = self.held()
        self.hub.said[at] = self.hub.said[at].replace(b'"recorded_at":"2', b'"recorded_at":"1')
        with pytest.raises(Corrupt) if at < len(before) else _nothing():
            self.receiver().receive(DATASET)
        if at < len(before):
            assert self.held() == before
        else:  # it couldn't know; what it has now is thrown away with the lie
            self.closed()
            shutil.rmtree(self.folder / "to")
            self.place, self.kept = self.opened(), None
            self.hub.confirmed.clear()
            self.hub.receipts.clear()
        self.hub.said = truth

    def attempt(self, fault: Callable[[str, Answer], Answer]) -> None:
        self.hub.faults.append(fault)
        try:
            self.receiver(3).receive(DATASET)
            self.receiver().take_notices()
        except HubError:
            pass
        finally:
            self.hub.faults.clear()

    # --- what happens to it ------------------------------------------------------------------
    @rule()
    def is_backed_up(self) -> None:
        self.kept = self.folder / "backup"
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.folder / "to", self.kept)

    @precondition(lambda self: self.kept is not None)
    @rule()
    def is_set_back(self) -> None:
        self.closed()
        shutil.rmtree(self.folder / "to")
        shutil.copytree(self.folder / "backup", self.folder / "to")
        self.place = self.opened()

    @precondition(lambda self: self.held())
    @rule(place=st.integers(0, 1_000), lost=st.booleans())
    def is_damaged_and_repaired(self, place: int, lost: bool) -> None:
        store = self.store()
        seq = place % len(self.held()) + 1
        if isinstance(store, FileStore):
            _damage_file(store, seq, lost=lost)
        else:
            _damage_rows(store, seq, lost=lost)
        found = self.receiver().reconcile(DATASET)
        assert found["differing"] == [seq]
        assert found["repaired"] == 1

    # --- what always holds -------------------------------------------------------------------
    @invariant()
    def holds_a_beginning_once(self) -> None:
        """Each entry once and in order, as it was or, where the hub erased it since, in full."""
        Province.steps += 1
        lines = self.held()
        assert len(lines) <= len(self.hub.said)
        for line, said in zip(lines, self.hub.said, strict=False):
            if line != said:
                assert json.loads(said)["operation"] == "erased"
                assert json.loads(line)["seq"] == json.loads(said)["seq"]
        leaves = self.store().leaves()
        assert len(leaves) == len(lines)
        assert (leaves == self.hub.leaves(1, len(lines))).all()

    @invariant()
    def shows_what_stands(self) -> None:
        lines = self.held()
        expected: dict[str, Any] = {}
        for line in map(json.loads, lines):
            if line["operation"] == "upsert":
                expected[line["key"]] = line["record"]
            elif line["operation"] == "delete":
                expected.pop(line["key"], None)
        if isinstance(self.place, InDatabase):
            with self.place.engine.connect() as connection:
                rows = connection.execute(text("SELECT key, record FROM exchange_record")).all()
                query = text("SELECT key FROM exchange_notice WHERE act <> 'erase'")
                hidden = set(connection.scalars(query))
            shown = {key: json.loads(record) for key, record in rows}
            assert hidden <= self.withdrawn
            assert shown == {k: v for k, v in expected.items() if k not in hidden}


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _lines(store: SqlStore) -> list[bytes]:
    columns = (
        "seq",
        "operation",
        "was",
        "key",
        "digest",
        "recorded_at",
        "standard",
        "salt",
        "commitment",
    )
    query = select(*(exchange_entry.c[n] for n in (*columns, "record")))
    with store.engine.connect() as connection:
        rows = connection.execute(query.order_by(exchange_entry.c.seq)).mappings().all()
    lines = []
    for row in rows:
        always = ("digest",) if row["operation"] == "delete" else ()
        told = {n: row[n] for n in columns if row[n] is not None or n in always}
        head = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        record = row["record"]
        lines.append((head if record is None else f'{head[:-1]},"record":{record}}}').encode())
    return lines


def _damage_file(store: FileStore, seq: int, *, lost: bool) -> None:
    for path in store.received.pages():
        lines = path.read_bytes().splitlines(keepends=True)
        for place, line in enumerate(lines):
            if json.loads(line)["seq"] == seq:
                lines[place] = (
                    b"" if lost else line.replace(b'"recorded_at":"2', b'"recorded_at":"3')
                )
                path.write_bytes(b"".join(lines))
                return


def _damage_rows(store: SqlStore, seq: int, *, lost: bool) -> None:
    statement = (
        "DELETE FROM exchange_entry" if lost else "UPDATE exchange_entry SET recorded_at = '3'"
    )
    with store.engine.begin() as connection:
        connection.execute(text(f"{statement} WHERE seq = :seq"), {"seq": seq})
