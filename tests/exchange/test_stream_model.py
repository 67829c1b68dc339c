"""Any order of changes, extending, sealing, snapshots and erasures, against a model in memory."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.exchange import checkpoints, reading, snapshots
from hub.exchange.erasure import Order, erase
from hub.exchange.segments import folder_of
from hub.ledger_proof import check_ledger
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, a_company, put
from tests.reviewing import appoint

NAMES = st.text('茂名高州\\"{}:,\n\t\u2028é', max_size=12)
NUMBERS = st.integers(1, 6)


class StreamMachine(RuleBasedStateMachine):
    """`log` is what the ledger said, entry by entry; `seen` the lines as they were first served."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        place = Path(self.folder.name)
        self.streams: Streams = a_site(place, f"sqlite:///{place / 'hub.sqlite'}")
        appoint(self.streams.engine, "li", department="market_regulation")
        self.view = self.streams.view()
        self.log: list[tuple[str, dict[str, Any] | None]] = []
        self.heads: dict[str, dict[str, Any]] = {}
        self.seen: list[bytes] = []
        self.roots: dict[int, bytes] = {}
        self.erased: set[int] = set()

    def teardown(self) -> None:
        self.streams.engine.dispose()
        self.folder.cleanup()

    @rule(
        numbers=st.lists(NUMBERS, max_size=4, unique=True),
        name=NAMES,
        many=st.sampled_from([0, 0, 0, 200]),
    )
    def say(self, numbers: list[int], name: str, many: int) -> None:
        records = [a_company(n, domicile=f"路{name}") for n in numbers]
        records += [a_company(1_000 + len(self.log) + n) for n in range(many)]
        put(self.streams.engine, MARKET, records)
        for record in records:
            if self.heads.get(record["uscc"]) != record:
                self.log.append((record["uscc"], record))
                self.heads[record["uscc"]] = record

    @precondition(lambda self: self.heads)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.heads)[:8]))
        put(self.streams.engine, MARKET, [], gone=[self.heads.pop(key)])
        self.log.append((key, None))

    @rule(at_most=st.sampled_from([1, 7, 300, None]))
    def extend(self, at_most: int | None) -> None:
        before = len(self.seen)
        size = self.streams.extend(self.view, at_most)
        assert size == min(len(self.log), before + (at_most or len(self.log)))
        self.seen += self.streams.text(self.view, before).split(b"\n")[:-1]

    @rule()
    def seal(self) -> None:
        self.streams.seal(self.view)
        assert self.streams.row(self.view).sealed == len(self.seen) // 256 * 256

    @rule()
    def snapshot(self) -> None:
        made = snapshots.make(self.streams.site, self.streams.engine, self.view)
        if made is None:
            return
        living = {key: at for at, (key, _) in enumerate(self.log[: made.seq])}
        at = sorted(n for n in living.values() if self.log[n][1] is not None)
        assert made.records == len(at)
        packed = (folder_of(self.streams.site, self.view) / made.file).read_bytes()
        import pyarrow as pa

        text = pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read() if at else b""
        assert text == b"".join(self.seen[n] + b"\n" for n in at)

    @rule()
    def sign(self) -> None:
        engine, site = self.streams.engine, self.streams.site
        with engine.connect() as connection:
            self.roots[len(self.seen)] = checkpoints.root(site, connection, self.view)
        checkpoints.checkpoint(site, engine, self.view)

    @precondition(lambda self: self._erasable())
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self._erasable()))
        told = Order(MARKET, "li", "请求", "法 第一条", keys=[key])
        erase(self.streams.site, self.streams.engine, self.streams.catalogue, told)
        self.erased |= {at for at, (one, _) in enumerate(self.log) if one == key}
        self.log = [(f"{one}!" if one == key else one, what) for one, what in self.log]
        for at in self.erased & set(range(len(self.seen))):
            (line,) = self.streams.text(self.view, at, 1).split(b"\n")[:-1]
            self.seen[at] = line

    def _erasable(self) -> list[str]:
        gone = {key for key, _ in self.log if key not in self.heads and not key.endswith("!")}
        return sorted(gone)[:5]

    @invariant()
    def lines_are_those_of_the_first_time(self) -> None:
        lines = self.streams.text(self.view).split(b"\n")[:-1]
        assert lines == self.seen
        for at, line in enumerate(lines):
            told, (key, record) = json.loads(line), self.log[at]
            if at in self.erased:
                assert told["operation"] == "erased"
                assert "key" not in told and "record" not in told
            else:
                assert (told["key"], told.get("record")) == (key, record)

    @invariant()
    def all_is_proved(self) -> None:
        assert self.streams.proved(self.view) == []
        assert check_ledger(self.streams.engine, MARKET, lambda _: None)[1] == []
        with self.streams.engine.connect() as connection:
            for size, root in self.roots.items():
                found = checkpoints.root(self.streams.site, connection, self.view, size)
                assert found == root
            assert reading.lines(self.streams.site, connection, self.view, 0, 1).head == len(
                self.seen
            )


def run(examples: int, steps: int) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    found = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=quiet,
    )
    case = StreamMachine.TestCase
    case.settings = found
    case().runTest()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", "256")


def test_any_order_of_acts() -> None:
    run(3, 15)


@pytest.mark.slow
def test_any_order_of_many_acts() -> None:
    run(60, 50)
